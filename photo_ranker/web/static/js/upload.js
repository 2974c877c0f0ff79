// @ts-nocheck
/** Dropped photos and ZIPs -> the server, piece by piece. Dropping the same files again sends only what is missing. */

import { post, sendBytes } from "./api.js";
import { bytes, h } from "./dom.js";
import { announceLeft, ended } from "./jobs.js";
import { sha256 } from "./sha256.js";
import { say, sayFailure } from "./toast.js";
import { t } from "./words.js";

const PIECE = 8 * 1024 * 1024;
const AT_ONCE = 3;
const ASKED_AT_ONCE = 1000; // the server reads files that it already has

/** All files of a drop; those in folders with their path. */
export async function filesOfDrop(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ name: file.name, file }));
  const found = [];
  for (const entry of entries) await gather(entry, "", found);
  return found;
}

async function gather(entry, folder, found) {
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    found.push({ name: folder + entry.name, file });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const inner of some) await gather(inner, `${folder}${entry.name}/`, found);
  }
}

const SAMPLE_BYTES = 16384;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** A check sum of the beginning, middle and end of a file, since two cameras use the same names. */
async function sampleOf(file) {
  let crc = 0xffffffff;
  for (const start of [0, Math.floor(file.size / 2), Math.max(0, file.size - SAMPLE_BYTES)]) {
    const some = new Uint8Array(await file.slice(start, start + SAMPLE_BYTES).arrayBuffer());
    for (const byte of some) crc = CRC_TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, "0");
}

/** What the server is told about a file. */
async function offerOf({ name, file }) {
  // If a file cannot be read, that is reported when it is sent.
  return { name, size: file.size, sample: await sampleOf(file).catch(() => "") };
}

/** @type {{ album: string, element: HTMLElement }[]} */
const running = [];

/** Whether files are being sent to an album. */
export const isSending = (album) => running.some((one) => one.album === album);

/** An element that shows the uploads to an album, or all uploads, including those that began on another page. */
export const uploadPlace = (album = "") => h("div", {}, ...running.filter((one) => !album || one.album === album).map((one) => one.element));

addEventListener("beforeunload", (event) => {
  if (running.length) event.preventDefault(); // the browser asks before it aborts them
});

/**
 * Send files into a session, showing the progress of each; then start indexing. ``onArrived`` is called after each file.
 * Returns whether any of them stays in the album: after Cancel those that have arrived, and nothing of the others.
 */
export async function upload(album, files, place, onArrived = () => {}) {
  const stopper = new AbortController();
  const list = makeList(files, () => stopper.abort());
  const one = { album, element: list.element };
  running.push(one);
  place.append(list.element);
  let left = files.length;
  try {
    left = await sendAll(album, files, list, stopper.signal, onArrived);
    if (left) await index(album);
  } catch (error) {
    list.end();
    sayFailure(error);
  } finally {
    running.splice(running.indexOf(one), 1);
  }
  return left > 0;
}

/** Have everything measured, including files that an earlier running job does not know. */
async function index(album) {
  const job = await post(`/api/albums/${album}/index`);
  if (job.state === "running") ended(job.id).then(() => post(`/api/albums/${album}/index`)).catch(sayFailure);
}

/** Returns how many of the files are on the server or can still be sent: not those that were refused or cancelled. */
async function sendAll(album, files, list, signal, onArrived) {
  const base = `/api/albums/${album}/files`;
  const offers = [];
  for (const one of files) if (!signal.aborted) offers.push(await offerOf(one));
  const standing = [];
  for (let from = 0; from < files.length && !signal.aborted; from += ASKED_AT_ONCE) {
    const some = [from, from + ASKED_AT_ONCE];
    standing.push(...(await standingOf(base, files.slice(...some), offers.slice(...some))));
  }
  const all = standing.map((state, number) => ({ ...files[number], ...list.row(number), ...offers[number], state, isHere: false }));
  const waiting = [...all];
  const lost = [];
  await Promise.all(Array.from({ length: AT_ONCE }, () => worker(base, waiting, list, lost, onArrived, signal)));
  const here = all.filter((one) => one.isHere).length;
  if (signal.aborted) {
    await forget(base, all);
    say(here ? t("upload.cancelled", { n: here, total: files.length }) : t("upload.cancelledAll"));
    list.close();
    return here;
  }
  const there = standing.filter((one) => !one.refused && one.have === one.size);
  if (there.length) say(t("upload.there", { n: there.length }));
  const refused = standing.filter((one) => one.refused);
  announceLeft(t("upload.refused", { n: refused.length }), refused.map((one) => [one.refused, ""])); // each reason has the name
  if (lost.length) {
    say(t("upload.lost", { n: lost.length }));
    list.end();
  } else list.close();
  return here + lost.length;
}

