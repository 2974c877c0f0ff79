/** Pictures of the page: a few at once, the nearest first; those that failed to load are requested again. */

/** @import { Queue } from "./types.d.ts" */

import { atMostEvery } from "./dom.js";
import { onServerBack } from "./events.js";

/** A browser has six connections to a server; the others are for what the user requests meanwhile. */
const AT_ONCE = 4;
/** Each time pictures appear the page is repainted, which takes longer than loading one: so they appear in waves. */
const WAVE_MS = 100;

/**
 * Load pictures, the nearest first; ``distances()`` is called whenever loading starts and returns the distance function.
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
      // Deferred, so that the nearest of all that are wanted at once is found.
      queueMicrotask(pump);
    },
    /** Abort the request of a picture that is no longer visible. */
    drop(image) {
      waiting.delete(image);
      if (!loading.delete(image)) return;
      image.removeAttribute("src");
      pump();
    },
    /** Whether no picture is pending. */
    get isIdle() {
      return !waiting.size && !loading.size;
    },
    /** Start nothing while the user flicks past. */
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

/** Start watching all pictures of the page. */
export function watchPictures() {
  // Errors of pictures do not bubble.
  document.addEventListener("error", (event) => event.target instanceof HTMLImageElement && failed.add(event.target), true);
  onServerBack(() => {
    const again = [...failed].filter((image) => image.isConnected && image.hasAttribute("src"));
    failed.clear();
    for (const image of again) image.src = image.getAttribute("src") || "";
  });
}
