/**
 * What is known of a photo, in words and bars: its score and why, when it was taken, what stands behind it.
 *
 * @import { Child, Detail, Photo, Result, Signals } from "./types.d.ts"
 */

import { facePicture } from "./api.js";
import { count, h, icon } from "./dom.js";
import { SIGNALS } from "./signals.js";

const EVENT_SCORES = { technical: "Sharp and lit", composition: "Composed", expression: "Expressions", context: "Who is in it" };

/**
 * @param {string} album
 * @param {Photo} photo
 * @param {Detail | null} detail What is known of its faces, once it is here.
 * @returns {HTMLElement[]}
 */
export function aboutPhoto(album, photo, detail) {
  const { result, taken_at: taken } = photo;
  return [
    ...markLine(photo),
    ...(result?.face ? rankLines(album, result) : []),
    ...(result && !result.face ? eventLines(result) : []),
    ...(taken ? [muted(taken.replace("T", " ").slice(0, 19))] : []),
    ...(detail?.camera ? [muted(detail.camera)] : []),
    ...(photo.unreadable ? [h("p", { class: "bad" }, photo.unreadable)] : []),
    ...(detail ? [facesLine(photo, detail)] : []),
  ];
}

/** @param {...(Child | Child[])} words */
const muted = (...words) => h("p", { class: "muted" }, ...words);

/** @param {Photo} photo */
function markLine({ mark: { flag } }) {
  return flag ? [h("p", { class: `mark-line flag ${flag}` }, icon(flag), flag === "pick" ? "Picked" : "Rejected")] : [];
}

/**
 * @param {Photo} photo
 * @param {Detail} detail
 */
function facesLine(photo, detail) {
  if (photo.pending) return muted("Not measured yet: faces and figures follow.");
  const faces = detail.faces.filter((item) => !item.is_false).length;
  return muted(faces ? count(faces, "face") : "No face found here.");
}

/**
 * Where a ranking puts the photo, and why.
 *
 * @param {string} album
 * @param {Result} result
 */
function rankLines(album, result) {
  const close = result.close_to ? `, as good as ${result.close_to}` : "";
  const company = result.kind === "group" ? `group of ${result.people_in_photo}` : "alone";
  return [
    h("img", { class: "face-large", src: facePicture(album, result.face?.id || ""), alt: "The face" }),
    h("p", { class: "big-score" }, result.score.toFixed(2), h("span", { class: "muted" }, ` rank ${result.rank}${close}, ${company}`)),
    reasons(result),
    bars(result.signals || {}, SIGNALS),
    ...(result.copies || []).map((path) => muted(`the same file: ${path}`)),
    ...(result.alternates || []).map((path) => muted(`of the same burst: ${path}`)),
    muted(`Similarity ${result.similarity?.toFixed(2)}${result.doubtful ? ", doubtful" : ""}`),
  ];
}

/**
 * What the scoring of an event says of the photo.
 *
 * @param {Result} result
 */
function eventLines(result) {
  const moment = result.moment ? `, ${result.moment.label || `moment ${result.moment.number}`}` : "";
  return [
    h("p", { class: "big-score" }, result.score.toFixed(2), h("span", { class: "muted" }, ` rank ${result.rank}${moment}`)),
    reasons(result),
    bars(result.scores || {}, EVENT_SCORES),
    ...(result.alternates || []).map((name) => muted(`of the same burst: ${name}`)),
  ];
}

/** @param {Result} result */
const reasons = ({ reasons: good, against }) =>
  h("ul", { class: "reasons" }, ...good.map((word) => h("li", { class: "good" }, word)), ...against.map((word) => h("li", { class: "bad" }, word)));

/**
 * @param {Signals} signals
 * @param {{ [name: string]: string }} names
 */
function bars(signals, names) {
  const lines = Object.entries(names).flatMap(([name, label]) => [h("dt", {}, label), h("dd", {}, bar(signals[name]))]);
  return h("dl", { class: "bars" }, ...lines);
}

/** @param {number | null | undefined} value */
function bar(value) {
  if (value === null || value === undefined) return h("span", { class: "muted" }, "unknown");
  return h("meter", { min: 0, max: 1, low: 0.3, high: 0.75, optimum: 1, value: String(value), title: value.toFixed(2) });
}
