/** Short notes at the bottom of the page, some with an undo button. */

import { h, saidOf, tellChanged } from "./dom.js";
import { t } from "./words.js";

/**
 * How a change is undone after a reload.
 *
 * @typedef {{ kind: string, what?: string, [about: string]: unknown }} Kept
 * @typedef {{ undo: () => unknown, what: string, kept: Kept | null, note?: HTMLElement, cameFrom?: any }} Undo
 */

const PLACE = /** @type {HTMLElement} */ (document.getElementById("toasts"));
const UNDOS = 100;
const KEPT = "undos"; // in the storage of this tab
/**
 * How to undo what was done before the page was loaded: kind -> work.
 *
 * @type {Map<string, (kept: any) => unknown>}
 */
const kinds = new Map();
/**
 * What can be undone, the latest at the end; the key Z goes back one by one.
 *
 * @type {Undo[]}
 */
const undos = JSON.parse(sessionStorage.getItem(KEPT) || "[]").map((/** @type {Kept} */ kept) => ({ kept, what: kept.what, undo: () => kinds.get(kept.kind)?.(kept) }));
const MOST = 3;
const timers = new WeakMap();

/**
 * Define how changes of a kind are undone after a reload; ``work`` gets what ``say`` was given as ``kept``.
 *
 * @param {string} kind
 * @param {(kept: any) => unknown} work
 */
export function undoKind(kind, work) {
  kinds.set(kind, work);
}

function keepUndos() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(undos.flatMap(({ kept, what }) => (kept ? [{ ...kept, what }] : []))));
  } catch (error) {
    if (error.name !== "QuotaExceededError") throw error;
    sessionStorage.removeItem(KEPT); // too much to store; while the page is open all of it can still be undone
  }
}

/**
 * Show a note. Its button or the key Z calls ``undo``, after a reload the work of the kind of ``kept`` {kind, ...}. The
 * undo is announced too, in the words of the note or of ``kept.what``, unless it returns false: nothing was undone.
 * Returns a function that withdraws the note if it turns out not to be true.
 *
 * @param {string} text
 * @param {(() => unknown) | null} [undo]
 * @param {Kept | null} [kept]
 */
export function say(text, undo = null, kept = null) {
  const note = h("div", { class: "toast" }, h("span", {}, text));
  /** @type {Undo | null} */
  const one = undo && { note, undo, what: kept?.what ?? text, kept };
  if (one) {
    undos.push(one);
    if (undos.length > UNDOS) undos.shift();
    keepUndos();
    note.append(h("button", { type: "button", class: "link", onclick: () => takeBack(one), onfocus: (event) => (one.cameFrom = event.relatedTarget) }, t("app.undo")));
  }
  put(note, undo ? 8000 : 4000);
  return () => {
    if (one && undos.includes(one)) undos.splice(undos.indexOf(one), 1);
    keepUndos();
    note.remove();
  };
}

const saidOnce = new Set();

/**
 * Show an important note, only once while the page is open.
 *
 * @param {string} text
 */
export function sayOnce(text) {
  if (saidOnce.has(text)) return;
  saidOnce.add(text);
  put(h("div", { class: "toast", role: "alert" }, h("span", {}, text)), 20_000);
}

/**
 * @param {HTMLElement} note
 * @param {number} milliseconds
 */
function put(note, milliseconds) {
  PLACE.append(note);
  while (PLACE.children.length > MOST) PLACE.children[0].remove();
  stay(note, milliseconds);
}

/**
 * @param {HTMLElement} note
 * @param {number} milliseconds
 */
function stay(note, milliseconds) {
  clearTimeout(timers.get(note));
  timers.set(note, setTimeout(() => note.remove(), milliseconds));
}

/**
 * Show what failed, with the advice; only once, however often it fails.
 *
 * @param {any} error
 */
export function sayFailure(error) {
  if (error.name === "AbortError") return;
  const words = `${error.message} ${error.advice || ""}`;
  const notes = /** @type {HTMLElement[]} */ ([...PLACE.children]);
  const same = notes.find((note) => note.dataset.failure === words);
  if (same) {
    stay(same, 8000);
    return;
  }
  const note = h("div", { class: "toast bad", role: "alert", "data-failure": words }, ...saidOf(error));
  put(note, 8000);
}

/** Undo the latest change, if there is one. */
export async function undoLast() {
  if (undos.length) await takeBack(undos[undos.length - 1]);
}

/** @param {Undo} one */
async function takeBack(one) {
  const place = undos.indexOf(one);
  if (place < 0) return; // a second click
  undos.splice(place, 1);
  keepUndos();
  // The button is removed; the focus must return to where it was before.
  if (one.note?.contains(document.activeElement)) (one.cameFrom?.isConnected ? one.cameFrom : one.note?.closest("dialog") || document.getElementById("main"))?.focus({ preventScroll: true });
  one.note?.remove();
  try {
    const isUndone = (await one.undo()) !== false;
    tellChanged(); // the page where the change was made may have been left
    if (isUndone) say(t("app.undone", { what: one.what }));
  } catch (error) {
    sayFailure(error);
  }
}

/**
 * Run something that a click has started; show it if it fails.
 *
 * @template {unknown[]} Words
 * @template Found
 * @param {(...words: Words) => Found | Promise<Found>} work
 * @returns {(...words: Words) => Promise<Found | undefined>}
 */
export function careful(work) {
  /** @param {Words} words */
  return async (...words) => {
    try {
      return await work(...words);
    } catch (error) {
      sayFailure(error);
      return undefined;
    }
  };
}
