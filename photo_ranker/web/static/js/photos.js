// @ts-nocheck
/** All photos of an album. */

import { isShownView, readAddress, setInAddress } from "./address.js";
import { get, post, remove } from "./api.js";
import { agree } from "./dialogs.js";
import { atMostEvery, calmly, count, h, iconButton, whenSeenAgain } from "./dom.js";
import { onServerBack } from "./events.js";
import { Grid } from "./grid.js";
import { markByKey, onMarks, tellMark, withLatestMarks } from "./marks.js";
import { MOST, openCompare } from "./compare.js";
import { selectionBar } from "./selection_bar.js";
import { Stacks } from "./stacks.js";
import { openViewer } from "./viewer.js";
import { exportPhotos } from "./export.js";
import { careful, say, sayFailure } from "./toast.js";
import { fileButton, isSending, upload } from "./upload.js";

const LOOK_MS = 1500; // while photos arrive
const NAMES_SHOWN = 5;

const SHOWN = [
  ["all", "All"],
  ["unrejected", "Not rejected"],
  ["picks", "Picks"],
  ["starred", "Starred"],
  ["rejects", "Rejects"],
];

/** Choices of which photos are shown. */
export function showChoice(value, onChange) {
  return h(
    "select",
    { "aria-label": "Which photos", onchange: (event) => onChange(event.target.value) },
    ...SHOWN.map(([name, label]) => h("option", { value: name, selected: name === value }, label)),
  );
}

