/** One photo, large: with its faces, its score and why; keys as in the grid. */

import { setInAddress } from "./address.js";
import { facePicture, get, picture, post } from "./api.js";
import { leaveFor, openDialog } from "./dialogs.js";
import { h, icon, iconButton } from "./dom.js";
import { markOf, onMarks, setMarks } from "./marks.js";
import { change } from "./people.js";
import { SIGNALS } from "./signals.js";
import { starRow } from "./stars.js";
import { sayFailure, undoLast } from "./toast.js";

const EVENT_SCORES = { technical: "Sharp and lit", composition: "Composed", expression: "Expressions", context: "Who is in it" };

/** Show photos beginning with one; ``source.want(index)`` gives each. The address says which is open. */
export function openViewer({ album, source, index, onClose, onCompare }) {
  let now = index;
  let photo = null;
  let detail = null; // what is known of the faces of this photo, once it is here
  let zoomed = false;
  let isClosed = false;
  const image = h("img", { class: "viewer-image", alt: "" });
  const faces = h("div", { class: "viewer-faces" });
  const stage = h("div", { class: "viewer-stage" }, h("div", { class: "viewer-hold" }, image, faces));
  const about = h("div", { class: "viewer-about" });
  const stars = starRow((number) => give({ stars: number }));
  const side = h("aside", { class: "viewer-side", "aria-label": "About this photo" }, stars.element, about);
  const pick = iconButton("pick", "Pick (P)", () => toggleFlag("pick"));
  const reject = iconButton("reject", "Reject (X)", () => toggleFlag("reject"));
  const title = h("h2", {});
  const dialog = h(
    "dialog",
    { class: "viewer", "aria-label": "Photo" },
    h(
      "header",
      {},
      iconButton("left", "Previous (←)", () => go(now - 1)),
      iconButton("right", "Next (→)", () => go(now + 1)),
      title,
      pick,
      reject,
      iconButton("zoom", "Zoom to the face (Z)", zoom),
      iconButton("compare", "Compare with the next (C)", compare),
      iconButton("close", "Close (Esc)", close),
    ),
    stage,
    side,
  );
  const stopMarks = onMarks((changed) => {
    if (changed.id !== photo?.id) return;
    photo.mark = changed.mark; // the grid may have loaded the photo again
    tell();
  });

  async function go(next) {
    try {
      const found = await source.want(next);
      if (!found || isClosed) return;
      now = next;
      photo = found;
      setInAddress({ photo: photo.id, n: now });
      zoomed = false;
      draw();
      await load();
      const ahead = await source.want(now + 1);
      if (ahead && !ahead.unreadable) new Image().src = picture(album, ahead, "large");
    } catch (error) {
      sayFailure(error);
    }
  }

  /** Ask for the faces of the photo, and show them. */
  async function load() {
    const answer = await get(`/api/albums/${album}/photos/${photo.id}`);
    if (answer.photo.id !== photo.id) return;
    detail = answer;
    drawFaces();
    tell();
  }

  function draw() {
    detail = null;
    image.hidden = Boolean(photo.unreadable);
    if (!photo.unreadable) image.src = picture(album, photo, "large");
    image.alt = photo.name;
    // Of a photo that is not measured yet the picture itself tells.
    image.toggleAttribute("width", false);
    image.toggleAttribute("height", false);
    if (photo.width) Object.assign(image, { width: photo.width, height: photo.height });
    faces.replaceChildren();
    stage.classList.remove("zoomed");
    image.parentElement.style.transform = "";
    tell();
  }

  function tell() {
    title.textContent = photo.name;
    title.append(h("span", { class: "muted" }, ` ${now + 1} of ${source.total}`));
    const result = photo.result;
    const { flag } = photo.mark;
    stars.show(photo.mark.stars);
    pick.setAttribute("aria-pressed", String(flag === "pick"));
    reject.setAttribute("aria-pressed", String(flag === "reject"));
    const parts = [flag && h("p", { class: `mark-line flag ${flag}` }, icon(flag), flag === "pick" ? "Picked" : "Rejected")];
    if (result && !result.face) parts.push(...eventLines(result));
    else if (result) {
      parts.push(
        h("img", { class: "face-large", src: facePicture(album, result.face.id), alt: "The face" }),
        h("p", { class: "big-score" }, result.score.toFixed(2), h("span", { class: "muted" }, ` rank ${result.rank}${result.close_to ? `, as good as ${result.close_to}` : ""}, ${result.kind === "group" ? `group of ${result.people_in_photo}` : "alone"}`)),
        h("ul", { class: "reasons" }, ...result.reasons.map((word) => h("li", { class: "good" }, word)), ...result.against.map((word) => h("li", { class: "bad" }, word))),
        bars(result.signals),
        ...(result.copies || []).map((path) => h("p", { class: "muted" }, `the same file: ${path}`)),
        ...(result.alternates || []).map((path) => h("p", { class: "muted" }, `of the same burst: ${path}`)),
        h("p", { class: "muted" }, `Similarity ${result.similarity.toFixed(2)}${result.doubtful ? ", doubtful" : ""}`),
      );
    }
    if (photo.taken_at) parts.push(h("p", { class: "muted" }, photo.taken_at.replace("T", " ").slice(0, 19)));
    if (photo.unreadable) parts.push(h("p", { class: "bad" }, photo.unreadable));
    if (detail) parts.push(...peopleLines());
    about.replaceChildren(...parts.filter(Boolean));
  }

  function peopleLines() {
    if (photo.pending) return [h("p", { class: "muted" }, "Not measured yet: faces and figures follow.")];
    const faces = trueFaces(detail);
    const others = detail.faces.filter((item) => item.is_false);
    const parts = faces.length
      ? [h("h3", {}, faces.length === 1 ? "One face" : `${faces.length} faces`), h("div", { class: "face-row" }, ...faces.map(faceChip))]
      : [h("p", { class: "muted" }, "No face found here.")];
    if (others.length) parts.push(h("h3", {}, "Not faces"), h("div", { class: "face-row" }, ...others.map(falseChip)));
    return parts;
  }

  function faceChip({ face, name, person }) {
    return h(
      "div",
      { class: "face-item" },
      h(
        "a",
        { class: "face-chip", href: person ? `#/${album}/best?people=${person}` : `#/${album}/best?faces=${face.id}`, onclick: leaveFor, title: `Best photos of ${name || "this person"}` },
        h("img", { src: facePicture(album, face.id), alt: "" }),
        h("span", {}, name || "Best of"),
      ),
      h("button", { type: "button", class: "quiet", onclick: () => judge(face, false), "aria-label": `${name || "This"} is not a face` }, "Not a face"),
    );
  }

  function falseChip({ face }) {
    return h(
      "div",
      { class: "face-item" },
      h("span", { class: "face-chip is-false" }, h("img", { src: facePicture(album, face.id), alt: "" })),
      h("button", { type: "button", class: "quiet", onclick: () => judge(face, true), "aria-label": "This is a face" }, "It is a face"),
    );
  }

  /** Say whether what was found is a face at all. */
  function judge(face, isFace) {
    change({ id: album }, isFace ? "It is a face" : "Not a face", () => post(`/api/albums/${album}/people/not-a-face`, { faces: [face.id], is_face: isFace }), load);
  }

  function drawFaces() {
    faces.replaceChildren(
      ...trueFaces(detail).map(({ face, name, person }) => {
        const [x, y, width, height] = face.box;
        const box = h("a", {
          class: "face-box",
          href: person ? `#/${album}/best?people=${person}` : `#/${album}/best?faces=${face.id}`,
          "aria-label": `Best photos of ${name || "this person"}`,
          onclick: leaveFor,
        });
        if (name) box.append(h("span", {}, name));
        box.style.left = `${(100 * x) / detail.photo.width}%`;
        box.style.top = `${(100 * y) / detail.photo.height}%`;
        box.style.width = `${(100 * width) / detail.photo.width}%`;
        box.style.height = `${(100 * height) / detail.photo.height}%`;
        return box;
      }),
    );
  }

  function zoom() {
    const box = photo.result?.face?.box || largest(detail)?.box;
    zoomed = !zoomed && Boolean(box);
    const hold = image.parentElement;
    stage.classList.toggle("zoomed", zoomed);
    if (!zoomed) {
      hold.style.transform = "";
      return;
    }
    image.src = picture(album, photo, "full");
    const shown = hold.getBoundingClientRect();
    const room = stage.getBoundingClientRect();
    const scale = shown.width / photo.width;
    const factor = Math.max(1, Math.min(8, (0.55 * Math.min(room.width, room.height)) / (Math.max(box[2], box[3]) * scale)));
    const x = (box[0] + box[2] / 2) * scale - shown.width / 2;
    const y = (box[1] + box[3] / 2) * scale - shown.height / 2;
    hold.style.transform = `scale(${factor}) translate(${-x}px, ${-y}px)`;
  }

  function mark(key, andOn = false) {
    const wanted = markOf(key);
    if (!wanted) return false;
    give(wanted);
    if (andOn) go(now + 1);
    return true;
  }

  function give(fields) {
    if (photo) setMarks(album, [photo], fields);
  }

  /** A second click on a button takes back what the first one did; a key has another key for that. */
  function toggleFlag(flag) {
    give({ flag: photo?.mark.flag === flag ? null : flag });
  }

  function compare() {
    const index = now;
    close();
    onCompare(index, index + 1);
  }

  function close() {
    isClosed = true;
    stopMarks();
    setInAddress({ photo: null, n: null });
    leave();
    onClose(now);
  }

  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowRight" || event.key === " ") go(now + 1);
    else if (event.key === "ArrowLeft") go(now - 1);
    else if (event.key === "z") zoom();
    else if (event.key === "Z" || event.key === "Backspace") undoLast();
    else if (event.key === "c") compare();
    else if (event.key === "b") stage.classList.toggle("bare");
    else if (!mark(event.key, event.shiftKey)) return;
    event.preventDefault();
  });
  stage.addEventListener("dblclick", zoom);
  swipe(stage, (step) => go(now + step));
  const leave = openDialog(dialog, close);
  dialog.focus();
  go(index);
}

