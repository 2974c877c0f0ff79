/** All photos of an album. */

import { get, post, remove } from "./api.js";
import { atMostEvery, h, iconButton } from "./dom.js";
import { exportPhotos } from "./export.js";
import { askedOf, filterFields, isChanging, isNarrow, readFilter, searchOf } from "./filters.js";
import { shareButton } from "./guests.js";
import { photoGrid, sizeButtons } from "./photo_grid.js";
import { Stacks } from "./stacks.js";
import { makeTimeline } from "./timeline.js";
import { careful, say, sayFailure } from "./toast.js";
import { fileButton, isSending, upload, uploadPlace } from "./upload.js";
import { t } from "./words.js";

const LOOK_MS = 1500; // while photos arrive
const NAMES_SHOWN = 5;
const USUAL = "time";
const ORDERS = ["time", "name", "sharpness", "expression", "eyes", "faces", "stars"];

/** @param {import("./types.d.ts").About} about */
export async function showPhotos({ main, album, query, onDrop, jobsDone, jobsAtWork }) {
  const filter = readFilter(query, USUAL);
  const stacks = new Stacks(query, () => grid);
  const shown = { pending: 0, inAll: 0 };
  const load = (/** @type {number} */ offset, /** @type {number} */ limit, /** @type {RequestInit} */ options) => get(`/api/albums/${album.id}/photos?${searchOf(filter, { offset, limit }, stacks.words())}`, options);
  const grid = photoGrid(album.id, load, t("view.photos"));
  grid.onStack = (photo) => stacks.toggle(photo);
  const facts = h("span", { class: "muted", role: "status" });
  grid.onAnswer = ({ pending, in_all: inAll }) => {
    Object.assign(shown, { pending, inAll });
    facts.textContent = [t("count.photos", { n: inAll }), pending && t("photos.pending", { n: pending })].filter(Boolean).join(" · ");
  };
  grid.isFiltered = () => isChanging(filter);
  const emptyWords = () => t(isNarrow(filter) ? "photos.nothing" : album.kind === "session" ? "photos.dropHere" : "photos.emptyFolder");
  const again = () => {
    grid.reload({ top: true, say: emptyWords() }).catch(sayFailure);
    timeline.load().catch(sayFailure);
  };
  const choices = filterFields({ album: album.id, filter, usual: USUAL, orders: ORDERS, onChange: again });
  const timeline = makeTimeline({ album: album.id, filter, onChoose: choices.set });
  const uploads = uploadPlace(album.id);
  const look = async () => {
    if (!grid.element.isConnected) return;
    await Promise.all([grid.refresh().catch(sayFailure), timeline.load().catch(sayFailure)]);
  };
  const send = (/** @type {import("./types.d.ts").SentFile[]} */ files) => upload(album.id, files, uploads, atMostEvery(look, LOOK_MS));
  main.replaceChildren(toolbar(album, grid, () => ({ what: askedOf(filter), photos: shown.inAll }), [...choices.fields, stacks.element, facts], send), choices.row, timeline.element, missingNote(album, send), uploads, grid.element);
  onDrop(album.kind === "session" ? send : () => say(t("photos.isFolder", { folder: album.folder || album.title })));
  await grid.restore(query, emptyWords());
  timeline.load().catch(sayFailure);
  if (shown.pending && !isSending(album.id) && !(await isStopped(album.id))) await post(`/api/albums/${album.id}/index`);
  if (!document.querySelector("dialog[open]")) grid.element.focus({ preventScroll: true });
  jobsAtWork(() => grid.quiet().then(look));
  jobsDone(look);
}

/**
 * @param {import("./types.d.ts").Album} album
 * @param {import("./photo_grid.js").PhotoGrid} grid
 * @param {() => { what: Record<string, any>, photos: number }} all
 * @param {HTMLElement[]} fields
 * @param {(files: import("./types.d.ts").SentFile[]) => void} send
 */
function toolbar(album, grid, all, fields, send) {
  const take = careful(async () => {
    const chosen = await grid.chosen();
    exportPhotos({
      album: album.id,
      title: album.title,
      what: chosen.length ? { photos: chosen.map((/** @type {{ id: string }} */ photo) => photo.id) } : all().what,
      isRanking: false,
      mayCopy: album.mayCopy,
      words: chosen.length ? t("count.selected", { n: chosen.length }) : t("count.photos", { n: all().photos }),
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
    shareButton(album),
    h("button", { type: "button", onclick: take }, t("app.export")),
  );
}

/**
 * What an interrupted upload left out, and the ways to go on; empty if nothing is missing.
 * @param {import("./types.d.ts").Album} album
 * @param {(files: import("./types.d.ts").SentFile[]) => void} send
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
  const again = (/** @type {import("./types.d.ts").SentFile[]} */ files) => {
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
 * Whether the user has stopped measuring this album; then it does not start again by itself.
 * @param {string} album
 */
async function isStopped(album) {
  const { jobs } = await get("/api/jobs");
  return jobs.filter((/** @type {import("./types.d.ts").Job} */ job) => job.album === album && job.kind === "index").at(-1)?.state === "cancelled";
}
