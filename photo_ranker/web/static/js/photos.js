/** All photos of an album. */

import { isShownView, readAddress, setInAddress } from "./address.js";
import { get, post, remove } from "./api.js";
import { agree } from "./dialogs.js";
import { atMostEvery, calmly, h, iconButton, whenSeenAgain } from "./dom.js";
import { onServerBack } from "./events.js";
import { askedOf, filterFields, isChanging, isNarrow, readFilter, searchOf } from "./filters.js";
import { makeGrid } from "./grid.js";
import { markByKey, onMarks, tellMark, withLatestMarks } from "./marks.js";
import { openCompare } from "./compare.js";
import { openViewer } from "./viewer.js";
import { exportPhotos } from "./export.js";
import { makeTimeline } from "./timeline.js";
import { careful, sayFailure } from "./toast.js";
import { fileButton, isSending, upload } from "./upload.js";
import { t } from "./words.js";

const LOOK_MS = 1500; // while photos arrive
const NAMES_SHOWN = 5;
const USUAL = "time";
const ORDERS = ["time", "name", "sharpness", "expression", "eyes", "faces", "stars"];

/** Smaller and larger pictures. */
export const sizeButtons = (grid) =>
  h(
    "span",
    { class: "sizes" },
    iconButton("smaller", t("photos.smaller"), () => grid.resize(1 / 1.2)),
    iconButton("larger", t("photos.larger"), () => grid.resize(1.2)),
  );

/** What grids of photos have in common: viewer, comparison, marks. */
export function photoGrid(album, load, label) {
  const source = {
    want: (index) => grid.want(index),
    get total() {
      return grid.total;
    },
  };
  const back = (index) => {
    grid.setFocus(index);
    grid.element.focus({ preventScroll: true });
  };
  const compare = (left, right) => {
    if (grid.total > 1) openCompare({ album, source, left, right: Math.min(right, grid.total - 1) === left ? left - 1 : Math.min(right, grid.total - 1), onClose: back });
  };
  const open = (index) => openViewer({ album, source, index, onClose: back, onCompare: compare });
  const grid = makeGrid({
    album,
    load: (offset, limit, options) => withLatestMarks(album, () => load(offset, limit, options)),
    label,
    onOpen: open,
    onKey: (event) => {
      if (event.key === "c") {
        const two = [...grid.selected].sort((one, other) => one - other);
        compare(two[0] ?? grid.focus, two[1] ?? grid.focus + 1);
      } else if (event.key === "f") document.body.classList.toggle("whole");
      else if (!markByKey(album, event, grid)) return;
      event.preventDefault();
    },
    onChange: ({ answer }) => {
      if (answer) grid.onAnswer?.(answer);
      selection.textContent = grid.selected.size ? t("photos.selected", { n: grid.selected.size }) : "";
    },
  });
  /** How many are selected, for the toolbar. */
  const selection = h("b", { class: "selection", "aria-live": "polite" });
  grid.selection = selection;
  /** Show what the address says: the place, and the photo that was open. */
  grid.restore = async (query, words) => {
    await grid.reload({ top: true, at: Number(query.get("at")) || 0, say: words });
    if (query.has("photo")) await openAsAddressSays(query);
  };
  async function openAsAddressSays(query) {
    const id = query.get("photo");
    const index = await find(grid, id, Number(query.get("n")) || 0);
    if (!history.state?.dialogs) setInAddress({ photo: null, n: null }); // Back leads to the grid
    if (index !== null) open(index);
    else {
      setInAddress({ photo: null, n: null });
      agree();
    }
  }
  const forward = () => {
    if (!grid.element.isConnected) removeEventListener("popstate", forward);
    else if (isShownView() && readAddress().query.has("photo") && !document.querySelector("dialog[open]")) openAsAddressSays(readAddress().query).catch(sayFailure);
  };
  addEventListener("popstate", forward);
  // A photo that is marked otherwise may not belong to what is shown any more.
  const look = calmly(() => grid.element.isConnected && grid.isFiltered?.() && grid.refresh().catch(sayFailure), LOOK_MS);
  const stop = onMarks((photo) => {
    if (!grid.element.isConnected) return stop();
    grid.changed(photo);
    look();
    return undefined;
  });
  // Meanwhile another tab or another user may have given marks.
  whenSeenAgain(grid.element, () => grid.refresh().then((photos) => photos.forEach(tellMark)).catch(sayFailure));
  const stopBack = onServerBack(() => (grid.element.isConnected ? grid.retry() : stopBack()));
  return grid;
}

/** Where a photo is now that was at a place before: there, or wherever the order has put it. */
async function find(grid, id, before) {
  if ((await grid.want(Math.min(before, grid.total - 1)))?.id === id) return Math.min(before, grid.total - 1);
  for (let index = 0; index < grid.total; index += 1) if ((await grid.want(index))?.id === id) return index;
  return null;
}

