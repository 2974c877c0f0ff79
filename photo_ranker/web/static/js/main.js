/** The frame of the page: which view is shown, the theme, the keys that work everywhere. */

import { isShownView, noteShownView, readAddress } from "./address.js";
import { get } from "./api.js";
import { showBest } from "./best.js";
import { closeDialogs } from "./dialogs.js";
import { ask, atMostEvery, h, isTyping } from "./dom.js";
import { showEvent } from "./event.js";
import { onServerBack } from "./events.js";
import { showGuests } from "./guests.js";
import { showHome } from "./home.js";
import { jobStrip, listen, onJobs, onRest } from "./jobs.js";
import { menu } from "./menu.js";
import { showPeople } from "./people.js";
import { showPerson } from "./person.js";
import { showPhotos } from "./photos.js";
import { watchPictures } from "./pictures.js";
import { showSamePerson } from "./same_person.js";
import { showSettings } from "./settings.js";
import { sayFailure, sayOnce, undoLast } from "./toast.js";
import { dropZone } from "./upload.js";
import { t } from "./words.js";

/** @import { About, Album, Person, SentFile } from "./types.d.ts" */

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const main = byId("main");
const tabs = byId("tabs");
const title = byId("title");
const strip = byId("strip");
const FOLLOW_MS = 2000; // as often as the server rereads an album that is being measured
const VIEWS = { photos: t("view.photos"), people: t("view.people"), best: t("view.best"), event: t("view.event") };
/** @typedef {About["onDrop"]} OnDrop */
/** Pages that belong to no album. @type {Record<string, (main: HTMLElement, onDrop: OnDrop) => Promise<void>>} */
const PAGES = { "": showHome, settings: showSettings, guests: showGuests };
let shown = 0;
let isMissing = false; // the view could not load because the server did not answer
/** @type {((files: SentFile[]) => unknown) | null} */
let takeFiles = null; // what the current view does with dropped files

async function show() {
  shown += 1;
  isMissing = false;
  const mine = shown;
  const { album: id = "", view, detail, query } = readAddress();
  noteShownView();
  main.onkeydown = null;
  takeFiles = null;
  closeDialogs();
  const isShown = () => mine === shown;
  /** @type {OnDrop} */
  const onDrop = (take) => {
    if (isShown()) takeFiles = take;
  };
  try {
    const page = PAGES[id];
    if (page) {
      frame(null, "");
      await page(main, onDrop);
      return;
    }
    const jobsDone = whenJobsEnd(id, isShown);
    const [album, list] = await Promise.all([get(`/api/albums/${id}`), get("/api/albums")]);
    if (mine !== shown) return;
    album.notes.forEach(sayOnce);
    album.mayCopy = list.may_open_folders;
    frame(album, view);
    /** @type {About} */
    const about = {
      main,
      album,
      query,
      isShown,
      onDrop,
      jobsDone,
      jobsAtWork: (work) => whileJobsWork(album.id, isShown, work),
    };
    if (view === "people") await (detail ? showPerson({ ...about, id: detail }) : showPeople(about));
    else if (view === "doubtful") await showSamePerson(about);
    else if (view === "event") await showEvent(about);
    else if (view === "best") await showBest({ ...about, peopleFor: () => peopleFor(id, query) });
    else await showPhotos(about);
  } catch (error) {
    if (mine !== shown) return; // another view was opened meanwhile
    sayFailure(error);
    isMissing = !error.status;
    if (error.status === 404) location.hash = "#/";
  }
}

/**
 * The people with a name, and those whom the page is about; there may be thousands of others. ``heirs`` maps the
 * ids of the address to those of the people whom they have been merged into since.
 *
 * @param {string} id
 * @param {URLSearchParams} query
 * @returns {Promise<{ people: Person[], heirs: Map<string, string> }>}
 */
