/**
 * Dialogs over the page: each has an entry of its own in the browser's history, so that Back closes it.
 *
 * The history tells how many should be open (`history.state.dialogs`), this file how many are.
 */

import { holdAddress, readAddress, releaseAddress, viewKey } from "./address.js";

/** @type {{ dialog: HTMLDialogElement, close: () => void }[]} */
const open = [];
const toasts = /** @type {HTMLElement} */ (document.getElementById("toasts"));

/** Whether the history goes back past entries of closed dialogs: it arrives later, and until then shows the entry that it leaves. */
let isGoingBack = false;
/** @type {(() => void)[]} Who waits until the history and the dialogs agree. */
const waiting = [];

const wanted = () => history.state?.dialogs || 0;

/**
 * Show a dialog; ``close`` is what Escape, Back and another view run.
 * Gives the function with which ``close`` takes the dialog away; its promise holds when the history agrees.
 *
 * @param {HTMLDialogElement} dialog
 * @param {() => void} close
 */
export function openDialog(dialog, close) {
  const one = { dialog, close };
  open.push(one);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  document.body.append(dialog);
  dialog.showModal();
  raiseToasts();
  addEntries();
  return () => {
    if (open.includes(one)) {
      open.splice(open.indexOf(one), 1);
      raiseToasts();
      dialog.close();
      dialog.remove();
    }
    return agree();
  };
}

/**
 * Give the keys back to a dialog: what had the focus is gone, since it was drawn anew.
 *
 * @param {HTMLDialogElement} dialog
 */
export function holdFocus(dialog) {
  if (document.activeElement === document.body) dialog.focus({ preventScroll: true });
}

/** Close every dialog: another view is shown. */
export function closeDialogs() {
  closeDownTo(0);
}

/**
 * Go to another view from a dialog, which closes; Back opens it again where the address says how.
 *
 * @param {MouseEvent & { currentTarget: any }} event
 */
export function leaveFor(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a tab of its own
  if (viewKey(event.currentTarget.hash) !== viewKey()) return;
  event.preventDefault(); // it is the view below
  closeDialogs();
}

/** @param {number} number */
function closeDownTo(number) {
  while (open.length > number) open[open.length - 1].close();
}

/** All but the topmost dialog is out of reach, so that is where notes must be. */
function raiseToasts() {
  (open.at(-1)?.dialog || document.body).append(toasts);
}

/** Give every dialog an entry; those that open while the history goes back get theirs when it has arrived. */
function addEntries() {
  if (isGoingBack) return;
  for (let number = wanted() + 1; number <= open.length; number += 1) history.pushState({ dialogs: number }, "");
}

/**
 * Leave the entries of closed dialogs. Later, as a dialog may open in the place of one that closes.
 *
 * @returns {Promise<void>}
 */
export function agree() {
  if (wanted() > open.length) holdAddress(); // what is set from now on belongs to the entry below
  return new Promise((resolve) => {
    waiting.push(resolve);
    setTimeout(settle);
  });
}

function settle() {
  if (isGoingBack) return;
  if (wanted() > open.length) {
    isGoingBack = true;
    holdAddress();
    history.go(open.length - wanted());
    return;
  }
  addEntries();
  releaseAddress();
  for (const resolve of waiting.splice(0)) resolve();
}

/** An entry of a dialog that is gone, as Forward and a reload lead to it: leave it, unless its address opens it again. */
const agreeUnlessOpened = () => readAddress().query.has("photo") || agree();

addEventListener("popstate", (event) => {
  if (isGoingBack) {
    event.stopImmediatePropagation(); // the user went nowhere
    isGoingBack = false;
    settle();
    return;
  }
  closeDownTo(wanted());
  agreeUnlessOpened();
});
agreeUnlessOpened();
