/** Pictures of the page: a few at once, the nearest first; those that did not come are asked for again. */

/** @import { Queue } from "./types.d.ts" */

import { atMostEvery } from "./dom.js";
import { onServerBack } from "./events.js";

/** A browser has six connections to a server; the rest is for what the user asks for meanwhile. */
const AT_ONCE = 4;
/** Each time that pictures appear the page is painted anew, which takes longer than to load one: they come in waves. */
const WAVE_MS = 100;

/**
 * Load pictures, the nearest first; ``distances()`` is asked whenever some are begun and gives the distance of an image.
 *
 * @param {() => (image: HTMLImageElement) => number} distances
 * @returns {Queue}
 */
export function pictureQueue(distances) {
  /** @type {Map<HTMLImageElement, string>} Their addresses. */
  const waiting = new Map();
  /** @type {Set<HTMLImageElement>} */
  const loading = new Set();
  const wave = makeWave();
  let isHeld = false;

  function pump() {
    if (waiting.size || loading.size) wave.showSoon();
    else wave.show();
    if (isHeld || loading.size >= AT_ONCE || !waiting.size) return;
    const distance = distances();
    while (loading.size < AT_ONCE && waiting.size) {
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
    image.addEventListener("load", () => wave.loaded.add(image), { once: true });
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
    /** Whether no picture is waited for. */
    get isIdle() {
      return !waiting.size && !loading.size;
    },
    /** Begin nothing while the user flicks past. */
    hold(value) {
      isHeld = value;
      pump();
    },
  };
}

/** Pictures that are shown together. */
function makeWave() {
  /** @type {Set<HTMLImageElement>} */
  const loaded = new Set();
  const show = () => {
    for (const image of loaded) image.classList.add("here");
    loaded.clear();
  };
  return { loaded, show, showSoon: atMostEvery(show, WAVE_MS) };
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