/** Smaller and larger pictures. */
export const sizeButtons = (grid) =>
  h(
    "span",
    { class: "sizes" },
    iconButton("smaller", "Smaller pictures (-)", () => grid.resize(1 / 1.2)),
    iconButton("larger", "Larger pictures (+)", () => grid.resize(1.2)),
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
  const compare = (places) => grid.total > 1 && openCompare({ album, source, places, onClose: back });
  /** A photo and the one after it; at the end the one before it. */
  const pairOf = (index) => (index + 1 < grid.total ? [index, index + 1] : [index, index - 1]);
  const open = (index) => openViewer({ album, source, index, onClose: back, onCompare: (index) => compare(pairOf(index)) });
  const grid = new Grid({
    album,
    load: (offset, limit, options) => withLatestMarks(album, () => load(offset, limit, options)),
    label,
    onOpen: open,
    onKey: (event) => {
      if (event.key === "c") {
        const chosen = [...grid.selected].sort((one, other) => one - other);
        if (chosen.length > MOST) say(`Compare up to ${MOST} photos; these are the first ${MOST} of ${chosen.length}`);
        compare(chosen.length > 1 ? chosen : pairOf(chosen[0] ?? grid.focus));
      } else if (event.key === "s" && grid.onStack) grid.onStack(grid.get(grid.focus));
      else if (event.key === "f") document.body.classList.toggle("whole");
      else if (!markByKey(album, event, grid)) return;
      event.preventDefault();
    },
    onStack: (photo) => grid.onStack?.(photo),
    onChange: ({ answer }) => {
      if (answer) grid.onAnswer?.(answer);
      bar.show();
    },
  });
  const bar = selectionBar(album, grid, compare);
  grid.selection = bar.element;
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

const isShownName = (name) => SHOWN.some(([known]) => known === name);

export async function showPhotos({ main, album, query, onDrop, jobsDone, jobsAtWork }) {
  let show = isShownName(query.get("show")) ? query.get("show") : "all";
  let sort = query.get("sort") === "name" ? "name" : "time";
  const facts = h("span", { class: "muted", role: "status" });
  const stacks = new Stacks(query, () => grid);
  const load = (offset, limit, options) => get(`/api/albums/${album.id}/photos?${new URLSearchParams([...Object.entries({ show, sort, offset, limit }), ...stacks.words()])}`, options);
  let pending = 0;
  let inAll = 0;
  const grid = photoGrid(album.id, load, "Photos");
  grid.onStack = (photo) => stacks.toggle(photo);
  grid.onAnswer = (answer) => {
    pending = answer.pending;
    inAll = answer.in_all;
    facts.textContent = [count(inAll, "photo"), pending && `${pending.toLocaleString("en")} not measured yet`].filter(Boolean).join(" · ");
  };
  grid.isFiltered = () => show !== "all";
  const again = () => grid.reload({ top: true }).catch(sayFailure);
  const uploads = h("div");
  const look = () => grid.element.isConnected && grid.refresh().catch(sayFailure);
  const lookSoon = atMostEvery(look, LOOK_MS);
  const send = (files) => upload(album.id, files, uploads, lookSoon);
  const bar = h(
    "div",
    { class: "toolbar" },
    showChoice(show, (value) => {
      show = value;
      setInAddress({ show: value === "all" ? null : value, at: null });
      again();
    }),
    h(
      "select",
      {
        "aria-label": "Order",
        onchange: (event) => {
          sort = event.target.value;
          setInAddress({ sort: sort === "time" ? null : sort, at: null });
          again();
        },
      },
      h("option", { value: "time" }, "By time taken"),
      h("option", { value: "name", selected: sort === "name" }, "By name"),
    ),
    stacks.element,
    facts,
    grid.selection,
    h("span", { class: "space" }),
    iconButton("again", "Look for new and changed photos", careful(() => post(`/api/albums/${album.id}/index`))),
    album.kind === "session" ? fileButton("Add photos", send) : null,
    sizeButtons(grid),
    h(
      "button",
      {
        type: "button",
        onclick: careful(async () => {
          const chosen = await grid.chosen();
          exportPhotos({
            album: album.id,
            title: album.title,
            what: chosen.length ? { photos: chosen.map((photo) => photo.id) } : { show },
            isRanking: false,
            mayCopy: album.mayCopy,
            words: chosen.length ? count(chosen.length, "selected photo") : count(inAll, "photo"),
          });
        }),
      },
      "Export",
    ),
  );
  main.replaceChildren(bar, missingNote(album, send), uploads, grid.element);
  if (album.kind === "session") onDrop(send);
  const words = album.kind === "session" ? "Drop photos or a ZIP here." : "There is no photo in this folder.";
  await grid.restore(query, words);
  if (pending && !isSending(album.id) && !(await isStopped(album.id))) await post(`/api/albums/${album.id}/index`);
  if (!document.querySelector("dialog[open]")) grid.element.focus({ preventScroll: true });
  jobsAtWork(look);
  jobsDone(look);
}

/** What an upload that broke off has left out, and the ways to go on; empty where nothing is missing. */
function missingNote(album, send) {
  const box = h("div");
  if (!album.missing.length || isSending(album.id)) return box;
  const names = album.missing.slice(0, NAMES_SHOWN).join(", ");
  const rest = album.missing.length > NAMES_SHOWN ? ` and ${(album.missing.length - NAMES_SHOWN).toLocaleString("en")} more` : "";
  const forget = careful(async () => {
    await remove(`/api/albums/${album.id}/files/missing`);
    box.replaceChildren();
  });
  const again = (files) => {
    box.replaceChildren();
    send(files);
  };
  box.append(
    h(
      "section",
      { class: "missing", "aria-label": "Missing photos" },
      h("p", {}, h("b", {}, `${count(album.missing.length, "file has", "files have")} not arrived: the upload broke off. `), `${names}${rest}. Choose or drop the same files again: only what is missing is sent.`),
      h("div", { class: "row" }, fileButton("Choose the files", again), h("button", { type: "button", onclick: forget }, "Do without them")),
    ),
  );
  return box;
}

/** Whether the user has stopped measuring this album; then it does not begin again by itself. */
async function isStopped(album) {
  const { jobs } = await get("/api/jobs");
  return jobs.filter((job) => job.album === album && job.kind === "index").at(-1)?.state === "cancelled";
}
