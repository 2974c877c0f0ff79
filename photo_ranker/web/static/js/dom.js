/** Small helpers to build the page; text always goes in as text. */

import { openDialog } from "./dialogs.js";
import { t } from "./words.js";

/** An element: h("button", {class: "quiet", onclick: go}, "Go"). Attributes that are null or false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A drawing from the page's own set of icons. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** A button that shows an icon alone and has a name. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, icon(name));
}

/** Run later, and only once for many calls in a row. */
export function calmly(work, milliseconds) {
  let timer = 0;
  return (...words) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...words), milliseconds);
  };
}

/** Run at once, and then not again before some time has passed; of calls meanwhile one is made up for at its end. */
export function atMostEvery(work, milliseconds) {
  let timer = 0;
  let isAsked = false;
  const run = () => {
    isAsked = false;
    work();
    timer = setTimeout(() => {
      timer = 0;
      if (isAsked) run();
    }, milliseconds);
  };
  return () => {
    isAsked = true;
    if (!timer) run();
  };
}

/** Tell all views that something has changed that they show. */
export const tellChanged = () => dispatchEvent(new Event("changed"));

/** Run when one comes back to the page from another tab or window, or views are told of changes, as long as the element is shown. */
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

/** Whether keys that are typed now belong to a field. */
export function isTyping(event) {
  return event.target.matches?.("input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select");
}

/** "1 photo", "3 photos". */
export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** "2.4 MB". */
export function bytes(number) {
  const units = ["bytes", "KB", "MB", "GB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(number, 1)) / 3));
  return `${(number / 1000 ** step).toFixed(step ? 1 : 0)} ${units[step]}`;
}

/** Given by the work of a form whose dialog stays open. */
export const KEEP_OPEN = Symbol("keep open");

/** A form in a dialog: closes it with what ``work`` gives; what fails is said in the form, which keeps what was typed. */
export function submitForm(close, work, ...children) {
  const problem = h("p", { class: "bad", role: "alert", hidden: true });
  const submit = async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const value = await work(event.submitter);
      if (value !== KEEP_OPEN) close(value);
    } catch (error) {
      problem.textContent = [error.message, error.advice].filter(Boolean).join(": ");
      problem.hidden = false;
    }
  };
  return h("form", { onsubmit: submit }, ...children, problem);
}

/** A dialog that closes with Escape; the promise gives what was chosen, or null. */
export function ask(title, build) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "dialog", "aria-label": title });
    const close = async (value) => {
      await leave();
      resolve(value);
    };
    dialog.append(
      h("header", {}, h("h2", {}, title), iconButton("close", t("app.close"), () => close(null))),
      build(close),
    );
    dialog.addEventListener("click", (event) => event.target === dialog && close(null));
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    const leave = openDialog(dialog, () => close(null));
  });
}
