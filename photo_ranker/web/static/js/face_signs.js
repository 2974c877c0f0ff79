/**
 * Small signs of how a face looks in a photo: eyes, focus, expression.
 *
 * @import { FaceItem, Signals } from "./types.d.ts"
 * @typedef {"good" | "fair" | "bad" | "unknown"} Level
 */

import { h, icon } from "./dom.js";
import { t } from "./words.js";

/** The same limits as those of the bars in the panel. */
const BAD = 0.3;
const GOOD = 0.75;

/** From this share of the size of the largest face up, a face counts as near. */
const NEAR = 0.4;

const SIGNS = [
  { signals: ["eyes_open"], icons: { good: "eyes", bad: "eyes-shut" }, words: { good: t("signs.eyesOpen"), fair: t("signs.eyesHalf"), bad: t("signs.eyesShut") } },
  { signals: ["sharpness"], icons: { good: "focus", bad: "blur" }, words: { good: t("signs.sharp"), fair: t("signs.soft"), bad: t("signs.blurred") } },
  { signals: ["expression", "smile"], icons: { good: "smile", bad: "flat" }, words: { good: t("signs.good"), fair: t("signs.fair"), bad: t("signs.poor") } },
];

/**
 * The first of these signals that was measured.
 *
 * @param {Signals} signals
 * @param {string[]} names
 */
const valueOf = (signals, names) => names.map((name) => signals[name]).find((value) => value !== null && value !== undefined);

/**
 * @param {number | null | undefined} value
 * @returns {Level}
 */
function levelOf(value) {
  if (value === null || value === undefined) return "unknown";
  if (value < BAD) return "bad";
  return value < GOOD ? "fair" : "good";
}

/**
 * The lowest value that the signs show; a face about which nothing is known is not bad.
 *
 * @param {Signals} signals
 */
export function worstOf(signals) {
  const values = SIGNS.map(({ signals: names }) => valueOf(signals, names) ?? 1);
  return Math.min(...values);
}

/**
 * Faces with the worst first, since those need a look; those much smaller than the largest come after the others.
 *
 * @param {FaceItem[]} faces
 */
export function worstFirst(faces) {
  const largest = Math.max(...faces.map(({ face }) => face.size_px));
  const isFar = (/** @type {FaceItem} */ { face }) => Number(face.size_px < NEAR * largest);
  return [...faces].sort((one, other) => isFar(one) - isFar(other) || worstOf(one.signals) - worstOf(other.signals));
}

/**
 * What the signs say, in words.
 *
 * @param {Signals} signals
 */
export function describeFace(signals) {
  const said = SIGNS.map(({ signals: names, words }) => ({ words, level: levelOf(valueOf(signals, names)) }));
  return said.flatMap(({ words, level }) => (level === "unknown" ? [] : words[level])).join(", ");
}

/**
 * The signs of a face; what was not measured has none.
 *
 * @param {Signals} signals
 */
export function faceSigns(signals) {
  const signs = SIGNS.flatMap(({ signals: names, icons, words }) => {
    const level = levelOf(valueOf(signals, names));
    if (level === "unknown") return [];
    return h("span", { class: `sign ${level}`, title: words[level] }, icon(level === "bad" ? icons.bad : icons.good));
  });
  return h("span", { class: "signs", "aria-hidden": "true" }, ...signs);
}
