/**
 * Dialogs over the page: each has its own entry in the browser's history, so that Back closes it.
 *
 * The history says how many should be open (`history.state.dialogs`), this file how many are.
 */

import { holdAddress, readAddress, releaseAddress, viewKey } from "./address.js";

/** @type {{ dialog: HTMLDialogElement, close: () => void }[]} */
const open = [];
const toasts = /** @type {HTMLElement} */ (document.getElementById("toasts"));

/** Whether the history is going back past entries of closed dialogs; until it arrives, the entry that it leaves is current. */
let isGoingBack = false;
/** @type {(() => void)[]} Callbacks that wait until the history and the dialogs agree. */
const waiting = [];

const wanted = () => history.state?.dialogs || 0;

/**
 * Show a dialog; ``close`` is called by Escape, Back and a change of the view.
 * Returns the function with which ``close`` removes the dialog; its promise resolves when the history agrees.
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
 * Return the focus to a dialog or view, so that it hears keys: the element that had it was drawn again and is gone.
 *
 * @param {HTMLElement} place
 */
export function holdFocus(place) {
  if (document.activeElement === document.body) place.focus({ preventScroll: true });
}

/** Close every dialog, since another view is shown. */
export function closeDialogs() {
  closeDownTo(0);
}

/**
 * Go to another view from a dialog, which closes; Back opens it again if the address says how.
 *
 * @param {MouseEvent & { currentTarget: any }} event
 */
export function leaveFor(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // opens in a new tab
  if (viewKey(event.currentTarget.hash) !== viewKey()) return;
  event.preventDefault(); // the link leads to the view below
  closeDialogs();
}

/** @param {number} number */
function closeDownTo(number) {
  while (open.length > number) open[open.length - 1].close();
}

/** Move the notes into the topmost dialog, since nothing outside it can be reached. */
function raiseToasts() {
  (open.at(-1)?.dialog || document.body).append(toasts);
}

/** Give every dialog an entry; those that open while the history goes back get theirs once it has arrived. */
function addEntries() {
  if (isGoingBack) return;
  for (let number = wanted() + 1; number <= open.length; number += 1) history.pushState({ dialogs: number }, "");
}

/**
 * Leave the entries of closed dialogs; deferred, since a dialog may replace one that closes.
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

/** Leave an entry of a dialog that is gone, which Forward and a reload can lead to, unless its address opens it again. */
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
