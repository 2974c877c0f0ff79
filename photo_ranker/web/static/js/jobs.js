/** Long work as the server reports it; a reload shows the real state, because the server holds it. */

import { post } from "./api.js";
import { h, icon, iconButton } from "./dom.js";
import { listenTo } from "./events.js";
import { timeLeft, wordsForTime } from "./time_left.js";
import { careful, say, sayFailure } from "./toast.js";
import { t } from "./words.js";

/** @typedef {import("./types.d.ts").Job} Job */

const SHOWN = 5; // names in one note
/** @type {Set<(jobs: Job[]) => void>} */
const listeners = new Set();
/** Jobs that failed or were cancelled and whose note was dismissed. */
const putAway = new Set(JSON.parse(sessionStorage.getItem("putAway") || "[]"));
/** @type {Job[]} */
let jobs = [];
let isHeard = false; // the server has reported them

/**
 * Call a listener at every change; returns a function that removes it.
 * @param {(jobs: Job[]) => void} listener
 */
export function onJobs(listener) {
  listeners.add(listener);
  listener(jobs);
  return () => listeners.delete(listener);
}

/**
 * Wait until a job has ended.
 * @param {string} id
 * @returns {Promise<void>}
 */
export function ended(id) {
  return new Promise((resolve) => {
    const look = (/** @type {Job[]} */ all) => {
      const job = all.find((one) => one.id === id);
      if (!job || isAtWork(job)) return;
      listeners.delete(look);
      resolve();
    };
    onJobs(look);
  });
}

/**
* Run whenever an album has no more active jobs, even if a job ended before it was seen running; returns a function
 * that stops this.
 * @param {string} album
 * @param {() => unknown} work
 */
export function onRest(album, work) {
  /** @type {Set<string> | null} */
  let known = null; // the jobs that have ended
  let isDue = false;
  return onJobs((all) => {
    if (!isHeard) return;
    const mine = all.filter((job) => job.album === album);
    const before = known;
    known = new Set(mine.filter((job) => !isAtWork(job)).map((job) => `${job.id} ${job.ended_at}`));
    isDue ||= before !== null && [...known].some((job) => !before.has(job));
    if (!isDue || mine.some(isAtWork)) return;
    isDue = false;
    work();
  });
}

/** @param {Job} job */
export const isAtWork = (job) => job.state === "queued" || job.state === "running";

/** @type {Record<string, string>} */
const WHAT = {
  index: t("jobs.index"),
  unpack: t("jobs.unpack"),
  copy: t("jobs.copy"),
  xmp: t("jobs.xmp"),
  people: t("jobs.people"),
  event: t("jobs.event"),
};

/** Start listening. */
export function listen() {
  listenTo("/api/jobs/events", "jobs", (/** @type {{ jobs: Job[] }} */ told) => {
    const before = new Map(jobs.map((job) => [job.id, job.state]));
    jobs = told.jobs;
    for (const job of jobs) {
      if (isHeard && before.get(job.id) !== job.state) announce(job);
    }
    isHeard = true;
    for (const listener of listeners) listener(jobs);
  });
}

/** @param {Job} job */
function announce(job) {
  const what = WHAT[job.kind];
  if (job.state === "failed") say(t("jobs.failed", { what, why: job.problem?.detail || t("jobs.unknown") }));
  if (job.state === "cancelled") say(t("jobs.stopped", { what }));
  if (job.state !== "done") return;
  if (job.kind === "index" && job.result.kept_elsewhere?.length) say(t("jobs.keptElsewhere", job.result.kept_elsewhere[0]));
  if (job.kind === "copy") announceCopies(job.result);
  if (job.kind === "xmp") {
    const { written, problems } = job.result;
    say(t("jobs.written", { n: written }));
    announceLeft(t("jobs.notWritten", { n: problems.length }), problems);
  }
  if (job.kind === "unpack" && job.result.already_there) say(t("jobs.there", { n: job.result.already_there }));
  if (job.kind === "unpack") announceLeft(t("jobs.leftOut", { n: job.result.left_out.length }), job.result.left_out);
}

/** @param {{ done: number, missing: string[], failed: [string, string][] }} told */
function announceCopies({ done, missing, failed }) {
  say(t("jobs.copied", { n: done }));
  const left = [...missing, ...failed.map(([file]) => file)];
  announceLeft(t("jobs.notCopied", { n: left.length }), left.map((file) => [file, ""]));
}

