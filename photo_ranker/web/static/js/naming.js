/** Decisions about people, which can be undone, and names: if the name exists, asks whether it is the same person. */

import { facePicture, get, patch, post } from "./api.js";
import { ask, h } from "./dom.js";
import { careful, say, undoKind } from "./toast.js";
import { t } from "./words.js";

/** @typedef {import("./types.d.ts").Person} Person */
/** @typedef {{ id: string }} AlbumId */

/** @param {AlbumId} album */
export const peopleOf = (album) => `/api/albums/${album.id}/people`;

/**
 * The earlier decisions that a new one overrules, for its note.
 * @param {{ text: string, faces: number }[]} decisions
 */
export function overruling(decisions) {
  const told = decisions.map(({ text, faces }) => t("people.overruled", { text, faces: t("count.faces", { n: faces }) }));
  return told.length ? t("people.overrules", { decisions: told.join(t("people.and")) }) : "";
}

/**
 * A change that can be undone by one click or key; ``work`` returns the decision that the server stored.
 * @param {AlbumId} album
 * @param {string} words
 * @param {() => Promise<{ id: number, overruled: { text: string, faces: number }[] }>} work
 * @param {() => unknown} after
 * @returns {Promise<boolean | undefined>}
 */
export function change(album, words, work, after) {
  return careful(async () => {
    const { id, overruled } = await work().catch(async (error) => {
      if (error.status) await after(); // what the page showed may be out of date
      throw error;
    });
    const undo = async () => {
      await post(`${peopleOf(album)}/undo?decision=${id}`);
      await after();
    };
    say(words + overruling(overruled), undo, { kind: "decision", what: words, album: album.id, id });
    await after();
    return true;
  })();
}

undoKind("decision", ({ album, id }) => post(`/api/albums/${album}/people/undo?decision=${id}`));

/**
 * Name a person. ``seen`` are the faces that the user has looked at. Asks the user if the person has got a name that the
 * page did not show; if somebody else has the new name, asks whether both are one person. Returns whether the person now
 * has the name.
 */
export const nameIt = careful(
  async (/** @type {AlbumId} */ album, /** @type {Person} */ person, /** @type {string} */ name, /** @type {string[]} */ seen, /** @type {() => unknown} */ after) => {
    const { people } = await get(`${peopleOf(album)}?named=true&hidden=true`);
    const before = people.find((/** @type {Person} */ other) => other.id === person.id)?.name ?? null;
    if (before && before !== person.name && before !== name && !(await askOver(before, name))) {
      await after();
      return false;
    }
    const others = people.filter((/** @type {Person} */ other) => other.id !== person.id && other.name?.toLowerCase() === name.toLowerCase());
    const same = others.length ? await askWhich(album, person, others) : "another";
    if (same === null) return false;
    if (same !== "another") return change(album, t("people.mergedInto", { name: same.name }), () => post(`${peopleOf(album)}/merge`, { into: same.id, others: [person.id] }), after);
    return change(album, t("people.named", { name }), () => patch(`${peopleOf(album)}/${person.id}`, { name, seen, another: others.length > 0, instead_of: before }), after);
  },
);

/**
 * Ask whether to replace a name that somebody has given meanwhile.
 * @param {string} before
 * @param {string} name
 */
const askOver = (before, name) =>
  ask(t("people.meanwhile", { name: before }), (close) =>
    h(
      "div",
      { class: "row end" },
      h("button", { type: "button", onclick: () => close(true) }, t("people.nameAnyway", { name })),
      h("button", { type: "button", class: "primary", onclick: () => close(false) }, t("people.keepName", { name: before })),
    ),
  );

/**
 * Ask which of the people who already have the name this is: one of them, "another", or null if the user did not say.
 * @param {AlbumId} album
 * @param {Person} person
 * @param {Person[]} others
 */
function askWhich(album, person, others) {
  const name = others[0].name || "";
  const face = (/** @type {Person} */ one, /** @type {string} */ alt, /** @type {HTMLElement[]} */ ...below) =>
    h("figure", {}, h("img", { class: "same-face", src: facePicture(album.id, one.cover), alt }), h("figcaption", { class: "muted" }, t("count.photos", { n: one.photos })), ...below);
  return ask(t("people.isSame", { name }), (close) => {
    const yes = (/** @type {Person} */ other) => h("button", { type: "button", class: "primary", onclick: () => close(other) }, t(others.length > 1 ? "people.yesThis" : "people.yes"));
    return h(
      "div",
      { class: "same-name" },
      h("div", { class: "row" }, face(person, t("people.thisFace")), ...others.map((other) => face(other, t("people.namedBefore", { name }), yes(other)))),
      h("div", { class: "row end" }, h("button", { type: "button", onclick: () => close("another") }, t("people.no", { name }))),
    );
  });
}