/** Have the server remove the beginnings of files whose upload was cancelled, and stop waiting for these files. */
async function forget(base, all) {
  const names = all.filter((one) => !one.isHere && !one.state.refused).map((one) => one.state.send_as);
  for (let from = 0; from < names.length; from += ASKED_AT_ONCE) await post(`${base}/cancel`, { names: names.slice(from, from + ASKED_AT_ONCE) });
}

/** What the server has of these files. If one looks like a file that is there, its content decides. */
async function standingOf(base, files, offers) {
  for (;;) {
    const told = (await post(`${base}/standing`, { files: offers })).files;
    const alike = offers.filter((offer, number) => told[number].compare && !offer.digest);
    if (!alike.length) return told;
    // If a file cannot be read, its digest matches no other; that is reported when it is sent.
    for (const offer of alike) offer.digest = await sha256(files[offers.indexOf(offer)].file).catch(() => "0".repeat(64));
  }
}

async function worker(base, waiting, list, lost, onArrived, signal) {
  for (let one = waiting.shift(); one && !signal.aborted; one = waiting.shift()) {
    try {
      await sendOne(base, one, list, signal);
      onArrived();
    } catch (error) {
      if (signal.aborted) return;
      lost.push(one);
      one.say(error.message, true);
    }
  }
}

async function sendOne(base, one, list, signal) {
  const { file, sample, digest = "", state } = one;
  if (state.refused) {
    one.say(state.refused, true);
    list.add(file.size);
    return;
  }
  list.add(state.have);
  let sent = state.have;
  while (sent < file.size) {
    const piece = file.slice(sent, sent + PIECE);
    const where = new URLSearchParams({ name: state.send_as, size: file.size, sample, digest, offset: sent });
    await sendBytes(`${base}?${where}`, piece, { signal });
    sent += piece.size;
    list.add(piece.size);
    one.show(sent / file.size);
  }
  one.isHere = true;
  one.show(1);
}

const ROWS = 200;

function makeList(files, onCancel) {
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const words = h("p", { class: "upload-words" });
  const bar = h("progress", { max: Math.max(total, 1), value: 0, "aria-label": t("upload.title") });
  const rows = h("ul", { class: "upload-rows" });
  const button = h("button", { type: "button", class: "small", onclick: () => onCancel() }, t("app.cancel"));
  const box = h("section", { class: "upload", "aria-label": t("upload.title") }, h("div", { class: "row" }, words, h("span", { class: "space" }), button), bar, rows);
  let sent = 0;
  const shown = files.slice(0, ROWS).map(({ name, file }) => {
    const state = h("progress", { max: 1, value: 0, "aria-label": name });
    const note = h("span", { class: "muted" }, bytes(file.size));
    const row = h("li", {}, h("span", { class: "upload-name" }, name), note, state);
    rows.append(row);
    return { row, state, note };
  });
  const tell = () => {
    words.textContent = t("upload.progress", { n: files.length, sent: bytes(sent), total: bytes(total) });
    bar.value = sent;
  };
  tell();
  return {
    element: box,
    add(number) {
      sent += number;
      tell();
    },
    row(number) {
      const one = shown[number];
      return {
        show: (part) => {
          if (!one) return;
          one.state.value = part;
          one.row.classList.toggle("complete", part >= 1);
        },
        say: (text, bad) => {
          if (!one) return;
          one.note.textContent = text;
          one.row.classList.toggle("bad", bad);
        },
      };
    },
    close: () => setTimeout(() => box.remove(), 1200),
    /** The upload has ended; the list stays until the user closes it. */
    end() {
      button.textContent = t("app.close");
      onCancel = () => box.remove();
    },
  };
}

/** Let files be dropped on an element. ``taker`` returns what to do with files dropped now, or null. */
export function dropZone(element, taker) {
  let depth = 0;
  const isFiles = (event) => taker() && [...(event.dataTransfer?.types || [])].includes("Files");
  element.addEventListener("dragenter", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    depth += 1;
    element.classList.add("dropping");
  });
  element.addEventListener("dragover", (event) => isFiles(event) && event.preventDefault());
  element.addEventListener("dragleave", (event) => {
    if (!isFiles(event)) return;
    depth -= 1;
    if (depth <= 0) element.classList.remove("dropping");
  });
  element.addEventListener("drop", async (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    element.classList.remove("dropping");
    const take = taker(); // taken now, since another album may be shown while a folder is read
    const files = await filesOfDrop(event.dataTransfer);
    if (files.length) take(files);
  });
}

/** A button that opens a hidden file field. */
export function fileButton(label, onFiles, { multiple = true, accept = "", isPrimary = false } = {}) {
  const field = h("input", { type: "file", multiple, accept, class: "hidden-field", tabindex: "-1", "aria-label": label });
  field.addEventListener("change", () => {
    const files = [...field.files].map((file) => ({ name: file.name, file }));
    if (files.length) onFiles(files);
    field.value = "";
  });
  const button = h("button", { type: "button", class: isPrimary ? "primary" : null, onclick: () => field.click() }, label);
  return h("span", { class: "file-button" }, button, field);
}
