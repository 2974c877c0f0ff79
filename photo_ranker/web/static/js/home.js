/** The first page: what to do first, all albums, and ways to create one. */

import { get, patch, picture, post, remove } from "./api.js";
import { ask, h, icon, iconButton, submitForm, whenSeenAgain } from "./dom.js";
import { folderField } from "./folders.js";
import { isAtWork, jobStrip, onJobs } from "./jobs.js";
import { careful, say, sayOnce, undoKind } from "./toast.js";
import { fileButton, upload, uploadPlace } from "./upload.js";
import { LOCALE, t } from "./words.js";

/** @typedef {import("./types.d.ts").Album} Album */
/** @typedef {import("./types.d.ts").SentFile} SentFile */

/** Albums that are being deleted, which are no longer requested. */
const leaving = new Set();

/**
 * @param {HTMLElement} main
 * @param {import("./types.d.ts").About["onDrop"]} onDrop
 */
export async function showHome(main, onDrop) {
  const list = h("div", { class: "albums" });
  const uploads = uploadPlace();
  const title = h("h1", {}, t("home.albums"));
  const begin = careful(async (/** @type {SentFile[]} */ files) => {
    const album = await post("/api/albums/sessions", { title: titleOf(files).slice(0, 200) });
    await draw();
    const isFilled = await upload(album.id, files, uploads);
    if (!isFilled) {
      await remove(`/api/albums/${album.id}`);
      if (zone.isConnected) await draw();
      return;
    }
    // If the user has opened another album meanwhile, that one stays.
    if (zone.isConnected) location.hash = `#/${album.id}/photos`;
    else say(t("home.arrived", { title: album.title }));
  });
  const zone = startZone(begin);
  const page = h("div", { class: "home", hidden: true }, title, list, uploads, zone);
  main.replaceChildren(page);
  onDrop(begin);

  async function draw() {
    const { albums, may_open_folders: mayOpen, notes } = await get("/api/albums");
    notes.forEach(sayOnce);
    list.replaceChildren(...albums.map((/** @type {Album} */ album) => card(album, draw)));
    page.classList.toggle("is-new", !albums.length);
    title.textContent = t(albums.length ? "home.albums" : "home.welcome");
    zone.querySelector(".open-folder")?.toggleAttribute("hidden", !mayOpen);
    zone.querySelector(".file-button button")?.classList.toggle("primary", !mayOpen);
  }
  await draw().finally(() => (page.hidden = false)); // the place to drop files would jump
  whenSeenAgain(list, careful(draw));
}

/**
 * Where an album begins: three steps for newcomers, one main action, and a place to drop files.
 * @param {(files: SentFile[]) => void} begin
 */
function startZone(begin) {
  const steps = [
    [t("home.step1"), t("home.step1About")],
    [t("home.step2"), t("home.step2About")],
    [t("home.step3"), t("home.step3About")],
  ];
  return h(
    "section",
    { class: "drop-zone", "aria-label": t("home.newAlbum") },
    h("ol", { class: "steps" }, ...steps.map(([what, about]) => h("li", {}, h("b", {}, what), h("span", { class: "muted" }, about)))),
    icon("drop"),
    h("p", {}, h("b", {}, t(matchMedia("(hover: none)").matches ? "home.newAlbum" : "home.drop")), h("br"), h("span", { class: "muted" }, t("home.dropAbout"))),
    h("div", { class: "row" }, h("button", { type: "button", class: "primary open-folder", onclick: openFolder, hidden: true }, t("home.open")), fileButton(t("home.choose"), begin)),
    h("p", { class: "try-sample" }, h("span", { class: "muted" }, t("home.noPhotos")), " ", h("button", { type: "button", class: "link", onclick: openSample }, t("home.trySample"))),
  );
}

const openSample = careful(async () => {
  const album = await post("/api/albums/sample", { title: t("home.sample") });
  location.hash = `#/${album.id}/photos`;
});

/** @param {SentFile[]} files */
function titleOf(files) {
  const isZip = files.length === 1 && files[0].name.toLowerCase().endsWith(".zip");
  const date = new Date().toLocaleDateString(LOCALE, { day: "numeric", month: "long", year: "numeric" });
  return isZip ? files[0].name.slice(0, -4) : t("home.titleOfDay", { date });
}

undoKind("album", async ({ id }) => {
  leaving.delete(id);
  await post(`/api/albums/${id}/restore`);
});

const openFolder = careful(async () => {
  const album = await ask(t("home.open"), (close) => {
    const { field, element } = folderField({ label: t("home.folder"), placeholder: t("home.example") });
    const deep = h("input", { type: "checkbox", id: "deep" });
    return submitForm(
      close,
      () => post("/api/albums/folders", { folder: field.value, recursive: deep.checked }),
      element,
      h("label", { class: "check", for: "deep" }, deep, t("home.subfolders")),
      h("div", { class: "row end" }, h("button", { class: "primary" }, t("home.openIt"))),
    );
  });
  if (album) location.hash = `#/${album.id}/photos`;
});

