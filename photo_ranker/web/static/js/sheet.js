/**
 * Any number of cards of one size: only those near the screen exist, in order, so that Tab finds the next.
 *
 * @typedef {{ id: string }} Item
 * @typedef {object} SheetOptions
 * @property {HTMLElement} box
 * @property {HTMLElement} scroller
 * @property {() => number} least The least width of a card.
 * @property {number} gap
 * @property {(width: number) => number} tall The height of a card of this width.
 * @property {(item: any) => HTMLElement} card Makes the card of an item.
 */

import { calmly } from "./dom.js";

const SPARE_ROWS = 2;

class Sheet {
  /** @type {Map<string, { item: Item, said: string, element: HTMLElement }>} */
  #made = new Map();
  /** @type {Item[]} */
  #items = [];
  #layout = { columns: 1, width: 100, height: 100 };

  /** @param {SheetOptions} options */
  constructor(options) {
    this.options = options;
    options.scroller.addEventListener("scroll", () => requestAnimationFrame(() => this.#draw()), { passive: true });
    new ResizeObserver(calmly(() => this.#measure(), 50)).observe(options.scroller);
  }

  /**
   * Show these items; cards with the same content stay as they are.
   *
   * @param {Item[]} items
   */
  show(items) {
    const handOn = this.#focusedControl();
    this.#items = items;
    const ids = new Set(items.map((item) => item.id));
    for (const id of this.#made.keys()) if (!ids.has(id)) this.#drop(id);
    this.#measure();
    handOn();
  }

  /** Returns what gives the focus to the next card, if the card that has it now is gone by then. */
  #focusedControl() {
    const controls = (/** @type {Item | undefined} */ item) => [...(this.#made.get(item?.id ?? "")?.element.querySelectorAll("a, input, button") ?? [])];
    const place = this.#items.findIndex((item) => controls(item).some((one) => one === document.activeElement));
    // Not to a field, since whoever types there means the person who is gone.
    const control = document.activeElement?.matches("button") ? controls(this.#items[place]).indexOf(document.activeElement) : 0;
    return () => {
      if (place < 0 || document.activeElement !== document.body) return;
      const next = controls(this.#items[Math.min(place, this.#items.length - 1)])[control];
      if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    };
  }

  #measure() {
    const { box, gap, least, tall } = this.options;
    const room = box.clientWidth;
    if (!room) return;
    const columns = Math.max(2, Math.floor((room + gap) / (least() + gap)));
    const width = Math.floor((room - gap * (columns - 1)) / columns);
    this.#layout = { columns, width, height: tall(width) };
    box.style.height = this.#items.length ? `${Math.ceil(this.#items.length / columns) * (this.#layout.height + gap)}px` : "";
    this.#draw();
  }

  #range() {
    const { box, gap, scroller } = this.options;
    const step = this.#layout.height + gap;
    const above = scroller.getBoundingClientRect().top - box.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(above / step) - SPARE_ROWS);
    const rows = Math.ceil(scroller.clientHeight / step) + 2 * SPARE_ROWS + 1;
    return [first * this.#layout.columns, Math.min(this.#items.length, (first + rows) * this.#layout.columns)];
  }

  #draw() {
    const { box } = this.options;
    const [first, last] = this.#range();
    const here = new Set(this.#items.slice(first, last).map((item) => item.id));
    for (const [id, { element }] of this.#made) {
      // A card that is being edited or dragged stays.
      if (!here.has(id) && !element.contains(document.activeElement) && !element.matches(".dragged")) this.#drop(id);
    }
    /** @type {HTMLElement | null} */
    let next = null;
    for (let index = last - 1; index >= first; index -= 1) {
      const element = this.#elementOf(this.#items[index]);
      this.#place(element, index);
      if (element.parentNode !== box || element.nextElementSibling !== next) box.insertBefore(element, next);
      next = element;
    }
  }

  /** @param {string} id */
  #drop(id) {
    this.#made.get(id)?.element.remove();
    this.#made.delete(id);
  }

  /** @param {Item} item */
  #elementOf(item) {
    const known = this.#made.get(item.id);
    if (known?.item === item) return known.element;
    const said = JSON.stringify(item);
    if (known?.said === said) {
      known.item = item;
      return known.element;
    }
    const element = this.options.card(item);
    const wasFocused = known?.element.contains(document.activeElement);
    known?.element.replaceWith(element);
    this.#made.set(item.id, { item, said, element });
    if (wasFocused) element.querySelector("input")?.focus();
    return element;
  }

  /**
   * @param {HTMLElement} element
   * @param {number} index
   */
  #place(element, index) {
    const { gap } = this.options;
    const { columns, width, height } = this.#layout;
    const where = `${index} ${columns} ${width} ${this.#items.length}`;
    if (element.dataset.where === where) return;
    element.dataset.where = where;
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
    element.style.transform = `translate(${(index % columns) * (width + gap)}px, ${Math.floor(index / columns) * (height + gap)}px)`;
    element.setAttribute("aria-posinset", String(index + 1));
    element.setAttribute("aria-setsize", String(this.#items.length));
  }
}

/** @param {SheetOptions} options */
export const makeSheet = (options) => new Sheet(options);
