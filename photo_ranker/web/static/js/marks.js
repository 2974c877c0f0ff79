/** Culling by keys, as in any culling program: P pick, X reject, U neither, 0 to 5 stars; Z undoes it. */

/**
 * @import { Mark, PageOfPhotos, Photo } from "./types.d.ts"
 * @typedef {{ photo: Photo, fields: Partial<Mark> }} Change
 * @typedef {{ selected: Set<number>, focus: number, get: (index: number) => Photo | undefined, setFocus: (index: number) => void, chosen: () => Promise<Photo[]> }} MarkedGrid
 */

import { put } from "./api.js";
import { tellChanged } from "./dom.js";
import { say, sayFailure, undoKind } from "./toast.js";
import { t } from "./words.js";

/** @type {Set<(photo: Photo) => void>} */
const listeners = new Set();

/**
 * Call a listener when marks change; returns a function that removes it.
 *
 * @param {(photo: Photo) => void} listener
 */
export function onMarks(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Tell all listeners that the mark of a photo has changed.
 *
 * @param {Photo} photo
 */
export function tellMark(photo) {
  for (const listener of listeners) listener(photo);
}

/**
 * The fields of a mark that a key changes; null = no such key. Other fields stay, since somebody else may have set them.
 *
 * @param {string} key
 * @returns {Partial<Mark> | null}
 */
export function markOf(key) {
  if (key === "p" || key === "P") return { flag: "pick" };
  if (key === "x" || key === "X") return { flag: "reject" };
  if (key === "u" || key === "U") return { flag: null };
  if (/^[0-5]$/.test(key)) return { stars: Number(key) };
  return null;
}

/**
 * Change the marks of photos: shown at once, stored by the server, undone by one key.
 *
 * @param {string} album
 * @param {Photo[]} photos
 * @param {Partial<Mark>} fields
 */
export function setMarks(album, photos, fields) {
  const before = photos.map((photo) => ({ photo, fields: fieldsLike(fields, photo.mark) }));
  const sent = change(album, photos.map((photo) => ({ photo, fields })));
  const what = photos.length === 1 ? photos[0].name : t("count.photos", { n: photos.length });
  const undo = () => {
    // Marks that were changed since then stay: this filter leaves out those that this tab knows of, the server all others.
    const stands = before.filter(({ photo }) => Object.entries(fields).every(([name, value]) => fieldsLike(fields, photo.mark)[/** @type {keyof Mark} */ (name)] === value));
    if (stands.length) return change(album, stands, fields);
    say(t("marks.otherwise"));
    return false;
  };
  const kept = before.map(({ photo, fields: were }) => ({ photo: photo.id, ...were }));
  const withdraw = say(`${wordsOf(fields)}: ${what}`, undo, { kind: "marks", album, marks: kept, given: fields });
  sent.then((isKept) => {
    if (isKept) return;
    withdraw();
    say(t("marks.lost", { what }));
  });
}

undoKind("marks", async ({ album, marks, given: fields }) => {
  const { before } = await put(`/api/albums/${album}/marks`, { marks, only_if: fields });
  if (!before.length) say(t("marks.otherwise"));
  return before.length > 0;
});

/**
 * @param {Partial<Mark>} fields
 * @param {{ [field: string]: any }} mark
 * @returns {Partial<Mark>}
 */
const fieldsLike = (fields, mark) => Object.fromEntries(Object.keys(fields).map((name) => [name, mark[name]]));

/** @param {Partial<Mark>} fields */
function wordsOf({ flag, stars }) {
  if (flag) return t(flag === "pick" ? "marks.picked" : "marks.rejected");
  return stars ? t("count.stars", { n: stars }) : t("marks.removed");
}

/** @typedef {{ key: string, latest: { value: unknown, since: number } }} Given */
/** @type {{ album: string, list: Change[], onlyIf: Partial<Mark> | null, mine: Given[], isKept: boolean }[]} Changes that are not sent yet. */
const waiting = [];
/** @type {Map<string, Mark>} The marks that the server has, by photo, while changes are being sent. */
const stored = new Map();
/** @type {Map<string, Given["latest"]>} By album, photo and field: the latest value, and when the server received it. */
const given = new Map();
/** @type {Promise<void> | null} */
let sending = null;

/**
 * @param {string} album
 * @param {Photo} photo
 * @param {string} field
 */
const keyOf = (album, photo, field) => `${album}/${photo.id}/${field}`;

/**
 * Photos as the server sends them, with marks that it may not have had at the time of the request.
 *
 * @param {string} album
 * @param {() => Promise<PageOfPhotos>} ask
 */
export async function withLatestMarks(album, ask) {
  const asked = performance.now();
  const answer = await ask();
  for (const photo of answer.photos) {
    for (const field of Object.keys(photo.mark)) {
      const mine = given.get(keyOf(album, photo, field));
      if (mine && mine.since > asked) Object.assign(photo.mark, { [field]: mine.value });
    }
  }
  return answer;
}

/**
 * Returns whether the server has stored the changes. Only photos that still have the marks ``onlyIf`` are changed.
 *
 * @param {string} album
 * @param {Change[]} list
 * @param {Partial<Mark> | null} [onlyIf]
 */
async function change(album, list, onlyIf = null) {
  if (!sending) stored.clear();
  for (const { photo } of list) if (!stored.has(photo.id)) stored.set(photo.id, photo.mark);
  show(list.map(({ photo, fields }) => ({ photo, mark: { ...photo.mark, ...fields } })));
  const mine = list.flatMap(({ photo, fields }) => Object.entries(fields).map(([field, value]) => ({ key: keyOf(album, photo, field), latest: { value, since: Infinity } })));
  for (const { key, latest } of mine) given.set(key, latest);
  const one = { album, list, onlyIf, mine, isKept: true };
  waiting.push(one);
  sending ||= send().finally(() => (sending = null));
  try {
    await sending;
    for (const { latest } of mine) latest.since = performance.now();
    return one.isKept;
  } catch (error) {
    for (const { key } of mine) given.delete(key);
    show(list.map(({ photo }) => ({ photo, mark: stored.get(photo.id) || photo.mark })));
    sayFailure(error);
    return false;
  }
}

/** One request at a time, in the order of the keys: of two marks for one photo the last one must win. */
async function send() {
  try {
    while (waiting.length) {
      const first = waiting[0];
      const { album, onlyIf, mine } = first;
      const marks = new Map();
      do {
        for (const { photo, fields } of waiting[0].list) marks.set(photo.id, { ...marks.get(photo.id), ...fields });
        waiting.shift();
      } while (!onlyIf && waiting[0]?.album === album && !waiting[0].onlyIf);
      const asked = { marks: [...marks].map(([photo, fields]) => ({ photo, ...fields })) };
      const { before } = await put(`/api/albums/${album}/marks`, onlyIf ? { ...asked, only_if: onlyIf } : asked);
      for (const { photo } of before) stored.set(photo, { ...stored.get(photo), ...marks.get(photo) });
      first.isKept = before.length > 0 || !onlyIf;
      if (before.length < marks.size) showOthers(mine, before.length > 0);
    }
  } finally {
    waiting.length = 0; // changes that were reported as failed must not be sent later
  }
}

/**
 * Show the marks that somebody else has given meanwhile, in place of those that an undo would have restored.
 *
 * @param {Given[]} mine
 * @param {boolean} isPartlyDone
 */
function showOthers(mine, isPartlyDone) {
  for (const { key, latest } of mine) if (given.get(key) === latest) given.delete(key);
  if (!isPartlyDone) say(t("marks.otherwise"));
  tellChanged();
}

/** @param {{ photo: Photo, mark: Mark }[]} list */
function show(list) {
  for (const { photo, mark } of list) {
    photo.mark = mark;
    tellMark(photo);
  }
}

let turn = Promise.resolve(); // a key waits until the photos of the key before it are marked

/**
 * Handle a key in a grid: mark the selection, else the photo in focus; with Shift move on to the next.
 *
 * @param {string} album
 * @param {KeyboardEvent} event
 * @param {MarkedGrid} grid
 */
export function markByKey(album, event, grid) {
  const fields = markOf(event.key);
  if (!fields) return false;
  if (grid.selected.size) {
    turn = turn.then(async () => setMarks(album, await grid.chosen(), fields)).catch(sayFailure);
    return true;
  }
  const photo = grid.get(grid.focus);
  if (!photo) return false;
  setMarks(album, [photo], fields);
  if (event.shiftKey) grid.setFocus(grid.focus + 1);
  return true;
}
