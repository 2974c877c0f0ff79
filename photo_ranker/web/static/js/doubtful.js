// @ts-nocheck
/** Pairs of faces, first those whose answer changes most photos: two keys, one after the other. */

import { facePicture, get, picture, post } from "./api.js";
import { count, h, icon } from "./dom.js";
import { overruling } from "./people.js";
import { careful, say, sayFailure } from "./toast.js";

export async function showDoubtful({ main, album }) {
  const base = `/api/albums/${album.id}/people`;
  const stage = h("div", { class: "doubtful" });
  const facts = h("span", { class: "muted", role: "status" });
  let queue = [];
  let total = 0;
  let answered = 0;

  const more = async () => {
    const answer = await get(`${base}/doubtful`);
    queue = answer.pairs;
    total = answer.total;
    draw();
  };

  function draw() {
    const left = Math.max(total, queue.length);
    facts.textContent = queue.length ? `${count(left, "pair")} left${answered ? `, ${answered} answered` : ""}` : "";
    const pair = queue[0];
    if (!pair) {
      stage.replaceChildren(h("p", { class: "empty" }, icon("pick"), answered ? "All answered. Thank you." : "There is nothing to ask."));
      return;
    }
    const side = (face) =>
      h(
        "figure",
        {},
        h("img", { class: "doubt-face", src: facePicture(album.id, face.id), alt: `Face in ${face.photo_name}` }),
        h("img", { class: "doubt-photo", src: picture(album.id, { id: face.photo, version: face.version }), alt: "" }),
        h("figcaption", {}, face.name || "unnamed", h("span", { class: "muted" }, ` ${face.photo_name}`)),
      );
    stage.replaceChildren(
      h("h1", {}, "The same person?"),
      h("div", { class: "pair" }, side(pair.one), side(pair.other)),
      h(
        "div",
        { class: "row answers" },
        h("button", { type: "button", class: "primary", onclick: () => answer(true) }, h("kbd", {}, "Y"), "Same"),
        h("button", { type: "button", onclick: () => answer(false) }, h("kbd", {}, "N"), "Not the same"),
        h("button", { type: "button", class: "quiet", onclick: skip }, h("kbd", {}, "→"), "Skip"),
      ),
    );
  }

  function skip() {
    queue.push(queue.shift());
    draw();
  }

  /** Drop the question that is answered, and those that the answer settles too: the number left falls each time. */
  function settle([one, other], same) {
    const seen = new Set(same ? [] : [[one, other].sort().join()]);
    const left = queue.slice(1).map((pair) => ({ ...pair, people: pair.people.map((person) => (same && person === other ? one : person)) }));
    const open = left.filter(({ people }) => {
      const key = [...people].sort().join();
      if (people[0] === people[1] || seen.has(key)) return false;
      return seen.add(key);
    });
    total -= queue.length - open.length;
    queue = open;
  }

  const answer = careful(async (same) => {
    const pair = queue[0];
    if (!pair) return;
    const before = { queue, total };
    answered += 1;
    settle(pair.people, same);
    draw();
    let decision = null;
    try {
      decision = await post(`${base}/answer`, { one: pair.one.id, other: pair.other.id, same });
    } catch (error) {
      answered -= 1;
      ({ queue, total } = before);
      draw();
      throw error;
    }
    const undo = async () => {
      await post(`${base}/undo?decision=${decision.id}`);
      answered -= 1;
      await more();
    };
    say((same ? "The same person" : "Two people") + overruling(decision.overruled), undo, { kind: "decision", album: album.id, id: decision.id });
    if (!queue.length) await more();
  });

  main.replaceChildren(h("div", { class: "toolbar" }, h("a", { class: "button", href: `#/${album.id}/people` }, icon("left"), "People"), facts), stage);
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