/** @param {import("./types.js").About} about */
export async function showPhotos({ main, album, query, onDrop, jobsDone, jobsAtWork }) {
  const filter = readFilter(query, USUAL);
  let pending = 0;
  const load = (/** @type {number} */ offset, /** @type {number} */ limit, /** @type {RequestInit} */ options) => get(`/api/albums/${album.id}/photos?${searchOf(filter, { offset, limit })}`, options);
  const grid = photoGrid(album.id, load, t("view.photos"));
  const facts = h("span", { class: "muted", role: "status" });
  grid.onAnswer = (answer) => {
    pending = answer.pending;
    facts.textContent = [t("count.photos", { n: answer.total }), pending && t("photos.pending", { n: pending })].filter(Boolean).join(" · ");
  };
  grid.isFiltered = () => isChanging(filter);
  const emptyWords = () => t(isNarrow(filter) ? "photos.nothing" : album.kind === "session" ? "photos.dropHere" : "photos.emptyFolder");
  const again = () => {
    grid.reload({ top: true, say: emptyWords() }).catch(sayFailure);
    timeline.load().catch(sayFailure);
  };
  const choices = filterFields({ album: album.id, filter, usual: USUAL, orders: ORDERS, onChange: again });
  const timeline = makeTimeline({ album: album.id, filter, onChoose: choices.set });
  const uploads = h("div");
  const look = () => {
    if (!grid.element.isConnected) return;
    grid.refresh().catch(sayFailure);
    timeline.load().catch(sayFailure);
  };
  const send = (/** @type {import("./types.js").SentFile[]} */ files) => upload(album.id, files, uploads, atMostEvery(look, LOOK_MS));
  main.replaceChildren(toolbar(album, grid, filter, [...choices.fields, facts], send), choices.row, timeline.element, missingNote(album, send), uploads, grid.element);
  if (album.kind === "session") onDrop(send);
  await grid.restore(query, emptyWords());
  timeline.load().catch(sayFailure);
  if (pending && !isSending(album.id) && !(await isStopped(album.id))) await post(`/api/albums/${album.id}/index`);
  if (!document.querySelector("dialog[open]")) grid.element.focus({ preventScroll: true });
  jobsAtWork(look);
  jobsDone(look);
}

/**
 * @param {import("./types.js").Album} album
 * @param {any} grid
 * @param {import("./filters.js").Filter} filter
 * @param {HTMLElement[]} fields
 * @param {(files: import("./types.js").SentFile[]) => void} send
 */
function toolbar(album, grid, filter, fields, send) {
  const take = careful(async () => {
    const chosen = await grid.chosen();
    exportPhotos({
      album: album.id,
      title: album.title,
      what: chosen.length ? { photos: chosen.map((/** @type {{ id: string }} */ photo) => photo.id) } : askedOf(filter),
      isRanking: false,
      mayCopy: album.mayCopy,
      words: chosen.length ? t("count.selected", { n: chosen.length }) : t("count.photos", { n: grid.total }),
    });
  });
  return h(
    "div",
    { class: "toolbar" },
    ...fields,
    grid.selection,
    h("span", { class: "space" }),
    iconButton("again", t("photos.look"), careful(() => post(`/api/albums/${album.id}/index`))),
    album.kind === "session" ? fileButton(t("photos.add"), send) : null,
    sizeButtons(grid),
    h("button", { type: "button", onclick: take }, t("app.export")),
  );
}

/**
 * What an upload that broke off has left out, and the ways to go on; empty where nothing is missing.
 * @param {import("./types.js").Album} album
 * @param {(files: import("./types.js").SentFile[]) => void} send
 */
function missingNote({ id, missing }, send) {
  const box = h("div");
  if (!missing.length || isSending(id)) return box;
  const some = missing.slice(0, NAMES_SHOWN).join(", ");
  const names = missing.length > NAMES_SHOWN ? t("photos.andMore", { names: some, n: missing.length - NAMES_SHOWN }) : some;
  const forget = careful(async () => {
    await remove(`/api/albums/${id}/files/missing`);
    box.replaceChildren();
  });
  const again = (/** @type {import("./types.js").SentFile[]} */ files) => {
    box.replaceChildren();
    send(files);
  };
  box.append(
    h(
      "section",
      { class: "missing", "aria-label": t("photos.missing") },
      h("p", {}, h("b", {}, t("photos.notArrived", { n: missing.length })), t("photos.sendAgain", { names })),
      h("div", { class: "row" }, fileButton(t("photos.chooseAgain"), again), h("button", { type: "button", onclick: forget }, t("photos.doWithout"))),
    ),
  );
  return box;
}

/**
 * Whether the user has stopped measuring this album; then it does not begin again by itself.
 * @param {string} album
 */
async function isStopped(album) {
  const { jobs } = await get("/api/jobs");
  return jobs.filter((/** @type {import("./types.js").Job} */ job) => job.album === album && job.kind === "index").at(-1)?.state === "cancelled";
}
