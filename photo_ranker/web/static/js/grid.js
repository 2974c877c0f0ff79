/**
 * A grid of any number of photos: only cells near the screen exist, and pages are fetched as they come near.
 *
 * load(offset, limit, {signal}) returns {total, photos}; the grid does not know where they come from.
 * Requests for pages and pictures that have left the screen are aborted.
 *
 * @import { PageOfPhotos, Photo } from "./types.d.ts"
 * @typedef {(offset: number, limit: number, options: RequestInit) => Promise<PageOfPhotos>} Load
 * @typedef {object} GridOptions
 * @property {string} album
 * @property {Load} load
 * @property {string} label
 * @property {(index: number) => void} onOpen
 * @property {(event: KeyboardEvent) => void} [onKey] Keys that the grid does not know itself.
 * @property {(change: { answer?: PageOfPhotos }) => void} [onChange]
 * @property {(photo: Photo) => void} [onStack] A stack is to be opened or closed.
 */

import { setInAddress } from "./address.js";
import { Failure } from "./api.js";
import { fillCell } from "./cell.js";
import { calmly, h } from "./dom.js";
import { pictureQueue } from "./pictures.js";
import { makeSelection, onLongPress } from "./selection.js";
import { sayFailure } from "./toast.js";
import { t } from "./words.js";

const PAGE = 120;
const PAGES_AT_ONCE = 4;
const GAP = 4;
const SPARE_ROWS = 3;
const CAPTION = 26;
const FLICK_SCREENS_PER_MS = 1 / 250; // nobody looks at single photos at a higher speed
const REST_MS = 70;
const QUIET_MS = 100;

/** @param {number} index */
const pageOf = (index) => Math.floor(index / PAGE);

/**
 * The photos that a cell stands for.
 *
 * @param {Photo | undefined} photo
 * @returns {Photo[]}
 */
function allOf(photo) {
  if (!photo) return [];
  return photo.stack && !photo.stack.is_open ? photo.stack.photos : [photo];
}

export class Grid {
  /** @type {Map<number, HTMLElement>} */
  #cells = new Map();
  /** @type {Map<number, AbortController>} Aborts the request for a page. */
  #pages = new Map();
  /** @type {Map<number, Photo>} */
  #items = new Map();
  #inner = h("div", { class: "grid-inner" });
  #empty = h("p", { class: "empty", role: "option", "aria-disabled": "true", hidden: true }); // a listbox may contain only options
  #queue = pictureQueue(() => this.#distances());
  #selection = makeSelection(() => this.#showSelection());
  #generation = 0;
  #isFlicked = false;
  #coming = 0; // pages being fetched
  #isBehind = false; // the photos have changed, but some are selected
  #seen = [0, 0]; // places on the screen
  #layout = { columns: 1, width: 100, height: 100 };
  #size = Number(localStorage.getItem("cell") || 190);
  #shownEmpty = t("photos.none");
  total = 0;
  focus = 0;

