// Words, numbers and pieces that the other files share. Texts are only ever set as text, never as HTML.
// The files are put together in one script: shared, sheet, filters, large, page.
"use strict";

const byId = (id) => document.getElementById(id);
const report = JSON.parse(byId("document").textContent);

const fixed = (value) => (value === null ? "not measured" : value.toFixed(2));
// Signs that turn the direction of the text or break the line would let a name pretend to be another.
const plain = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
const nameOf = (path) => plain(path.split(/[\\/]/).pop());
const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

function timeOf(photo) {
  const parts = [];
  if (photo.taken_at) {
    // A camera's wall clock has no zone; reading and writing it as UTC leaves it as it is.
    const taken = new Date(photo.taken_at.slice(0, 19) + "Z");
    parts.push(taken.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }));
  }
  if (photo.at_seconds !== null) {
    const seconds = Math.floor(photo.at_seconds);
    parts.push(`at ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
  }
  return parts.join(", ");
}

function kindOf(photo) {
  const kind = photo.kind === "group" ? `Group of ${photo.people_in_photo}` : "";
  return photo.doubtful ? `Unsure${kind && ` · ${kind}`}` : kind;
}

const also = (count, one, many) => (count ? ` +${count} ${count === 1 ? one : many}` : "");

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
  row.append(element("dt", "", label), bar, element("dd", "value", value === null ? "–" : value.toFixed(2)));
  return row;
}

const pictureOf = (kind, photo) => byId(`${kind}-${photo.rank}`)?.textContent;
