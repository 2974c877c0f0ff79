/** The panel beside the best photos: which ones to show, and what matters. */

import { setInAddress } from "./address.js";
import { h } from "./dom.js";
import { decimal, t } from "./words.js";

/** @typedef {{ name: string, group: "single" | "group" | "both", label: string, meaning: string, value: number, low: number, high: number }} Weight */
/** @typedef {{ kind: "single" | "group" | null, only: boolean, distinct: boolean, doubtful: boolean, with_people: string[] }} Which */
/** @typedef {import("./types.d.ts").Person} Person */

/**
 * @param {URLSearchParams} query
 * @returns {Which}
 */
export function readWhich(query) {
  const kind = query.get("kind");
  return {
    kind: kind === "single" || kind === "group" ? kind : null,
    only: query.has("only"),
    distinct: query.has("distinct"),
    doubtful: query.has("doubtful"),
    with_people: (query.get("with") || "").split(",").filter(Boolean),
  };
}

/**
 * "single_smile:5,group_light:0" from the address; without it the weights that were set last.
 * @param {URLSearchParams} query
 * @param {Weight[]} all
 * @returns {Record<string, number>}
 */
export function weightsOf(query, all) {
  const told = query.get("weights");
  const kept = told === null ? Object.entries(keptWeights()) : told.split(",").map((part) => part.split(":"));
  return Object.fromEntries(kept.map(([name, value]) => [name, Number(value)]).filter(([name]) => all.some((one) => one.name === name)));
}

/**
 * Weights that were set last, here or on the settings page.
 * @returns {Record<string, number>}
 */
export const keptWeights = () => JSON.parse(localStorage.getItem("weights") || "{}");

/** @param {Record<string, number>} weights */
export function keepWeights(weights) {
  localStorage.setItem("weights", JSON.stringify(weights));
}

/** @param {Record<string, number>} weights */
function keepHere(weights) {
  keepWeights(weights);
  setInAddress({ weights: Object.entries(weights).map(([name, value]) => `${name}:${value}`).join(), at: null });
}

/**
 * @param {Which} which
 * @param {Person[]} people
 * @param {() => void} change
 */
export function filterBox(which, people, change) {
  const tick = (/** @type {"only" | "distinct" | "doubtful"} */ name, /** @type {string} */ label, /** @type {string} */ about) => {
    const box = h("input", {
      type: "checkbox",
      checked: which[name],
      onchange: () => {
        which[name] = box.checked;
        change();
      },
    });
    return h("label", { class: "check", title: about }, box, label);
  };
  return h(
    "section",
    { class: "filters" },
    h("h2", {}, t("best.which")),
    kinds(which, change),
    tick("only", t("best.only"), t("best.onlyAbout")),
    tick("distinct", t("best.distinct"), t("best.distinctAbout")),
    tick("doubtful", t("best.doubtful"), t("best.doubtfulAbout")),
    together(which, people, change),
  );
}

/** @type {[Which["kind"], string][]} */
const KINDS = [
  [null, t("best.kindAll")],
  ["single", t("best.kindSingle")],
  ["group", t("best.kindGroup")],
];

/**
 * @param {Which} which
 * @param {() => void} change
 */
function kinds(which, change) {
  const choose = (/** @type {Which["kind"]} */ value) => () => {
    which.kind = value;
    change();
  };
  return h(
    "div",
    { class: "segments", role: "radiogroup", "aria-label": t("best.kinds") },
    ...KINDS.flatMap(([value, label]) => [
      h("input", { type: "radio", name: "kind", id: `kind-${value}`, checked: value === which.kind, onchange: choose(value) }),
      h("label", { for: `kind-${value}` }, label),
    ]),
  );
}

/**
 * @param {Which} which
 * @param {Person[]} people
 * @param {() => void} change
 */
function together(which, people, change) {
  const named = people.filter((person) => person.name && !person.hidden);
  if (!named.length) return null;
  const choice = h(
    "select",
    {
      "aria-label": t("best.with"),
      onchange: () => {
        which.with_people = choice.value ? [choice.value] : [];
        change();
      },
    },
    h("option", { value: "" }, t("best.withAnybody")),
    ...named.map((person) => h("option", { value: person.id, selected: which.with_people.includes(person.id) }, t("best.withName", { name: person.name || "" }))),
  );
  return choice;
}

/**
 * Sliders for what matters; moved ones are stored.
 * @param {Weight[]} all
 * @param {Record<string, number>} weights
 * @param {() => void} change
 */
export function weightBox(all, weights, change) {
  const box = h("section", { class: "weights" });
  const set = (/** @type {Weight} */ one, /** @type {number} */ value) => {
    weights[one.name] = value;
    if (value === one.value) delete weights[one.name];
    keepHere(weights);
    change();
  };
  const reset = () => {
    for (const name of Object.keys(weights)) delete weights[name];
    keepHere(weights);
    draw();
    change();
  };
  function draw() {
    const group = (/** @type {Weight["group"]} */ name) => all.filter((one) => one.group === name).map((one) => slider(one, weights[one.name] ?? one.value, (value) => set(one, value)));
    box.replaceChildren(
      h("div", { class: "panel-head" }, h("h2", {}, t("best.matters")), h("button", { type: "button", class: "link", onclick: reset }, t("best.reset"))),
      h("details", { open: true }, h("summary", {}, t("best.single")), ...group("single")),
      h("details", {}, h("summary", {}, t("best.group")), ...group("group")),
      h("details", {}, h("summary", {}, t("best.both")), ...group("both")),
    );
  }
  draw();
  return box;
}

/**
 * @param {Weight} one
 * @param {number} value
 * @param {(value: number) => void} onMove
 */
export function slider(one, value, onMove) {
  const shown = h("output", {}, decimal(value, 1));
  const field = h("input", {
    type: "range",
    id: `w-${one.name}`,
    min: one.low,
    max: Math.max(one.high, one.value),
    step: one.high <= 1 ? 0.05 : 0.01,
    value: String(value),
    title: one.meaning,
    oninput: () => {
      shown.textContent = decimal(Number(field.value), 1);
      onMove(Number(field.value));
    },
  });
  return h("div", { class: "slider" }, h("label", { for: `w-${one.name}` }, one.label), shown, field);
}
