// @ts-nocheck
/** Long work, as the server tells it; a reload shows the truth because the server has it. */

import { post } from "./api.js";
import { count, h, icon, iconButton } from "./dom.js";
import { listenTo } from "./events.js";
import { careful, say, sayFailure } from "./toast.js";

const SHOWN = 5; // names in one note
const listeners = new Set();
/** Jobs that ended badly and whose note was put away. */
const putAway = new Set(JSON.parse(sessionStorage.getItem("putAway") || "[]"));
let jobs = [];

/** Be told of every change; gives a function that ends it. */
export function onJobs(listener) {
  listeners.add(listener);
  listener(jobs);
  return () => listeners.delete(listener);
}

/** Wait until a job is at work no more. */
export function ended(id) {
  return new Promise((resolve) => {
    const look = (all) => {
      const job = all.find((one) => one.id === id);
      if (!job || isAtWork(job)) return;
      listeners.delete(look);
      resolve();
    };
    onJobs(look);
  });
}

export const isAtWork = (job) => job.state === "queued" || job.state === "running";

const WORDS = {
  index: "Indexing",
  unpack: "Unpacking",
  copy: "Copying",
  xmp: "Writing XMP",
  people: "Finding people",
  event: "Scoring the event",
};

/** Begin to listen. */
export function listen() {
  listenTo("/api/jobs/events", "jobs", (told) => {
    const before = new Map(jobs.map((job) => [job.id, job.state]));
    jobs = told.jobs;
    for (const job of jobs) {
      if (before.has(job.id) && before.get(job.id) !== job.state) announce(job);
    }
    for (const listener of listeners) listener(jobs);
  });
}

function announce(job) {
  const name = WORDS[job.kind] || job.kind;
  if (job.state === "failed") say(`${name} failed: ${job.problem?.detail || "unknown"}`);
  if (job.state === "cancelled") say(`${name} stopped; what was done is kept`);
  if (job.state === "done" && job.kind === "index" && job.result.kept_elsewhere?.length) {
    const [first] = job.result.kept_elsewhere;
    say(`${first.folder} cannot be written; what was measured is kept in ${first.place}`);
  }
  if (job.state === "done" && job.kind === "copy") say(`${count(job.result.done, "file")} copied`);
  if (job.state === "done" && job.kind === "xmp") say(`${count(job.result.written, "sidecar")} written`);
  if (job.state === "done" && job.kind === "unpack" && job.result.left_out.length) {
    const told = job.result.left_out;
    const rest = told.length > SHOWN ? [`and ${told.length - SHOWN} more`] : [];
    const lines = told.slice(0, SHOWN).map(([name, reason]) => `${name || "(no name)"}: ${reason}`);
    sayFailure({ message: `${count(told.length, "file")} of the ZIP left out`, advice: [...lines, ...rest].join("; ") });
  }
}

/** The strip that shows what an album's jobs do. */
export function jobStrip(album) {
  const strip = h("div", { class: "jobs", role: "status", "aria-label": "Work in progress" });
  const rows = new Map();
  const stop = onJobs((all) => {
    if (!strip.isConnected && strip.dataset.shown) return stop();
    strip.dataset.shown = "yes";
    const mine = all.filter((job) => job.album === album);
    const shown = mine.filter((job) => isAtWork(job) || isUnfinished(job, mine));
    for (const [id, row] of rows) {
      if (!shown.some((job) => job.id === id)) {
        row.element.remove();
        rows.delete(id);
      }
    }
    for (const job of shown) {
      if (!rows.has(job.id)) {
        const row = makeRow(job.id);
        rows.set(job.id, row);
        strip.append(row.element);
      }
      rows.get(job.id).show(job);
    }
    return undefined;
  });
  return strip;
}

/** Cancelled or failed, and nothing of its kind was done since. */
function isUnfinished(job, all) {
  if (job.state !== "cancelled" && job.state !== "failed") return false;
  if (putAway.has(job.id)) return false;
  return !all.some((other) => other.kind === job.kind && other.created_at > job.created_at);
}

function makeRow(id) {
  const words = h("span", { class: "job-words" });
  const bar = h("progress", { "aria-label": "Progress" });
  const cancel = iconButton("close", "Stop; what is done is kept", careful(() => post(`/api/jobs/${id}/cancel`)));
  const leave = iconButton("close", "Put this note away", () => {
    putAway.add(id);
    sessionStorage.setItem("putAway", JSON.stringify([...putAway]));
    element.remove();
  });
  const resume = h("button", { type: "button", class: "small", onclick: careful(() => post(`/api/jobs/${id}/resume`)) }, "Go on");
  const element = h("div", { class: "job" }, icon("work"), words, bar, cancel, resume, leave);
  return {
    element,
    show(job) {
      const { done, total, words: what } = job.progress;
      const name = WORDS[job.kind] || job.kind;
      if (job.state === "failed") words.textContent = `${name} failed: ${job.problem?.detail}. ${job.problem?.advice || ""}`;
      else if (job.state === "cancelled") words.textContent = `${name} stopped at ${done} of ${total}`;
      else if (job.state === "queued") words.textContent = `${name} waits for its turn`;
      else words.textContent = total ? `${name}: ${done} of ${total} · ${what}` : `${name}…`;
      const atWork = isAtWork(job);
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
