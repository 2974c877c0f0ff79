/**
 * Preloads pictures of the photos that are likely to be viewed next; requests that nobody waits for are aborted.
 *
 * @import { Photo } from "./types.d.ts"
 */

import { picture } from "./api.js";

export class Ahead {
  /** @type {Map<string, HTMLImageElement>} */
  #images = new Map();

  /** @param {string} album */
  constructor(album) {
    this.album = album;
  }

  /**
   * Load the large pictures of these photos in this order, and no others.
   *
   * @param {(Photo | null)[]} photos
   */
  keep(photos) {
    const wanted = photos.flatMap((photo) => (photo && !photo.unreadable ? picture(this.album, photo, "large") : []));
    for (const [address, image] of this.#images) {
      if (wanted.includes(address)) continue;
      image.removeAttribute("src");
      this.#images.delete(address);
    }
    for (const address of wanted) {
      if (this.#images.has(address)) continue;
      const image = new Image();
      image.src = address;
      this.#images.set(address, image);
    }
  }
}
