/** Links for guests, on the owner's side: make one, see how all were used, end one, let guests find themselves. */

/** @import { Album, GuestLink } from "./types.d.ts" */

import { get, post, put, remove } from "./api.js";
import { ask, h, iconButton, submitForm, whenSeenAgain } from "./dom.js";
import { qrPicture } from "./qr.js";
import { careful, say } from "./toast.js";
import { LOCALE, t } from "./words.js";

/** @typedef {{ links: GuestLink[], may_find: string[], address: string | null, only_here: boolean }} AllLinks */

const DAYS = [7, 30, 90, 365];
const DONE = { opened: "guests.opened", favourite: "guests.favourite", downloaded: "guests.downloaded", searched: "guests.searched" };
const LINES = 5; // of the log, before it is opened

/**
 * Make a link to an album, or to one person of it, and show it.
 * @param {{ id: string, title: string }} album
 * @param {{ id: string, name: string | null } | null} [person]
 */
export async function shareWithGuests(album, person = null) {
  const link = await ask(t("guests.share", { title: person ? person.name || t("app.nameless") : album.title }), (close) => linkForm(close, album, person));
  if (!link) return;
  const { address, only_here: onlyHere } = await get("/api/guests");
  await ask(t("guests.made"), () => madeLink(`${address || location.origin}${link.path}`, onlyHere));
}

/**
 * @param {(value: any) => unknown} close
 * @param {{ id: string }} album
 * @param {{ id: string } | null} person
 */
function linkForm(close, album, person) {
  const title = h("input", { type: "text", id: "guest-title", required: true, maxlength: 200, placeholder: t("guests.forExample"), autofocus: true });
  const days = h("select", { id: "guest-days" }, ...DAYS.map((n) => h("option", { value: n, selected: n === 30 }, t("guests.days", { n }))));
  const place = h("input", { type: "checkbox", id: "guest-place" });
  const make = () => {
    if (!title.value.trim()) throw new Error(t("guests.forWhom"));
    return post("/api/guests", { album: album.id, person: person ? person.id : null, title: title.value, days: Number(days.value), with_place: place.checked });
  };
  return submitForm(
    close,
    make,
    h("p", {}, t(person ? "guests.aboutPerson" : "guests.aboutAlbum")),
    h("label", { for: "guest-title" }, t("guests.for")),
    title,
    h("label", { for: "guest-days" }, t("guests.until")),
    days,
    h("label", { class: "check", for: "guest-place" }, place, t("guests.place")),
    h("p", { class: "muted" }, t("guests.placeAbout")),
    h("div", { class: "row end" }, h("button", { class: "primary" }, t("guests.make"))),
  );
}

/**
 * The address, which is shown only this once, and its QR code.
 * @param {string} address
 * @param {boolean} onlyHere
 */
function madeLink(address, onlyHere) {
  const field = h("input", { type: "text", readonly: true, value: address, "aria-label": t("guests.link"), onfocus: ({ target }) => target.select() });
  const copy = careful(async () => {
    field.select();
    if (navigator.clipboard) await navigator.clipboard.writeText(address);
    else document.execCommand("copy"); // pages without TLS have no clipboard
    say(t("guests.copied"));
  });
  return h(
    "div",
    { class: "made-link" },
    onlyHere ? h("p", { class: "bad", role: "alert" }, t("guests.onlyHere")) : null,
    h("div", { class: "row" }, field, h("button", { type: "button", class: "primary", onclick: copy }, t("guests.copy"))),
    qrPicture(address, t("guests.qr")),
    h("p", { class: "muted" }, t("guests.once")),
    h("p", {}, h("a", { class: "link", href: "#/guests" }, t("guests.seeAll"))),
  );
}

/** @param {HTMLElement} main */
export async function showGuests(main) {
  const list = h("div", { class: "guest-links" });
  const draw = async () => {
    /** @type {[AllLinks, { albums: Album[] }]} */
    const [told, { albums }] = await Promise.all([get("/api/guests"), get("/api/albums")]);
    list.replaceChildren(
      ...(told.only_here ? [h("p", { class: "muted" }, t("guests.onlyHere"))] : []),
      told.links.length ? h("div", { class: "guest-links" }, ...told.links.map((link) => linkCard(link, draw))) : h("p", { class: "muted" }, t("guests.none")),
      findSection(albums, told.may_find),
    );
  };
  main.replaceChildren(h("div", { class: "home guests" }, h("h1", {}, t("guests.title")), h("p", { class: "muted" }, t("guests.about")), list));
  await draw();
  whenSeenAgain(list, careful(draw));
}

