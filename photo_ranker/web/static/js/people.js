/** Everyone in the album: name, merge, hide. */

import { setInAddress } from "./address.js";
import { facePicture, get, patch, post } from "./api.js";
import { ask, calmly, h, iconButton, whenSeenAgain } from "./dom.js";
import { exportPhotos } from "./export.js";
import { change, nameIt, peopleOf } from "./naming.js";
import { makeSheet } from "./sheet.js";
import { careful, say } from "./toast.js";
import { t } from "./words.js";

/** @typedef {import("./types.d.ts").Album} Album */
/** @typedef {import("./types.d.ts").Person} Person */
/**
 * What can be done with a person on the page.
 * @typedef {{ rename: (person: Person, name: string) => Promise<boolean | undefined>, merge: (into: Person, other: Person) => void,
 *   hide: (person: Person) => void, find: (id: string) => Person | undefined }} Acts
 */

/** Most people that a choice shows; the others can be searched for. */
const CHOICES = 60;
/** The lines below a face: its name, and its actions; on a phone each is as high as a finger. */
const lineHeight = (/** @type {boolean} */ isSmall) => (isSmall ? 2 * 44 : 40) + 2 * parseFloat(getComputedStyle(document.documentElement).fontSize);

/** @param {import("./types.d.ts").About} about */
export async function showPeople({ main, album, query, jobsDone }) {
  const asked = { hidden: query.has("hidden"), search: query.get("search") || "" };
  const list = peopleList(album);
  let generation = 0;
  /** Load and draw everything again. */
  const draw = careful(async () => {
    if (!list.scroller.isConnected) return; // an undo after the page was left
    generation += 1;
    const mine = generation;
    const [answer, all] = await Promise.all([get(`${peopleOf(album)}?${new URLSearchParams({ ...asked, hidden: String(asked.hidden) })}`), get(`${peopleOf(album)}?named=true`)]);
    if (mine === generation) list.show(answer, all.people, asked.search);
  });
  list.acts = actsOf(album, draw, () => list.people);
  const look = (/** @type {Partial<typeof asked>} */ changed) => {
    Object.assign(asked, changed);
    setInAddress({ ...changed, at: null });
    draw();
  };
  main.replaceChildren(toolbar(album, asked, look, list), list.scroller);
  await draw();
  list.scroller.scrollTop = Number(query.get("at")) || 0;
  const keepPlace = calmly(() => list.scroller.isConnected && setInAddress({ at: Math.round(list.scroller.scrollTop) || null }), 150);
  list.scroller.addEventListener("scroll", keepPlace, { passive: true });
  jobsDone(draw);
  whenSeenAgain(list.cards, draw);
}

/**
 * @param {Album} album
 * @param {{ hidden: boolean, search: string }} asked
 * @param {(changed: object) => void} look
 * @param {ReturnType<typeof peopleList>} list
 */
function toolbar(album, asked, look, list) {
  const find = careful(async () => {
    await post(`/api/albums/${album.id}/people/find`);
    say(t("people.finding"));
  });
  const take = () =>
    exportPhotos({
      album: album.id,
      title: album.title,
      what: { per_person: true },
      isRanking: false,
      mayCopy: album.mayCopy,
      words: list.named.length ? t("people.exportNamed", { n: list.named.length }) : t("people.nameFirst"),
    });
  const onSearch = calmly((/** @type {{ target: HTMLInputElement }} */ event) => look({ search: event.target.value.trim() }), 150);
  return h(
    "div",
    { class: "toolbar" },
    h("input", { type: "text", class: "find", placeholder: t("people.search"), "aria-label": t("people.searchByName"), maxlength: 100, value: asked.search, oninput: onSearch }),
    list.facts,
    h("span", { class: "space" }),
    h("label", { class: "check" }, h("input", { type: "checkbox", checked: asked.hidden, onchange: (/** @type {any} */ event) => look({ hidden: event.target.checked }) }), t("people.hiddenToo")),
    h("button", { type: "button", onclick: take }, t("app.export")),
    h("a", { class: "button", href: `#/${album.id}/doubtful` }, t("people.same")),
    h("button", { type: "button", class: "primary", onclick: find }, t("people.find")),
  );
}

/**
 * The cards of people, and the text about them.
 * @param {Album} album
 */
function peopleList(album) {
  const cards = h("div", { class: "people", role: "list", "aria-label": t("view.people") });
  const empty = h("p", { class: "empty", hidden: true });
  const facts = h("span", { class: "muted", role: "status" });
  const names = h("datalist", { id: "names" });
  const scroller = h("div", { class: "scroll" }, empty, cards, names);
  const isSmall = matchMedia("(max-width: 720px)");
  const least = () => (isSmall.matches ? 142 : 168);
  const sheet = makeSheet({ box: cards, scroller, least, gap: 10, tall: (/** @type {number} */ width) => width + lineHeight(isSmall.matches), card: (/** @type {Person} */ person) => card(album, person, list.acts) });
  const list = {
    cards,
    facts,
    scroller,
    acts: /** @type {Acts} */ ({}),
    /** @type {Person[]} */
    people: [],
    /** @type {Person[]} */
    named: [],
    /**
     * @param {{ people: Person[], unassigned: number, faces: number, pending: number }} answer
     * @param {Person[]} named
     * @param {string} search
     */
    show({ people, unassigned, faces, pending }, named, search) {
      Object.assign(list, { people, named });
      facts.replaceChildren(t("count.people", { n: people.length }), h("span", { class: "nobody" }, t("people.unrecognised", { n: unassigned })));
      names.replaceChildren(...named.map((person) => h("option", { value: person.name })));
      empty.hidden = people.length > 0;
      empty.textContent = t(search ? "people.nobody" : pending ? "people.soon" : faces ? "people.unknown" : "people.noFaces");
      sheet.show(people);
    },
  };
  return list;
}

