/** Pictures of the page: a few at once, the nearest first; those that did not come are asked for again. */

/** @import { Queue } from "./types.d.ts" */

import { onServerBack } from "./events.js";

/** A browser has six connections to a server; the rest is for what the user asks for meanwhile. */
const AT_ONCE = 4;

/**
 * Load pictures in the order of ``distance(image)``, which is asked whenever one is begun.
 *
 * @param {(image: HTMLImageElement) => number} distance
 * @returns {Queue}
 */
export function pictureQueue(distance) {
  /** @type {Map<HTMLImageElement, string>} Their addresses. */
  const waiting = new Map();
  /** @type {Set<HTMLImageElement>} */
  const loading = new Set();
  let isHeld = false;

  function pump() {
    while (!isHeld && loading.size < AT_ONCE && waiting.size) {
      const away = [...waiting.keys()].map((image) => ({ image, far: distance(image) }));
      begin(away.reduce((best, one) => (one.far < best.far ? one : best)).image);
    }
  }

  /** @param {HTMLImageElement} image */
  function begin(image) {
    const end = () => {
      loading.delete(image);
      pump();
    };
    loading.add(image);
    image.addEventListener("load", end, { once: true });
    image.addEventListener("error", end, { once: true });
    image.src = waiting.get(image) || "";
    waiting.delete(image);
  }

  return {
    want(image, address) {
      waiting.set(image, address);
      // Later, so that the nearest of all that are wanted at once is found.
      queueMicrotask(pump);
    },
    /** Nobody looks at it any more: a request under way is broken off. */
    drop(image) {
      waiting.delete(image);
      if (!loading.delete(image)) return;
      image.removeAttribute("src");
      pump();
    },
    /** Begin nothing while the user flicks past. */
    hold(value) {
      isHeld = value;
      pump();
    },
  };
}

/** @type {Set<HTMLImageElement>} */
const failed = new Set();

/** Begin to watch all pictures of the page. */
export function watchPictures() {
  // Errors of pictures do not bubble.
  document.addEventListener("error", (event) => event.target instanceof HTMLImageElement && failed.add(event.target), true);
  onServerBack(() => {
    const again = [...failed].filter((image) => image.isConnected && image.hasAttribute("src"));
    failed.clear();
    for (const image of again) image.src = image.getAttribute("src") || "";
  });
}