/**
 * Name the files that were left out, and why.
 * @param {string} message
 * @param {[string, string][]} told
 */
export function announceLeft(message, told) {
  if (!told.length) return;
  const lines = told.slice(0, SHOWN).map(([name, reason]) => [name || t("jobs.noName"), reason].filter(Boolean).join(": "));
  const rest = told.length > SHOWN ? [t("jobs.more", { n: told.length - SHOWN })] : [];
  sayFailure({ message, advice: [...lines, ...rest].join("; ") });
}

/**
 * The strip that shows what an album's jobs are doing; on the card of an album there is room for the first words only.
 * @param {string} album
 * @param {{ isCard?: boolean }} [about]
 */
export function jobStrip(album, { isCard = false } = {}) {
  const strip = h("div", { class: "jobs", role: "status", "aria-label": t("jobs.title") });
  /** @type {Map<string, ReturnType<typeof makeRow>>} */
  const rows = new Map();
  const stop = onJobs((all) => {
    if (!strip.isConnected && strip.dataset.shown) return stop();
    strip.dataset.shown = "yes";
    const mine = all.filter((job) => job.album === album);
    const shown = mine.filter((job) => isAtWork(job) || isUnfinished(job, mine));
    for (const [id, row] of rows) {
      if (shown.some((job) => job.id === id)) continue;
      row.element.remove();
      rows.delete(id);
    }
    for (const job of shown) {
      if (!rows.has(job.id)) {
        const row = makeRow(job.id, isCard);
        rows.set(job.id, row);
        strip.append(row.element);
      }
      rows.get(job.id)?.show(job);
    }
    return undefined;
  });
  return strip;
}

/**
 * Whether a job was cancelled or failed, and none of its kind was done since.
 * @param {Job} job
 * @param {Job[]} all
 */
function isUnfinished(job, all) {
  if (job.state !== "cancelled" && job.state !== "failed") return false;
  if (putAway.has(job.id)) return false;
  return !all.some((other) => other.kind === job.kind && other.created_at > job.created_at);
}

/**
 * @param {string} id
 * @param {boolean} isCard
 */
function makeRow(id, isCard) {
  const words = h("span", { class: "job-words" });
  const bar = h("progress", { "aria-label": t("jobs.progress") });
  const cancel = iconButton("close", t("jobs.stop"), careful(() => post(`/api/jobs/${id}/cancel`)));
  const leave = iconButton("close", t("jobs.putAway"), () => {
    putAway.add(id);
    sessionStorage.setItem("putAway", JSON.stringify([...putAway]));
    element.remove();
  });
  const resume = h("button", { type: "button", class: "small", onclick: careful(() => post(`/api/jobs/${id}/resume`)) }, t("jobs.resume"));
  const element = h("div", { class: "job" }, icon("work"), words, bar, cancel, resume, leave);
  const left = timeLeft();
  return {
    element,
    /** @param {Job} job */
    show(job) {
      const { done, total } = job.progress;
      const atWork = isAtWork(job);
      words.textContent = wordsOf(job, left(done, total), isCard);
      bar.hidden = !atWork;
      cancel.hidden = !atWork;
      resume.hidden = atWork;
      leave.hidden = atWork;
      element.classList.toggle("bad", job.state === "failed");
      if (total) {
        bar.max = total;
        bar.value = done;
      } else bar.removeAttribute("value");
    },
  };
}

/**
 * What a job does, and how long it will still take.
 * @param {Job} job
 * @param {number | null} seconds
 * @param {boolean} isCard
 */
function wordsOf(job, seconds, isCard) {
  const what = WHAT[job.kind];
  const { done, total, words } = job.progress;
  if (job.state === "failed") return `${t("jobs.failed", { what, why: job.problem?.detail || t("jobs.unknown") })}. ${job.problem?.advice || ""}`;
  if (job.state === "cancelled") return t(isCard ? "jobs.cardStopped" : "jobs.stoppedAt", { what, done, total });
  if (job.state === "queued") return t(isCard ? "jobs.cardWaits" : "jobs.waits", { what });
  if (!total) return t("jobs.begins", { what });
  return [t(isCard ? "jobs.cardFar" : "jobs.far", { what, done, total }), seconds === null ? "" : wordsForTime(seconds), words].filter(Boolean).join(" · ");
}
