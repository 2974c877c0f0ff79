/** One cell of a grid of photos: the picture, and what is known about it. */

/** @import { Photo, Queue, Result, Stack } from "./types.d.ts" */

import { picture } from "./api.js";
import { h, icon } from "./dom.js";
import { decimal, t } from "./words.js";

const NAME_END = 9; // letters: "_0123.jpg"

/**
 * How many files stand behind a result: copies, and other photos of the moment.
 *
 * @param {Result} result
 */
function behind({ copies = [], alternates = [] }) {
  const parts = [copies.length ? t("cell.copies", { n: copies.length }) : "", alternates.length ? t("cell.alike", { n: alternates.length }) : ""];
  return parts.filter(Boolean);
}

/**
 * Show a photo in its cell; what is already there is not drawn again.
 *
 * @param {HTMLElement} cell
 * @param {Photo} photo
 * @param {{ album: string, queue: Queue }} options
 */
export function fillCell(cell, photo, { album, queue }) {
  const key = [photo.id, photo.version, photo.pending, photo.unreadable, photo.result?.rank, photo.result?.score, photo.mark.flag, photo.mark.stars, photo.guests, photo.stack?.photos.length, photo.stack?.is_open, photo.in_stack].join();
  if (cell.dataset.key === key) return;
  cell.dataset.key = key;
  cell.dataset.flag = photo.mark.flag || "";
  cell.dataset.photo = photo.id;
  cell.classList.toggle("pending", photo.pending);
  cell.classList.toggle("stacked", Boolean(photo.stack && !photo.stack.is_open));
  cell.classList.toggle("in-stack", Boolean(photo.stack?.is_open || photo.in_stack));
  cell.setAttribute("aria-label", describe(photo));
  cell.title = photo.result ? [...photo.result.reasons, ...photo.result.against].join(", ") : photo.name;
  cell.replaceChildren(
    h("div", { class: "frame" }, photo.unreadable ? h("p", { class: "unreadable" }, icon("broken"), photo.unreadable) : imageOf(cell, photo, album, queue)),
    // Only for the eye and the mouse; assistive tools have the state of the cell.
    h("span", { class: "tick", "aria-hidden": "true", title: t("cell.select") }, icon("pick")),
    ...(photo.stack ? [stackCount(photo.stack)] : []),
    caption(photo),
  );
}

/**
 * How many photos the cell stands for; a click opens and closes the stack, as the key S does.
 *
 * @param {Stack} stack
 */
function stackCount({ photos, kind, is_open: isOpen }) {
  const n = photos.length;
  const what = kind === "copies" ? t("cell.stackOfCopies", { n }) : t("cell.stackOfBurst", { n });
  return h("span", { class: "stack-count", "aria-hidden": "true", title: `${what}: ${t(isOpen ? "cell.close" : "cell.open")}` }, icon(isOpen ? "smaller" : "burst"), String(photos.length));
}

/**
 * @param {HTMLElement} cell
 * @param {Photo} photo
 * @param {string} album
 * @param {Queue} queue
 */
function imageOf(cell, photo, album, queue) {
  const address = picture(album, photo);
  let image = cell.querySelector("img");
  if (image?.dataset.address !== address || !image) {
    const fresh = h("img", { alt: "", decoding: "async", draggable: "false", "data-address": address });
    if (image) queue.drop(image);
    queue.want(fresh, address);
    image = fresh;
  }
  image.style.objectPosition = `${photo.focus[0] * 100}% ${photo.focus[1] * 100}%`;
  return image;
}

/** @param {Photo} photo */
function caption(photo) {
  const line = h("div", { class: "caption" });
  if (photo.result) {
    line.append(h("b", { class: "score" }, decimal(photo.result.score, 2)));
    if (photo.result.doubtful) line.append(h("i", { class: "doubt", title: t("cell.unsure") }, "?"));
    const { reasons, against } = photo.result;
    line.append(h("span", { class: "why" }, reasons[0] || "", reasons[0] && against[0] ? ", " : "", against[0] ? h("span", { class: "against" }, against[0]) : ""));
    for (const more of behind(photo.result)) line.append(h("span", { class: "more" }, more));
  } else line.append(nameOf(photo.name));
  if (photo.mark.stars) line.append(h("span", { class: "stars", "aria-hidden": "true" }, "★".repeat(photo.mark.stars)));
  if (photo.guests) line.append(h("span", { class: "liked", title: t("guests.favouriteOf", { n: photo.guests }) }, icon("heart"), String(photo.guests)));
  if (photo.mark.flag) line.append(h("span", { class: `flag ${photo.mark.flag}` }, icon(photo.mark.flag)));
  return line;
}

/**
 * Photos of one camera differ at the end of their names, so that is never cut off.
 * @param {string} name
 */
function nameOf(name) {
  const letters = [...name];
  return h("span", { class: "why name-parts" }, h("span", {}, letters.slice(0, -NAME_END).join("")), h("span", {}, letters.slice(-NAME_END).join("")));
}

/** @param {Photo} photo */
function describe(photo) {
  const words = [photo.name];
  if (photo.result) words.push(t("cell.rank", { rank: photo.result.rank, score: decimal(photo.result.score, 2) }), ...photo.result.reasons, ...photo.result.against, ...behind(photo.result));
  if (photo.mark.flag) words.push(t(photo.mark.flag === "pick" ? "marks.isPicked" : "marks.isRejected"));
  if (photo.mark.stars) words.push(t("count.stars", { n: photo.mark.stars }));
  if (photo.guests) words.push(t("guests.favouriteOf", { n: photo.guests }));
  if (photo.stack) words.push(t(photo.stack.is_open ? "cell.openStack" : "cell.stack", { n: photo.stack.photos.length }));
  if (photo.pending) words.push(t("cell.pending"));
  if (photo.unreadable) words.push(t("cell.unreadable", { why: photo.unreadable }));
  return words.join(", ");
}
