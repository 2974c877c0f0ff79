/**
 * All faces of a photo side by side, the worst first: how they look, whose they are, and corrections of that.
 *
 * @import { Detail, FaceItem } from "./types.d.ts"
 * @typedef {object} StripActions
 * @property {(item: FaceItem) => void} onLook Zoom to a face.
 * @property {(item: FaceItem) => void} onName Say whose face it is.
 * @property {(item: FaceItem, isFace: boolean) => void} onJudge Say whether it is a face at all.
 * @property {() => void} onDraw Add one that was missed.
 */

import { facePicture } from "./api.js";
import { leaveFor } from "./dialogs.js";
import { h, icon, iconButton } from "./dom.js";
import { describeFace, faceSigns, worstFirst } from "./face_signs.js";
import { t } from "./words.js";

/**
 * The address of the best photos of a face's person.
 *
 * @param {string} album
 * @param {FaceItem} item
 */
export const bestOf = (album, { face, person }) => `#/${album}/best?${person ? `people=${person}` : `faces=${face.id}`}`;

/**
 * Whether a face can be drawn: only in a photo that was measured, not in a film.
 *
 * @param {Detail} detail
 */
export const canDraw = ({ photo }) => !photo.pending && !photo.unreadable && !photo.is_film;

export class FaceStrip {
  element = h("section", { class: "face-strip", "aria-label": t("faces.title"), hidden: true });
  /** @type {FaceItem[]} In the order shown. */
  faces = [];

  /**
   * @param {string} album
   * @param {StripActions} actions
   */
  constructor(album, actions) {
    this.album = album;
    this.actions = actions;
  }

  /** @param {Detail | null} detail */
  show(detail) {
    this.faces = worstFirst((detail?.faces || []).filter((item) => !item.is_false));
    const others = (detail?.faces || []).filter((item) => item.is_false);
    const below = others.length ? [h("h3", {}, t("faces.notFaces")), ...others.map((item) => this.#notFace(item))] : [];
    const add = detail && canDraw(detail) ? [this.#add()] : [];
    this.element.replaceChildren(...this.faces.map((item) => this.#card(item)), ...add, ...below);
    this.element.hidden = !this.element.children.length;
  }

  /**
   * Show which face the photo is zoomed to.
   *
   * @param {string | null} face
   */
  point(face) {
    for (const card of this.element.querySelectorAll("[data-face]")) {
      const isHere = card.getAttribute("data-face") === face;
      card.toggleAttribute("aria-current", isHere);
      if (isHere) card.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  /** @param {FaceItem} item */
  #card(item) {
    const { face, name, signals } = item;
    const who = name || t("person.this");
    const zoom = t("faces.zoomTo", { name: who });
    const said = describeFace(signals);
    const look = h("button", { type: "button", class: "face-look", "aria-label": said ? `${zoom}: ${said}` : zoom, title: said, onclick: () => this.actions.onLook(item) }, this.#image(face.id), faceSigns(signals));
    const naming = h("button", { type: "button", class: "quiet face-name", title: name, onclick: () => this.actions.onName(item) }, name || t("people.who"));
    const more = h(
      "div",
      { class: "face-more" },
      h("a", { class: "face-chip icon-button", href: bestOf(this.album, item), onclick: leaveFor, "aria-label": t("people.bestOf", { name: who }), title: t("people.bestOf", { name: who }) }, icon("best")),
      iconButton("reject", name ? t("faces.isNoFace", { name }) : t("faces.thisIsNoFace"), () => this.actions.onJudge(item, false)),
    );
    return h("div", { class: "face-item", "data-face": face.id }, look, naming, more);
  }

  #add() {
    return h("button", { type: "button", class: "quiet face-add", title: t("faces.drawKey"), onclick: this.actions.onDraw }, icon("add-face"), t("faces.draw"));
  }

  /** @param {FaceItem} item */
  #notFace(item) {
    const back = h("button", { type: "button", class: "quiet face-name", "aria-label": t("faces.thisIsFace"), onclick: () => this.actions.onJudge(item, true) }, t("faces.itIsFace"));
    return h("div", { class: "face-item is-false" }, h("div", { class: "face-look" }, this.#image(item.face.id)), back);
  }

  /** @param {string} face */
  #image(face) {
    return h("img", { src: facePicture(this.album, face), alt: "", draggable: "false" });
  }
}
