/** Which photos are shown and in which order: the same choices for all photos, the best and the events. */

import { setInAddress } from "./address.js";
import { get } from "./api.js";
import { calmly, h, iconButton } from "./dom.js";
import { peopleOf } from "./naming.js";
import { careful } from "./toast.js";
import { t } from "./words.js";

/**
 * An empty field does not filter. ``number`` is a number of faces, or a range: "2", "3-5", "6-".
 * @typedef {{ show: string, sort: string, sharpness: string, expression: string, eyes: string, number: string, who: string,
 *   since: string, until: string, words: string }} Filter
 */
/** @typedef {[string, string][]} Choices */

/** @type {Choices} */
const SHOWN = [
  ["all", t("photos.all")],
  ["unrejected", t("photos.unrejected")],
  ["picks", t("photos.picks")],
  ["starred", t("photos.starred")],
  ["rejects", t("photos.rejects")],
  ["favourites", t("guests.favouritesShown")],
];
/** @type {Choices} */
const ORDERS = [
  ["best", t("filter.byBest")],
  ["time", t("photos.byTime")],
  ["name", t("photos.byName")],
  ["sharpness", t("filter.bySharpness")],
  ["expression", t("filter.byExpression")],
  ["eyes", t("filter.byEyes")],
  ["faces", t("filter.byFaces")],
  ["stars", t("filter.byStars")],
];
/** @type {Record<"sharpness" | "expression" | "eyes" | "number", { label: string, choices: Choices }>} */
const QUALITIES = {
  sharpness: { label: t("filter.sharpness"), choices: [["", t("filter.sharpnessAny")], ["good", t("filter.sharpnessGood")], ["bad", t("filter.sharpnessBad")]] },
  expression: { label: t("filter.expression"), choices: [["", t("filter.expressionAny")], ["good", t("filter.expressionGood")], ["bad", t("filter.expressionBad")]] },
  eyes: { label: t("filter.eyes"), choices: [["", t("filter.eyesAny")], ["good", t("filter.eyesGood")], ["bad", t("filter.eyesBad")]] },
  number: {
    label: t("filter.faces"),
    choices: [["", t("filter.facesAny")], ["0", t("filter.facesNone")], ["1", t("filter.facesOne")], ["2", t("filter.facesTwo")], ["3-5", t("filter.facesFew")], ["6-", t("filter.facesMany")]],
  },
};

/** @type {Filter} */
const NOTHING = { show: "all", sort: "", sharpness: "", expression: "", eyes: "", number: "", who: "", since: "", until: "", words: "" };
/** Choices of the row that is folded away. */
const FOLDED = /** @type {const} */ (["sharpness", "expression", "eyes", "number", "who"]);

/**
 * The filter of an address; ``usual`` is the order of the view.
 * @param {URLSearchParams} query
 * @param {string} usual
 * @returns {Filter}
 */
export function readFilter(query, usual) {
  const told = Object.fromEntries(Object.keys(NOTHING).flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])));
  const known = (/** @type {Choices} */ choices, /** @type {string} */ value, /** @type {string} */ otherwise) => (choices.some(([name]) => name === value) ? value : otherwise);
  const filter = { ...NOTHING, sort: usual, ...told };
  for (const [name, { choices }] of Object.entries(QUALITIES)) filter[/** @type {keyof Filter} */ (name)] = known(choices, filter[/** @type {keyof Filter} */ (name)], "");
  return { ...filter, show: known(SHOWN, filter.show, "all"), sort: known(ORDERS, filter.sort, usual) };
}

/**
 * Write a filter into the address.
 * @param {Filter} filter
 * @param {string} usual
 */
export function keepFilter(filter, usual) {
  setInAddress({ ...filter, show: filter.show === "all" ? null : filter.show, sort: filter.sort === usual ? null : filter.sort, at: null });
}

/**
 * The filter as the server takes it.
 * @param {Filter} filter
 * @returns {Record<string, any>}
 */
export function askedOf({ number, who, ...filter }) {
  const [least, most] = number.includes("-") ? number.split("-") : [number, number];
  const asked = { ...filter, min_faces: least, max_faces: most, with_people: who ? [who] : "" };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ""));
}

