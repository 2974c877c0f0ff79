/**
 * A grid of any number of photos: only what is near the screen exists, pages are fetched as they come near.
 *
 * load(offset, limit, {signal}) gives {total, photos}; the grid knows nothing of where they come from.
 * What has left the screen is not waited for: its page and its picture are broken off.
 */

import { setInAddress } from "./address.js";
import { Failure } from "./api.js";
import { fillCell } from "./cell.js";
import { calmly, h } from "./dom.js";
import { pictureQueue } from "./pictures.js";
import { makeSelection, onLongPress } from "./selection.js";
import { sayFailure } from "./toast.js";

const PAGE = 120;
const PAGES_AT_ONCE = 4;
const GAP = 4;
const SPARE_ROWS = 3;
const CAPTION = 26;
const FLICK_SCREENS_PER_MS = 1 / 250; // faster than that nobody looks at single photos
const REST_MS = 70;

export function makeGrid({ album, load, label, onOpen, onKey, onChange = () => {} }) {
  const inner = h("div", { class: "grid-inner" });
  const empty = h("p", { class: "empty", role: "option", "aria-disabled": "true", hidden: true }); // a list may hold nothing but options
  const scroller = h(
    "div",
    { class: "grid", role: "listbox", "aria-label": label, "aria-multiselectable": "true", tabindex: "0" },
    inner,
    empty,
  );
  const cells = new Map();
  const pages = new Map(); // page -> what breaks its request off
  const queue = pictureQueue(distance);
  const selection = makeSelection(showSelection);
  let items = new Map();
  let total = 0;
  let focus = 0;
  let generation = 0;
  let isFlicked = false;
  let isBehind = false; // the photos have changed, but some are selected
  let layout = { columns: 1, width: 100, height: 100 };
  let size = Number(localStorage.getItem("cell") || 190);
  let shownEmpty = "No photos here.";

  function measure() {
    const room = scroller.clientWidth - 2 * GAP;
    if (room <= 0) return;
    const columns = Math.max(2, Math.round(room / size));
    const width = Math.floor((room - GAP * (columns - 1)) / columns);
    layout = { columns, width, height: Math.round(width * 0.78) + CAPTION };
    inner.style.height = `${Math.ceil(total / columns) * (layout.height + GAP) + 2 * GAP}px`;
    for (const [index, cell] of cells) place(cell, index);
  }

  function place(cell, index) {
    const { columns, width, height } = layout;
    cell.style.width = `${width}px`;
    cell.style.height = `${height}px`;
    cell.style.transform = `translate(${GAP + (index % columns) * (width + GAP)}px, ${GAP + Math.floor(index / columns) * (height + GAP)}px)`;
  }

  function range(spare = SPARE_ROWS) {
    const step = layout.height + GAP;
    const first = Math.max(0, Math.floor(scroller.scrollTop / step) - spare);
    const rows = Math.ceil(scroller.clientHeight / step) + 2 * spare;
    return [first * layout.columns, Math.min(total, (first + rows) * layout.columns)];
  }

  /** From the middle of what is seen, in places. */
  function distance(image) {
    const index = Number(image.closest(".cell")?.dataset.place ?? Infinity);
    const [first, last] = range(0);
    return Math.abs(index - (first + last) / 2);
  }

  function draw() {
    const [first, last] = range();
    for (const [index, cell] of cells) if (index < first || index >= last) drop(index, cell);
    const fresh = [];
    for (let index = first; index < last; index += 1) {
      if (cells.has(index)) continue;
      const cell = makeCell(index);
      cells.set(index, cell);
      fresh.push(cell);
    }
    inner.append(...fresh);
    if (!isFlicked) fetchNear(first, last);
    empty.hidden = total > 0 || pages.size === 0;
    if (!total) scroller.removeAttribute("aria-activedescendant"); // that cell is gone
    empty.textContent = shownEmpty;
  }

  function drop(index, cell) {
    const image = cell.querySelector("img");
    if (image) queue.drop(image);
    cell.remove();
    cells.delete(index);
  }

  function fetchNear(first, last) {
    for (const [page, request] of pages) {
      const isFar = (page + 1) * PAGE <= first || page * PAGE >= Math.max(last, 1); // the first page tells that there is nothing
      if (isFar && !items.has(page * PAGE)) {
        request.abort();
        pages.delete(page);
      }
    }
    for (let page = Math.floor(first / PAGE); page * PAGE < last; page += 1) fetchPage(page);
  }

  async function fetchPage(page) {
    if (pages.has(page)) return;
    const request = new AbortController();
    pages.set(page, request);
    const mine = generation;
    try {
      take(await load(page * PAGE, PAGE, { signal: request.signal }), page, mine);
    } catch (error) {
      if (pages.get(page) === request) pages.delete(page);
      if (mine === generation) sayFailure(error);
    }
  }

  function take(answer, page, mine) {
    if (mine !== generation) return;
    answer.photos.forEach((photo, number) => items.set(page * PAGE + number, photo));
    if (answer.total !== total) {
      total = answer.total;
      measure();
      draw();
    }
    for (const [index, cell] of cells) if (Math.floor(index / PAGE) === page) fill(cell, index);
    onChange({ answer });
  }

  function makeCell(index) {
    const cell = h("div", { class: "cell", role: "option", id: `cell-${index}`, "data-place": index, "aria-setsize": total, "aria-posinset": index + 1 });
    place(cell, index);
    onLongPress(cell, () => touch(index, () => selection.toggle(index)));
    cell.addEventListener("click", (event) => {
      const before = focus;
      const isTick = event.target.closest(".tick");
      const isAdding = event.ctrlKey || event.metaKey;
      // Where a finger has begun to select, it goes on.
      const isPicking = isTick || isAdding || (event.pointerType === "touch" && selection.size);
      touch(index, () => {
        if (event.shiftKey) selection.range(index, { start: before, add: isAdding || Boolean(isTick) });
        else if (isPicking) selection.toggle(index);
        else onOpen(index);
      });
    });
    fill(cell, index);
    return cell;
  }

  function touch(index, work) {
    setFocus(index, { scroll: false });
    work();
  }

  function fill(cell, index) {
    const photo = items.get(index);
    cell.classList.toggle("focused", index === focus);
    cell.setAttribute("aria-selected", String(selection.has(index)));
    if (photo) fillCell(cell, photo, { album, queue });
    else if (!cell.hasAttribute("aria-label")) cell.setAttribute("aria-label", `Photo ${index + 1}`);
  }

  function showSelection() {
    scroller.classList.toggle("picking", selection.size > 0);
    for (const [index, cell] of cells) cell.setAttribute("aria-selected", String(selection.has(index)));
    onChange({});
    if (isBehind && !selection.size) grid.reload().catch(sayFailure);
  }

  function setFocus(index, { scroll = true } = {}) {
    if (!total) return;
    const before = focus;
    focus = Math.min(Math.max(index, 0), total - 1);
    cells.get(before)?.classList.remove("focused");
    if (scroll) reveal(focus);
    draw();
    cells.get(focus)?.classList.add("focused");
    scroller.setAttribute("aria-activedescendant", `cell-${focus}`);
  }

  function reveal(index) {
    const step = layout.height + GAP;
    const top = Math.floor(index / layout.columns) * step;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + step > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + step + GAP - scroller.clientHeight;
  }

  const grid = {
    element: scroller,
    selected: selection.places,
    get total() {
      return total;
    },
    get focus() {
      return focus;
    },
    get: (index) => items.get(index),
    setFocus,
    /** The photo at a place, fetched if need be. */
    async want(index, { again = false } = {}) {
      if (index < 0 || index >= total) return null;
      if (again || !items.has(index)) {
        const page = Math.floor(index / PAGE);
        take(await load(page * PAGE, PAGE, {}), page, generation);
      }
      return items.get(index);
    },
    /** Load everything again, from the top, or with a place at the top; what is shown stays until the answer is here. */
    async reload({ top = false, at = 0, say: words } = {}) {
      if (words) shownEmpty = words;
      generation += 1;
      const mine = generation;
      const page = top ? Math.floor(at / PAGE) : Math.floor(range()[0] / PAGE);
      const answer = await load(page * PAGE, PAGE, {});
      if (mine !== generation) return;
      isBehind = false;
      items = new Map();
      for (const request of pages.values()) request.abort();
      pages.clear();
      pages.set(page, new AbortController());
      selection.clear();
      if (top) focus = at;
      take(answer, page, mine);
      focus = Math.min(focus, Math.max(0, total - 1));
      measure();
      if (top) scroller.scrollTop = Math.floor(focus / layout.columns) * (layout.height + GAP);
      draw();
      for (const [index, cell] of cells) fill(cell, index);
    },
    /** Look again at what is near the screen. Photos that are the same show what is new of them; gives what was found. */
    async refresh() {
      const mine = generation;
      const [first, last] = range();
      const near = [];
      for (let page = Math.floor(first / PAGE); page * PAGE < last; page += 1) near.push(page);
      const answers = await Promise.all((near.length ? near : [0]).map((page) => load(page * PAGE, PAGE, {})));
      if (mine !== generation) return [];
      const isSame = answers.every(({ total: now, photos }, number) => now === total && photos.every((photo, place) => items.get(near[number] * PAGE + place)?.id === photo.id));
      if (!isSame && !selection.size && !document.querySelector("dialog[open]")) {
        await grid.reload();
        return [];
      }
      if (isSame) {
        answers.forEach((answer, number) => take(answer, near[number], mine));
        // The rest is fetched again when it comes near.
        for (const page of [...pages.keys()]) if (!near.includes(page)) pages.delete(page);
        items = new Map([...items].filter(([index]) => near.includes(Math.floor(index / PAGE))));
      } else isBehind = true;
      return answers.flatMap(({ photos }) => photos);
    },
    /** Ask again for what did not come. */
    retry() {
      if (total) draw();
      else grid.reload().catch(sayFailure);
    },
    /** Show a changed mark. */
    changed(photo) {
      for (const [index, item] of items) {
        if (item.id === photo.id) {
          item.mark = photo.mark;
          const cell = cells.get(index);
          if (cell) fill(cell, index);
        }
      }
    },
    /** The selected photos in their order, with those that never came near the screen. */
    async chosen() {
      const mine = `${generation} ${total}`;
      const places = [...selection.places].sort((one, other) => one - other);
      const missing = [...new Set(places.filter((index) => !items.has(index)).map((index) => Math.floor(index / PAGE)))];
      const work = async () => {
        for (let page = missing.shift(); page !== undefined; page = missing.shift()) await grid.want(page * PAGE, { again: true });
      };
      await Promise.all(Array.from({ length: PAGES_AT_ONCE }, work));
      const photos = places.map((index) => items.get(index));
      if (mine !== `${generation} ${total}` || photos.some((photo) => !photo)) throw new Failure({ detail: "the photos have changed meanwhile", advice: "select them again" });
      return photos;
    },
    resize(factor) {
      size = Math.min(420, Math.max(90, size * factor));
      localStorage.setItem("cell", String(Math.round(size)));
      measure();
      draw();
      reveal(focus);
    },
  };

  watchScrolling();
  new ResizeObserver(calmly(() => (measure(), draw()), 50)).observe(scroller);
  scroller.addEventListener("keydown", (event) => {
    if (event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "a") selection.all(total);
    else if (event.ctrlKey || event.metaKey) return;
    else if (!answerKey(event)) {
      onKey?.(event, grid);
      return;
    }
    event.preventDefault();
  });
  return grid;

  /** Nothing is asked for while the user flicks past, and all that is in view as soon as the grid rests. */
  function watchScrolling() {
    let last = { top: 0, time: 0 };
    const rest = calmly(() => {
      isFlicked = false;
      draw();
      queue.hold(false);
      if (scroller.isConnected) setInAddress({ at: range(0)[0] || null });
    }, REST_MS);
    scroller.addEventListener(
      "scroll",
      () => {
        const now = { top: scroller.scrollTop, time: performance.now() };
        const moved = Math.abs(now.top - last.top) / scroller.clientHeight;
        isFlicked = moved > 1 || moved / Math.max(1, now.time - last.time) > FLICK_SCREENS_PER_MS;
        last = now;
        queue.hold(isFlicked);
        requestAnimationFrame(draw);
        rest();
      },
      { passive: true },
    );
  }

  function answerKey(event) {
    const screen = layout.columns * Math.max(1, Math.floor(scroller.clientHeight / layout.height));
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: layout.columns, ArrowUp: -layout.columns, PageDown: screen, PageUp: -screen, Home: -total, End: total };
    if (event.key in moves) {
      const before = focus;
      if (event.key === "ArrowUp" && focus + moves.ArrowUp < 0) return true;
      setFocus(focus + moves[event.key]);
      if (event.shiftKey) selection.range(focus, { start: before });
    } else if (event.key === "Enter") onOpen(focus);
    else if (event.key === " ") selection.toggle(focus);
    else if (event.key === "+" || event.key === "=") grid.resize(1.2);
    else if (event.key === "-") grid.resize(1 / 1.2);
    else if (event.key === "Escape" && selection.size) selection.clear();
    else return false;
    return true;
  }
}
