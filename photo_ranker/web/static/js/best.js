/** The best photos of one person: who, which, and what matters; the server ranks, this page only asks. */

import { setInAddress } from "./address.js";
import { get, post, sendBytes } from "./api.js";
import { filterBox, readWhich, weightBox, weightsOf } from "./best_panel.js";
import { calmly, h, icon, iconButton } from "./dom.js";
import { exportPhotos } from "./export.js";
import { askedOf, filterFields, isChanging, isNarrow, readFilter } from "./filters.js";
import { photoGrid, sizeButtons } from "./photo_grid.js";
import { careful, say, sayFailure } from "./toast.js";
import { fileButton } from "./upload.js";
import { asked, isAsked, nameOf, readWho, whoChips, writeWho } from "./who.js";
import { t } from "./words.js";

/** @typedef {import("./types.d.ts").Person} Person */
/** @typedef {import("./types.d.ts").SentFile} SentFile */

const SLIDER_WAIT_MS = 40;
const USUAL = "best";

/** @type {import("./best_panel.js").Weight[] | null} */
let allWeights = null;

/** @param {import("./types.d.ts").About & { peopleFor: () => Promise<{ people: Person[], heirs: Map<string, string> }> }} about */
export async function showBest({ main, album, query, peopleFor, isShown, onDrop, jobsDone }) {
  const { people, heirs } = await peopleFor();
  allWeights ||= /** @type {import("./best_panel.js").Weight[]} */ (await get("/api/weights"));
  if (!isShown()) return;
  const weights = weightsOf(query, allWeights);
  const who = readWho(query);
  who.people = [...new Set(who.people.map((one) => heirs.get(one) || one))];
  const which = readWhich(query);
  const shown = readFilter(query, USUAL);
  const question = () => ({ ...asked(who), ...askedOf(shown), ...which, weights });
  const grid = photoGrid(album.id, loader(album.id, question, () => isAsked(who)), t("best.photos"));
  grid.isFiltered = () => isChanging(shown);
  const again = (top = true) => grid.reload({ top }).catch(sayFailure);
  const filter = () => {
    const { with_people: together, ...rest } = which;
    setInAddress({ ...rest, with: together.join(), at: null });
    again();
  };
  const change = () => {
    setInAddress({ people: null, faces: null, refs: null, ...Object.fromEntries(writeWho(who)), at: null });
    showWho();
    again();
  };
  const reading = readingNote();
  const addReference = careful((/** @type {SentFile[]} */ files) => reading.during(files, () => sendReferences(album.id, files, who)).then(change));
  const start = startBox(album.id, addReference);
  const whoBox = h("div", { class: "who" });
  const panel = h(
    "aside",
    { class: "panel", "aria-label": t("best.panel") },
    h("div", { class: "panel-head" }, h("h2", {}, t("best.person")), fileButton(t("best.add"), addReference, { accept: "image/*" })),
    whoBox,
    filterBox(which, people, filter),
    weightBox(allWeights, weights, calmly(() => again(), SLIDER_WAIT_MS)),
  );
  const layout = h("div", { class: "with-panel" });
  const take = exporter(album, grid, () => ({ question: question(), title: nameOf(who, people) || album.title }));
  const choices = filterFields({ album: album.id, filter: shown, usual: USUAL, hasWho: false, onChange: again });
  const isAnyLeftOut = () => isNarrow(shown) || Boolean(which.kind || which.only || which.with_people.length);
  const bar = toolbar(grid, choices.fields, take, layout, { tellsUnsure: () => !who.people.length, isAnyLeftOut });
  const showWho = () => {
    whoBox.replaceChildren(...whoChips(album.id, who, people, change));
    start.hidden = isAsked(who);
    grid.element.hidden = bar.hidden = !isAsked(who);
    choices.row.classList.toggle("is-unused", !isAsked(who));
  };
  layout.append(h("div", { class: "panel-main" }, bar, choices.row, reading.element, start, grid.element), panel);
  if (matchMedia("(max-width: 720px), (max-height: 480px)").matches) layout.classList.add("folded");
  main.replaceChildren(layout);
  onDrop(addReference);
  showWho();
  await grid.restore(query, t("best.noPhoto")).catch(sayFailure);
  if (!document.querySelector("dialog[open]")) grid.element.focus({ preventScroll: true });
  jobsDone(() => again(false));
}

