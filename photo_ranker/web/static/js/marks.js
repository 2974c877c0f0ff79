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
export async function setMarks(album, photos, mark) {
  const before = photos.map((photo) => ({ photo, mark: photo.mark }));
  show(photos.map((photo) => ({ photo, mark })));
  try {
    await keep(album, photos.map((photo) => ({ photo, mark })));
  } catch (error) {
    show(before);
    sayFailure(error);
    return;
  }
  const words = mark.flag === "pick" ? "Picked" : mark.flag === "reject" ? "Rejected" : mark.stars ? `${mark.stars} stars` : "Mark removed";
  say(photos.length === 1 ? `${words}: ${photos[0].name}` : `${words}: ${photos.length} photos`, async () => {
    await keep(album, before);
    show(before);
  });
}

function keep(album, list) {
  return put(`/api/albums/${album}/marks`, {
    marks: list.map(({ photo, mark }) => ({ photo: photo.id, flag: mark.flag, stars: mark.stars })),
  });
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
