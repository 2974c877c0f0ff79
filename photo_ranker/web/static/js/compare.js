/**
 * Two to six photos side by side; they share zoom and position, measured in sizes of the same person's face.
 * The user throws out one after the other until the best is left; this rejects nothing.
 *
 * @import { Source } from "./types.d.ts"
 * @typedef {object} CompareOptions
 * @property {string} album
 * @property {Source} source
 * @property {number[]} places
 * @property {(index: number) => void} onClose
 */

import { openDialog } from "./dialogs.js";
import { h, iconButton } from "./dom.js";
import { onGestures } from "./gestures.js";
import { markOf, onMarks, setMarks } from "./marks.js";
import { ComparePane } from "./compare_pane.js";
import { say, sayFailure, undoLast } from "./toast.js";
import { t } from "./words.js";

/** More photos would be too small to compare. */
export const MOST = 6;
const STEP = 1.25;
const FARTHEST = 0.15;
const CLOSEST = 12;

class Compare {
  /** Offset from the middle of the pane in sizes of the face, and zoom; isFace false: whole photos. */
  view = { isFace: true, zoom: 1, x: 0, y: 0 };
  /** @type {string | null} The person that all panes show. */
  #person = null;
  #order = 0; // of the face among those of its photo, if nobody knows whose it is
  #active = 0;
  #isClosed = false;
  #title = h("h2", {});
  #pick = h("button", { type: "button", class: "primary", hidden: true, onclick: () => this.#mark("p") }, t("compare.pick"));

