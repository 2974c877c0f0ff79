/** Short notes at the bottom of the page, some with a way back. */

import { h } from "./dom.js";

const PLACE = document.getElementById("toasts");
let last = null;

/** Say something; ``undo`` is run by the button and by the key Z. */
export function say(text, undo = null) {
  const note = h("div", { class: "toast" }, h("span", {}, text));
  const leave = () => note.remove();
  if (undo) {
    last = { note, undo };
    note.append(h("button", { type: "button", class: "link", onclick: () => undoLast() }, "Undo"));
  }
  PLACE.append(note);
  while (PLACE.children.length > 3) PLACE.firstChild.remove();
  setTimeout(leave, undo ? 8000 : 4000);
}

/** Say what failed, with the advice. */
export function sayFailure(error) {
  if (error.name === "AbortError") return;
  const note = h("div", { class: "toast bad", role: "alert" }, h("span", {}, error.message));
  if (error.advice) note.append(h("span", { class: "muted" }, error.advice));
  PLACE.append(note);
  setTimeout(() => note.remove(), 8000);
}

/** Take the last thing back, if it can be taken back. */
export async function undoLast() {
  if (!last) return false;
  const { note, undo } = last;
  last = null;
  note.remove();
  try {
    await undo();
  } catch (error) {
    sayFailure(error);
  }
  return true;
}

/** Run something a click has asked for; say it when it fails. */
export function careful(work) {
  return async (...words) => {
    try {
      return await work(...words);
    } catch (error) {
      sayFailure(error);
      return undefined;
    }
  };
}
