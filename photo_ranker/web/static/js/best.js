// @ts-nocheck
/** The best photos of one person: who, which, and the weights; the server ranks, this page only asks. */

import { setInAddress } from "./address.js";
import { facePicture, get, post, referencePicture, sendBytes } from "./api.js";
import { calmly, count, h, icon, iconButton } from "./dom.js";
import { photoGrid, showChoice, sizeButtons } from "./photos.js";
import { exportPhotos } from "./export.js";
import { careful, say, sayFailure } from "./toast.js";
import { fileButton } from "./upload.js";

const SLIDER_WAIT_MS = 40;
const NOBODY = "No photo of this person passes the filters.";

let allWeights = null;
let weights = {};

/** "single_smile:5,group_light:0" as weights; without a word in the address those that were set last. */
function readWeights(query) {
  const told = query.get("weights");
  if (told === null) return JSON.parse(localStorage.getItem("weights") || "{}");
  return Object.fromEntries(told.split(",").map((part) => part.split(":")).map(([name, value]) => [name, Number(value)]));
}

function keepWeights() {
  localStorage.setItem("weights", JSON.stringify(weights));
  setInAddress({ weights: Object.entries(weights).map(([name, value]) => `${name}:${value}`).join(), at: null });
}

export async function showBest({ main, album, query, peopleFor, isShown, onDrop, jobsDone }) {
  const people = await peopleFor();
  allWeights ||= await get("/api/weights");
  if (!isShown()) return;
  weights = Object.fromEntries(Object.entries(readWeights(query)).filter(([name]) => allWeights.some((one) => one.name === name)));
  const who = readWho(query);
  const which = readWhich(query);
  let running = null;

  const load = async (offset, limit, options) => {
    if (!isAsked(who)) return { total: 0, photos: [] };
    running?.abort();
    running = offset === 0 ? new AbortController() : running;
    const question = { ...asked(who), ...which, weights, offset, limit };
    return post(`/api/albums/${album.id}/rank`, question, offset === 0 ? { signal: running.signal } : options);
  };
  const grid = photoGrid(album.id, load, "Best photos");
  grid.isFiltered = () => which.show !== "all";
  const facts = h("span", { class: "muted", role: "status" });
  grid.onAnswer = ({ total, counts, threshold }) => {
    facts.textContent = counts ? [count(total, "photo"), ...(who.people.length ? [] : [`${counts.doubtful} doubtful`, `sure from ${threshold.toFixed(2)}`])].join(" · ") : "";
  };
  const again = (top = true) => grid.reload({ top, say: NOBODY }).catch(sayFailure);
  const rerank = calmly(() => again(), SLIDER_WAIT_MS);

  const whoBox = h("div", { class: "who" });
  const start = h("section", { class: "drop-zone in-grid" });
  const showWho = () => {
    whoBox.replaceChildren(...whoChips(album, who, people, change));
    const isEmpty = !isAsked(who);
    start.hidden = !isEmpty;
    grid.element.hidden = isEmpty;
    bar.hidden = isEmpty;
  };
  function change() {
    setInAddress({ people: null, faces: null, refs: null, ...Object.fromEntries(writeWho(who)), at: null });
    showWho();
    again();
  }
  const filter = () => {
    const { with_people: together, ...rest } = which;
    setInAddress({ ...rest, show: which.show === "all" ? null : which.show, with: together.join(), at: null });
    again();
  };
  const addReference = careful(async (files) => {
    for (const { name, file } of files) {
      const found = await sendBytes(`/api/albums/${album.id}/references?${new URLSearchParams({ name: name.slice(-200) })}`, file);
      who.references.push({ reference: found.id, face: found.chosen });
      if (found.faces.length > 1) say(`${found.name} shows ${found.faces.length} faces; click another face to use it`);
      who.choices[found.id] = found.faces.length;
    }
    change();
  });

  start.append(
    icon("person"),
    h("p", {}, h("b", {}, "Whose best photos?"), h("br"), h("span", { class: "muted" }, "Drop a photo of the person, choose one of the people, or click a face in any photo.")),
    h("div", { class: "row" }, fileButton("Choose a photo", addReference, { accept: "image/*" }), h("a", { class: "button", href: `#/${album.id}/people` }, "People")),
  );
  const panel = h(
    "aside",
    { class: "panel", "aria-label": "Person, filters and weights" },
    h("div", { class: "panel-head" }, h("h2", {}, "Person"), fileButton("Add a photo", addReference, { accept: "image/*" })),
    whoBox,
    filterBox(which, people, filter),
    weightBox(rerank),
  );
  const fold = iconButton("sliders", "Filters and weights", () => {
    layout.classList.toggle("folded");
    fold.setAttribute("aria-expanded", String(!layout.classList.contains("folded")));
  });
  const bar = h(
    "div",
    { class: "toolbar" },
    showChoice(which.show, (value) => {
      which.show = value;
      filter();
    }),
    facts,
    grid.selection,
    h("span", { class: "space" }),
    sizeButtons(grid),
    h(
      "button",
      {
        type: "button",
        onclick: careful(async () => {
          const chosen = await grid.chosen();
          const question = { ...asked(who), ...which, weights };
          exportPhotos({
            album: album.id,
            title: nameOf(who, people) || album.title,
            what: chosen.length ? { photos: chosen.map((photo) => photo.id) } : question,
            isRanking: !chosen.length,
            mayCopy: album.mayCopy,
            words: chosen.length ? count(chosen.length, "selected photo") : `${count(grid.total, "photo")}, best first`,
          });
        }),
      },
      "Export",
    ),
    fold,
  );
  const layout = h("div", { class: "with-panel" }, h("div", { class: "panel-main" }, bar, start, grid.element), panel);
  if (matchMedia("(max-width: 720px)").matches) layout.classList.add("folded");
  main.replaceChildren(layout);
  onDrop(addReference);
  showWho();
  await grid.restore(query, NOBODY).catch(sayFailure);
  if (!document.querySelector("dialog[open]")) grid.element.focus({ preventScroll: true });
  jobsDone(() => again(false));
}

