/** "Same person?": pairs of faces, first those whose answer changes most photos; two keys, one after the other. */

import { facePicture, get, picture, post } from "./api.js";
import { holdFocus } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { overruling } from "./naming.js";
import { careful, say, sayFailure } from "./toast.js";
import { t } from "./words.js";

/** @typedef {import("./types.d.ts").FaceInPhoto} Face */
/** @typedef {{ one: Face, other: Face, people: [string, string] }} Pair */

/** @param {import("./types.d.ts").About} about */
export async function showSamePerson({ main, album }) {
  const base = `/api/albums/${album.id}/people`;
  const stage = h("div", { class: "doubtful" });
  const facts = h("span", { class: "muted", role: "status" });
  const state = { queue: /** @type {Pair[]} */ ([]), total: 0, answered: 0 };
  const draw = () => {
    const { queue, total, answered } = state;
    const left = [t("same.left", { n: Math.max(total, queue.length) }), answered && t("same.answered", { n: answered })];
    facts.textContent = queue.length ? left.filter(Boolean).join(", ") : "";
    stage.replaceChildren(...(queue.length ? questionOf(album.id, queue[0], answer, skip) : [nothingLeft(answered)]));
    holdFocus(main);
  };
  const more = async () => {
    const { pairs, total } = await get(`${base}/doubtful`);
    Object.assign(state, { queue: pairs, total });
    draw();
  };
  const skip = () => {
    const first = state.queue.shift();
    if (first) state.queue.push(first);
    draw();
  };
  const answer = careful(async (/** @type {boolean} */ same) => {
    const pair = state.queue[0];
    if (!pair) return;
    const before = { ...state };
    Object.assign(state, settled(state, pair.people, same), { answered: state.answered + 1 });
    draw();
    const decision = await post(`${base}/answer`, { one: pair.one.id, other: pair.other.id, same }).catch((error) => {
      Object.assign(state, before);
      draw();
      throw error;
    });
    const undo = async () => {
      await post(`${base}/undo?decision=${decision.id}`);
      state.answered -= 1;
      await more();
    };
    const what = t(same ? "same.saidYes" : "same.saidNo");
    say(what + overruling(decision.overruled), undo, { kind: "decision", what, album: album.id, id: decision.id });
    if (!state.queue.length) await more();
  });
  main.replaceChildren(h("div", { class: "toolbar" }, h("a", { class: "button", href: `#/${album.id}/people` }, icon("left"), t("view.people")), facts), stage);
  main.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === "y") answer(true);
    else if (event.key === "n") answer(false);
    else if (event.key === "ArrowRight") skip();
  };
  main.tabIndex = -1;
  main.focus();
  await more().catch(sayFailure);
}

/**
 * What is left after answering the first question: others that the answer settles too are removed, so the number always falls.
 * @param {{ queue: Pair[], total: number }} state
 * @param {[string, string]} people
 * @param {boolean} same
 */
function settled({ queue, total }, [one, other], same) {
  const seen = new Set(same ? [] : [[one, other].sort().join()]);
  const renamed = queue.slice(1).map((pair) => ({ ...pair, people: pair.people.map((person) => (same && person === other ? one : person)) }));
  const open = renamed.filter(({ people }) => {
    const key = [...people].sort().join();
    if (people[0] === people[1] || seen.has(key)) return false;
    return seen.add(key);
  });
  return { queue: open, total: total - (queue.length - open.length) };
}

/**
 * @param {string} album
 * @param {Pair} pair
 * @param {(same: boolean) => void} answer
 * @param {() => void} skip
 */
function questionOf(album, pair, answer, skip) {
  const side = (/** @type {Face} */ face) =>
    h(
      "figure",
      {},
      h("img", { class: "doubt-face", src: facePicture(album, face.id), alt: t("person.faceIn", { photo: face.photo_name }) }),
      h("img", { class: "doubt-photo", src: picture(album, { id: face.photo, version: face.version }), alt: "" }),
      h("figcaption", {}, face.name || t("app.nameless"), h("span", { class: "muted" }, ` ${face.photo_name}`)),
    );
  return [
    h("h1", {}, t("same.question")),
    h("div", { class: "pair" }, side(pair.one), side(pair.other)),
    h(
      "div",
      { class: "row answers" },
      h("button", { type: "button", class: "primary", onclick: () => answer(true) }, h("kbd", {}, "Y"), t("same.yes")),
      h("button", { type: "button", onclick: () => answer(false) }, h("kbd", {}, "N"), t("same.no")),
      h("button", { type: "button", class: "quiet", onclick: skip }, h("kbd", {}, "→"), t("same.skip")),
    ),
  ];
}

/** @param {number} answered */
const nothingLeft = (answered) => h("p", { class: "empty" }, icon("pick"), t(answered ? "same.done" : "same.none"));
