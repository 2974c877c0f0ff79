/** The menu of the frame: things that are seldom needed, so that each screen has one main action. */

import { h } from "./dom.js";
import { t } from "./words.js";

/**
 * The button and its list; both go into the frame.
 * @param {{ showKeys: () => void }} work
 */
export function menu({ showKeys }) {
  const close = () => document.getElementById("menu")?.hidePopover();
  const list = h(
    "div",
    { id: "menu", class: "menu", popover: "auto" },
    h("a", { class: "button", href: "#/guests", onclick: close }, t("guests.title")),
    h("a", { class: "button", href: "#/settings", onclick: close }, t("menu.settings")),
    h("button", { type: "button", onclick: run(close, showKeys) }, t("menu.keys"), h("kbd", {}, "?")),
    h("button", { type: "button", onclick: run(close, changeTheme) }, t("menu.theme")),
    h("a", { class: "button", href: "/docs", onclick: close }, t("menu.programmers")),
  );
  const button = h("button", { type: "button", class: "menu-button", popovertarget: "menu", "aria-haspopup": "true" }, t("menu.title"));
  return [button, list];
}

/**
 * @param {() => void} first
 * @param {() => void} second
 */
const run = (first, second) => () => {
  first();
  second();
};

function changeTheme() {
  const isDark = getComputedStyle(document.documentElement).colorScheme === "dark";
  const theme = isDark ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
}