function readWhich(query) {
  const kind = query.get("kind");
  const ticks = Object.fromEntries(["only", "distinct", "doubtful"].map((name) => [name, query.has(name)]));
  return { kind: kind === "single" || kind === "group" ? kind : null, ...ticks, show: query.get("show") || "all", with_people: (query.get("with") || "").split(",").filter(Boolean) };
}

function readWho(query) {
  const list = (name) => (query.get(name) || "").split(",").filter(Boolean);
  const references = list("refs").map((text) => ({ reference: text.split(":")[0], face: Number(text.split(":")[1]) }));
  return { people: list("people"), faces: list("faces"), references, choices: {} };
}

function writeWho(who) {
  const parts = new URLSearchParams();
  if (who.people.length) parts.set("people", who.people.join(","));
  if (who.faces.length) parts.set("faces", who.faces.join(","));
  if (who.references.length) parts.set("refs", who.references.map(({ reference, face }) => `${reference}:${face}`).join(","));
  return parts;
}

const isAsked = (who) => who.people.length + who.faces.length + who.references.length > 0;
const asked = ({ people, faces, references }) => ({ people, faces, references });
const nameOf = (who, people) => people.find((person) => person.id === who.people[0])?.name;

function whoChips(album, who, people, change) {
  const chips = [];
  const chip = (image, text, drop, onFace) =>
    h(
      "span",
      { class: "chip" },
      h("img", { src: image, alt: "", onclick: onFace, title: onFace ? "Use another face of this photo" : null }),
      h("span", {}, text),
      iconButton("close", `Remove ${text}`, drop),
    );
  for (const id of who.people) {
    const person = people.find((one) => one.id === id);
    if (person) chips.push(chip(facePicture(album.id, person.cover), person.name || "unnamed", () => (who.people.splice(who.people.indexOf(id), 1), change())));
  }
  for (const id of who.faces) chips.push(chip(facePicture(album.id, id), "this face", () => (who.faces.splice(who.faces.indexOf(id), 1), change())));
  for (const one of who.references) {
    const many = who.choices[one.reference] || 1;
    const next = many > 1 ? () => ((one.face = (one.face + 1) % many), change()) : null;
    chips.push(chip(referencePicture(album.id, one.reference, one.face), many > 1 ? `face ${one.face + 1} of ${many}` : "your photo", () => (who.references.splice(who.references.indexOf(one), 1), change()), next));
  }
  return chips;
}

function filterBox(which, people, change) {
  const kinds = h("div", { class: "segments", role: "radiogroup", "aria-label": "Alone or in a group" });
  for (const [value, label] of [[null, "All"], ["single", "Alone"], ["group", "Group"]]) {
    const id = `kind-${value}`;
    kinds.append(
      h("input", { type: "radio", name: "kind", id, checked: value === which.kind, onchange: () => ((which.kind = value), change()) }),
      h("label", { for: id }, label),
    );
  }
  const tick = (name, label, about) =>
    h("label", { class: "check", title: about }, h("input", { type: "checkbox", checked: which[name], onchange: (event) => ((which[name] = event.target.checked), change()) }), label);
  const named = people.filter((person) => person.name && !person.hidden);
  const together = h("select", { "aria-label": "Together with", onchange: (event) => ((which.with_people = event.target.value ? [event.target.value] : []), change()) }, h("option", { value: "" }, "with anybody"), ...named.map((person) => h("option", { value: person.id, selected: which.with_people.includes(person.id) }, `with ${person.name}`)));
  return h(
    "section",
    { class: "filters" },
    h("h2", {}, "Which"),
    kinds,
    tick("only", "Only this person", "not even a passer-by"),
    tick("distinct", "One of each burst", "of photos taken within seconds the best"),
    tick("doubtful", "Unsure ones too", "photos that may show the person"),
    named.length ? together : null,
  );
}

function weightBox(change) {
  const box = h("section", { class: "weights" });
  const reset = h("button", { type: "button", class: "link", onclick: () => ((weights = {}), keepWeights(), draw(), change()) }, "Reset");
  function slider(one) {
    const value = weights[one.name] ?? one.value;
    const shown = h("output", {}, value.toFixed(1));
    const field = h("input", {
      type: "range",
      id: `w-${one.name}`,
      min: one.low,
      max: Math.max(one.high, one.value),
      step: one.high <= 1 ? 0.05 : 0.1,
      value: String(value),
      title: one.meaning,
      oninput: () => {
        weights[one.name] = Number(field.value);
        if (weights[one.name] === one.value) delete weights[one.name];
        shown.textContent = Number(field.value).toFixed(1);
        keepWeights();
        change();
      },
    });
    return h("div", { class: "slider" }, h("label", { for: `w-${one.name}` }, one.label), shown, field);
  }
  function draw() {
    const group = (name) => allWeights.filter((one) => one.group === name).map(slider);
    box.replaceChildren(
      h("div", { class: "panel-head" }, h("h2", {}, "What matters"), reset),
      h("details", { open: true }, h("summary", {}, "Photos of one"), ...group("single")),
      h("details", {}, h("summary", {}, "Groups"), ...group("group")),
      h("details", {}, h("summary", {}, "Defects"), ...group("both")),
    );
  }
  draw();
  return box;
}
