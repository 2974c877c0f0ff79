// @ts-nocheck
/** The first page: all albums, and the ways to make another. */

import { get, patch, picture, post, remove } from "./api.js";
import { ask, count, h, icon, iconButton, submitForm, tellChanged, whenSeenAgain } from "./dom.js";
import { folderField } from "./folders.js";
import { isAtWork, jobStrip, onJobs } from "./jobs.js";
import { careful, say, sayOnce, undoKind } from "./toast.js";
import { dropZone, fileButton, upload } from "./upload.js";

export async function showHome(main) {
  const list = h("div", { class: "albums" });
  const uploads = h("div");
  const begin = careful(async (files) => {
    const name = files.length === 1 && files[0].name.toLowerCase().endsWith(".zip") ? files[0].name.slice(0, -4) : today();
    const album = await post("/api/albums/sessions", { title: name.slice(0, 200) });
    await draw();
    await upload(album.id, files, uploads);
    // Who has opened another album meanwhile stays there.
    if (zone.isConnected) location.hash = `#/${album.id}/photos`;
    else say(`The files for “${album.title}” are here`);
  });
  const zone = h(
    "section",
    { class: "drop-zone", "aria-label": "New album from files" },
    icon("drop"),
    h("p", {}, h("b", {}, "Drop photos or a ZIP here"), h("br"), h("span", { class: "muted" }, "They become a session of their own, on this machine only.")),
    h("div", { class: "row" }, fileButton("Choose files", begin)),
  );
  dropZone(zone, () => begin);
  main.replaceChildren(h("div", { class: "home" }, h("h1", {}, "Albums"), list, uploads, zone));

  async function draw() {
    const { albums, may_open_folders: mayOpen, notes } = await get("/api/albums");
    notes.forEach(sayOnce);
    list.replaceChildren(...albums.map((album) => card(album, draw)));
    if (mayOpen && !zone.querySelector(".open-folder"))
      zone.querySelector(".row").append(h("button", { type: "button", class: "open-folder", onclick: openFolder }, "Open a folder"));
  }
  await draw();
  whenSeenAgain(list, careful(draw));
}

undoKind("album", async ({ id }) => {
  await post(`/api/albums/${id}/restore`);
  tellChanged();
});

const today = () => `Photos of ${new Date().toLocaleDateString("en", { day: "numeric", month: "long", year: "numeric" })}`;

const openFolder = careful(async () => {
  const album = await ask("Open a folder", (close) => {
    const { field, element } = folderField({ label: "Folder", placeholder: "~/Pictures/wedding" });
    const deep = h("input", { type: "checkbox", id: "deep" });
    return submitForm(
      close,
      () => post("/api/albums/folders", { folder: field.value, recursive: deep.checked }),
      element,
      h("label", { class: "check", for: "deep" }, deep, "Subfolders too"),
      h("div", { class: "row end" }, h("button", { class: "primary" }, "Open")),
    );
  });
  if (album) location.hash = `#/${album.id}/photos`;
});

function card(album, draw) {
  const cover = h("a", { class: "cover", href: `#/${album.id}/photos`, "aria-label": `Open ${album.title}`, tabindex: "-1" });
  const facts = h("p", { class: "muted" }, album.folder || "uploaded photos");
  const title = h("a", { class: "album-title", href: `#/${album.id}/photos` }, album.title);
  const element = h(
    "article",
    { class: "album-card" },
    cover,
    h(
      "div",
      { class: "album-line" },
      title,
      iconButton("edit", `Rename ${album.title}`, () => rename(album, draw)),
      iconButton("again", `Rebuild ${album.title}: look for new and changed photos`, careful(() => post(`/api/albums/${album.id}/index`))),
      iconButton("bin", `Delete ${album.title}`, () => drop(album, draw)),
    ),
    facts,
    jobStrip(album.id),
  );
  fillCard(album, cover, facts);
  let wasAtWork = false;
  const stop = onJobs((jobs) => {
    const atWork = jobs.some((job) => job.album === album.id && isAtWork(job));
    if (wasAtWork && !element.isConnected) return stop();
    if (wasAtWork && !atWork) fillCard(album, cover, facts);
    wasAtWork = atWork;
    return undefined;
  });
  return element;
}

async function fillCard(album, cover, facts) {
  try {
    const full = await get(`/api/albums/${album.id}`);
    const missing = full.missing.length ? ` · ${count(full.missing.length, "file")} missing` : "";
    facts.textContent = missing ? `${count(full.photos, "photo")}${missing}` : full.photos ? `${count(full.photos, "photo")} · ${count(full.faces, "face")}${full.folder ? ` · ${full.folder}` : ""}` : `nothing indexed yet${full.folder ? ` · ${full.folder}` : ""}`;
    cover.replaceChildren(
      ...full.cover.map((photo) => {
        const image = h("img", { src: picture(album.id, photo), alt: "", loading: "lazy" });
        image.style.objectPosition = `${photo.focus[0] * 100}% ${photo.focus[1] * 100}%`;
        return image;
      }),
    );
    if (!cover.children.length) cover.append(icon("photos"));
  } catch (error) {
    facts.textContent = error.message;
  }
}

const rename = careful(async (album, draw) => {
  const renamed = await ask("Rename the album", (close) => {
    const field = h("input", { type: "text", value: album.title, required: true, maxlength: 200, "aria-label": "Title", autofocus: true });
    return submitForm(close, () => patch(`/api/albums/${album.id}`, { title: field.value }), field, h("div", { class: "row end" }, h("button", { class: "primary" }, "Rename")));
  });
  if (renamed) await draw();
});

const drop = careful(async (album, draw) => {
  await remove(`/api/albums/${album.id}`);
  await draw();
  const words = album.kind === "folder" ? `${album.title} taken from the list; its photos stay` : `${album.title} deleted`;
  const undo = async () => {
    await post(`/api/albums/${album.id}/restore`);
    await draw();
  };
  say(words, undo, { kind: "album", id: album.id });
});
