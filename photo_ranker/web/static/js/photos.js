/** All photos of an album. */

import { get, post } from "./api.js";
import { count, h, iconButton, whenSeenAgain } from "./dom.js";
import { onServerBack } from "./events.js";
import { makeGrid } from "./grid.js";
import { markByKey, onMarks, tellMark, withLatestMarks } from "./marks.js";
import { openCompare } from "./compare.js";
import { openViewer } from "./viewer.js";
import { exportPhotos } from "./export.js";
import { careful, sayFailure } from "./toast.js";
import { fileButton, isSending, upload } from "./upload.js";

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
  const compare = (left, right) => {
    if (grid.total > 1) openCompare({ album, source, left, right: Math.min(right, grid.total - 1) === left ? left - 1 : Math.min(right, grid.total - 1), onClose: back });
  };
  const grid = makeGrid({
    album,
    load: (offset, limit) => withLatestMarks(album, () => load(offset, limit)),
    label,
    onOpen: (index) => openViewer({ album, source, index, onClose: back, onCompare: compare }),
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
      selection.textContent = grid.selected.size ? `${grid.selected.size.toLocaleString("en")} selected` : "";
    },
  });
  /** How many are selected, for the toolbar. */
  const selection = h("b", { class: "selection", "aria-live": "polite" });
  grid.selection = selection;
  const stop = onMarks((photo) => (grid.element.isConnected ? grid.changed(photo) : stop()));
  // Meanwhile another tab or another user may have given marks.
  whenSeenAgain(grid.element, () => grid.refresh().then((photos) => photos.forEach(tellMark)).catch(sayFailure));
  const stopBack = onServerBack(() => (grid.element.isConnected ? grid.retry() : stopBack()));
  return grid;
}

export async function showPhotos({ main, album, onDrop, jobsDone }) {
  let show = "all";
  let sort = "time";
  const facts = h("span", { class: "muted", role: "status" });
  const load = (offset, limit) => get(`/api/albums/${album.id}/photos?${new URLSearchParams({ show, sort, offset, limit })}`);
  const grid = photoGrid(album.id, load, "Photos");
  grid.onAnswer = ({ total }) => {
    facts.textContent = count(total, "photo");
  };
  const again = () => grid.reload({ top: true }).catch(sayFailure);
  const uploads = h("div");
  const bar = h(
    "div",
    { class: "toolbar" },
    showChoice(show, (value) => {
      show = value;
      again();
    }),
    h(
      "select",
      {
        "aria-label": "Order",
        onchange: (event) => {
          sort = event.target.value;
          again();
        },
      },
      h("option", { value: "time" }, "By time taken"),
      h("option", { value: "name" }, "By name"),
    ),
    facts,
    grid.selection,
    h("span", { class: "space" }),
    iconButton("again", "Look for new and changed photos", careful(() => post(`/api/albums/${album.id}/index`))),
    album.kind === "session" ? fileButton("Add photos", (files) => upload(album.id, files, uploads)) : null,
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
            words: chosen.length ? count(chosen.length, "selected photo") : count(grid.total, "photo"),
          });
        }),
      },
      "Export",
    ),
  );
  main.replaceChildren(bar, uploads, grid.element);
  if (album.kind === "session") onDrop((files) => upload(album.id, files, uploads));
  const words = album.kind === "session" ? "Drop photos or a ZIP here." : "No photo is here yet. New ones are measured first, and appear when that is done.";
  await grid.reload({ top: true, say: words });
  // A session whose upload broke off has files that nobody has measured.
  const isReady = album.kind === "folder" || (album.has_files && !isSending(album.id));
  if (!grid.total && isReady) await post(`/api/albums/${album.id}/index`);
  grid.element.focus({ preventScroll: true });
  jobsDone(() => grid.reload({ say: words }).catch(sayFailure));
}
