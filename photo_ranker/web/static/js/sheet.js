/** Cards of one size, as many as one likes: only those near the screen exist, in their order, so that Tab finds the next. */

import { calmly } from "./dom.js";

const SPARE_ROWS = 2;

/**
 * ``card(item)`` makes the element of an item {id, ...}; ``tall(width)`` is how high it is.
 *
 * @param {{ box: HTMLElement, scroller: HTMLElement, least: () => number, gap: number, tall: (width: number) => number, card: (item: any) => HTMLElement }} options
 */
export function makeSheet({ box, scroller, least, gap, tall, card }) {
  /** @type {Map<string, { item: { id: string }, said: string, element: HTMLElement }>} */
  const made = new Map();
  /** @type {{ id: string }[]} */
  let items = [];
  let layout = { columns: 1, width: 100, height: 100 };

  function measure() {
    const room = box.clientWidth;
    if (!room) return;
    const columns = Math.max(2, Math.floor((room + gap) / (least() + gap)));
    const width = Math.floor((room - gap * (columns - 1)) / columns);
    layout = { columns, width, height: tall(width) };
    box.style.height = items.length ? `${Math.ceil(items.length / columns) * (layout.height + gap)}px` : "";
    draw();
  }

  function range() {
    const step = layout.height + gap;
    const above = scroller.getBoundingClientRect().top - box.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(above / step) - SPARE_ROWS);
    const rows = Math.ceil(scroller.clientHeight / step) + 2 * SPARE_ROWS + 1;
    return [first * layout.columns, Math.min(items.length, (first + rows) * layout.columns)];
  }

  function draw() {
    const [first, last] = range();
    const here = new Set(items.slice(first, last).map((item) => item.id));
    for (const [id, { element }] of made) {
      // What is being written in, or dragged, stays.
      if (!here.has(id) && !element.contains(document.activeElement) && !element.matches(".dragged")) {
        element.remove();
        made.delete(id);
      }
    }
    /** @type {HTMLElement | null} */
    let next = null;
    for (let index = last - 1; index >= first; index -= 1) {
      const element = elementOf(items[index]);
      place(element, index);
      if (element.parentNode !== box || element.nextElementSibling !== next) box.insertBefore(element, next);
      next = element;
    }
  }

  /** @param {{ id: string }} item */
  function elementOf(item) {
    const known = made.get(item.id);
    if (known?.item === item) return known.element;
    const said = JSON.stringify(item);
    if (known?.said === said) {
      known.item = item;
      return known.element;
    }
    const element = card(item);
    const wasFocused = known?.element.contains(document.activeElement);
    known?.element.replaceWith(element);
    made.set(item.id, { item, said, element });
    if (wasFocused) element.querySelector("input")?.focus();
    return element;
  }

  /**
   * @param {HTMLElement} element
   * @param {number} index
   */
  function place(element, index) {
    const { columns, width, height } = layout;
    const where = `${index} ${columns} ${width} ${items.length}`;
    if (element.dataset.where === where) return;
    element.dataset.where = where;
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
    element.style.transform = `translate(${(index % columns) * (width + gap)}px, ${Math.floor(index / columns) * (height + gap)}px)`;
    element.setAttribute("aria-posinset", String(index + 1));
    element.setAttribute("aria-setsize", String(items.length));
  }

  scroller.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  new ResizeObserver(calmly(measure, 50)).observe(scroller);
  return {
    /**
     * Show these; cards that say the same stay as they are.
     *
     * @param {{ id: string }[]} all
     */
    show(all) {
      items = all;
      const ids = new Set(items.map((item) => item.id));
      for (const [id, { element }] of made) {
        if (!ids.has(id)) {
          element.remove();
          made.delete(id);
        }
      }
      measure();
    },
  };
}
