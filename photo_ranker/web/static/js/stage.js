/**
 * A photo in a box, at any scale: the whole of it, or a part. Sharp at every scale, since a picture of the needed size
 * is fetched as soon as it is needed.
 *
 * @import { Box, ShownPhoto } from "./types.d.ts"
 * @typedef {{ scale: number, x: number, y: number }} View Screen pixels per pixel of the photo, and the point
 *   of the photo that is in the middle.
 */

import { picture } from "./api.js";
import { h, icon } from "./dom.js";

/** The longer side of the server's large pictures; above that the full one is fetched. */
const LARGE = 1600;
/** The share of the shorter side of the box that a face takes. */
export const FACE_SHARE = 0.45;
/** How far a photo can be zoomed: screen pixels per pixel of the photo, or for small photos a multiple of their fit. */
const CLOSEST = 4;
const CLOSEST_FITS = 8;

export class Stage {
  /** @type {ShownPhoto | null} */
  photo = null;
  /** @type {View | null} Null is the whole photo. */
  view = null;
  /** What is laid over the photo and moves with it; positions are shares of the photo. */
  over = h("div", { class: "stage-over" });
  #image = h("img", { class: "stage-image", alt: "", draggable: "false" });
  hold = h("div", { class: "stage-hold" }, this.#image, this.over);
  #problem = h("p", { class: "unreadable", hidden: true });

  /**
   * @param {string} album
   * @param {() => void} [onResize] Places the photo again; by default the view stays.
   * @param {typeof picture} [address] Makes the address of a picture.
   */
  constructor(album, onResize = () => this.place(this.view), address = picture) {
    this.album = album;
    this.address = address;
    this.element = h("div", { class: "stage" }, this.hold, this.#problem);
    this.#image.addEventListener("load", onResize);
    this.watcher = new ResizeObserver(onResize);
    this.watcher.observe(this.element);
  }

  /** @param {ShownPhoto} photo */
  show(photo) {
    this.photo = photo;
    this.hold.hidden = Boolean(photo.unreadable);
    this.#problem.hidden = !photo.unreadable;
    if (photo.unreadable) this.#problem.replaceChildren(icon("broken"), photo.unreadable);
    this.#image.alt = photo.name;
    this.#image.removeAttribute("src");
    // The small picture is already loaded, and shown until the large one arrives.
    this.hold.style.backgroundImage = photo.unreadable ? "" : `url("${this.address(this.album, photo)}")`;
    this.over.replaceChildren();
    this.place(null);
  }

  /** The size of the photo in its own pixels; if it is not measured, that of its picture. */
  get size() {
    const { naturalWidth, naturalHeight } = this.#image;
    return { width: this.photo?.width || naturalWidth || 3, height: this.photo?.height || naturalHeight || 2 };
  }

  /** The scale at which the whole photo is visible. */
  get fit() {
    const room = this.element.getBoundingClientRect();
    return Math.min(room.width / this.size.width, room.height / this.size.height) || 0.01;
  }

  get scale() {
    return this.view?.scale || this.fit;
  }

  /**
   * Show a part of the photo, or with null the whole photo.
   *
   * @param {View | null} view
   */
  place(view) {
    this.view = view;
    if (!this.photo) return;
    const { width, height } = this.size;
    const scale = view?.scale || this.fit;
    const room = this.element.getBoundingClientRect();
    const x = room.width / 2 - (view ? view.x : width / 2) * scale;
    const y = room.height / 2 - (view ? view.y : height / 2) * scale;
    this.hold.style.width = `${width * scale}px`;
    this.hold.style.height = `${height * scale}px`;
    this.hold.style.transform = `translate(${x}px, ${y}px)`;
    this.element.classList.toggle("zoomed", Boolean(view));
    if (room.width) this.#fetch(scale * Math.max(width, height) * devicePixelRatio);
  }

  /** @param {number} side The longer side as it is shown. */
  #fetch(side) {
    if (!this.photo || this.photo.unreadable) return;
    const isFull = side > LARGE * 1.05 || this.#image.dataset.side === `full ${this.photo.id}`;
    const wanted = this.address(this.album, this.photo, isFull ? "full" : "large");
    this.#image.dataset.side = `${isFull ? "full" : "large"} ${this.photo.id}`;
    if (this.#image.getAttribute("src") !== wanted) this.#image.src = wanted;
  }

  /**
   * The point of the photo at a place of the window.
   *
   * @param {number} x
   * @param {number} y
   */
  pointAt(x, y) {
    const hold = this.hold.getBoundingClientRect();
    return { x: (x - hold.left) / this.scale, y: (y - hold.top) / this.scale };
  }

  /**
   * Lay an element over a part of the photo; it moves with it.
   *
   * @param {HTMLElement} element
   * @param {Box} box
   */
  lay(element, [x, y, wide, tall]) {
    const { width, height } = this.size;
    Object.assign(element.style, { left: `${(100 * x) / width}%`, top: `${(100 * y) / height}%`, width: `${(100 * wide) / width}%`, height: `${(100 * tall) / height}%` });
  }

  /**
   * Zoom to the pointer: what is under it stays there. Zooming out far enough shows the whole photo again.
   *
   * @param {number} factor
   * @param {{ x: number, y: number }} at From the middle of the box.
   */
  zoomAt(factor, at = { x: 0, y: 0 }) {
    if (!this.photo || this.photo.unreadable) return;
    const { width, height } = this.size;
    const before = this.view || { scale: this.fit, x: width / 2, y: height / 2 };
    const scale = Math.min(Math.max(CLOSEST, CLOSEST_FITS * this.fit), before.scale * factor);
    if (scale <= this.fit * 1.001) {
      this.place(null);
      return;
    }
    const x = before.x + at.x / before.scale - at.x / scale;
    const y = before.y + at.y / before.scale - at.y / scale;
    this.place(this.#within({ scale, x, y }));
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  panBy(dx, dy) {
    if (!this.view) return;
    const { scale, x, y } = this.view;
    this.place(this.#within({ scale, x: x - dx / scale, y: y - dy / scale }));
  }

  /**
   * Centre a face.
   *
   * @param {Box} box
   */
  zoomTo([left, top, width, height]) {
    const room = this.element.getBoundingClientRect();
    const scale = (FACE_SHARE * Math.min(room.width, room.height)) / Math.max(width, height, 1);
    this.place({ scale: Math.max(scale, this.fit * 1.2), x: left + width / 2, y: top + height / 2 });
  }

  /**
   * The same view, moved so that the middle of the box is on the photo.
   *
   * @param {View} view
   */
  #within({ scale, x, y }) {
    const { width, height } = this.size;
    return { scale, x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) };
  }
}
