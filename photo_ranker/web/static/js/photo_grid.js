/** What grids of photos have in common: the viewer, the comparison, marks, and their state in the address. */

import { isShownView, readAddress, setInAddress } from "./address.js";
import { MOST, openCompare } from "./compare.js";
import { agree } from "./dialogs.js";
import { calmly, h, iconButton, isTyping, whenSeenAgain } from "./dom.js";
import { onServerBack } from "./events.js";
import { Grid } from "./grid.js";
import { markByKey, onMarks, tellMark, withLatestMarks } from "./marks.js";
import { selectionBar } from "./selection_bar.js";
import { say, sayFailure } from "./toast.js";
import { openViewer } from "./viewer.js";
import { t } from "./words.js";

/** @import { LoadPage, PageOfPhotos, Photo } from "./types.d.ts" */

const LOOK_MS = 1500; // after a mark

/** A grid of photos with all that one can do with them. */
export class PhotoGrid extends Grid {
  /** @type {((answer: PageOfPhotos) => void) | null} What is done with each answer of the server. */
  onAnswer = null;
  /** @type {((photo: Photo | undefined) => void) | null} Opens or closes a stack. */
  onStack = null;
  /** Whether a mark may remove a photo from what is shown. */
  isFiltered = () => false;
  /** How many photos are selected, and what can be done with them, for the toolbar. */
  selection = h("span");

  /**
   * Show what the address says: the place, and the open photo.
   *
   * @param {URLSearchParams} query
   * @param {string} words
   */
  async restore(query, words) {
    await this.reload({ top: true, at: Number(query.get("at")) || 0, say: words });
    if (query.has("photo") && this.element.isConnected) await this.openAsAddressSays(query);
  }

  /** @param {URLSearchParams} query */
  async openAsAddressSays(query) {
    const index = await this.#find(query.get("photo"), Number(query.get("n")) || 0);
    if (!this.element.isConnected) return; // another view was opened meanwhile
    if (!history.state?.dialogs) setInAddress({ photo: null, n: null }); // Back leads to the grid
    if (index !== null) {
      this.options.onOpen(index);
      return;
    }
    setInAddress({ photo: null, n: null });
    agree();
  }

  /**
   * The place of a photo now: the one that it had before, or wherever the order has put it since.
   *
   * @param {string | null} id
   * @param {number} before
   */
  async #find(id, before) {
    const place = Math.min(before, this.total - 1);
    if ((await this.want(place))?.id === id) return place;
    for (let index = 0; index < this.total; index += 1) if ((await this.want(index))?.id === id) return index;
    return null;
  }
}

/**
 * @param {string} album
 * @param {LoadPage} load
 * @param {string} label
 */
export function photoGrid(album, load, label) {
  const source = {
    want: (/** @type {number} */ index) => grid.want(index),
    get total() {
      return grid.total;
    },
  };
  const onClose = (/** @type {number} */ index) => {
    grid.setFocus(index);
    grid.element.focus({ preventScroll: true });
    grid.catchUp();
  };
  const compare = (/** @type {number[]} */ places) => grid.total > 1 && openCompare({ album, source, places, onClose });
  /** @type {PhotoGrid} */
  const grid = new PhotoGrid({
    album,
    load: (offset, limit, options) => withLatestMarks(album, () => load(offset, limit, options)),
    label,
    onOpen: (index) => openViewer({ album, source, index, onClose, onCompare: (one) => compare(pairOf(grid, one)) }),
    onKey: (event) => answerKey(event, album, grid, compare),
    onStack: (photo) => grid.onStack?.(photo),
    onChange: ({ answer }) => {
      if (answer) grid.onAnswer?.(answer);
      bar.show();
    },
  });
  const bar = selectionBar(album, grid, compare);
  grid.selection = bar.element;
  follow(grid);
  return grid;
}

/**
 * A photo and the one after it; at the end the one before it.
 *
 * @param {PhotoGrid} grid
 * @param {number} index
 */
const pairOf = (grid, index) => (index + 1 < grid.total ? [index, index + 1] : [index, index - 1]);

/**
 * @param {KeyboardEvent} event
 * @param {string} album
 * @param {PhotoGrid} grid
 * @param {(places: number[]) => unknown} compare
 */
function answerKey(event, album, grid, compare) {
  if (event.key === "c") {
    const chosen = [...grid.selected].sort((one, other) => one - other);
    if (chosen.length > MOST) say(t("compare.most", { most: MOST, n: chosen.length }));
    compare(chosen.length > 1 ? chosen : pairOf(grid, chosen[0] ?? grid.focus));
  } else if (event.key === "s" && grid.onStack) grid.onStack(grid.get(grid.focus));
  else if (event.key === "f") document.body.classList.toggle("whole");
  else if (!markByKey(album, event, grid)) return;
  event.preventDefault();
}

/**
 * Show what happens elsewhere: marks, another tab, Forward in the history, a server that is back.
 *
 * @param {PhotoGrid} grid
 */
function follow(grid) {
  const isHere = () => grid.element.isConnected;
  const forward = () => {
    if (!isHere()) removeEventListener("popstate", forward);
    else if (isShownView() && readAddress().query.has("photo") && !document.querySelector("dialog[open]")) grid.openAsAddressSays(readAddress().query).catch(sayFailure);
  };
  addEventListener("popstate", forward);
  // The focus may be on a button, such as that of a dialog that was closed.
  const escape = (/** @type {KeyboardEvent & { target: any }} */ event) => {
    if (!isHere()) document.removeEventListener("keydown", escape);
    else if (event.key === "Escape" && !isTyping(event) && !document.querySelector("dialog[open], :popover-open")) grid.unselect();
  };
  document.addEventListener("keydown", escape);
  // A photo whose mark has changed may no longer pass the filter.
  const look = calmly(() => isHere() && grid.isFiltered() && grid.refresh().catch(sayFailure), LOOK_MS);
  const stop = onMarks((photo) => {
    if (!isHere()) return stop();
    grid.changed(photo);
    look();
    return undefined;
  });
  // Meanwhile another tab or user may have set marks.
  whenSeenAgain(grid.element, () => grid.refresh().then((photos) => photos.forEach(tellMark)).catch(sayFailure));
  const stopBack = onServerBack(() => (isHere() ? grid.retry() : stopBack()));
}

/**
 * Smaller and larger pictures.
 *
 * @param {Grid} grid
 */
export const sizeButtons = (grid) =>
  h(
    "span",
    { class: "sizes" },
    iconButton("smaller", t("photos.smaller"), () => grid.resize(1 / 1.2)),
    iconButton("larger", t("photos.larger"), () => grid.resize(1.2)),
  );
