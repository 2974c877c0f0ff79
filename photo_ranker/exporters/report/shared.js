// Words, numbers and pieces that the other files share. Texts are only ever set as text, never as HTML.
// The files are put together in one script: shared, sheet, filters, large, page.
"use strict";

const byId = (id) => document.getElementById(id);
const report = JSON.parse(byId("document").textContent);

// A text of the catalogue, which the page brings along in its language.
const LANGUAGE = document.documentElement.lang;
const FORMS = new Intl.PluralRules(LANGUAGE);

function t(key, values = {}) {
  const text = report.words[key];
  const form = typeof text === "string" ? text : FORMS.select(values.n) === "one" ? text.one : text.other;
  return form.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? values[name].toLocaleString(LANGUAGE) : values[name]));
}

// Made once: a page of 500 photos writes ten thousand numbers.
const TWO_DIGITS = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const decimal = (value) => TWO_DIGITS.format(value);
const fixed = (value) => (value === null ? t("report.notMeasured") : decimal(value));
// Signs that turn the direction of the text or break the line would let a name pretend to be another.
const plain = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
const partsOf = (path) => path.split(/[\\/]/);
const namesakes = new Map();
for (const parts of report.results.map((photo) => partsOf(photo.path))) {
  const name = parts[parts.length - 1];
  namesakes.set(name, [...(namesakes.get(name) || []), parts]);
}

// Two cards number alike: a name that several photos have is followed by the folder in which they differ.
function nameOf(path) {
  const parts = partsOf(path);
  const name = parts.pop();
  const others = namesakes.get(name) || [];
  const folder = parts.find((part, place) => others.some((other) => other[place] !== part));
  return plain(folder === undefined ? name : `${name} · ${folder}`);
}

function timeOf(photo) {
  const parts = [];
  if (photo.taken_at) {
    // A camera's wall clock has no zone; reading and writing it as UTC leaves it as it is.
    const taken = new Date(photo.taken_at.slice(0, 19) + "Z");
    parts.push(taken.toLocaleString(LANGUAGE === "en" ? "en-GB" : LANGUAGE, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }));
  }
  if (photo.at_seconds !== null) {
    const seconds = Math.floor(photo.at_seconds);
    parts.push(t("report.atTime", { time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` }));
  }
  return parts.join(", ");
}

function kindOf(photo) {
  const kind = photo.kind === "group" ? t("report.groupOf", { n: photo.people_in_photo }) : "";
  return photo.doubtful ? [t("report.unsure"), kind].filter(Boolean).join(" · ") : kind;
}

const also = (count, key) => (count ? ` ${t(key, { n: count })}` : "");

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function fillReasons(list, photo) {
  list.replaceChildren(
    ...photo.reasons.map((words) => element("li", "for", words)),
    ...photo.against.map((words) => element("li", "against", words)),
  );
}

const levelOf = (value) => (value === null ? "unknown" : value >= report.good ? "high" : value >= 0.5 ? "middle" : "low");

function meterRow(label, value, level = levelOf(value)) {
  const row = element("div");
  const meter = element("span", `meter ${level}`);
  const bar = element("dd", "bar");
  meter.style.setProperty("--share", `${Math.min(Math.max(value ?? 0, 0), 1) * 100}%`);
  meter.setAttribute("role", "img");
  meter.setAttribute("aria-label", fixed(value));
  meter.title = `${label}: ${fixed(value)}`;
  bar.append(meter);
  row.append(element("dt", "", label), bar, element("dd", "value", value === null ? "–" : decimal(value)));
  return row;
}

const pictureOf = (kind, photo) => byId(`${kind}-${photo.rank}`)?.textContent;
