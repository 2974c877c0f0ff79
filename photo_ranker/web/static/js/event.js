/** The events of an album: every photo scored for those who matter, the parts of the day and their names. */

import { setInAddress } from "./address.js";
import { get, post } from "./api.js";
import { h, iconButton } from "./dom.js";
import { exportPhotos } from "./export.js";
import { askedOf, filterFields, isChanging, isNarrow, readFilter, searchOf } from "./filters.js";
import { photoGrid, sizeButtons } from "./photo_grid.js";
import { careful, say, sayFailure } from "./toast.js";
import { LOCALE, t } from "./words.js";

const SPAN = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/** @typedef {{ number: number, label: string | null, start: string, end: string, photos: number }} Part */
/** @typedef {{ moment: number | null, all: boolean }} Choice */

const USUAL = "best";

/** @type {[string, string][]} */
const FILES = [
  ["event.json", t("event.fileEvents")],
  ["photo_scores.csv", t("event.fileScores")],
  ["face_data.csv", t("event.fileFaces")],
];

/** @param {import("./types.d.ts").About} about */
export async function showEvent({ main, album, query, jobsDone }) {
  const choice = { moment: Number(query.get("moment")) || null, all: query.has("all") };
  let scored = false;
  let current = false;
  const load = async (/** @type {number} */ offset, /** @type {number} */ limit, /** @type {RequestInit} */ options) => {
    const asked = { offset, limit, distinct: !choice.all, ...(choice.moment ? { moment: choice.moment } : {}) };
    const answer = await get(`/api/albums/${album.id}/event?${searchOf(filter, asked)}`, options);
    scored = answer.is_scored;
    current = answer.is_current;
    return answer;
  };
  const filter = readFilter(query, USUAL);
  const grid = photoGrid(album.id, load, t("event.photos"));
  grid.isFiltered = () => isChanging(filter);
  const emptyWords = () => t(scored ? "photos.nothing" : "event.notYet");
  const again = (/** @type {boolean} */ top) => grid.reload({ top, say: emptyWords() }).catch(sayFailure);
  const choices = filterFields({ album: album.id, filter, usual: USUAL, onChange: () => again(true) });
  const choose = (/** @type {Partial<Choice>} */ changed) => {
    Object.assign(choice, changed);
    setInAddress({ ...changed, at: null });
    again(true);
  };
  const score = async (/** @type {Record<number, string>} */ labels) => {
    await post("/score", { album: album.id, moments: labels });
    say(t("event.choosing"));
  };
  const facts = h("span", { class: "muted", role: "status" });
  const button = h("button", { type: "button", class: "primary", onclick: careful(() => score({})) }, t("event.choose"));
  const panel = eventPanel(album.id, choice, choose, score);
  grid.onAnswer = ({ total, moments }) => {
    const told = [t("count.photos", { n: total }), ...(moments.length ? [t("event.count", { n: moments.length })] : []), ...(current ? [] : [t("event.changed")])];
    facts.textContent = scored ? told.join(" · ") : "";
    button.textContent = t(scored ? "event.again" : "event.choose");
    button.classList.toggle("primary", !current);
    panel.show(moments, scored);
  };
  const fold = iconButton("sliders", t("event.panel"), () => {
    layout.classList.toggle("folded");
    fold.setAttribute("aria-expanded", String(!layout.classList.contains("folded")));
  });
  const bar = h("div", { class: "toolbar" }, ...choices.fields, facts, grid.selection, h("span", { class: "space" }), sizeButtons(grid), h("button", { type: "button", onclick: exporter(album, grid, filter) }, t("app.export")), button, fold);
  const layout = h("div", { class: "with-panel" }, h("div", { class: "panel-main" }, bar, choices.row, grid.element), panel.element);
  if (matchMedia("(max-width: 720px), (max-height: 480px)").matches) layout.classList.add("folded");
  main.replaceChildren(layout);
  await grid.restore(query, emptyWords()).catch(sayFailure);
  if (!document.querySelector("dialog[open]")) grid.element.focus({ preventScroll: true });
  jobsDone(() => again(false));
}

/**
 * @param {import("./types.d.ts").Album} album
 * @param {import("./photo_grid.js").PhotoGrid} grid
 * @param {import("./filters.js").Filter} filter
 */
const exporter = (album, grid, filter) =>
  careful(async () => {
    const chosen = await grid.chosen();
    exportPhotos({
      album: album.id,
      title: album.title,
      what: chosen.length ? { photos: chosen.map((/** @type {{ id: string }} */ photo) => photo.id) } : askedOf({ ...filter, sort: "" }),
      isRanking: false,
      mayCopy: album.mayCopy,
      words: chosen.length ? t("count.selected", { n: chosen.length }) : t(isNarrow(filter) ? "event.exportFiltered" : "event.exportAll"),
    });
  });

/**
 * The list of events with their names, and the files for other programs.
 * @param {string} album
 * @param {Choice} choice
 * @param {(changed: Partial<Choice>) => void} choose
 * @param {(labels: Record<number, string>) => Promise<void>} score
 */
function eventPanel(album, choice, choose, score) {
  const list = h("ol", { class: "moments" });
  const files = h("p", { class: "row" }, ...FILES.map(([name, label]) => h("a", { class: "button", href: `/api/albums/${album}/event/${name}`, download: name }, label)));
  const bursts = h("input", { type: "checkbox", checked: choice.all, onchange: (/** @type {any} */ event) => choose({ all: event.target.checked }) });
  const element = h(
    "aside",
    { class: "panel", "aria-label": t("event.panel") },
    h("section", {}, h("h2", {}, t("event.list")), list, h("label", { class: "check" }, bursts, t("event.wholeBursts"))),
    h("section", {}, h("h2", {}, t("event.files")), h("p", { class: "muted" }, t("event.filesAbout")), files),
    h("p", { class: "muted" }, t("event.who")),
  );
  return {
    element,
    /**
     * @param {Part[]} parts
     * @param {boolean} scored
     */
    show(parts, scored) {
      files.hidden = !scored;
      // A field that the user is typing in stays.
      const isWritten = list.contains(document.activeElement) && document.activeElement?.matches("input");
      if (!isWritten) list.replaceChildren(...parts.map((one) => eventLine(one, choice, choose, score)));
      if (!parts.length) list.replaceChildren(h("li", { class: "muted" }, t(scored ? "event.noTimes" : "event.noneYet")));
    },
  };
}

/**
 * @param {Part} one
 * @param {Choice} choice
 * @param {(changed: Partial<Choice>) => void} choose
 * @param {(labels: Record<number, string>) => Promise<void>} score
 */
function eventLine(one, choice, choose, score) {
  const { number } = one;
  const isHere = choice.moment === number;
  const when = SPAN.formatRange(new Date(`${one.start.slice(0, 19)}Z`), new Date(`${one.end.slice(0, 19)}Z`));
  const field = h("input", { type: "text", class: "name", value: one.label || "", placeholder: t("event.what"), maxlength: 100, "aria-label": t("event.whatWas", { number }) });
  field.addEventListener("change", careful(() => score({ [number]: field.value.trim() })));
  field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") field.blur();
    if (event.key !== "Escape") return;
    field.value = one.label || "";
    field.blur();
  });
  const name = t("event.name", { number, when });
  const only = h("button", { type: "button", class: "link", "aria-pressed": String(isHere), "aria-label": t("event.only", { name }), onclick: () => choose({ moment: isHere ? null : number }) }, when);
  return h("li", { class: isHere ? "here" : null }, field, h("div", { class: "row" }, only, h("span", { class: "muted" }, t("count.photos", { n: one.photos }))));
}