/** What the scoring of an event says of a photo. */
function eventLines(result) {
  return [
    h("p", { class: "big-score" }, result.score.toFixed(2), h("span", { class: "muted" }, ` rank ${result.rank}${result.moment ? `, ${result.moment.label || `moment ${result.moment.number}`}` : ""}`)),
    h("ul", { class: "reasons" }, ...result.reasons.map((word) => h("li", { class: "good" }, word)), ...result.against.map((word) => h("li", { class: "bad" }, word))),
    bars(result.scores, EVENT_SCORES),
    ...result.alternates.map((name) => h("p", { class: "muted" }, `of the same burst: ${name}`)),
  ];
}

function bars(signals, names = SIGNALS) {
  return h(
    "dl",
    { class: "bars" },
    ...Object.entries(names).flatMap(([name, label]) => {
      const value = signals[name];
      const meter = value === null || value === undefined ? h("span", { class: "muted" }, "unknown") : h("meter", { min: 0, max: 1, low: 0.3, high: 0.75, optimum: 1, value: String(value), title: value.toFixed(2) });
      return [h("dt", {}, label), h("dd", {}, meter)];
    }),
  );
}

function trueFaces(detail) {
  return (detail?.faces || []).filter((item) => !item.is_false);
}

function largest(detail) {
  const all = trueFaces(detail).map(({ face }) => face);
  return all.sort((one, other) => other.size_px - one.size_px)[0];
}

function swipe(element, onStep) {
  let from = null;
  element.addEventListener("touchstart", (event) => {
    from = event.touches.length === 1 ? event.touches[0].clientX : null;
  }, { passive: true });
  element.addEventListener("touchend", (event) => {
    if (from === null) return;
    const moved = event.changedTouches[0].clientX - from;
    if (Math.abs(moved) > 60) onStep(moved < 0 ? 1 : -1);
  }, { passive: true });
}
