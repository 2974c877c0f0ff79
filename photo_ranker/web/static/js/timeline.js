/** When the photos of an album were taken: a bar for each period; a click shows the photos of that period. */

import { get } from "./api.js";
import { searchOf } from "./filters.js";
import { h } from "./dom.js";
import { LOCALE, t } from "./words.js";

/** @typedef {{ since: string, until: string, photos: number }} Part */
/** @typedef {import("./filters.js").Filter} Filter */

/**
 * ``load()`` requests it again, for example after a change of the filter; ``onChoose`` gets the chosen period.
 * @param {{ album: string, filter: Filter, onChoose: (times: { since: string, until: string }) => void }} about
 */
export function makeTimeline({ album, filter, onChoose }) {
  const bars = h("div", { class: "timeline", role: "toolbar", "aria-label": t("time.title"), hidden: true });
  const choose = (/** @type {Part} */ { since, until }) => {
    const isChosen = filter.since === since && filter.until === until;
    onChoose(isChosen ? { since: "", until: "" } : { since, until });
    show();
  };
  /** @type {Part[]} */
  let parts = [];
  let generation = 0;
  function show() {
    const most = Math.max(...parts.map(({ photos }) => photos));
    const focused = [...bars.children].indexOf(/** @type {any} */ (document.activeElement));
    bars.replaceChildren(...parts.map((part, place) => bar(part, most, filter, place === Math.max(focused, 0), () => choose(part))));
    bars.hidden = parts.length < 2;
    if (focused >= 0) /** @type {HTMLElement} */ (bars.children[focused])?.focus();
  }
  bars.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] || 0;
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = bars.children[[...bars.children].indexOf(/** @type {Element} */ (event.target)) + step];
    if (next) moveFocus(bars, /** @type {HTMLElement} */ (next));
  });
  return {
    element: bars,
    async load() {
      generation += 1;
      const mine = generation;
      const found = await get(`/api/albums/${album}/timeline?${searchOf(filter)}`);
      if (mine !== generation) return; // the filter was changed meanwhile
      parts = found.parts;
      show();
    },
  };
}

/**
 * @param {HTMLElement} bars
 * @param {HTMLElement} next
 */
function moveFocus(bars, next) {
  for (const one of bars.children) one.setAttribute("tabindex", one === next ? "0" : "-1");
  next.focus();
}

/**
 * @param {Part} part
 * @param {number} most
 * @param {Filter} filter
 * @param {boolean} isTabStop
 * @param {() => void} onclick
 */
function bar(part, most, filter, isTabStop, onclick) {
  const isChosen = filter.since === part.since && filter.until === part.until;
  const name = t("time.part", { when: wordsOf(part), n: part.photos });
  const height = h("span", { class: "bar" });
  height.style.height = `${Math.max(8, Math.round((100 * part.photos) / most))}%`;
  return h("button", { type: "button", title: name, "aria-label": name, "aria-pressed": String(isChosen), tabindex: isTabStop ? "0" : "-1", onclick }, height);
}

/**
 * A period as people write it: the length of its text tells the unit.
 * @param {Part} part
 */
function wordsOf({ since, until }) {
  const [begin, end] = [since, until].map((text) => new Date(text.length === 13 ? `${text}:00` : text.length === 10 ? `${text}T00:00` : text));
  if (since.length > 10) return begin.toLocaleString(LOCALE, { dateStyle: "medium", timeStyle: "short" });
  if (since === until) return begin.toLocaleDateString(LOCALE, { dateStyle: "medium" });
  const isYear = begin.getMonth() !== end.getMonth();
  return begin.toLocaleDateString(LOCALE, isYear ? { year: "numeric" } : { year: "numeric", month: "long" });
}