async function peopleFor(id, query) {
  const { people } = await get(`/api/albums/${id}/people?named=true&hidden=true`);
  const asked = (query.get("people") || "").split(",").filter((one) => one && !people.some((/** @type {Person} */ person) => person.id === one));
  const others = await Promise.all(asked.map((one) => get(`/api/albums/${id}/people/${encodeURIComponent(one)}?heir=true`).catch(() => null)));
  const found = others.filter(Boolean).map(({ person }) => person);
  const heirs = new Map(asked.map((one, number) => [one, others[number]?.person.id || one]));
  return { people: [...new Map([...people, ...found].map((person) => [person.id, person])).values()], heirs };
}

/**
 * @param {Album | null} album
 * @param {string} view
 */
function frame(album, view) {
  title.textContent = album ? album.title : "";
  document.title = album ? `${album.title} · ${t("app.name")}` : t("app.name");
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

/**
 * Takes the work that a view does when the album's last job has ended, as long as it is shown. If a job ends before
 * the view has loaded and handed in its work, the work is done at once.
 *
 * @param {string} album
 * @param {() => boolean} isShown
 * @returns {(work: () => unknown) => void}
 */
function whenJobsEnd(album, isShown) {
  /** @type {(() => unknown) | null} */
  let work = null;
  let isDue = false;
  const stop = onRest(album, () => {
    if (!isShown()) stop();
    else if (work) work();
    else isDue = true;
  });
  return (handedIn) => {
    work = handedIn;
    if (isDue && isShown()) work();
  };
}

/**
 * Run repeatedly while an album is measured, as long as the view is shown.
 *
 * @param {string} album
 * @param {() => boolean} isShown
 * @param {() => unknown} work
 */
function whileJobsWork(album, isShown, work) {
  /** @type {(() => unknown) | null} */
  let stop = null;
  const calm = atMostEvery(work, FOLLOW_MS);
  stop = onJobs((jobs) => {
    if (!isShown()) return stop?.();
    if (jobs.some((job) => job.album === album && job.kind === "index" && job.state === "running")) calm();
    return undefined;
  });
}

const KEYS = [
  ["← ↑ → ↓", t("keys.move")],
  [t("keys.enter"), t("keys.open")],
  [t("keys.space"), t("keys.select")],
  ["S", t("keys.stack")],
  ["P  X  U", t("keys.mark")],
  ["1 – 5, 0", t("keys.stars")],
  ["C", t("keys.compare")],
  ["Z", t("keys.undo")],
  ["+  −  Esc", t("keys.zoom")],
  ["F", t("keys.nextFace")],
  ["D", t("keys.draw")],
  [t("keys.space"), t("keys.film")],
  ["E", t("keys.burst")],
  ["B", t("keys.bare")],
  ["F", t("keys.fill")],
  ["+  −", t("keys.size")],
  ["Y  N", t("keys.answer")],
  ["?", t("keys.keys")],
];

export function showKeys() {
  ask(t("keys.title"), () => h("dl", { class: "keys" }, ...KEYS.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])));
}

byId("tools").append(...menu({ showKeys }));
document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.altKey) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "z") undoLast();
  else if (event.ctrlKey || event.metaKey) return;
  else if (event.key === "?") showKeys();
  else if (event.key === "z" || event.key === "Z") undoLast();
  else return;
  event.preventDefault();
});
addEventListener("hashchange", () => (isShownView() && !isMissing) || show());
addEventListener("online", () => isMissing && show());
// A link to the view that could not load does not change the address.
document.addEventListener("click", (event) => isMissing && event.target instanceof Element && event.target.closest('a[href^="#"]') && setTimeout(() => isMissing && show()));
// Views change but their frame stays, so a drop goes to the current view.
dropZone(main, () => takeFiles);
// A file dropped elsewhere must not replace the page.
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => event.preventDefault());
onServerBack(() => isMissing && show());
const place = sessionStorage.getItem("place"); // where the user was before the login
sessionStorage.removeItem("place");
if (place && !location.hash) history.replaceState(null, "", place);
if (sessionStorage.getItem("unkept")) sayOnce(t("app.unkept"));
sessionStorage.removeItem("unkept");
watchPictures();
listen();
show();
