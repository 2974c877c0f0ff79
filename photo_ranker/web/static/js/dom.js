/** Small helpers to build the page; text is always inserted as text. */

/** @import { Attributes, Child } from "./types.d.ts" */

import { openDialog } from "./dialogs.js";
import { decimal, t } from "./words.js";

/**
 * An element: h("button", {class: "quiet", onclick: go}, "Go"). Attributes that are null or false are left out.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name === "value") Object.assign(element, { value });
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

/**
 * A drawing from the set of icons that every page holds.
 *
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button that shows only an icon and has a name.
 *
 * @param {string} name
 * @param {string} label
 * @param {(event: any) => unknown} onclick
 * @param {Attributes} [attributes]
 */
export function iconButton(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

/**
 * Run later, and only once for many calls in a row.
 *
 * @template {unknown[]} Words
 * @param {(...words: Words) => unknown} work
 * @param {number} milliseconds
 */
export function calmly(work, milliseconds) {
  let timer = 0;
  /** @param {Words} words */
  return (...words) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...words), milliseconds);
  };
}

/**
 * Run at once, and not again until that has ended and some time has passed; calls meanwhile are combined into one.
 *
 * @param {() => unknown} work
 * @param {number} milliseconds
 */
export function atMostEvery(work, milliseconds) {
  let isBusy = false;
  let isAsked = false;
  const run = async () => {
    isAsked = false;
    isBusy = true;
    try {
      await work();
    } finally {
      setTimeout(() => {
        isBusy = false;
        if (isAsked) run();
      }, milliseconds);
    }
  };
  return () => {
    isAsked = true;
    if (!isBusy) run();
  };
}

/**
 * Run unless the last run has not ended yet: a double click asks for one thing, not for two.
 *
 * @template {unknown[]} Words
 * @template Found
 * @param {(...words: Words) => Found | Promise<Found>} work
 * @returns {(...words: Words) => Promise<Found | undefined>}
 */
export function oneAtATime(work) {
  let isBusy = false;
  return async (...words) => {
    if (isBusy) return undefined;
    isBusy = true;
    try {
      return await work(...words);
    } finally {
      isBusy = false;
    }
  };
}

/** Tell all views that something they show has changed. */
export const tellChanged = () => dispatchEvent(new Event("changed"));

/**
 * Run when the user returns to the page from another tab or window, or something has changed, while the element is shown.
 *
 * @param {HTMLElement} element
 * @param {() => unknown} work
 */
export function whenSeenAgain(element, work) {
  const look = calmly(() => (element.isConnected ? document.visibilityState === "visible" && work() : stop()), 100);
  const stop = () => {
    removeEventListener("focus", look);
    removeEventListener("changed", look);
    document.removeEventListener("visibilitychange", look);
  };
  addEventListener("focus", look);
  addEventListener("changed", look);
  document.addEventListener("visibilitychange", look);
}

/**
 * Whether the keys of an event belong to a field.
 *
 * @param {Event & { target: any }} event
 */
export function isTyping(event) {
  return event.target.matches?.("input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select");
}

/**
 * "2.4 MB".
 *
 * @param {number} number
 */
export function bytes(number) {
  const units = ["B", "KB", "MB", "GB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(number, 1)) / 3));
  return `${decimal(number / 1000 ** step, step ? 1 : 0)} ${units[step]}`;
}

/**
 * What failed and what to do, each on its own line.
 *
 * @param {{ message: string, advice?: string }} error
 */
export const saidOf = ({ message, advice }) => [h("span", { class: "said" }, capital(message)), ...(advice ? [" ", h("span", { class: "said muted" }, capital(advice))] : [])];

/**
 * Begin a message with a capital: our code begins it with a small letter, since other words may stand before it. The
 * name of a file stays as it is.
 *
 * @param {string} text
 */
const capital = (text) => (/^\p{Ll}[^\s.:]*([\s:]|$)/u.test(text) ? text[0].toUpperCase() + text.slice(1) : text);

/** Returned by the work of a form whose dialog stays open. */
export const KEEP_OPEN = Symbol("keep open");

/**
 * A form in a dialog: closes it with what ``work`` returns; errors are shown in the form, which keeps what was typed.
 *
 * @param {(value: any) => unknown} close
 * @param {(submitter: HTMLElement | null) => unknown} work
 * @param {...(Child | Child[])} children
 */
export function submitForm(close, work, ...children) {
  const problem = h("p", { class: "bad", role: "alert", hidden: true });
  const send = oneAtATime(async (/** @type {HTMLElement | null} */ submitter) => {
    problem.hidden = true;
    try {
      const value = await work(submitter);
      if (value !== KEEP_OPEN) close(value);
    } catch (error) {
      problem.replaceChildren(...saidOf(error));
      problem.hidden = false;
    }
  });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    send(event.submitter);
  };
  return h("form", { onsubmit: submit }, ...children, problem);
}

/**
 * A dialog that closes with Escape; the promise resolves to what was chosen, or null.
 *
 * @param {string} title
 * @param {(close: (value: any) => void) => Node} build
 * @returns {Promise<any>}
 */
export function ask(title, build) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "dialog", "aria-label": title });
    /** @param {any} value */
    const close = async (value) => {
      await leave();
      resolve(value);
    };
    dialog.append(
      h("header", {}, h("h2", {}, title), iconButton("close", t("app.close"), () => close(null))),
      build(close),
    );
    // If a double click opened the dialog, its second click lands outside the dialog.
    dialog.addEventListener("click", (event) => event.target === dialog && event.detail < 2 && close(null));
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    const leave = openDialog(dialog, () => close(null));
  });
}
