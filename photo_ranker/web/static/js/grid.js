/**
 * A grid of any number of photos: only what is near the screen exists, pages are fetched as they come near.
 *
 * load(offset, limit) gives {total, photos}; the grid knows nothing of where they come from.
 */

import { Failure, picture } from "./api.js";
import { calmly, count, h, icon } from "./dom.js";
import { sayFailure } from "./toast.js";

const PAGE = 120;
const PAGES_AT_ONCE = 4;
const GAP = 4;
const SPARE_ROWS = 3;
const CAPTION = 26;

/** How many files stand behind a result: copies, and other photos of the moment. */
function behind({ copies = [], alternates = [] }) {
  const parts = [copies.length && `+${count(copies.length, "copy", "copies")}`, alternates.length && `+${alternates.length} alike`];
  return parts.filter(Boolean);
}

export function makeGrid({ album, load, label, onOpen, onKey, onChange = () => {} }) {
  const inner = h("div", { class: "grid-inner" });
  const empty = h("p", { class: "empty", hidden: true });
  const scroller = h(
    "div",
    { class: "grid", role: "listbox", "aria-label": label, "aria-multiselectable": "true", tabindex: "0" },
    inner,
    empty,
  );
  const cells = new Map();
  const selected = new Set();
  let items = new Map();
  let pages = new Set();
  let total = 0;
  let focus = 0;
  let generation = 0;
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

  function range() {
    const step = layout.height + GAP;
    const first = Math.max(0, Math.floor(scroller.scrollTop / step) - SPARE_ROWS);
    const rows = Math.ceil(scroller.clientHeight / step) + 2 * SPARE_ROWS;
    return [first * layout.columns, Math.min(total, (first + rows) * layout.columns)];
  }

  function draw() {
    const [first, last] = range();
    for (const [index, cell] of cells) {
      if (index < first || index >= last) {
        cell.remove();
        cells.delete(index);
      }
    }
    const fresh = [];
    for (let index = first; index < last; index += 1) {
      if (!cells.has(index)) {
        const cell = makeCell(index);
        cells.set(index, cell);
        fresh.push(cell);
      }
    }
    inner.append(...fresh);
    for (let page = Math.floor(first / PAGE); page * PAGE < last; page += 1) fetchPage(page);
    empty.hidden = total > 0 || pages.size === 0;
    empty.textContent = shownEmpty;
  }

  async function fetchPage(page) {
    if (pages.has(page)) return;
    pages.add(page);
    const mine = generation;
    try {
      take(await load(page * PAGE, PAGE), page, mine);
    } catch (error) {
      if (mine === generation) pages.delete(page);
      sayFailure(error);
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
    onChange({ total, answer });
  }

  function makeCell(index) {
    const cell = h("div", { class: "cell", role: "option", id: `cell-${index}`, "aria-setsize": total, "aria-posinset": index + 1 });
    place(cell, index);
    cell.addEventListener("click", (event) => {
      setFocus(index);
      if (event.ctrlKey || event.metaKey) toggle(index);
      else if (event.shiftKey) selectTo(index);
      else onOpen(index);
    });
    fill(cell, index);
    return cell;
  }

  function fill(cell, index) {
    const photo = items.get(index);
    cell.classList.toggle("focused", index === focus);
    cell.setAttribute("aria-selected", String(selected.has(index)));
    if (!photo) return;
    const key = `${photo.id}${photo.version}${photo.result?.rank ?? ""}${photo.result?.score ?? ""}${photo.mark.flag}${photo.mark.stars}`;
    if (cell.dataset.key === key) return;
    cell.dataset.key = key;
    cell.dataset.flag = photo.mark.flag || "";
    cell.dataset.photo = photo.id;
    cell.setAttribute("aria-label", describe(photo));
    cell.title = photo.result ? [...photo.result.reasons, ...photo.result.against].join(", ") : photo.name;
    cell.replaceChildren(
      h("div", { class: "frame" }, photo.unreadable ? h("p", { class: "unreadable" }, icon("broken"), photo.unreadable) : imageOf(cell, photo)),
      caption(photo),
    );
  }

  function imageOf(cell, photo) {
    const address = picture(album, photo);
    let image = cell.querySelector("img");
    if (image?.getAttribute("src") !== address) {
      image = h("img", { src: address, alt: "", decoding: "async", draggable: "false" });
      image.addEventListener("load", () => image.classList.add("here"));
    }
    image.style.objectPosition = `${photo.focus[0] * 100}% ${photo.focus[1] * 100}%`;
    return image;
  }

  function caption(photo) {
    const line = h("div", { class: "caption" });
    if (photo.result) {
      line.append(h("b", { class: "score" }, photo.result.score.toFixed(2)));
      if (photo.result.doubtful) line.append(h("i", { class: "doubt", title: "perhaps somebody else" }, "?"));
      const { reasons, against } = photo.result;
      line.append(h("span", { class: "why" }, reasons[0] || "", reasons[0] && against[0] ? ", " : "", against[0] ? h("span", { class: "against" }, against[0]) : ""));
      for (const more of behind(photo.result)) line.append(h("span", { class: "more" }, more));
    } else line.append(h("span", { class: "why" }, photo.name));
    if (photo.mark.stars) line.append(h("span", { class: "stars", "aria-hidden": "true" }, "★".repeat(photo.mark.stars)));
    if (photo.mark.flag) line.append(h("span", { class: `flag ${photo.mark.flag}` }, icon(photo.mark.flag)));
    return line;
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

  function toggle(index) {
    if (!selected.delete(index)) selected.add(index);
    cells.get(index)?.setAttribute("aria-selected", String(selected.has(index)));
    onChange({ total, selected });
  }

  function selectTo(index) {
    const from = Math.min(...(selected.size ? selected : [0]), index);
    for (let number = from; number <= index; number += 1) selected.add(number);
    for (const [number, cell] of cells) cell.setAttribute("aria-selected", String(selected.has(number)));
    onChange({ total, selected });
  }

  const grid = {
    element: scroller,
    selected,
    get total() {
      return total;
    },
    get focus() {
      return focus;
    },
    get: (index) => items.get(index),
    setFocus,
    toggle,
    /** The photo at a place, fetched if need be. */
    async want(index, { again = false } = {}) {
      if (index < 0 || index >= total) return null;
      if (again || !items.has(index)) {
        const page = Math.floor(index / PAGE);
        pages.add(page);
        take(await load(page * PAGE, PAGE), page, generation);
      }
      return items.get(index);
    },
    /** Load everything again; what is shown stays until the answer is here. */
    async reload({ top = false, say: words } = {}) {
      if (words) shownEmpty = words;
      generation += 1;
      const mine = generation;
      const page = top ? 0 : Math.floor(range()[0] / PAGE);
      const answer = await load(page * PAGE, PAGE);
      if (mine !== generation) return;
      items = new Map();
      pages = new Set([page]);
      selected.clear();
      if (top) {
        scroller.scrollTop = 0;
        focus = 0;
      }
      take(answer, page, mine);
      focus = Math.min(focus, Math.max(0, total - 1));
      measure();
      draw();
      for (const [index, cell] of cells) fill(cell, index);
    },
    /** Look again at what is near the screen; selection and place stay if the photos are the same. Gives what was found. */
    async refresh() {
      const mine = generation;
      const [first, last] = range();
      const near = [];
      for (let page = Math.floor(first / PAGE); page * PAGE < last; page += 1) near.push(page);
      const answers = await Promise.all(near.map((page) => load(page * PAGE, PAGE)));
      if (mine !== generation) return [];
      const isSame = answers.every(({ total: now, photos }, number) => now === total && photos.every((photo, place) => items.get(near[number] * PAGE + place)?.id === photo.id));
      if (!isSame) {
        await grid.reload();
        return [];
      }
      // The rest is fetched again when it comes near.
      pages = new Set(near);
      items = new Map([...items].filter(([index]) => pages.has(Math.floor(index / PAGE))));
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
      const places = [...selected].sort((one, other) => one - other);
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

  scroller.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  new ResizeObserver(calmly(() => (measure(), draw()), 50)).observe(scroller);
  scroller.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: layout.columns,
      ArrowUp: -layout.columns,
      PageDown: layout.columns * Math.max(1, Math.floor(scroller.clientHeight / layout.height)),
      PageUp: -layout.columns * Math.max(1, Math.floor(scroller.clientHeight / layout.height)),
      Home: -total,
      End: total,
    };
    if (event.key in moves) {
      event.preventDefault();
      const next = focus + moves[event.key];
      if (event.key === "ArrowUp" && next < 0) return;
      if (event.shiftKey && !selected.has(focus)) toggle(focus);
      setFocus(next);
      if (event.shiftKey && !selected.has(focus)) toggle(focus);
    } else if (event.key === "Enter") {
      event.preventDefault();
      onOpen(focus);
    } else if (event.key === " ") {
      event.preventDefault();
      toggle(focus);
    } else if (event.key === "+" || event.key === "=") grid.resize(1.2);
    else if (event.key === "-") grid.resize(1 / 1.2);
    else if (event.key === "Escape" && selected.size) {
      selected.clear();
      for (const cell of cells.values()) cell.setAttribute("aria-selected", "false");
      onChange({ total, selected });
    } else onKey?.(event, grid);
  });
  return grid;
}

function describe(photo) {
  const words = [photo.name];
  if (photo.result) words.push(`rank ${photo.result.rank}, score ${photo.result.score.toFixed(2)}`, ...photo.result.reasons, ...photo.result.against, ...behind(photo.result));
  if (photo.mark.flag) words.push(photo.mark.flag === "pick" ? "picked" : "rejected");
  if (photo.mark.stars) words.push(`${photo.mark.stars} stars`);
  if (photo.unreadable) words.push(`unreadable: ${photo.unreadable}`);
  return words.join(", ");
}
