/** The page of a guest: the photos of one link, favourites, downloads, and finding their own photos. */

/** @import { GuestPage, GuestPhoto } from "./types.d.ts" */

import { get, put, sendBytes } from "./api.js";
import { ask, h, icon, iconButton, oneAtATime, submitForm } from "./dom.js";
import { showPhoto } from "./guest_viewer.js";
import { careful, sayFailure } from "./toast.js";
import { t } from "./words.js";

const BASE = location.pathname.split("/").slice(0, 3).join("/"); // /guest/ID
const PAGE = 500; // the server sends as many at once
const MOST_BYTES = 30_000_000;

/** @typedef {"all" | "favourites" | "own"} Which */

const state = {
  /** @type {Which} */
  which: "all",
  /** @type {GuestPage | null} */
  page: null,
  /** @type {GuestPhoto[]} */
  photos: [],
  isLoading: false,
};

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const head = h("header", { class: "guest-head" });
const grid = h("div", { class: "guest-grid", role: "list", "aria-label": t("view.photos") });
const note = h("p", { class: "muted guest-note", role: "status" });
const end = h("div", { class: "guest-end" });

/**
 * @param {string} album
 * @param {{ id: string, version: string }} photo
 * @param {"small" | "large" | "full"} [side]
 */
const picture = (album, photo, side = "small") => `${BASE}/photos/${photo.id}/pictures/${side}?v=${photo.version}`;
const download = (/** @type {GuestPhoto} */ photo) => `${BASE}/photos/${photo.id}/download`;

/** Show some of the photos from the beginning. */
const show = careful(async (/** @type {Which} */ which) => {
  begin(which);
  await more();
});

/** @param {Which} which */
function begin(which) {
  state.which = which;
  state.photos = [];
  state.isLoading = false;
  grid.replaceChildren();
}

async function more() {
  const { which, photos, page } = state;
  if (state.isLoading || which === "own" || (photos.length && page && photos.length >= page.total)) return;
  const isWanted = () => photos === state.photos; // the guest has not asked for others meanwhile
  state.isLoading = true;
  try {
    const answer = await get(`${BASE}/photos?offset=${photos.length}&only=${which}`);
    if (isWanted()) add(answer);
  } finally {
    if (isWanted()) state.isLoading = false;
  }
}

/** @param {GuestPage} page */
function add(page) {
  state.page = page;
  const first = state.photos.length;
  state.photos.push(...page.photos);
  grid.append(...page.photos.map((photo, number) => cell(photo, first + number)));
  drawHead();
}

/**
 * @param {GuestPhoto} photo
 * @param {number} index
 */
function cell(photo, index) {
  const image = h("img", { src: picture("", photo), alt: photo.name, loading: "lazy", decoding: "async" });
  return h("div", { class: "guest-cell", role: "listitem", "data-photo": photo.id }, h("button", { type: "button", class: "guest-open", "aria-label": t("guest.open", { name: photo.name }), onclick: () => open(index) }, image), heart(photo));
}

/** @param {GuestPhoto} photo */
function heart(photo) {
  const button = iconButton("heart", t("guest.favourite"), careful(oneAtATime(() => like(photo))), { class: "icon-button heart", "aria-pressed": String(photo.favourite) });
  button.dataset.heart = photo.id;
  return button;
}

/** @param {GuestPhoto} photo */
async function like(photo) {
  const favourite = !photo.favourite;
  await put(`${BASE}/photos/${photo.id}/favourite`, { favourite });
  photo.favourite = favourite;
  if (state.page) state.page.favourites += favourite ? 1 : -1;
  for (const one of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-heart="${photo.id}"]`))) one.setAttribute("aria-pressed", String(favourite));
  drawHead();
}

/** @param {number} index */
function open(index) {
  const step = async (/** @type {number} */ number) => {
    if (number >= state.photos.length - 1) await more().catch(sayFailure);
    return state.photos[number] || null;
  };
  showPhoto({ index, step, picture, download, heart, total: () => (state.which === "own" ? state.photos.length : state.page?.total || 0), withPlace: Boolean(state.page?.with_place) });
}

function drawHead() {
  const { page, which } = state;
  if (!page) return;
  const title = page.person ? t("guest.titleOf", { name: page.person, album: page.title }) : page.title;
  document.title = title;
  /** @type {[Which, string][]} */
  const choices = [
    ["all", t("guest.all")],
    ["favourites", t("guest.favourites", { n: page.favourites })],
  ];
  head.replaceChildren(
    h("h1", {}, title),
    h("div", { class: "segments", role: "group", "aria-label": t("photos.which") }, ...choices.map(([value, words]) => h("button", { type: "button", "aria-pressed": String(value === which), onclick: () => show(value) }, words))),
    h("span", { class: "space" }),
    ...saveLink(page),
    ...(page.may_find ? [h("button", { type: "button", class: "primary", onclick: findMe }, t("guest.find"))] : []),
  );
  note.textContent = words(page, which);
}

/** @param {GuestPage} page */
function saveLink({ favourites, total }) {
  const only = state.which === "favourites" ? "favourites" : "all";
  if (!(only === "all" ? total : favourites) || state.which === "own") return [];
  return [h("a", { class: "button", href: `${BASE}/download?only=${only}`, download: "" }, icon("save"), t(only === "all" ? "guest.saveAll" : "guest.saveFavourites"))];
}

/**
 * @param {GuestPage} page
 * @param {Which} which
 */
function words(page, which) {
  if (which === "own") return page.total ? t("guest.found", { n: page.total }) : t("guest.foundNone");
  if (!page.total) return t(which === "favourites" ? "guest.noFavourites" : "photos.none");
  return `${t("count.photos", { n: page.total })}. ${t(page.with_place ? "guest.originals" : "guest.withoutPlace")}`;
}

/** Ask for consent in plain words, then for a photo; it is sent with this one question and stored nowhere. */
async function findMe() {
  const found = await ask(t("guest.find"), (close) => {
    const file = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp", required: true, id: "own-photo" });
    const agree = h("input", { type: "checkbox", id: "own-agree", required: true });
    return submitForm(
      close,
      async () => {
        const photo = file.files?.[0];
        if (!photo) return null;
        if (photo.size > MOST_BYTES) throw new Error(t("guest.tooLarge"));
        return sendBytes(`${BASE}/find-me?consent=${agree.checked}`, photo);
      },
      h("p", {}, t("guest.findAbout")),
      h("ul", { class: "plain-list" }, ...["guest.findOnce", "guest.findSure", "guest.findOwn"].map((key) => h("li", {}, t(key)))),
      h("label", { class: "check", for: "own-agree" }, agree, t("guest.agree")),
      h("label", { for: "own-photo" }, t("guest.ownPhoto")),
      file,
      h("div", { class: "row end" }, h("button", { class: "primary" }, t("guest.findNow"))),
    );
  });
  if (!found) return;
  begin("own");
  add(found);
}

main.append(head, note, h("div", { class: "guest-scroll" }, grid, end));
new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && state.photos.length >= PAGE && more().catch(sayFailure), { rootMargin: "800px" }).observe(end);
show("all");
