// @ts-nocheck
/** The frame of the page: which view is shown, the theme, the keys that work everywhere. */

import { isShownView, noteShownView, readAddress } from "./address.js";
import { get } from "./api.js";
import { showBest } from "./best.js";
import { closeDialogs } from "./dialogs.js";
import { ask, atMostEvery, h, isTyping } from "./dom.js";
import { showDoubtful } from "./doubtful.js";
import { showEvent } from "./event.js";
import { onServerBack } from "./events.js";
import { showHome } from "./home.js";
import { isAtWork, jobStrip, listen, onJobs } from "./jobs.js";
import { showPeople, showPerson } from "./people.js";
import { showPhotos } from "./photos.js";
import { watchPictures } from "./pictures.js";
import { sayFailure, sayOnce, undoLast } from "./toast.js";
import { dropZone } from "./upload.js";

const main = document.getElementById("main");
const tabs = document.getElementById("tabs");
const title = document.getElementById("title");
const strip = document.getElementById("strip");
const FOLLOW_MS = 2000; // the server reads an album that is being measured as often
const VIEWS = { photos: "Photos", people: "People", best: "Best", event: "Event" };
let shown = 0;
let isMissing = false; // the view, because the server did not answer
let takeFiles = null; // what the view that is shown does with files that are dropped on it

async function show() {
  shown += 1;
  isMissing = false;
  const mine = shown;
  const { album: id, view, detail, query } = readAddress();
  noteShownView();
  main.onkeydown = null;
  takeFiles = null;
  closeDialogs();
  try {
    if (!id) {
      frame(null, "");
      await showHome(main);
      return;
    }
    const [album, list] = await Promise.all([get(`/api/albums/${id}`), get("/api/albums")]);
    if (mine !== shown) return;
    album.notes.forEach(sayOnce);
    album.mayCopy = list.may_open_folders;
    frame(album, view);
    const isShown = () => mine === shown;
    const onDrop = (take) => isShown() && (takeFiles = take);
    const about = { main, album, query, isShown, onDrop, jobsDone: (work) => whenJobsEnd(album.id, mine, work), jobsAtWork: (work) => whileJobsWork(album.id, mine, work) };
    if (view === "people") await (detail ? showPerson({ ...about, id: detail }) : showPeople(about));
    else if (view === "doubtful") await showDoubtful(about);
    else if (view === "event") await showEvent(about);
    else if (view === "best") await showBest({ ...about, peopleFor: () => peopleFor(id, query) });
    else await showPhotos(about);
  } catch (error) {
    if (mine !== shown) return; // nobody waits for that view any more
    sayFailure(error);
    isMissing = !error.status;
    if (error.status === 404) location.hash = "#/";
  }
}

/** Those who have a name, and whom the page is about; the others may be thousands. */
async function peopleFor(id, query) {
  const { people } = await get(`/api/albums/${id}/people?named=true&hidden=true`);
  const asked = (query.get("people") || "").split(",").filter((one) => one && !people.some((person) => person.id === one));
  const others = await Promise.all(asked.map((one) => get(`/api/albums/${id}/people/${encodeURIComponent(one)}`).catch(() => null)));
  return [...people, ...others.filter(Boolean).map(({ person }) => person)];
}

function frame(album, view) {
  title.textContent = album ? album.title : "";
  document.title = album ? `${album.title} · Photo Ranker` : "Photo Ranker";
  tabs.hidden = !album;
  strip.replaceChildren();
  if (!album) return;
  tabs.replaceChildren(
    ...Object.entries(VIEWS).map(([name, label]) => {
      const isHere = name === view || (name === "people" && view === "doubtful");
      return h("a", { href: `#/${album.id}/${name}`, "aria-current": isHere ? "page" : null }, label);
    }),
  );
  strip.append(jobStrip(album.id));
}

/** Run when an album's last job has ended, as long as the view is shown. */
function whenJobsEnd(album, mine, work) {
  let busy = false;
  let stop = null; // the listener is called before onJobs gives it
  stop = onJobs((jobs) => {
    if (mine !== shown) return stop?.();
    const now = jobs.some((job) => job.album === album && isAtWork(job));
    if (busy && !now) work();
    busy = now;
    return undefined;
  });
}

/** Run again and again while an album is measured, as long as the view is shown. */
function whileJobsWork(album, mine, work) {
  let stop = null;
  const calm = atMostEvery(work, FOLLOW_MS);
  stop = onJobs((jobs) => {
    if (mine !== shown) return stop?.();
    if (jobs.some((job) => job.album === album && job.kind === "index" && job.state === "running")) calm();
    return undefined;
  });
}

const KEYS = [
  ["← ↑ → ↓", "move"],
  ["Enter", "open the photo"],
  ["Space", "select; of a stack all photos"],
  ["S", "open or close a stack"],
  ["P  X  U", "pick, reject, neither (with Shift: and go on)"],
  ["1 – 5, 0", "stars"],
  ["C", "compare two to six; there: O throws one out, F next face, Z whole photos"],
  ["Z", "undo; in the viewer: zoom to the face, and back (Shift + Z: undo)"],
  ["+  −  Esc", "in the viewer: zoom in, zoom out, the whole photo"],
  ["F", "in the viewer: the next face, the worst first"],
  ["E", "in the viewer: the faces of the burst, a row for each person"],
  ["B", "in the viewer: faces without frames"],
  ["F", "in a grid: whole photos or filled cells"],
  ["+  −", "larger, smaller pictures"],
  ["Y  N", "answer a doubtful pair"],
  ["?", "these keys"],
];

export function showKeys() {
  ask("Keys", () => h("dl", { class: "keys" }, ...KEYS.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])));
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
}

document.getElementById("theme").addEventListener("click", () => {
  const isDark = getComputedStyle(document.documentElement).colorScheme === "dark";
  setTheme(isDark ? "light" : "dark");
});
document.getElementById("keys").addEventListener("click", showKeys);
document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.altKey) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "z") undoLast();
  else if (event.ctrlKey || event.metaKey) return;
  else if (event.key === "?") showKeys();
  else if (event.key === "z" || event.key === "Z") undoLast();
  else return;
  event.preventDefault();
});
addEventListener("hashchange", () => isShownView() || show());
// The views come and go, their frame stays: a drop belongs to the one that is shown.
dropZone(main, () => takeFiles);
// A file that misses its place must not replace the page.
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => event.preventDefault());
onServerBack(() => isMissing && show());
const place = sessionStorage.getItem("place"); // where the user was before the login
sessionStorage.removeItem("place");
if (place && !location.hash) history.replaceState(null, "", place);
watchPictures();
listen();
show();
