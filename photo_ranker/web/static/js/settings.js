/** The settings page: how the app looks, what matters, how strict it is. All are stored; each can be reset by itself. */

import { get, put } from "./api.js";
import { keptWeights, keepWeights } from "./best_panel.js";
import { calmly, h } from "./dom.js";
import { machineRows } from "./machine.js";
import { careful } from "./toast.js";
import { LOCALE, t } from "./words.js";

/** @typedef {import("./best_panel.js").Weight} Weight */
/**
 * A number in a range that can be changed, and reset to the usual one.
 * @typedef {{ name: string, label: string, about: string, unit: string, value: number, usual: number, low: number, high: number, step: number }} Changeable
 */

const SEND_MS = 200;

/** @type {[string, string][]} */
const SIZES = [
  ["small", t("settings.sizeSmall")],
  ["", t("settings.sizeUsual")],
  ["large", t("settings.sizeLarge")],
  ["larger", t("settings.sizeLarger")],
];
/** @type {[string, string][]} */
const THEMES = [
  ["", t("settings.themeSystem")],
  ["light", t("settings.themeLight")],
  ["dark", t("settings.themeDark")],
];
/** @type {[Weight["group"], string][]} */
const GROUPS = [
  ["single", t("best.single")],
  ["group", t("best.group")],
  ["both", t("best.both")],
];

/** @type {[string, string][]} */
const LANGUAGES = [
  ["", t("settings.languageBrowser")],
  ["en", t("language.en")],
  ["de", t("language.de")],
  ["es", t("language.es")],
];
const YEAR_SECONDS = 365 * 24 * 3600;

/** @param {HTMLElement} main */
export async function showSettings(main) {
  const [weights, preferences, machine] = await Promise.all([get("/api/weights"), get("/api/settings"), get("/api/machine")]);
  main.replaceChildren(
    h(
      "div",
      { class: "home settings" },
      h("h1", {}, t("settings.title")),
      h("section", {}, h("h2", {}, t("settings.look")), languageRow(), choiceRow(t("settings.size"), "textSize", "text", SIZES), choiceRow(t("settings.theme"), "theme", "theme", THEMES)),
      h("section", {}, h("h2", {}, t("settings.strict")), h("p", { class: "muted" }, t("settings.strictAbout")), ...preferences.map(preferenceRow)),
      h("section", {}, h("h2", {}, t("machine.title")), ...machineRows(machine, resetButton)),
      h("section", {}, h("h2", {}, t("best.matters")), h("p", { class: "muted" }, t("settings.mattersAbout")), ...weightRows(weights)),
    ),
  );
}

/** The language is kept in a cookie, since the server puts the texts into the page; a change reloads the page. */
function languageRow() {
  const label = t("settings.language");
  const keep = (/** @type {string} */ value) => {
    document.cookie = `photo_ranker_language=${value}; path=/; samesite=lax; max-age=${value ? YEAR_SECONDS : 0}`;
    location.reload();
  };
  const kept = document.cookie.match(/(?:^|; )photo_ranker_language=(\w+)/)?.[1] || "";
  const choice = selectOf("language", LANGUAGES, kept, keep);
  const reset = resetButton(label, () => keep(""));
  reset.hidden = !kept;
  return h("div", { class: "setting" }, h("label", { for: "s-language" }, label), choice, reset);
}

/**
 * @param {string} key
 * @param {[string, string][]} choices
 * @param {string} kept
 * @param {(value: string) => void} keep
 */
function selectOf(key, choices, kept, keep) {
  return h(
    "select",
    { id: `s-${key}`, onchange: (/** @type {any} */ event) => keep(event.target.value) },
    ...choices.map(([value, words]) => h("option", { value, selected: value === kept }, words)),
  );
}

/**
 * A choice that this browser stores, applied as an attribute of the page.
 * @param {string} label
 * @param {string} key
 * @param {"text" | "theme"} attribute
 * @param {[string, string][]} choices
 */
function choiceRow(label, key, attribute, choices) {
  const keep = (/** @type {string} */ value) => {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
    if (value) document.documentElement.dataset[attribute] = value;
    else delete document.documentElement.dataset[attribute];
    reset.hidden = !value;
  };
  const choice = selectOf(key, choices, localStorage.getItem(key) || "", keep);
  const reset = resetButton(label, () => {
    choice.value = "";
    keep("");
  });
  reset.hidden = !choice.value;
  return h("div", { class: "setting" }, h("label", { for: `s-${key}` }, label), choice, reset);
}

/**
 * @param {string} label
 * @param {() => void} onclick
 */
const resetButton = (label, onclick) => h("button", { type: "button", class: "link", "aria-label": t("settings.resetOne", { label }), onclick }, t("best.reset"));

/**
 * @param {Changeable} one
 * @param {(value: number | null) => void} keep
 */
function numberRow(one, keep) {
  const shown = h("output", {});
  const field = h("input", {
    type: "range",
    id: `s-${one.name}`,
    min: one.low,
    max: Math.max(one.high, one.usual),
    step: one.step,
    value: String(one.value),
    "aria-describedby": `about-${one.name}`,
    oninput: () => {
      tell();
      keep(Number(field.value) === one.usual ? null : Number(field.value));
    },
  });
  const reset = resetButton(one.label, () => {
    field.value = String(one.usual);
    tell();
    keep(null);
  });
  const tell = () => {
    const value = Number(field.value).toLocaleString(LOCALE, { maximumFractionDigits: 2 });
    shown.textContent = one.unit ? `${value} ${one.unit}` : value;
    reset.hidden = Number(field.value) === one.usual;
  };
  tell();
  return h("div", { class: "setting" }, h("label", { for: `s-${one.name}` }, one.label), field, shown, reset, h("p", { class: "muted", id: `about-${one.name}` }, one.about));
}

/** @param {Changeable} one */
function preferenceRow(one) {
  const send = calmly(careful((/** @type {number | null} */ value) => put(`/api/settings/${one.name}`, { value })), SEND_MS);
  return numberRow(one, send);
}

/** @param {Weight[]} weights */
function weightRows(weights) {
  const kept = keptWeights();
  const row = (/** @type {Weight} */ one) =>
    numberRow({ ...one, about: one.meaning, unit: "", usual: one.value, value: kept[one.name] ?? one.value, step: one.high <= 1 ? 0.05 : 0.01 }, (value) => {
      if (value === null) delete kept[one.name];
      else kept[one.name] = value;
      keepWeights(kept);
    });
  return GROUPS.flatMap(([group, label]) => [h("h3", {}, label), ...weights.filter((one) => one.group === group).map(row)]);
}
