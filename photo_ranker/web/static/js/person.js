/** One person: every face; wrong ones can be removed. */

import { facePicture, get, patch, post } from "./api.js";
import { holdFocus } from "./dialogs.js";
import { h, icon, isTyping, oneAtATime, whenSeenAgain } from "./dom.js";
import { shareButton } from "./guests.js";
import { change, peopleOf } from "./naming.js";
import { careful } from "./toast.js";
import { t } from "./words.js";

/** @typedef {import("./types.d.ts").FaceInPhoto} Face */
/** @typedef {import("./types.d.ts").Person} Person */

const CATEGORIES = { main: t("person.main"), important: t("person.important"), other: t("person.other") };

/** @param {import("./types.d.ts").About & { id: string }} about */
export async function showPerson({ main, album, id }) {
  const title = h("h1", {});
  const faces = faceList(album.id, () => {
    buttons.hidden = !faces.chosen.size;
    see.hidden = !faces.only;
  });
  let generation = 0;
  const draw = careful(async () => {
    if (!faces.element.isConnected) return; // an undo after the page was left
    generation += 1;
    const mine = generation;
    const { person, faces: found } = await get(`${peopleOf(album)}/${id}`).catch((error) => {
      if (error.status === 404 && faces.element.isConnected) location.hash = `#/${album.id}/people`; // merged or undone elsewhere
      throw error;
    });
    if (mine !== generation) return; // a later answer is shown, or on its way
    title.textContent = person.name || t("person.unnamed");
    facts.show(person);
    acts.person = person;
    faces.show(found);
    buttons.hidden = true;
    allRight.hidden = found.every((/** @type {Face} */ face) => face.confirmed);
    holdFocus(main);
  });
  const facts = personFacts(album, id, draw);
  const acts = decisionsOf(album, id, faces, draw);
  // All faces are on this page, so a user who says that all are right has seen them.
  const allRight = h("button", { type: "button", onclick: () => acts.confirm(faces.all.map((face) => face.id)) }, t("person.allRight"));
  const confirmChosen = () => acts.confirm([...faces.chosen]);
  const seePhoto = () => faces.only && (location.hash = `#/${album.id}/photos?photo=${faces.only.photo}`);
  const see = button(t("person.seePhoto"), seePhoto);
  const buttons = h("div", { class: "row", hidden: true }, button(t("person.not"), acts.not), button(t("person.split"), acts.split), button(t("person.right"), confirmChosen), button(t("person.notFaces"), acts.notFaces), see);
  main.replaceChildren(
    h(
      "div",
      { class: "toolbar" },
      h("a", { class: "button", href: `#/${album.id}/people` }, icon("left"), t("view.people")),
      title,
      ...facts.elements,
      h("span", { class: "space" }),
      shareButton(album, () => acts.person),
      h("a", { class: "button primary", href: `#/${album.id}/best?people=${id}` }, t("person.bestPhotos")),
    ),
    h("div", { class: "toolbar second" }, button(t("person.selectAll"), faces.chooseAll), allRight, faces.facts, buttons),
    h("div", { class: "scroll" }, faces.element),
  );
  /** @type {Record<string, () => void>} */
  const keys = { n: acts.not, s: acts.split, y: confirmChosen, f: acts.notFaces, v: seePhoto };
  main.onkeydown = (event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey) return;
    if (event.key === "a") faces.chooseAll();
    else if (faces.chosen.size) keys[event.key]?.();
  };
  main.tabIndex = -1;
  main.focus();
  await draw();
  whenSeenAgain(faces.element, () => faces.chosen.size || draw());
}

/**
 * A button whose key, in brackets, is hidden where only fingers are.
 * @param {string} words
 * @param {() => void} onclick
 */
const button = (words, onclick) => h("button", { type: "button", onclick }, ...words.split(/(?= \(.\)$)/).map((part, place) => h("span", { class: place ? "key" : null }, part)));

/**
 * Decisions about faces of a person.
 * @param {{ id: string }} album
 * @param {string} id
 * @param {ReturnType<typeof faceList>} faces
 * @param {() => unknown} draw
 */