/**
 * @param {Album} album
 * @param {() => unknown} draw
 * @param {() => Person[]} people
 * @returns {Acts}
 */
function actsOf(album, draw, people) {
  return {
    find: (id) => people().find((one) => one.id === id),
    rename: (person, name) => nameIt(album, person, name, [person.cover], draw),
    merge: (into, other) => {
      const words = into.name ? t("people.mergedInto", { name: into.name }) : t("people.merged");
      change(album, words, () => post(`${peopleOf(album)}/merge`, { into: into.id, others: [other.id] }), draw);
    },
    hide: (person) => {
      change(album, t(person.hidden ? "people.shown" : "people.hidden"), () => patch(`${peopleOf(album)}/${person.id}`, { hidden: !person.hidden }), draw);
    },
  };
}

/**
 * @param {Album} album
 * @param {Person} person
 * @param {Acts} acts
 */
function card(album, person, acts) {
  const name = person.name || t("people.unnamed");
  const chooseMerge = async () => {
    const into = await ask(t("people.mergeWith"), (close) => choices(album, person, close));
    if (into) acts.merge(into, person);
  };
  const element = h(
    "div",
    { class: `person${person.hidden ? " is-hidden" : ""}`, role: "listitem", draggable: "true", "data-id": person.id },
    h("a", { class: "person-face", href: `#/${album.id}/people/${person.id}`, "aria-label": t("people.facesOf", { name }), draggable: "false" }, h("img", { src: facePicture(album.id, person.cover), alt: "", loading: "lazy", draggable: "false" })),
    nameField(person, name, acts),
    h(
      "div",
      { class: "person-line" },
      h("span", { class: "muted" }, t("count.photos", { n: person.photos })),
      h("span", { class: "space" }),
      iconButton("best", t("people.bestOf", { name }), () => (location.hash = `#/${album.id}/best?people=${person.id}`)),
      iconButton("merge", t("people.mergeOf", { name }), chooseMerge),
      iconButton(person.hidden ? "show" : "hide", t(person.hidden ? "people.show" : "people.hide", { name }), () => acts.hide(person)),
    ),
  );
  letDrag(element, person, acts);
  return element;
}

/**
 * @param {Person} person
 * @param {string} label
 * @param {Acts} acts
 */
function nameField(person, label, acts) {
  const before = person.name || "";
  const field = h("input", { type: "text", class: "name", value: before, placeholder: t("people.who"), list: "names", maxlength: 100, "aria-label": t("people.nameOf", { name: label }), autocomplete: "off" });
  let sent = before; // Enter sends the name; leaving the field afterwards must not send it again
  const commit = async () => {
    const name = field.value.trim();
    // A name can be changed but not removed; undo does that.
    if (!name) field.value = sent;
    if (!name || name === sent) return;
    sent = name;
    if (await acts.rename(person, name)) return;
    sent = before;
    field.value = before;
  };
  field.addEventListener("change", commit);
  field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    // Keep the focus, so that Tab leads to the next person.
    if (event.key === "Enter") commit();
    if (event.key === "Escape") field.value = before;
  });
  return field;
}

/**
 * A card that is dropped on another merges the two.
 * @param {HTMLElement} element
 * @param {Person} person
 * @param {Acts} acts
 */
function letDrag(element, person, acts) {
  const kind = "application/x-person";
  element.addEventListener("dragstart", (event) => {
    if (!event.dataTransfer) return;
    event.dataTransfer.setData(kind, person.id);
    event.dataTransfer.effectAllowed = "move";
    element.classList.add("dragged");
  });
  element.addEventListener("dragend", () => element.classList.remove("dragged"));
  element.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes(kind)) return;
    event.preventDefault();
    element.classList.add("target");
  });
  element.addEventListener("dragleave", () => element.classList.remove("target"));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    element.classList.remove("target");
    const other = acts.find(event.dataTransfer?.getData(kind) || "");
    if (other && other.id !== person.id) acts.merge(person, other);
  });
}

/**
 * People to choose another from, found by name.
 * @param {Album} album
 * @param {Person} person
 * @param {(other: Person) => void} close
 */
function choices(album, person, close) {
  const row = h("div", { class: "face-row choose" });
  const field = h("input", { type: "text", placeholder: t("people.searchName"), "aria-label": t("people.searchName"), maxlength: 100, autofocus: !matchMedia("(hover: none)").matches });
  const choice = (/** @type {Person} */ other) =>
    h("button", { type: "button", class: "face-chip", onclick: () => close(other) }, h("img", { src: facePicture(album.id, other.cover), alt: "", loading: "lazy" }), h("span", {}, other.name || t("count.photos", { n: other.photos })));
  const fill = careful(async () => {
    const found = await get(`${peopleOf(album)}?${new URLSearchParams({ search: field.value.trim(), limit: String(CHOICES + 1) })}`);
    row.replaceChildren(...found.people.filter((/** @type {Person} */ other) => other.id !== person.id).map(choice));
    const left = found.total - CHOICES - 1;
    if (left > 0) row.append(h("p", { class: "muted" }, t("people.andOthers", { others: t("count.others", { n: left }) })));
    if (!row.children.length) row.append(h("p", { class: "muted" }, t("people.nobody")));
  });
  field.addEventListener("input", calmly(fill, 150));
  fill();
  const who = h("p", { class: "chip" }, h("img", { src: facePicture(album.id, person.cover), alt: "" }), h("span", {}, person.name || t("count.photos", { n: person.photos })));
  return h("div", { class: "search" }, who, field, row);
}