  /** @param {CompareOptions} options */
  constructor(options) {
    this.options = options;
    this.album = options.album;
    this.panes = options.places.slice(0, MOST).map((index) => this.#makePane(index));
    this.#active = this.panes.length === 2 ? 1 : 0;
    this.box = h("div", { class: "panes" }, ...this.panes.map((pane) => pane.element));
    this.dialog = h("dialog", { class: "compare", "aria-label": t("compare.title") }, this.#header(), this.box);
    this.stopMarks = onMarks((changed) => this.panes.forEach((pane) => pane.hearMark(changed)));
    this.dialog.addEventListener("keydown", (event) => this.#onKeydown(event));
    this.leave = openDialog(this.dialog, () => this.close());
    this.#arrange();
    this.#load().catch(sayFailure);
  }

  #header() {
    const hint = this.panes.length > 2 ? t("compare.keysMany") : t("compare.keysTwo");
    return h(
      "header",
      {},
      this.#title,
      h("span", { class: "muted keys-hint" }, hint),
      this.panes.length === 2 ? iconButton("swap", t("compare.exchange"), () => this.#exchange()) : null,
      this.#pick,
      iconButton("next-face", t("viewer.nextFace"), () => this.#nextFace()),
      iconButton("zoom", t("compare.face"), () => this.#toggleFace()),
      iconButton("close", t("viewer.close"), () => this.close()),
    );
  }

  /** @param {number} index */
  #makePane(index) {
    const pane = new ComparePane(this.album, index, () => this.#throwOut(pane));
    pane.element.addEventListener("pointerdown", () => this.#choose(this.panes.indexOf(pane)));
    onGestures(pane.stage.element, {
      zoom: (factor, at) => this.#zoomBy(factor, at, pane),
      pan: (dx, dy) => this.#panBy(dx, dy, pane),
      canPan: () => this.view.isFace,
      twice: () => this.#toggleFace(),
    });
    pane.onResize = () => pane.place(this.view);
    return pane;
  }

  /** Photos that are still in. */
  get #left() {
    return this.panes.filter((pane) => !pane.isOut);
  }

  async #load() {
    await Promise.all(this.panes.map((pane) => this.#show(pane, pane.index)));
    this.#follow(this.panes[this.#active]);
  }

  /**
   * @param {ComparePane} pane
   * @param {number} index
   */
  async #show(pane, index) {
    const photo = await this.options.source.want(index);
    if (!photo || this.#isClosed) return;
    await pane.show(photo, index);
    pane.follow(this.#person, this.#order);
    pane.place(this.view);
  }

  /**
   * Show the same person in all panes as in this one.
   *
   * @param {ComparePane} pane
   */
  #follow(pane) {
    this.#person = pane.item?.person || null;
    this.#order = pane.order;
    for (const other of this.panes) if (other !== pane) other.follow(this.#person, this.#order);
    this.#placeAll();
  }

  #nextFace() {
    const pane = this.panes[this.#active];
    pane.next();
    this.view = { isFace: true, zoom: 1, x: 0, y: 0 };
    this.#follow(pane);
  }

  #placeAll() {
    for (const pane of this.#left) pane.place(this.view);
  }

  /** Columns, rows and the title for the remaining photos. */
  #arrange() {
    const { length } = this.#left;
    this.box.dataset.count = String(length);
    this.#title.textContent = length > 1 ? t("compare.photos", { n: length }) : t("compare.best", { n: this.panes.length });
    this.#pick.hidden = length > 1;
    this.#choose(this.panes[this.#active].isOut ? this.panes.indexOf(this.#left[0]) : this.#active);
    this.#placeAll();
  }

  /** @param {number} number */
  #choose(number) {
    this.#active = number;
    this.panes.forEach((pane, place) => pane.element.classList.toggle("active", place === number));
    this.panes[number].element.focus({ preventScroll: true });
  }

  /** @param {number} step */
  #chooseNext(step) {
    const left = this.#left;
    const next = left.indexOf(this.panes[this.#active]) + step;
    this.#choose(this.panes.indexOf(left[(next + left.length) % left.length]));
  }

  /** @param {ComparePane} pane */
  #throwOut(pane) {
    if (this.#left.length < 2) return;
    const back = (/** @type {boolean} */ isOut) => {
      if (this.#isClosed) return false;
      pane.out(isOut);
      this.#arrange();
      return true;
    };
    back(true);
    say(t("compare.out", { name: pane.photo?.name || "" }), () => back(false));
  }

  #toggleFace() {
    this.view = { isFace: !this.view.isFace, zoom: 1, x: 0, y: 0 };
    this.#placeAll();
  }

  /**
   * @param {number} factor
   * @param {{ x: number, y: number }} [at]
   * @param {ComparePane} [pane] The pane whose point stays in place.
   */
  #zoomBy(factor, at = { x: 0, y: 0 }, pane = this.panes[this.#active]) {
    const before = pane.unit(this.view);
    const { x, y } = this.view;
    if (!this.view.isFace) this.view = { isFace: true, zoom: 1, x: 0, y: 0 };
    else {
      const zoom = Math.min(CLOSEST, Math.max(FARTHEST, this.view.zoom * factor));
      const after = (before * zoom) / this.view.zoom;
      this.view = { isFace: true, zoom, x: x + at.x / after - at.x / before, y: y + at.y / after - at.y / before };
    }
    this.#placeAll();
  }

  /**
   * @param {number} dx
   * @param {number} dy
   * @param {ComparePane} pane
   */
  #panBy(dx, dy, pane) {
    const unit = pane.unit(this.view);
    this.view = { ...this.view, x: this.view.x + dx / unit, y: this.view.y + dy / unit };
    this.#placeAll();
  }

  #exchange() {
    if (this.panes.length !== 2) return;
    const [one, other] = this.panes.map((pane) => pane.index);
    Promise.all([this.#show(this.panes[0], other), this.#show(this.panes[1], one)]).catch(sayFailure);
  }

  /**
   * With two photos: replace the active one by the next. With more: go to the next pane.
   *
   * @param {number} by
   */
  #step(by) {
    if (this.panes.length > 2) {
      this.#chooseNext(by);
      return;
    }
    const pane = this.panes[this.#active];
    const other = this.panes[1 - this.#active].index;
    const next = pane.index + by === other ? other + by : pane.index + by;
    this.#show(pane, next).catch(sayFailure);
  }

  close() {
    this.#isClosed = true;
    this.stopMarks();
    for (const pane of this.panes) pane.stage.watcher.disconnect();
    this.leave();
    this.options.onClose(this.panes[this.#active].index);
  }

  /** @type {{ [key: string]: () => unknown }} */
  #keys = {
    ArrowRight: () => this.#step(1),
    ArrowLeft: () => this.#step(-1),
    z: () => this.#toggleFace(),
    Z: undoLast,
    Backspace: undoLast,
    f: () => this.#nextFace(),
    o: () => this.#throwOut(this.panes[this.#active]),
    Delete: () => this.#throwOut(this.panes[this.#active]),
    s: () => this.#exchange(),
    "+": () => this.#zoomBy(STEP),
    "=": () => this.#zoomBy(STEP),
    "-": () => this.#zoomBy(1 / STEP),
  };

  /** @param {KeyboardEvent & { target: any }} event */
  #onKeydown(event) {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" && !event.target.closest("button") && !event.shiftKey) this.#chooseNext(1);
    else if (event.key in this.#keys) this.#keys[event.key]();
    else if (!this.#mark(event.key)) return;
    event.preventDefault();
  }

  /**
   * Whether a key marks a photo.
   *
   * @param {string} key
   */
  #mark(key) {
    const { photo } = this.panes[this.#active];
    const marks = markOf(key);
    if (photo && marks) setMarks(this.album, [photo], marks);
    return Boolean(photo && marks);
  }
}

/**
 * Show photos side by side.
 *
 * @param {CompareOptions} options
 */
export const openCompare = (options) => void new Compare(options);
