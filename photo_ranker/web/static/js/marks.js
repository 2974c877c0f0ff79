/** Culling by keys, as in any culling program: P pick, X reject, U neither, 0 to 5 stars; Z takes it back. */

import { put } from "./api.js";
import { say, sayFailure } from "./toast.js";

const changed = new Set();

/** Be told when marks have changed; gives a function that ends it. */
export function onMarks(listener) {
  changed.add(listener);
  return () => changed.delete(listener);
}

/** The mark that a key stands for, given the one that is there; null = no such key. */
export function markOf(key, now) {
  if (key === "p" || key === "P") return { ...now, flag: "pick" };
  if (key === "x" || key === "X") return { ...now, flag: "reject" };
  if (key === "u" || key === "U") return { ...now, flag: null };
  if (/^[0-5]$/.test(key)) return { ...now, stars: Number(key) };
  return null;
}

/** Mark photos: seen at once, kept by the server, undone by one key. */
export function setMarks(album, photos, mark) {
  const before = photos.map((photo) => ({ photo, mark: photo.mark }));
  change(album, photos.map((photo) => ({ photo, mark })));
  const words = mark.flag === "pick" ? "Picked" : mark.flag === "reject" ? "Rejected" : mark.stars ? `${mark.stars} stars` : "Mark removed";
  say(photos.length === 1 ? `${words}: ${photos[0].name}` : `${words}: ${photos.length} photos`, () => change(album, before));
}

const waiting = []; // changes that are not sent yet
const stored = new Map(); // photo -> the mark that the server has, while another is under way
const given = new Map(); // album and photo -> the mark given last, and when the server had it
let sending = null;

/** Photos as the server tells of them, with marks that it may not have known when it was asked. */
export async function withLatestMarks(album, ask) {
  const asked = performance.now();
  const answer = await ask();
  for (const photo of answer.photos) {
    const mine = given.get(`${album}/${photo.id}`);
    if (mine && mine.since > asked) photo.mark = mine.mark;
  }
  return answer;
}

async function change(album, list) {
  if (!sending) stored.clear();
  for (const { photo } of list) if (!stored.has(photo.id)) stored.set(photo.id, photo.mark);
  show(list);
  const mine = list.map(({ photo, mark }) => [`${album}/${photo.id}`, { mark, since: Infinity }]);
  for (const [key, latest] of mine) given.set(key, latest);
  waiting.push({ album, list });
  sending ||= send().finally(() => (sending = null));
  try {
    await sending;
    for (const [, latest] of mine) latest.since = performance.now();
  } catch (error) {
    for (const [key] of mine) given.delete(key);
    show(list.map(({ photo }) => ({ photo, mark: stored.get(photo.id) })));
    sayFailure(error);
  }
}

/** One request at a time, in the order of the keys: of two marks for one photo the last one must stay. */
async function send() {
  try {
    while (waiting.length) {
      const { album } = waiting[0];
      const marks = new Map();
      while (waiting[0]?.album === album) {
        for (const { photo, mark } of waiting.shift().list) marks.set(photo.id, { flag: mark.flag, stars: mark.stars });
      }
      await put(`/api/albums/${album}/marks`, { marks: [...marks].map(([photo, mark]) => ({ photo, ...mark })) });
      for (const [photo, mark] of marks) stored.set(photo, mark);
    }
  } finally {
    waiting.length = 0; // those that were told of the failure must not be sent later
  }
}

function show(list) {
  for (const { photo, mark } of list) {
    photo.mark = mark;
    for (const listener of changed) listener(photo);
  }
}

/** Answer to a key in a grid: mark what is selected, else what is in focus; with Shift go on to the next. */
export function markByKey(album, event, grid) {
  const chosen = grid.selected.size ? grid.chosen() : [grid.get(grid.focus)].filter(Boolean);
  if (!chosen.length) return false;
  const mark = markOf(event.key, chosen[0].mark);
  if (!mark) return false;
  setMarks(album, chosen, mark);
  if (event.shiftKey && !grid.selected.size) grid.setFocus(grid.focus + 1);
  return true;
}
