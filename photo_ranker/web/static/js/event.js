// @ts-nocheck
/** The event as a whole: every photo scored for those who matter, moments and what they were, the classic files. */

import { setInAddress } from "./address.js";
import { get, post } from "./api.js";
import { count, h, iconButton } from "./dom.js";
import { photoGrid, sizeButtons } from "./photos.js";
import { exportPhotos } from "./export.js";
import { careful, say, sayFailure } from "./toast.js";

const NOT_SCORED = "Not scored yet. “Score the event” looks for the photos in which those who matter look good.";
const FILES = ["event.json", "photo_scores.csv", "face_data.csv"];

export async function showEvent({ main, album, query, jobsDone }) {
  let moment = Number(query.get("moment")) || null;
  let all = query.has("all");
  let scored = false;
  const load = async (offset, limit, options) => {
    const answer = await get(`/api/albums/${album.id}/event?${new URLSearchParams({ offset, limit, distinct: !all, ...(moment ? { moment } : {}) })}`, options);
    scored = answer.is_scored;
    return answer;
  };
  const grid = photoGrid(album.id, load, "Photos of the event");
  const facts = h("span", { class: "muted", role: "status" });
  const list = h("ol", { class: "moments" });
  const files = h("p", { class: "row" }, ...FILES.map((name) => h("a", { class: "button", href: `/api/albums/${album.id}/event/${name}`, download: name }, name)));
  const button = h("button", { type: "button", class: "primary", onclick: careful(() => score({})) }, "Score the event");

  async function score(moments) {
    await post("/score", { album: album.id, moments });
    say("Scoring the event");
  }

  function momentLine(one) {
    const when = `${one.start.slice(0, 10)} ${one.start.slice(11, 16)} – ${one.end.slice(11, 16)}`;
    const name = `Moment ${one.number}, ${when}`;
    const field = h("input", { type: "text", class: "name", value: one.label || "", placeholder: "What was it?", maxlength: 100, "aria-label": `What moment ${one.number} was` });
    field.addEventListener("change", careful(() => score({ [one.number]: field.value.trim() })));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") field.blur();
      if (event.key !== "Escape") return;
      field.value = one.label || "";
      field.blur();
    });
    const only = h("button", { type: "button", class: "link", "aria-pressed": String(moment === one.number), "aria-label": `Only ${name}`, onclick: () => choose(moment === one.number ? null : one.number) }, when);
    return h("li", { class: moment === one.number ? "here" : null }, field, h("div", { class: "row" }, only, h("span", { class: "muted" }, count(one.photos, "photo"))));
  }

  function showAll(value) {
    all = value;
    setInAddress({ all, at: null });
    again(true);
  }

  function choose(number) {
    moment = number;
    setInAddress({ moment, at: null });
    again(true);
  }

  grid.onAnswer = ({ total, moments }) => {
    facts.textContent = scored ? `${count(total, "photo")}, the best first · ${count(moments.length, "moment")}` : "";
    button.textContent = scored ? "Score again" : "Score the event";
    button.classList.toggle("primary", !scored);
    files.hidden = !scored;
    // A field that is being written in stays.
    const isWritten = list.contains(document.activeElement) && document.activeElement.matches("input");
    if (!isWritten) list.replaceChildren(...moments.map(momentLine));
    if (!moments.length) list.replaceChildren(h("li", { class: "muted" }, scored ? "No photo tells when it was taken." : "Not scored yet."));
  };
  const again = (top) => grid.reload({ top, say: NOT_SCORED }).catch(sayFailure);
  const fold = iconButton("sliders", "Moments and files", () => {
    layout.classList.toggle("folded");
    fold.setAttribute("aria-expanded", String(!layout.classList.contains("folded")));
  });
  const take = careful(async () => {
    const chosen = await grid.chosen();
    exportPhotos({
      album: album.id,
      title: album.title,
      what: chosen.length ? { photos: chosen.map((photo) => photo.id) } : { show: "all" },
      isRanking: false,
      mayCopy: album.mayCopy,
      words: chosen.length ? count(chosen.length, "selected photo") : "All photos of the album",
    });
  });
  const panel = h(
    "aside",
    { class: "panel", "aria-label": "Moments and files" },
    h("section", {}, h("h2", {}, "Moments"), list, h("label", { class: "check" }, h("input", { type: "checkbox", checked: all, onchange: (event) => showAll(event.target.checked) }), "All photos of a burst")),
    h("section", {}, h("h2", {}, "Files"), h("p", { class: "muted" }, "Scores, faces and identities, as other programs take them."), files),
    h("p", { class: "muted" }, "Who matters is said on the page of each person: main, important, other."),
  );
  const bar = h("div", { class: "toolbar" }, facts, grid.selection, h("span", { class: "space" }), sizeButtons(grid), h("button", { type: "button", onclick: take }, "Export"), button, fold);
  const layout = h("div", { class: "with-panel" }, h("div", { class: "panel-main" }, bar, grid.element), panel);
  if (matchMedia("(max-width: 720px)").matches) layout.classList.add("folded");
  main.replaceChildren(layout);
  await grid.restore(query, NOT_SCORED).catch(sayFailure);
  if (!document.querySelector("dialog[open]")) grid.element.focus({ preventScroll: true });
  jobsDone(() => again(false));
}