/**
 * @param {GuestLink} link
 * @param {() => Promise<void>} draw
 */
function linkCard(link, draw) {
  const end = careful(async () => {
    const isSure = await ask(t("guests.endAsk", { title: link.title }), (close) =>
      h(
        "div",
        { class: "same-name" },
        h("p", {}, t("guests.endAbout")),
        h("div", { class: "row end" }, h("button", { type: "button", onclick: () => close(false) }, t("app.cancel")), h("button", { type: "button", class: "primary", onclick: () => close(true) }, t("guests.end"))),
      ),
    );
    if (!isSure) return;
    await remove(`/api/guests/${link.id}`);
    say(t("guests.ended", { title: link.title }));
    await draw();
  });
  const what = link.person ? t("guest.titleOf", { name: link.person_name || t("app.nameless"), album: link.album_title }) : link.album_title;
  const until = t(link.state === "open" ? "guests.openUntil" : link.state === "ended" ? "guests.isEnded" : "guests.isExpired", { date: day(link.expires_at) });
  const likes = link.favourites ? h("a", { class: "link", href: `#/${link.album}/photos?show=favourites` }, t("guests.favourites", { n: link.favourites })) : null;
  return h(
    "article",
    { class: "guest-link", "data-state": link.state },
    h("div", { class: "row" }, h("h2", {}, link.title), h("span", { class: "space" }), link.state === "open" ? h("button", { type: "button", onclick: end }, t("guests.end")) : null),
    h("p", {}, h("a", { href: `#/${link.album}/photos` }, what), h("span", { class: "muted" }, ` · ${until}`), link.with_place ? h("span", { class: "muted" }, ` · ${t("guests.originals")}`) : null),
    likes ? h("p", {}, likes) : null,
    visitLog(link),
  );
}

/** @param {GuestLink} link */
function visitLog({ visits }) {
  if (!visits.length) return h("p", { class: "muted" }, t("guests.noVisit"));
  const line = (/** @type {GuestLink["visits"][0]} */ { at, guest, what, times }) => h("li", {}, h("time", { datetime: at }, moment(at)), " ", t(DONE[what], { guest }), times > 1 ? h("span", { class: "muted" }, ` ${t("guests.times", { n: times })}`) : null);
  const rest = visits.slice(LINES);
  return h("div", {}, h("ul", { class: "visits" }, ...visits.slice(0, LINES).map(line)), rest.length ? h("details", {}, h("summary", {}, t("guests.earlier", { n: rest.length })), h("ul", { class: "visits" }, ...rest.map(line))) : null);
}

/**
 * @param {Album[]} albums
 * @param {string[]} mayFind
 */
function findSection(albums, mayFind) {
  const row = (/** @type {Album} */ album) => {
    const change = careful((/** @type {boolean} */ on) => put("/api/guests/find-me", { album: album.id, on }));
    const box = h("input", { type: "checkbox", id: `find-${album.id}`, checked: mayFind.includes(album.id), onchange: ({ target }) => change(target.checked) });
    return h("label", { class: "check", for: `find-${album.id}` }, box, album.title);
  };
  return h("section", { class: "find-me" }, h("h2", {}, t("guests.find")), h("p", { class: "muted" }, t("guests.findAbout")), ...albums.map(row));
}

/** @param {string} at */
const day = (at) => new Date(at).toLocaleDateString(LOCALE, { day: "numeric", month: "long", year: "numeric" });
/** @param {string} at */
const moment = (at) => new Date(at).toLocaleString(LOCALE, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/**
 * The button that starts making a link.
 * @param {{ id: string, title: string }} album
 * @param {() => { id: string, name: string | null } | null} [person]
 */
export const shareButton = (album, person = () => null) => iconButton("share", t("guests.shareButton"), careful(() => shareWithGuests(album, person())));
