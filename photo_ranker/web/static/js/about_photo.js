/**
 * What is known about a photo, in words and bars: its score and why, when it was taken, and files behind it.
 *
 * @import { Child, Detail, Photo, Result, Shot, Signals } from "./types.d.ts"
 */

import { facePicture } from "./api.js";
import { h, icon } from "./dom.js";
import { LOCALE, SIGNALS, decimal, t } from "./words.js";

const EVENT_SCORES = { technical: t("viewer.technical"), composition: t("viewer.composition"), expression: t("viewer.expression"), context: t("viewer.context") };

/** A camera's clock has no zone: read and written in the same zone, it does not change. @param {string} taken */
const timeOf = (taken) => new Date(`${taken.slice(0, 19)}Z`).toLocaleString(LOCALE, { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

/** @param {number} value */
const upToOne = (value) => value.toLocaleString(LOCALE, { maximumFractionDigits: 1 });

const SLOW = 0.3; // longer exposures are written in seconds

/**
 * @param {string} album
 * @param {Photo} photo
 * @param {Detail | null} detail What is known about its faces, once loaded.
 * @param {Shot | null} shot What it was taken with, once loaded.
 * @returns {HTMLElement[]}
 */
export function aboutPhoto(album, photo, detail, shot) {
  const { result, taken_at: taken } = photo;
  return [
    ...markLine(photo),
    ...(photo.guests ? [h("p", { class: "mark-line liked" }, icon("heart"), t("guests.favouriteOf", { n: photo.guests }))] : []),
    ...(result?.face ? rankLines(album, result) : []),
    ...(result && !result.face ? eventLines(result) : []),
    ...(taken ? [muted(timeOf(taken))] : []),
    ...shotLines(shot || { camera: detail?.camera || null }),
    ...(photo.unreadable ? [h("p", { class: "bad" }, photo.unreadable)] : []),
    ...(detail ? [facesLine(photo, detail)] : []),
  ];
}

/**
 * Camera, lens and exposure, as far as the camera recorded them.
 *
 * @param {Partial<Shot>} shot
 */
function shotLines({ camera, lens, exposure_seconds: seconds, aperture, iso, focal_mm: focal }) {
  const exposure = [
    seconds && t("viewer.seconds", { value: seconds < SLOW ? `1/${Math.round(1 / seconds)}` : upToOne(seconds) }),
    aperture && `f/${upToOne(aperture)}`,
    iso && `ISO ${iso}`,
    focal && `${Math.round(focal)} mm`,
  ];
  return [camera, lens, exposure.filter(Boolean).join(" · ")].flatMap((line) => (line ? [muted(line)] : []));
}

/** @param {...(Child | Child[])} words */
const muted = (...words) => h("p", { class: "muted" }, ...words);

/** @param {Photo} photo */
function markLine({ mark: { flag } }) {
  return flag ? [h("p", { class: `mark-line flag ${flag}` }, icon(flag), t(flag === "pick" ? "marks.picked" : "marks.rejected"))] : [];
}

/**
 * @param {Photo} photo
 * @param {Detail} detail
 */
function facesLine(photo, detail) {
  if (photo.pending) return muted(t("viewer.pending"));
  const faces = detail.faces.filter((item) => !item.is_false).length;
  return muted(faces ? t("count.faces", { n: faces }) : t("viewer.noFace"));
}

/**
 * Where a ranking puts the photo, and why.
 *
 * @param {string} album
 * @param {Result} result
 */
function rankLines(album, result) {
  const close = result.close_to ? t("viewer.asGoodAs", { rank: result.close_to }) : "";
  const company = result.kind === "group" ? t("viewer.groupOf", { n: result.people_in_photo || 0 }) : t("viewer.alone");
  const alike = t("viewer.alike", { value: decimal(result.similarity || 0, 2) });
  return [
    h("img", { class: "face-large", src: facePicture(album, result.face?.id || ""), alt: t("viewer.theFace") }),
    h("p", { class: "big-score" }, decimal(result.score, 2), h("span", { class: "muted" }, ` ${[t("viewer.rank", { rank: result.rank }), close, company].filter(Boolean).join(", ")}`)),
    reasons(result),
    bars(result.signals || {}, SIGNALS),
    ...(result.copies || []).map((path) => muted(t("viewer.sameFile", { name: path }))),
    ...(result.alternates || []).map((path) => muted(t("viewer.sameBurst", { name: path }))),
    muted(result.doubtful ? `${alike}, ${t("viewer.unsure")}` : alike),
  ];
}

/**
 * What the scoring of an event says about the photo.
 *
 * @param {Result} result
 */
function eventLines(result) {
  const event = result.moment ? result.moment.label || t("viewer.event", { number: result.moment.number }) : "";
  return [
    h("p", { class: "big-score" }, decimal(result.score, 2), h("span", { class: "muted" }, ` ${[t("viewer.rank", { rank: result.rank }), event].filter(Boolean).join(", ")}`)),
    reasons(result),
    bars(result.scores || {}, EVENT_SCORES),
    ...(result.alternates || []).map((name) => muted(t("viewer.sameBurst", { name }))),
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
  if (value === null || value === undefined) return h("span", { class: "muted" }, t("viewer.unknown"));
  return h("meter", { min: 0, max: 1, low: 0.3, high: 0.75, optimum: 1, value: String(value), title: decimal(value, 2) });
}
