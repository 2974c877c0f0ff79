/**
 * Say whose face a photo shows, and correct what was found.
 *
 * @import { FaceItem, Person } from "./types.d.ts"
 * @typedef {{ name?: string, person?: Person, isNot?: boolean, isFalse?: boolean }} Said
 */

import { facePicture, get, post } from "./api.js";
import { leaveFor } from "./dialogs.js";
import { ask, h, oneAtATime } from "./dom.js";
import { bestOf } from "./face_strip.js";
import { change, nameIt } from "./naming.js";
import { t } from "./words.js";

const CHOICES = 24;

/**
 * Ask whose face it is, and save the answer; ``after`` shows the result.
 *
 * @param {string} album
 * @param {FaceItem} item
 * @param {() => Promise<void>} after
 */
export async function sayWhoseFace(album, item, after) {
  const said = await askWhose(album, item);
  if (!said) return;
  const { face, person: owner, name: before } = item;
  const base = `/api/albums/${album}/people`;
  const about = { id: album };
  /** @param {string} id */
  const giveTo = (id, /** @type {string} */ name) => change(about, t("faces.saidIs", { name }), () => post(`${base}/${id}/confirm`, { faces: [face.id] }), after);
  if (said.isFalse) await judgeFace(album, face.id, false, after);
  else if (said.isNot) await change(about, t("faces.saidNot", { name: before || "" }), () => post(`${base}/${owner}/not`, { faces: [face.id] }), after);
  else if (said.person) await giveTo(said.person.id, said.person.name || "");
  else if (said.name && owner && !before) await nameIt(about, { ...(await get(`${base}/${owner}`)).person, name: null }, said.name, [face.id], after);
  else if (said.name) await change(about, t("faces.saidIs", { name: said.name }), () => post(base, { faces: [face.id], name: said.name }), after);
}

const askWhose = oneAtATime(async (/** @type {string} */ album, /** @type {FaceItem} */ item) => {
  const { people } = await get(`/api/albums/${album}/people?named=true&hidden=true`);
  return /** @type {Promise<Said | null>} */ (ask(t("people.who"), (close) => form(album, item, people, close)));
});

/**
 * Say whether what was found is a face at all.
 *
 * @param {string} album
 * @param {string} face
 * @param {boolean} isFace
 * @param {() => Promise<void>} after
 */
export const judgeFace = (album, face, isFace, after) =>
  change({ id: album }, t(isFace ? "faces.itIsFace" : "faces.noFace"), () => post(`/api/albums/${album}/people/not-a-face`, { faces: [face], is_face: isFace }), after);

/**
 * @param {string} album
 * @param {FaceItem} item
 * @param {Person[]} people Those who have a name.
 * @param {(said: Said) => void} close
 */
function form(album, item, people, close) {
  const others = people.filter((person) => person.id !== item.person);
  const field = h("input", { type: "text", value: "", placeholder: t("faces.name"), maxlength: 100, "aria-label": t("faces.name"), list: "who", autocomplete: "off", autofocus: true });
  const names = h("datalist", { id: "who" }, ...others.map((person) => h("option", { value: person.name })));
  const say = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const name = field.value.trim();
    const known = others.find((person) => person.name?.toLowerCase() === name.toLowerCase());
    // A person without a name gets it, with all their faces; if the name exists, the user is asked, as on the people page.
    const isNaming = item.person && !item.name;
    if (name) close(known && !isNaming ? { person: known } : { name });
  };
  return h(
    "div",
    { class: "whose" },
    h("img", { class: "same-face", src: facePicture(album, item.face.id), alt: t("viewer.theFace") }),
    item.name ? h("p", {}, t("faces.soFar"), h("b", {}, item.name)) : null,
    h("form", { onsubmit: say }, h("div", { class: "row" }, field, names, h("button", { class: "primary" }, t("faces.save")))),
    h("div", { class: "face-row" }, ...others.slice(0, CHOICES).map((person) => choice(album, person, close))),
    h("div", { class: "row" }, ...corrections(album, item, close)),
  );
}

/**
 * @param {string} album
 * @param {Person} person
 * @param {(said: Said) => void} close
 */
const choice = (album, person, close) =>
  h("button", { type: "button", class: "face-pick", onclick: () => close({ person }) }, h("img", { src: facePicture(album, person.cover), alt: "", loading: "lazy" }), h("span", {}, person.name));

/**
 * @param {string} album
 * @param {FaceItem} item
 * @param {(said: Said) => void} close
 */
function corrections(album, item, close) {
  return [
    item.name ? h("button", { type: "button", onclick: () => close({ isNot: true }) }, t("faces.saidNot", { name: item.name })) : null,
    h("button", { type: "button", onclick: () => close({ isFalse: true }) }, t("faces.noFace")),
    h("a", { class: "button", href: bestOf(album, item), onclick: leaveFor }, t("person.bestPhotos")),
  ];
}