function decisionsOf(album, id, faces, draw) {
  const some = () => t("count.faces", { n: faces.chosen.size });
  // A second click would decide about the same faces once more, and one undo would seem to do nothing.
  const decide = oneAtATime((/** @type {string} */ words, /** @type {string} */ what, /** @type {string[]} */ ids) => change(album, words, () => post(`${peopleOf(album)}/${what}`, { faces: ids }), draw));
  const act = (/** @type {string} */ words, /** @type {string} */ what) => decide(words, what, [...faces.chosen]);
  const acts = {
    /** @type {Person | null} */
    person: null,
    not: () => act(t("person.saidNot", { name: acts.person?.name || t("person.this"), faces: some() }), `${id}/not`),
    split: () => act(t("person.saidSplit"), `${id}/split`),
    confirm: (/** @type {string[]} */ ids) =>
      decide(t("person.saidRight", { name: acts.person?.name || t("person.one"), faces: t("count.faces", { n: ids.length }) }), `${id}/confirm`, ids),
    notFaces: () => act(t("person.saidNotFaces", { n: faces.chosen.size }), "not-a-face"),
  };
  return acts;
}

/**
 * Fields for how much the person matters and when they were born.
 * @param {{ id: string }} album
 * @param {string} id
 * @param {() => unknown} draw
 */
function personFacts(album, id, draw) {
  let name = t("person.This");
  const set = (/** @type {string} */ words, /** @type {object} */ fields) => change(album, words, () => patch(`${peopleOf(album)}/${id}`, fields), draw);
  const category = h(
    "select",
    {
      "aria-label": t("person.matters"),
      title: t("person.mattersWhy"),
      onchange: (/** @type {{ target: any }} */ { target }) => set(t("person.isNow", { name, what: CATEGORIES[/** @type {keyof typeof CATEGORIES} */ (target.value)] }), { category: target.value }),
    },
    ...Object.entries(CATEGORIES).map(([value, label]) => h("option", { value }, label)),
  );
  const born = h("input", {
    type: "number",
    class: "year",
    min: 1800,
    max: 2200,
    placeholder: t("person.born"),
    "aria-label": t("person.bornYear"),
    title: t("person.bornWhy"),
    onchange: (/** @type {{ target: any }} */ { target }) => set(target.value ? t("person.bornIn", { name, year: target.value }) : t("person.bornNever"), { born: Number(target.value) }),
  });
  return {
    elements: [category, born],
    show(/** @type {Person} */ person) {
      name = person.name || t("person.This");
      category.value = person.category;
      born.value = String(person.born ?? "");
    },
  };
}

/**
 * All faces; some may be selected.
 * @param {string} album
 * @param {() => void} onChange
 */
function faceList(album, onChange) {
  const element = h("div", { class: "faces", role: "listbox", "aria-multiselectable": "true", "aria-label": t("person.faces") });
  /** @type {Set<string>} */
  const chosen = new Set();
  const facts = h("span", { class: "muted", role: "status" });
  const count = () => (facts.textContent = [t("count.faces", { n: list.all.length }), chosen.size && t("photos.selected", { n: chosen.size })].filter(Boolean).join(" · "));
  const tile = (/** @type {Face} */ face) => {
    const toggle = () => {
      if (!chosen.delete(face.id)) chosen.add(face.id);
      one.setAttribute("aria-selected", String(chosen.has(face.id)));
      count();
      onChange();
    };
    const one = h(
      "div",
      { class: "face-tile", role: "option", tabindex: "0", "aria-selected": "false", "aria-label": t("person.faceIn", { photo: face.photo_name }), onclick: toggle },
      h("img", { src: facePicture(album, face.id), alt: "", loading: "lazy" }),
      face.confirmed ? h("span", { class: "confirmed", title: t("person.confirmed") }, icon("pick")) : null,
    );
    one.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      toggle();
    });
    return one;
  };
  const list = {
    element,
    /** How many faces there are, and how many of them are selected. */
    facts,
    chosen,
    /** @type {Face[]} */
    all: [],
    /** The chosen face, if it is the only one. */
    get only() {
      return chosen.size === 1 ? list.all.find((face) => chosen.has(face.id)) : undefined;
    },
    show(/** @type {Face[]} */ faces) {
      chosen.clear();
      list.all = faces;
      element.replaceChildren(...faces.map(tile));
      count();
    },
    /** Selects all, so that a whole “person” can be marked as not a face, or as somebody else. */
    chooseAll() {
      for (const one of element.querySelectorAll("[aria-selected=false]")) /** @type {HTMLElement} */ (one).click();
    },
  };
  return list;
}
