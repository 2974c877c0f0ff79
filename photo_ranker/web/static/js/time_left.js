/** How long work will still take, from its speed while this page watched it. */

import { t } from "./words.js";

const WINDOW_MS = 30_000; // older progress says nothing: large and small photos alternate
const LEAST_MS = 2000; // of progress before a time is shown

/**
 * Returns a function that takes each progress and returns the seconds left, null while that is unknown.
 * @param {() => number} [now]
 */
export function timeLeft(now = () => performance.now()) {
  /** @type {{ at: number, done: number }[]} */
  let seen = [];
  return (/** @type {number} */ done, /** @type {number} */ total) => {
    const at = now();
    if (seen.length && done < seen[seen.length - 1].done) seen = [];
    seen.push({ at, done });
    while (seen.length > 2 && at - seen[0].at > WINDOW_MS) seen.shift();
    const [first] = seen;
    if (!total || done <= first.done || at - first.at < LEAST_MS) return null;
    return ((total - done) * (at - first.at)) / (done - first.done) / 1000;
  };
}

/**
 * "about 3 minutes left", no more exact than such a guess can be.
 * @param {number} seconds
 */
export function wordsForTime(seconds) {
  if (seconds < 10) return t("time.seconds");
  if (seconds < 50) return t("time.underAMinute");
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return t("time.minutes", { n: Math.max(1, minutes) });
  return t("time.hours", { n: Math.round(minutes / 60) });
}
