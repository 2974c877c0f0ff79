/**
 * Small pictures of the photos before and after the current one.
 *
 * @import { Photo, Source } from "./types.d.ts"
 */

import { picture } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./words.js";

const AROUND = 20; // photos on either side

export class Filmstrip {
  #run = 0;
  element = h("nav", { class: "filmstrip", "aria-label": t("viewer.film") });

  /**
   * @param {string} album
   * @param {Source} source
   * @param {(index: number) => void} onChoose
   */
  constructor(album, source, onChoose) {
    this.album = album;
    this.source = source;
    this.onChoose = onChoose;
  }

  /**
   * Show the photos around a place.
   *
   * @param {number} now
   */
  async show(now) {
    this.#run += 1;
    const mine = this.#run;
    const first = Math.max(0, now - AROUND);
    const last = Math.min(this.source.total - 1, now + AROUND);
    const photos = [];
    // One by one: the first photo of a page brings the others of that page.
    for (let index = first; index <= last; index += 1) {
      photos.push({ index, photo: await this.source.want(index) });
      if (mine !== this.#run) return;
    }
    this.element.replaceChildren(...photos.flatMap(({ index, photo }) => (photo ? this.#frame(index, photo, now) : [])));
    const here = /** @type {HTMLElement | null} */ (this.element.querySelector("[aria-current]"));
    if (here) this.element.scrollLeft = here.offsetLeft - (this.element.clientWidth - here.offsetWidth) / 2;
  }

  /**
   * @param {number} index
   * @param {Photo} photo
   * @param {number} now
   */
  #frame(index, photo, now) {
    const inside = photo.unreadable ? icon("broken") : h("img", { src: picture(this.album, photo), alt: "", draggable: "false" });
    const about = { type: "button", class: "film-frame", "aria-label": photo.name, "data-flag": photo.mark.flag, "aria-current": index === now ? "true" : null };
    return h("button", { ...about, tabindex: index === now ? "0" : "-1", onclick: () => this.onChoose(index) }, inside);
  }
}