/**
 * The same as the query of an address of the server.
 * @param {Filter} filter
 * @param {Record<string, string | number | boolean>} [more]
 * @param {string[][]} [rest]
 */
export const searchOf = (filter, more = {}, rest = []) => {
  const told = Object.entries({ ...askedOf(filter), ...more }).map(([name, value]) => [name, String(value)]);
  return String(new URLSearchParams([...told, ...rest]));
};

/**
 * Whether a filter may leave anything out.
 * @param {Filter} filter
 */
export const isNarrow = ({ sort: _, ...filter }) => Object.entries(filter).some(([name, value]) => value !== NOTHING[/** @type {keyof Filter} */ (name)]);

/**
 * Whether a mark or a decision about people may remove a photo from what is shown.
 * @param {Filter} filter
 */
export const isChanging = ({ show, sort }) => show !== "all" || sort === "stars";

/**
 * The fields of a filter: ``fields`` for the toolbar, ``row`` below it, folded while nothing in it is chosen.
 * @param {{ album: string, filter: Filter, usual: string, orders?: string[], hasWho?: boolean, onChange: () => void }} about
 */
export function filterFields({ album, filter, usual, orders = ORDERS.map(([name]) => name), hasWho = true, onChange }) {
  const row = h("div", { class: "filter-row", role: "group", "aria-label": t("filter.title"), hidden: true });
  const button = iconButton("filter", t("filter.title"), () => unfold(Boolean(row.hidden)), { "aria-expanded": "false" });
  const set = (/** @type {Partial<Filter>} */ changed) => {
    Object.assign(filter, changed);
    keepFilter(filter, usual);
    tell();
    onChange();
  };
  const clear = () => {
    set({ ...NOTHING, sort: filter.sort });
    fill();
    words.value = "";
    shown.value = "all";
  };
  const fill = careful(async () => {
    row.replaceChildren(...Object.entries(QUALITIES).map(([name, { label, choices }]) => choiceOf(label, choices, filter[/** @type {keyof Filter} */ (name)], (value) => set({ [name]: value }))));
    if (hasWho) row.append(...(await whoChoice(album, filter.who, (who) => set({ who }))));
    row.append(h("button", { type: "button", class: "link", onclick: clear }, t("filter.clear")));
  });
  const unfold = (/** @type {boolean} */ isOpen) => {
    row.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen && !row.children.length) fill();
  };
  const tell = () => button.classList.toggle("is-on", FOLDED.some((name) => filter[name]));
  const onWords = calmly((/** @type {any} */ event) => set({ words: event.target.value.trim() }), 200);
  const words = h("input", { type: "text", class: "find", placeholder: t("filter.words"), "aria-label": t("filter.wordsWhere"), maxlength: 200, value: filter.words, oninput: onWords });
  const shown = choiceOf(t("photos.which"), SHOWN, filter.show, (show) => set({ show }));
  const order = choiceOf(t("photos.order"), ORDERS.filter(([name]) => orders.includes(name)), filter.sort, (sort) => set({ sort }));
  tell();
  if (button.classList.contains("is-on")) unfold(true);
  return { fields: [shown, order, words, button], row, set };
}

/**
 * @param {string} label
 * @param {Choices} choices
 * @param {string} value
 * @param {(value: string) => void} onChange
 */
function choiceOf(label, choices, value, onChange) {
  return h("select", { "aria-label": label, onchange: (/** @type {any} */ event) => onChange(event.target.value) }, ...choices.map(([name, words]) => h("option", { value: name, selected: name === value }, words)));
}

/**
 * A choice among the people who have a name; empty where nobody has one.
 * @param {string} album
 * @param {string} value
 * @param {(value: string) => void} onChange
 */
async function whoChoice(album, value, onChange) {
  const { people } = await get(`${peopleOf({ id: album })}?named=true`);
  const named = people.map((/** @type {import("./types.d.ts").Person} */ { id, name }) => [id, t("best.withName", { name: name || "" })]);
  return named.length ? [choiceOf(t("filter.who"), [["", t("best.withAnybody")], ...named], value, onChange)] : [];
}
