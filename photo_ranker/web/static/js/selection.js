/** Which places of a list are selected, as file managers do it. */

/**
 * ``onChange()`` is called after every change.
 *
 * @param {() => void} onChange
 */
export function makeSelection(onChange) {
  /** @type {Set<number>} */
  const places = new Set();
  /** @type {number | null} */
  let anchor = null; // where a range begins: the last place that was toggled alone
  return {
    places,
    /** @param {number} index */
    has: (index) => places.has(index),
    get size() {
      return places.size;
    },
    /** @param {number} index */
    toggle(index) {
      if (!places.delete(index)) places.add(index);
      anchor = index;
      onChange();
    },
    /**
     * Select everything from the anchor, else from ``start``, to a place; ``add`` keeps the rest of the selection.
     *
     * @param {number} index
     * @param {{ start?: number, add?: boolean }} [options]
     */
    range(index, { start = 0, add = false } = {}) {
      anchor ??= start;
      if (!add) places.clear();
      for (let place = Math.min(anchor, index); place <= Math.max(anchor, index); place += 1) places.add(place);
      onChange();
    },
    /** @param {number} total */
    all(total) {
      for (let place = 0; place < total; place += 1) places.add(place);
      onChange();
    },
    clear() {
      anchor = null;
      if (!places.size) return;
      places.clear();
      onChange();
    },
  };
}

const LONG_PRESS_MS = 450;
const STILL_PX = 10;

/**
 * Run at a long press on an element; the click that follows is swallowed.
 *
 * @param {HTMLElement} element
 * @param {() => void} work
 */
export function onLongPress(element, work) {
  let timer = 0;
  /** @type {[number, number] | null} */
  let from = null;
  let swallow = false;
  const stop = () => clearTimeout(timer);
  element.addEventListener("pointerdown", (event) => {
    swallow = false;
    stop();
    if (event.pointerType !== "touch") return;
    from = [event.clientX, event.clientY];
    timer = setTimeout(() => {
      swallow = true;
      work();
    }, LONG_PRESS_MS);
  });
  element.addEventListener("pointermove", (event) => from && Math.hypot(event.clientX - from[0], event.clientY - from[1]) > STILL_PX && stop());
  for (const name of /** @type {const} */ (["pointerup", "pointercancel", "pointerleave"])) element.addEventListener(name, stop);
  element.addEventListener("contextmenu", (event) => swallow && event.preventDefault());
  element.addEventListener(
    "click",
    (event) => {
      if (!swallow) return;
      swallow = false;
      event.stopImmediatePropagation();
      event.preventDefault();
    },
    true,
  );
}