/**
 * @param {Album} album
 * @param {() => Promise<void>} draw
 */
function card(album, draw) {
  const { title } = album;
  const cover = h("a", { class: "cover", href: `#/${album.id}/photos`, "aria-label": t("home.openAlbum", { title }), tabindex: "-1" });
  const facts = h("p", { class: "muted" }, album.folder || t("home.uploaded"));
  const element = h(
    "article",
    { class: "album-card" },
    cover,
    h(
      "div",
      { class: "album-line" },
      h("a", { class: "album-title", href: `#/${album.id}/photos` }, title),
      iconButton("edit", t("home.rename", { title }), () => rename(album, draw)),
      iconButton("again", t("home.look", { title }), careful(() => post(`/api/albums/${album.id}/index`))),
      iconButton("bin", t("home.delete", { title }), () => drop(album, draw)),
    ),
    facts,
    album.is_sample ? h("p", { class: "sample-line" }, h("span", { class: "muted" }, t("home.sampleAbout")), h("button", { type: "button", class: "small", onclick: () => drop(album, draw) }, t("home.removeSample"))) : null,
    jobStrip(album.id, { isCard: true }),
  );
  const fill = () => fillCard(album, cover, facts);
  fill();
  whenWorkEnds(album.id, element, fill);
  return element;
}

/**
 * Run when an album's jobs have ended, while the element is shown.
 * @param {string} album
 * @param {HTMLElement} element
 * @param {() => void} work
 */
function whenWorkEnds(album, element, work) {
  let wasAtWork = false;
  const stop = onJobs((jobs) => {
    const atWork = jobs.some((job) => job.album === album && isAtWork(job));
    if (wasAtWork && !element.isConnected) return stop();
    if (wasAtWork && !atWork) work();
    wasAtWork = atWork;
    return undefined;
  });
}

/**
 * @param {Album} album
 * @param {HTMLElement} cover
 * @param {HTMLElement} facts
 */
async function fillCard(album, cover, facts) {
  if (leaving.has(album.id)) return;
  try {
    const full = await get(`/api/albums/${album.id}`);
    facts.textContent = factsOf(full).filter(Boolean).join(" · ");
    facts.title = full.folder || "";
    cover.replaceChildren(
      ...full.cover.map((/** @type {import("./types.d.ts").Photo} */ photo) => {
        const image = h("img", { src: picture(album.id, photo), alt: "", loading: "lazy" });
        image.style.objectPosition = `${photo.focus[0] * 100}% ${photo.focus[1] * 100}%`;
        return image;
      }),
    );
    if (!cover.children.length) cover.append(icon("photos"));
  } catch (error) {
    const isGone = error.status === 404 && album.kind === "folder";
    facts.textContent = isGone ? [t("home.gone"), album.folder].filter(Boolean).join(" · ") : error.message;
    facts.title = [error.message, error.advice].filter(Boolean).join(": ");
  }
}

/** @param {Album} album */
function factsOf({ photos, faces, pending, missing, folder }) {
  if (missing.length) return [t("count.photos", { n: photos || 0 }), t("home.missing", { n: missing.length })];
  if (!photos) return [t("home.empty"), folder];
  // Before the first photo is measured nothing is known about faces.
  return [t("count.photos", { n: photos }), pending < photos && t("count.faces", { n: faces || 0 }), folder];
}

const rename = careful(async (/** @type {Album} */ album, /** @type {() => Promise<void>} */ draw) => {
  const renamed = await ask(t("home.renameAlbum"), (close) => {
    const field = h("input", { type: "text", value: album.title, required: true, maxlength: 200, "aria-label": t("home.title"), autofocus: true });
    const work = () => {
      const name = field.value.trim();
      if (!name) throw new Error(t("home.untitled"));
      return patch(`/api/albums/${album.id}`, { title: name });
    };
    return submitForm(close, work, field, h("div", { class: "row end" }, h("button", { class: "primary" }, t("home.renameIt"))));
  });
  if (renamed) await draw();
});

const drop = careful(async (/** @type {Album} */ album, /** @type {() => Promise<void>} */ draw) => {
  leaving.add(album.id);
  await remove(`/api/albums/${album.id}`).catch((error) => {
    leaving.delete(album.id);
    throw error;
  });
  await draw();
  const undo = async () => {
    leaving.delete(album.id);
    await post(`/api/albums/${album.id}/restore`);
    await draw();
  };
  say(t(album.kind === "folder" ? "home.taken" : "home.deleted", { title: album.title }), undo, { kind: "album", id: album.id });
});
