/**
 * One photo of a comparison, with the same person's face in the middle as in the others.
 *
 * @import { Box, FaceItem, Photo } from "./types.d.ts"
 * @typedef {{ isFace: boolean, zoom: number, x: number, y: number }} SharedView
 */

import { get } from "./api.js";
import { h, icon, iconButton } from "./dom.js";
import { faceSigns } from "./face_signs.js";
import { FACE_SHARE, Stage } from "./stage.js";
import { decimal, t } from "./words.js";

/** Share of the shorter side of a photo, if no face was found. */
const NO_FACE_SHARE = 0.4;

export class ComparePane {
  /** @type {Photo | null} */
  photo = null;
  /** @type {FaceItem[]} From the left. */
  #faces = [];
  /** @type {FaceItem | undefined} The face in the middle. */
  item;
  isOut = false;
  onResize = () => {};
  #label = h("div", { class: "pane-label" });

  /**
   * @param {string} album
   * @param {number} index
   * @param {() => void} onOut
   */
  constructor(album, index, onOut) {
    this.album = album;
    this.index = index;
    this.stage = new Stage(album, () => this.onResize());
    this.outButton = iconButton("close", t("compare.throwOut"), onOut);
    this.element = h("section", { class: "pane", tabindex: "-1", "aria-label": t("viewer.title") }, this.stage.element, this.#label);
  }

  /**
   * @param {Photo} photo
   * @param {number} index
   */
  async show(photo, index) {
    this.photo = photo;
    this.index = index;
    this.stage.show(photo);
    this.element.setAttribute("aria-label", photo.name);
    const detail = await get(`/api/albums/${this.album}/photos/${photo.id}`);
    if (this.photo !== photo) return;
    this.#faces = detail.faces.filter((/** @type {FaceItem} */ item) => !item.is_false);
    const shownFor = photo.result?.face?.id;
    const largest = [...this.#faces].sort((one, other) => other.face.size_px - one.face.size_px)[0];
    this.item = this.#faces.find(({ face }) => face.id === shownFor) || largest;
    this.tell();
  }

  /** Which face from the left is in the middle. */
  get order() {
    return this.item ? this.#faces.indexOf(this.item) : 0;
  }

  /** The next face from the left; after the last one, the first. */
  next() {
    this.item = this.#faces[(this.order + 1) % Math.max(1, this.#faces.length)];
    this.tell();
  }

  /**
   * Show the face of a person; if the person is unknown, the face at the same index from the left.
   *
   * @param {string | null} person
   * @param {number} order
   */
  follow(person, order) {
    const same = person && this.#faces.find((item) => item.person === person);
    this.item = same || (person ? this.item : this.#faces[order]) || this.item;
    this.tell();
  }

  /** @returns {Box | null} */
  get #anchor() {
    return this.item?.face.box || null;
  }

  /** The size of the face in pixels of the photo. */
  get #size() {
    const { width, height } = this.stage.size;
    return this.#anchor ? Math.max(this.#anchor[2], this.#anchor[3], 1) : NO_FACE_SHARE * Math.min(width, height);
  }

  /**
   * The size of the face on the screen.
   *
   * @param {SharedView} view
   */
  unit(view) {
    const room = this.stage.element.getBoundingClientRect();
    return view.zoom * FACE_SHARE * Math.min(room.width, room.height) || 1;
  }

  /** @param {SharedView} view */
  place(view) {
    if (!this.photo) return;
    if (!view.isFace) {
      this.stage.place(null);
      return;
    }
    const { width, height } = this.stage.size;
    const [left, top, wide, tall] = this.#anchor || [0, 0, width, height];
    const size = this.#size;
    this.stage.place({ scale: this.unit(view) / size, x: left + wide / 2 - view.x * size, y: top + tall / 2 - view.y * size });
  }

  /** @param {boolean} isOut */
  out(isOut) {
    this.isOut = isOut;
    this.element.hidden = isOut;
  }

  /** @param {Photo} changed */
  hearMark(changed) {
    if (this.photo?.id !== changed.id) return;
    this.photo.mark = changed.mark; // the grid may have loaded the photo again
    this.tell();
  }

  tell() {
    if (!this.photo) return;
    const { name, result, mark } = this.photo;
    const parts = [
      h("b", {}, name),
      this.item ? faceSigns(this.item.signals) : null,
      result ? h("span", { class: "score" }, decimal(result.score, 2)) : null,
      result ? h("span", { class: "pane-why" }, [...result.reasons, ...result.against].slice(0, 3).join(", ")) : null,
      mark.flag ? h("span", { class: `flag ${mark.flag}` }, icon(mark.flag)) : null,
      mark.stars ? h("span", { class: "stars" }, "★".repeat(mark.stars)) : null,
      this.outButton,
    ];
    this.#label.replaceChildren(...parts.flatMap((part) => part || []));
  }
}