  /** @param {GridOptions} options */
  constructor(options) {
    this.options = options;
    const about = { class: "grid", role: "listbox", "aria-label": options.label, "aria-multiselectable": "true", tabindex: "0" };
    this.element = h("div", about, this.#inner, this.#empty);
    this.#watchScrolling();
    const fit = () => {
      this.#measure();
      this.#draw();
    };
    new ResizeObserver(calmly(fit, 50)).observe(this.element);
    this.element.addEventListener("keydown", (event) => this.#onKeydown(event));
  }

  /** Places of the selected photos. */
  get selected() {
    return this.#selection.places;
  }

  /** @param {number} index */
  get(index) {
    return this.#items.get(index);
  }

  /** @param {number} index */
  setFocus(index, { scroll = true } = {}) {
    if (!this.total) return;
    const before = this.focus;
    this.focus = Math.min(Math.max(index, 0), this.total - 1);
    this.#cells.get(before)?.classList.remove("focused");
    if (scroll) this.#reveal(this.focus);
    this.#draw();
    this.#cells.get(this.focus)?.classList.add("focused");
    this.element.setAttribute("aria-activedescendant", `cell-${this.focus}`);
  }

  /**
   * The photo at a place, fetched if necessary.
   *
   * @param {number} index
   * @returns {Promise<Photo | null>}
   */
  async want(index, { again = false } = {}) {
    if (index < 0 || index >= this.total) return null;
    if (again || !this.#items.has(index)) {
      const page = pageOf(index);
      this.#take(await this.options.load(page * PAGE, PAGE, {}), page, this.#generation);
    }
    return this.#items.get(index) || null;
  }

  /**
   * Load everything again, from the top, or with a place at the top; what is shown stays until the response arrives.
   *
   * @param {{ top?: boolean, at?: number, say?: string }} options
   */
  async reload({ top = false, at = 0, say: words } = {}) {
    if (words) this.#shownEmpty = words;
    this.#generation += 1;
    const mine = this.#generation;
    const page = pageOf(top ? at : this.#range()[0]);
    const answer = await this.options.load(page * PAGE, PAGE, {});
    if (mine !== this.#generation) return;
    this.#isBehind = false;
    this.#items = new Map();
    for (const request of this.#pages.values()) request.abort();
    this.#pages.clear();
    this.#pages.set(page, new AbortController());
    this.#selection.clear();
    if (top) this.focus = at;
    this.#take(answer, page, mine);
    this.focus = Math.min(this.focus, Math.max(0, this.total - 1));
    this.#measure();
    if (top) this.element.scrollTop = Math.floor(this.focus / this.#layout.columns) * (this.#layout.height + GAP);
    this.#draw();
    for (const [index, cell] of this.#cells) this.#fill(cell, index);
  }

  /**
   * Fetch what is near the screen again. If the photos are the same, their changes are shown; returns what was found.
   *
   * @returns {Promise<Photo[]>}
   */
  async refresh() {
    const mine = this.#generation;
    const near = this.#pagesNear();
    const answers = await Promise.all(near.map((page) => this.options.load(page * PAGE, PAGE, {})));
    if (mine !== this.#generation) return [];
    const isSame = answers.every(({ total, photos }, number) => total === this.total && photos.every((photo, place) => this.get(near[number] * PAGE + place)?.id === photo.id));
    if (!isSame && !this.#selection.size && !document.querySelector("dialog[open]")) {
      await this.reload();
      return [];
    }
    if (isSame) {
      answers.forEach((answer, number) => this.#take(answer, near[number], mine));
      // The other pages are fetched again when they come near.
      for (const page of [...this.#pages.keys()]) if (!near.includes(page)) this.#pages.delete(page);
      this.#items = new Map([...this.#items].filter(([index]) => near.includes(pageOf(index))));
    } else this.#isBehind = true;
    return answers.flatMap(({ photos }) => photos);
  }

  /** Show what has changed while a dialog covered the grid. */
  catchUp() {
    if (this.#isBehind && !this.#selection.size) this.reload().catch(sayFailure);
  }

  /**
   * What is said in place of photos if there are none.
   *
   * @param {string} words
   */
  set emptyWords(words) {
    this.#shownEmpty = words;
    this.#empty.textContent = words;
  }

  /** Wait until everything in view is loaded: background requests must not delay it. */
  async quiet() {
    while (this.element.isConnected && (this.#isFlicked || this.#coming || !this.#queue.isIdle)) await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }

  /** Request again what did not arrive. */
  retry() {
    if (this.total) this.#draw();
    else this.reload().catch(sayFailure);
  }

  /**
   * Show a changed mark.
   *
   * @param {Photo} photo
   */
  changed(photo) {
    for (const [index, item] of this.#items) {
      for (const member of item.stack?.photos || []) if (member.id === photo.id) member.mark = photo.mark;
      if (item.id !== photo.id) continue;
      item.mark = photo.mark;
      const cell = this.#cells.get(index);
      if (cell) this.#fill(cell, index);
    }
  }

  /**
   * The selected photos in order, including those that never came near the screen; all photos of a stack.
   *
   * @returns {Promise<Photo[]>}
   */
  async chosen() {
    const before = `${this.#generation} ${this.total}`;
    const places = [...this.selected].sort((one, other) => one - other);
    const missing = [...new Set(places.filter((index) => !this.#items.has(index)).map(pageOf))];
    const work = async () => {
      for (let page = missing.shift(); page !== undefined; page = missing.shift()) await this.want(page * PAGE, { again: true });
    };
    await Promise.all(Array.from({ length: PAGES_AT_ONCE }, work));
    const photos = places.flatMap((index) => this.get(index) || []);
    if (before !== `${this.#generation} ${this.total}` || photos.length < places.length) throw new Failure({ detail: t("photos.changed"), advice: t("photos.selectAgain") });
    return photos.flatMap(allOf);
  }

  unselect() {
    this.#selection.clear();
  }

  /** How many photos are selected; for stacks, all photos that are known. */
  get selectedPhotos() {
    return [...this.selected].reduce((sum, index) => sum + (allOf(this.get(index)).length || 1), 0);
  }

  /** @param {number} factor */
  resize(factor) {
    this.#size = Math.min(420, Math.max(90, this.#size * factor));
    localStorage.setItem("cell", String(Math.round(this.#size)));
    this.#measure();
    this.#draw();
    this.#reveal(this.focus);
  }

  #measure() {
    const room = this.element.clientWidth - 2 * GAP;
    if (room <= 0) return;
    const columns = Math.max(2, Math.round(room / this.#size));
    const width = Math.floor((room - GAP * (columns - 1)) / columns);
    this.#layout = { columns, width, height: Math.round(width * 0.78) + CAPTION };
    this.#inner.style.height = `${Math.ceil(this.total / columns) * (this.#layout.height + GAP) + 2 * GAP}px`;
    for (const [index, cell] of this.#cells) this.#place(cell, index);
  }

  /**
   * @param {HTMLElement} cell
   * @param {number} index
   */
  #place(cell, index) {
    const { columns, width, height } = this.#layout;
    cell.style.width = `${width}px`;
    cell.style.height = `${height}px`;
    cell.style.transform = `translate(${GAP + (index % columns) * (width + GAP)}px, ${GAP + Math.floor(index / columns) * (height + GAP)}px)`;
  }

  #range(spare = SPARE_ROWS) {
    const { columns, height } = this.#layout;
    const first = Math.max(0, Math.floor(this.element.scrollTop / (height + GAP)) - spare);
    const rows = Math.ceil(this.element.clientHeight / (height + GAP)) + 2 * spare;
    return [first * columns, Math.min(this.total, (first + rows) * columns)];
  }

  /** Pages near the screen, at least one. */
  #pagesNear() {
    const [first, last] = this.#range();
    const pages = [];
    for (let page = pageOf(first); page * PAGE < last; page += 1) pages.push(page);
    return pages.length ? pages : [0];
  }

  /** Distance from the middle of the visible part, in places. */
  #distances() {
    const [first, last] = this.#seen;
    return (/** @type {HTMLImageElement} */ image) => {
      const cell = /** @type {HTMLElement | null} */ (image.closest(".cell"));
      return Math.abs(Number(cell?.dataset.place ?? Infinity) - (first + last) / 2);
    };
  }

  #draw() {
    const [first, last] = this.#range(this.#isFlicked ? 0 : SPARE_ROWS);
    this.#seen = this.#range(0);
    for (const [index, cell] of this.#cells) if (index < first || index >= last) this.#drop(index, cell);
    const fresh = [];
    for (let index = first; index < last; index += 1) {
      if (this.#cells.has(index)) continue;
      const cell = this.#makeCell(index);
      this.#cells.set(index, cell);
      fresh.push(cell);
    }
    this.#inner.append(...fresh);
    if (!this.#isFlicked) this.#fetchNear(first, last);
    this.#empty.hidden = this.total > 0 || this.#pages.size === 0;
    if (!this.total) this.element.removeAttribute("aria-activedescendant"); // that cell is gone
    this.#empty.textContent = this.#shownEmpty;
  }

  /**
   * @param {number} index
   * @param {HTMLElement} cell
   */
  #drop(index, cell) {
    const image = cell.querySelector("img");
    if (image) this.#queue.drop(image);
    cell.remove();
    this.#cells.delete(index);
  }

  /**
   * @param {number} first
   * @param {number} last
   */
  #fetchNear(first, last) {
    for (const [page, request] of this.#pages) {
      const isFar = (page + 1) * PAGE <= first || page * PAGE >= Math.max(last, 1); // the first page says that there is nothing
      if (isFar && !this.#items.has(page * PAGE)) {
        request.abort();
        this.#pages.delete(page);
      }
    }
    for (let page = pageOf(first); page * PAGE < last; page += 1) this.#fetchPage(page);
  }

  /** @param {number} page */
  async #fetchPage(page) {
    if (this.#pages.has(page)) return;
    const request = new AbortController();
    this.#pages.set(page, request);
    const mine = this.#generation;
    this.#coming += 1;
    try {
      this.#take(await this.options.load(page * PAGE, PAGE, { signal: request.signal }), page, mine);
    } catch (error) {
      if (this.#pages.get(page) === request) this.#pages.delete(page);
      if (mine === this.#generation) sayFailure(error);
    } finally {
      this.#coming -= 1;
    }
  }

  /**
   * @param {PageOfPhotos} answer
   * @param {number} page
   * @param {number} generation
   */
  #take(answer, page, generation) {
    if (generation !== this.#generation) return;
    answer.photos.forEach((photo, number) => this.#items.set(page * PAGE + number, photo));
    if (answer.total !== this.total) {
      this.total = answer.total;
      this.#measure();
      this.#draw();
    }
    for (const [index, cell] of this.#cells) if (pageOf(index) === page) this.#fill(cell, index);
    this.options.onChange?.({ answer });
  }

  /** @param {number} index */
  #makeCell(index) {
    const about = { class: "cell", role: "option", id: `cell-${index}`, "data-place": index, "aria-setsize": this.total, "aria-posinset": index + 1 };
    const cell = h("div", about);
    this.#place(cell, index);
    onLongPress(cell, () => {
      this.setFocus(index, { scroll: false });
      this.#selection.toggle(index);
    });
    cell.addEventListener("click", (event) => this.#onClick(event, index));
    this.#fill(cell, index);
    return cell;
  }

  /**
   * @param {MouseEvent & { pointerType?: string, target: any }} event
   * @param {number} index
   */
  #onClick(event, index) {
    const before = this.focus;
    const photo = this.get(index);
    this.setFocus(index, { scroll: false });
    if (photo && event.target.closest(".stack-count")) {
      this.options.onStack?.(photo);
      return;
    }
    const isTick = Boolean(event.target.closest(".tick"));
    const isAdding = event.ctrlKey || event.metaKey;
    // Once a finger has begun to select, taps select too.
    const isPicking = isTick || isAdding || (event.pointerType === "touch" && this.#selection.size);
    if (event.shiftKey) this.#selection.range(index, { start: before, add: isAdding || isTick });
    else if (isPicking) this.#selection.toggle(index);
    else this.options.onOpen(index);
  }

  /**
   * @param {HTMLElement} cell
   * @param {number} index
   */
  #fill(cell, index) {
    const photo = this.get(index);
    cell.classList.toggle("focused", index === this.focus);
    cell.setAttribute("aria-selected", String(this.#selection.has(index)));
    if (photo) fillCell(cell, photo, { album: this.options.album, queue: this.#queue });
    else if (!cell.hasAttribute("aria-label")) cell.setAttribute("aria-label", t("photos.number", { number: index + 1 }));
  }

  #showSelection() {
    this.element.classList.toggle("picking", this.#selection.size > 0);
    for (const [index, cell] of this.#cells) cell.setAttribute("aria-selected", String(this.#selection.has(index)));
    this.options.onChange?.({});
    this.catchUp();
  }

  /** @param {number} index */
  #reveal(index) {
    const step = this.#layout.height + GAP;
    const top = Math.floor(index / this.#layout.columns) * step;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + step > scrollTop + clientHeight) this.element.scrollTop = top + step + GAP - clientHeight;
  }

  /** Request nothing while the user flicks past, and everything in view once the grid rests. */
  #watchScrolling() {
    let last = { top: 0, time: 0 };
    const rest = calmly(() => {
      this.#isFlicked = false;
      this.#draw();
      this.#queue.hold(false);
      if (this.element.isConnected) setInAddress({ at: this.#range(0)[0] || null });
    }, REST_MS);
    const onScroll = () => {
      const now = { top: this.element.scrollTop, time: performance.now() };
      const moved = Math.abs(now.top - last.top) / this.element.clientHeight;
      this.#isFlicked = moved > 1 || moved / Math.max(1, now.time - last.time) > FLICK_SCREENS_PER_MS;
      last = now;
      this.#queue.hold(this.#isFlicked);
      requestAnimationFrame(() => this.#draw());
      rest();
    };
    this.element.addEventListener("scroll", onScroll, { passive: true });
  }

  /** @param {KeyboardEvent} event */
  #onKeydown(event) {
    if (event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "a") this.#selection.all(this.total);
    else if (event.ctrlKey || event.metaKey) return;
    else if (!this.#move(event) && !this.#answer(event.key)) {
      this.options.onKey?.(event);
      return;
    }
    event.preventDefault();
  }

  /**
   * Whether a key has moved the focus.
   *
   * @param {KeyboardEvent} event
   */
  #move(event) {
    const { columns, height } = this.#layout;
    const screen = columns * Math.max(1, Math.floor(this.element.clientHeight / height));
    /** @type {{ [key: string]: number }} */
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, PageDown: screen, PageUp: -screen, Home: -this.total, End: this.total };
    if (!(event.key in moves)) return false;
    const before = this.focus;
    if (event.key === "ArrowUp" && before < columns) return true;
    this.setFocus(before + moves[event.key]);
    if (event.shiftKey) this.#selection.range(this.focus, { start: before });
    return true;
  }

  /**
   * Whether the grid knows what a key means.
   *
   * @param {string} key
   */
  #answer(key) {
    if (key === "Enter") this.options.onOpen(this.focus);
    else if (key === " ") this.#selection.toggle(this.focus);
    else if (key === "+" || key === "=") this.resize(1.2);
    else if (key === "-") this.resize(1 / 1.2);
    else if (key === "Escape" && this.#selection.size) this.#selection.clear();
    else return false;
    return true;
  }
}
