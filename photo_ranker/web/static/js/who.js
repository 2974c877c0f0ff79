/** Whose best photos are searched for: a person, faces of the album, or photos that were sent. */

import { facePicture, referencePicture } from "./api.js";
import { h, iconButton } from "./dom.js";
import { t } from "./words.js";

/**
 * ``choices`` says how many faces a sent photo shows.
 * @typedef {{ people: string[], faces: string[], references: { reference: string, face: number }[], choices: Record<string, number> }} Who
 */
/** @typedef {import("./types.d.ts").Person} Person */

/**
 * @param {URLSearchParams} query
 * @returns {Who}
 */
export function readWho(query) {
  const list = (/** @type {string} */ name) => (query.get(name) || "").split(",").filter(Boolean);
  const references = list("refs").map((text) => ({ reference: text.split(":")[0], face: Number(text.split(":")[1]) }));
  return { people: list("people"), faces: list("faces"), references, choices: {} };
}

/** @param {Who} who */
export function writeWho(who) {
  const parts = new URLSearchParams();
  if (who.people.length) parts.set("people", who.people.join(","));
  if (who.faces.length) parts.set("faces", who.faces.join(","));
  if (who.references.length) parts.set("refs", who.references.map(({ reference, face }) => `${reference}:${face}`).join(","));
  return parts;
}

/** @param {Who} who */
export const isAsked = (who) => who.people.length + who.faces.length + who.references.length > 0;

/** @param {Who} who */
export const asked = ({ people, faces, references }) => ({ people, faces, references });

/**
 * @param {Who} who
 * @param {Person[]} people
 */
export const nameOf = (who, people) => people.find((person) => person.id === who.people[0])?.name;

/**
 * A chip for each of them, with a way to remove it.
 * @param {string} album
 * @param {Who} who
 * @param {Person[]} people
 * @param {() => void} change
 */
export function whoChips(album, who, people, change) {
  const without = (/** @type {any[]} */ list, /** @type {any} */ one) => () => {
    list.splice(list.indexOf(one), 1);
    change();
  };
  const persons = who.people.flatMap((id) => people.filter((person) => person.id === id));
  return [
    ...persons.map((person) => chip(facePicture(album, person.cover), person.name || t("app.nameless"), without(who.people, person.id))),
    ...who.faces.map((id) => chip(facePicture(album, id), t("best.thisFace"), without(who.faces, id))),
    ...who.references.map((one) => {
      const many = who.choices[one.reference] || 1;
      const next = () => {
        one.face = (one.face + 1) % many;
        change();
      };
      const words = many > 1 ? t("best.faceOf", { face: one.face + 1, faces: many }) : t("best.yourPhoto");
      return chip(referencePicture(album, one.reference, one.face), words, without(who.references, one), many > 1 ? next : null);
    }),
  ];
}

/**
 * @param {string} image
 * @param {string} text
 * @param {() => void} drop
 * @param {(() => void) | null} [onFace]
 */
function chip(image, text, drop, onFace = null) {
  const face = h("img", { src: image, alt: "" });
  return h(
    "span",
    { class: "chip" },
    onFace ? h("button", { type: "button", class: "chip-face", onclick: onFace, title: t("best.anotherFace"), "aria-label": t("best.anotherFace") }, face) : face,
    h("span", {}, text),
    iconButton("close", t("best.remove", { name: text }), drop),
  );
}
