/**
 * Makes the texts of the page from those of the catalogue, which the server has put into the page (core/languages).
 *
 * `{name}` is filled in; a text with a count has a form for one and one for other values of `{n}`.
 */

/** @typedef {string | { one: string, other: string }} Text */

/** The language of the page. */
export const LANGUAGE = document.documentElement.lang || "en";

/** How dates and numbers are written: as in the reader's country, if the browser knows it. */
export const LOCALE = navigator.languages.find((one) => one.split("-")[0] === LANGUAGE) || LANGUAGE;

/** @type {{ [key: string]: Text }} */
const WORDS = JSON.parse(document.getElementById("words")?.textContent || "{}");
const NUMBERS = new Intl.NumberFormat(LOCALE);
const FORMS = new Intl.PluralRules(LANGUAGE);

/**
 * A text of the catalogue with its values; numbers are written as people write them.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const text = WORDS[key];
  if (text === undefined) throw new Error(`there is no text ${key}`);
  const form = typeof text === "string" ? text : FORMS.select(Number(values.n)) === "one" ? text.one : text.other;
  return form.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/** @param {string | number} value */
const shown = (value) => (typeof value === "number" ? NUMBERS.format(value) : String(value));

/** Digits after the decimal point -> formatter of such numbers; made once, since that is slow. @type {Intl.NumberFormat[]} */
const DECIMALS = [];

/**
 * A number with this many digits after the decimal point.
 * @param {number} value
 * @param {number} digits
 */
export function decimal(value, digits) {
  DECIMALS[digits] ||= new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return DECIMALS[digits].format(value);
}

/** What the signals of a face are called, in the order in which they are shown. */
export const SIGNALS = Object.fromEntries(Object.keys(WORDS).flatMap((key) => (key.startsWith("signal.") ? [[key.slice("signal.".length), t(key)]] : [])));
