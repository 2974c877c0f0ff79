/**
 * Whether bursts and copies are one cell each, and which of these stacks are open; both are in the address.
 *
 * @import { Grid } from "./grid.js"
 * @import { Photo } from "./types.d.ts"
 */

import { setInAddress } from "./address.js";
import { h } from "./dom.js";
import { sayFailure } from "./toast.js";
import { t } from "./words.js";

export class Stacks {
  /** @type {Set<string>} A photo of each stack that is open. */
  #open = new Set();
  #isOn = false;

  /**
   * @param {URLSearchParams} query
   * @param {() => Grid} grid
   */
  constructor(query, grid) {
    this.grid = grid;
    this.#isOn = query.has("stacks");
    this.#open = new Set((query.get("open") || "").split(",").filter(Boolean));
    const box = h("input", { type: "checkbox", checked: this.#isOn, onchange: (event) => this.#turn(event.target.checked) });
    this.element = h("label", { class: "check", title: t("stacks.about") }, box, t("stacks.title"));
  }

  /** The parameters for the server. */
  words() {
    return this.#isOn ? [["stacked", "true"], ...[...this.#open].map((photo) => ["opened", photo])] : [];
  }

  /** @param {boolean} isOn */
  #turn(isOn) {
    this.#isOn = isOn;
    this.#open.clear();
    this.#show({ top: true }).catch(sayFailure);
  }

  /**
   * Open the stack of a photo, or close it.
   *
   * @param {Photo | undefined} photo
   */
  async toggle(photo) {
    const top = photo?.stack ? photo.id : photo?.in_stack;
    if (!photo || !top) return;
    const members = photo.stack?.photos.map((member) => member.id) || [top, photo.id];
    const isOpen = photo.in_stack || photo.stack?.is_open;
    if (isOpen) for (const member of await this.#allOf(top, members)) this.#open.delete(member);
    else this.#open.add(top);
    const place = this.#placeOf(top);
    try {
      await this.#show({});
      if (place !== null) this.grid().setFocus(place);
    } catch (error) {
      sayFailure(error);
    }
  }

  /**
   * The photos of the stack with this photo on top: when it was opened, another one may have been on top.
   *
   * @param {string} top
   * @param {string[]} known
   */
  async #allOf(top, known) {
    const place = this.#placeOf(top);
    const photo = place === null ? null : await this.grid().want(place);
    return photo?.stack?.photos.map((member) => member.id) || known;
  }

  /**
   * The place of a photo at or before the place in focus.
   *
   * @param {string} id
   */
  #placeOf(id) {
    const grid = this.grid();
    for (let place = grid.focus; place >= 0; place -= 1) if (grid.get(place)?.id === id) return place;
    return null;
  }

  /** @param {{ top?: boolean }} options */
  #show(options) {
    setInAddress({ stacks: this.#isOn, open: [...this.#open].join(), ...(options.top ? { at: null } : {}) });
    return this.grid().reload(options);
  }
}