/**
 * Requests parts of a ranking; a new question aborts the last one.
 * @param {string} album
 * @param {() => object} question
 * @param {() => boolean} isAnybody
 * @returns {import("./types.d.ts").LoadPage}
 */
function loader(album, question, isAnybody) {
  /** @type {AbortController | null} */
  let running = null;
  return async (offset, limit, options) => {
    if (!isAnybody()) return { total: 0, photos: [] };
    running?.abort();
    running = offset === 0 ? new AbortController() : running;
    return post(`/api/albums/${album}/rank`, { ...question(), offset, limit }, offset === 0 ? { signal: running?.signal } : options);
  };
}

/**
 * Send photos of the person, whose faces are then searched for.
 * @param {string} album
 * @param {SentFile[]} files
 * @param {import("./who.js").Who} who
 */
async function sendReferences(album, files, who) {
  for (const { name, file } of files) {
    const found = await sendBytes(`/api/albums/${album}/references?${new URLSearchParams({ name: name.slice(-200) })}`, file);
    who.references.push({ reference: found.id, face: found.chosen });
    if (found.faces.length > 1) say(t("best.manyFaces", { name, n: found.faces.length }));
    who.choices[found.id] = found.faces.length;
  }
}

/** Says that sent photos are being read, which takes a while at the first one. */
function readingNote() {
  const element = h("p", { class: "busy", role: "status" });
  let atWork = 0;
  return {
    element,
    /**
     * @param {SentFile[]} files
     * @param {() => Promise<void>} work
     */
    async during(files, work) {
      const what = files.length === 1 ? files[0].name : t("count.photos", { n: files.length });
      element.replaceChildren(icon("work"), h("span", {}, t("best.reading", { what })));
      atWork += 1;
      try {
        await work();
      } finally {
        atWork -= 1;
        if (!atWork) element.replaceChildren();
      }
    },
  };
}

/**
 * What is shown while no person is chosen.
 * @param {string} album
 * @param {(files: SentFile[]) => void} addReference
 */
const startBox = (album, addReference) =>
  h(
    "section",
    { class: "drop-zone in-grid" },
    icon("person"),
    h("p", {}, h("b", {}, t("best.whose")), h("br"), h("span", { class: "muted" }, t("best.how"))),
    h("div", { class: "row" }, fileButton(t("best.choose"), addReference, { accept: "image/*", isPrimary: true }), h("a", { class: "button", href: `#/${album}/people` }, t("view.people"))),
  );

/**
 * @param {import("./photo_grid.js").PhotoGrid} grid
 * @param {HTMLElement[]} fields
 * @param {() => void} take
 * @param {HTMLElement} layout
 * @param {{ tellsUnsure: () => boolean, isAnyLeftOut: () => boolean }} about
 */
function toolbar(grid, fields, take, layout, { tellsUnsure, isAnyLeftOut }) {
  const facts = h("span", { class: "muted", role: "status" });
  grid.onAnswer = (/** @type {{ total: number, pending?: number, counts?: { doubtful: number } }} */ { total, pending, counts }) => {
    grid.emptyWords = pending ? t("best.pending", { n: pending }) : t(isAnyLeftOut() ? "best.nobody" : "best.noPhoto");
    const unsure = counts && tellsUnsure() ? [t("best.unsure", { n: counts.doubtful })] : [];
    facts.textContent = counts ? [t("count.photos", { n: total }), ...unsure].join(" · ") : "";
  };
  const fold = iconButton("sliders", t("best.fold"), () => {
    layout.classList.toggle("folded");
    fold.setAttribute("aria-expanded", String(!layout.classList.contains("folded")));
  });
  return h("div", { class: "toolbar" }, ...fields, facts, grid.selection, h("span", { class: "space" }), sizeButtons(grid), h("button", { type: "button", onclick: take }, t("app.export")), fold);
}

/**
 * @param {import("./types.d.ts").Album} album
 * @param {import("./photo_grid.js").PhotoGrid} grid
 * @param {() => { question: object, title: string }} current
 */
const exporter = (album, grid, current) =>
  careful(async () => {
    const chosen = await grid.chosen();
    const { question, title } = current();
    exportPhotos({
      album: album.id,
      title,
      what: chosen.length ? { photos: chosen.map((/** @type {{ id: string }} */ photo) => photo.id) } : question,
      isRanking: !chosen.length,
      mayCopy: album.mayCopy,
      words: chosen.length ? t("count.selected", { n: chosen.length }) : t("best.exported", { n: grid.total }),
    });
  });
