// @ts-nocheck
/** Everyone in the album: name, merge, split, hide; and one person with all faces. */

import { setInAddress } from "./address.js";
import { facePicture, get, patch, post } from "./api.js";
import { ask, calmly, count, h, icon, iconButton, isTyping, tellChanged, whenSeenAgain } from "./dom.js";
import { makeSheet } from "./sheet.js";
import { exportPhotos } from "./export.js";
import { careful, say, undoKind } from "./toast.js";

/** People that a choice shows; the others are searched for. */
const CHOICES = 60;
/** The lines below a face. */
const LINES_PX = 70;

const base = (album) => `/api/albums/${album.id}/people`;

/** Which earlier decisions a new one overrules, for the note on it. */
export function overruling(decisions) {
  const told = decisions.map(({ text, faces }) => `“${text}” for ${count(faces, "face")}`);
  return told.length ? `. This overrules ${told.join(" and ")}` : "";
}

/** A change that can be taken back by one click or key; ``work`` gives the decision that the server wrote down. */
export function change(album, words, work, after) {
  return careful(async () => {
    const { id, overruled } = await work();
    await after();
    const undo = async () => {
      await post(`${base(album)}/undo?decision=${id}`);
      await after();
    };
    say(words + overruling(overruled), undo, { kind: "decision", album: album.id, id });
    return true;
  })();
}

/**
 * Give a name. ``seen`` are the faces that the user has looked at; of a name that somebody has it asks whether it is
 * the same person. Gives whether the person has got it.
 */
export const nameIt = careful(async (album, person, name, seen, after) => {
  const { people } = await get(`${base(album)}?named=true&hidden=true`);
  const others = people.filter((other) => other.id !== person.id && other.name.toLowerCase() === name.toLowerCase());
  const same = others.length ? await askWhich(album, person, others) : "another";
  if (same === null) return false;
  if (same !== "another") return change(album, `Merged into ${same.name}`, () => post(`${base(album)}/merge`, { into: same.id, others: [person.id] }), after);
  return change(album, `Named ${name}`, () => patch(`${base(album)}/${person.id}`, { name, seen, another: others.length > 0 }), after);
});

/** Which of the people of a name this is: one of them, "another", or null where the user has not said. */
function askWhich(album, person, others) {
  const { name } = others[0];
  const face = (one, alt, ...below) => h("figure", {}, h("img", { class: "same-face", src: facePicture(album.id, one.cover), alt }), h("figcaption", { class: "muted" }, count(one.photos, "photo")), ...below);
  return ask(`Is this the same ${name}?`, (close) => {
    const yes = (other) => h("button", { type: "button", class: "primary", onclick: () => close(other) }, others.length > 1 ? "Yes, this one" : "Yes, the same person");
    return h(
      "div",
      { class: "same-name" },
      h("div", { class: "row" }, face(person, "The person that you name"), ...others.map((other) => face(other, `${name}, named before`, yes(other)))),
      h("div", { class: "row end" }, h("button", { type: "button", onclick: () => close("another") }, `No, another ${name}`)),
    );
  });
}

undoKind("decision", async ({ album, id }) => {
  await post(`/api/albums/${album}/people/undo?decision=${id}`);
  tellChanged();
});

export async function showPeople({ main, album, query, jobsDone }) {
  let hidden = query.has("hidden");
  let search = query.get("search") || "";
  let generation = 0;
  const cards = h("div", { class: "people", role: "list", "aria-label": "People" });
  const empty = h("p", { class: "empty", hidden: true });
  const facts = h("span", { class: "muted", role: "status" });
  const names = h("datalist", { id: "names" });
  let people = [];
  let named = [];
  const scroller = h("div", { class: "scroll" }, empty, cards, names);
  const isSmall = matchMedia("(max-width: 720px)");
  const sheet = makeSheet({ box: cards, scroller, least: () => (isSmall.matches ? 142 : 168), gap: 10, tall: (width) => width + LINES_PX, card });

  /** Load and draw everything again. */
  const draw = careful(async () => {
    generation += 1;
    const mine = generation;
    const [answer, all] = await Promise.all([get(`${base(album)}?${new URLSearchParams({ hidden, search })}`), get(`${base(album)}?named=true`)]);
    if (mine !== generation) return;
    people = answer.people;
    named = all.people;
    facts.replaceChildren(count(people.length, "person", "people"), h("span", { class: "nobody" }, ` · ${count(answer.unassigned, "face")} unrecognised`));
    names.replaceChildren(...named.map((person) => h("option", { value: person.name })));
    empty.hidden = people.length > 0;
    empty.textContent = search ? "No person has that name." : "Nobody is known yet. “Find people” groups all faces of the album.";
    sheet.show(people);
  });

  function look(changed) {
    ({ hidden, search } = { hidden, search, ...changed });
    setInAddress({ ...changed, at: null });
    draw();
  }
  const rename = (person, name) => nameIt(album, person, name, [person.cover], draw);
  const merge = (into, other) => {
    change(album, `Merged${into.name ? ` into ${into.name}` : ""}`, () => post(`${base(album)}/merge`, { into: into.id, others: [other.id] }), draw);
  };
  const hide = (person) =>
    change(album, person.hidden ? "Shown again" : "Hidden", () => patch(`${base(album)}/${person.id}`, { hidden: !person.hidden }), draw);

  function card(person) {
    const label = person.name || "unnamed person";
    const field = h("input", { type: "text", class: "name", value: person.name || "", placeholder: "Who is this?", list: "names", maxlength: 100, "aria-label": `Name of ${label}`, autocomplete: "off" });
    const before = person.name || "";
    let sent = before; // Enter sends the name, and leaving the field afterwards not once more
    const commit = async () => {
      const name = field.value.trim();
      // A name can be changed, but not taken away: that is what undo is for.
      if (!name) field.value = sent;
      if (!name || name === sent) return;
      sent = name;
      if (await rename(person, name)) return;
      sent = before;
      field.value = before;
    };
    field.addEventListener("change", commit);
    field.addEventListener("keydown", (event) => {
      // The focus stays, so that Tab leads on to the next person.
      if (event.key === "Enter") commit();
      if (event.key === "Escape") field.value = before;
    });
    const element = h(
      "div",
      { class: `person${person.hidden ? " is-hidden" : ""}`, role: "listitem", draggable: "true", "data-id": person.id },
      h("a", { class: "person-face", href: `#/${album.id}/people/${person.id}`, "aria-label": `All faces of ${label}`, draggable: "false" }, h("img", { src: facePicture(album.id, person.cover), alt: "", loading: "lazy", draggable: "false" })),
      field,
      h(
        "div",
        { class: "person-line" },
        h("span", { class: "muted" }, count(person.photos, "photo")),
        h("span", { class: "space" }),
        iconButton("best", `Best photos of ${label}`, () => (location.hash = `#/${album.id}/best?people=${person.id}`)),
        iconButton("merge", `Merge ${label} with another person`, () => chooseMerge(person)),
        iconButton(person.hidden ? "show" : "hide", person.hidden ? `Show ${label}` : `Hide ${label}`, () => hide(person)),
      ),
    );
    element.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData("application/x-person", person.id);
      event.dataTransfer.effectAllowed = "move";
      element.classList.add("dragged");
    });
    element.addEventListener("dragend", () => element.classList.remove("dragged"));
    element.addEventListener("dragover", (event) => {
      if (event.dataTransfer.types.includes("application/x-person")) {
        event.preventDefault();
        element.classList.add("target");
      }
    });
    element.addEventListener("dragleave", () => element.classList.remove("target"));
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      element.classList.remove("target");
      const other = people.find((one) => one.id === event.dataTransfer.getData("application/x-person"));
      if (other && other.id !== person.id) merge(person, other);
    });
    return element;
  }

  const chooseMerge = async (person) => {
    const into = await ask("Merge with", (close) =>
      choices(person, close),
    );
    if (into) merge(into, person);
  };

  function choices(person, close) {
    const row = h("div", { class: "face-row choose" });
    const field = h("input", { type: "text", placeholder: "Search a name", "aria-label": "Search a name", maxlength: 100 });
    const fill = careful(async () => {
      const found = await get(`${base(album)}?${new URLSearchParams({ search: field.value.trim(), limit: CHOICES + 1 })}`);
      row.replaceChildren(
        ...found.people
          .filter((other) => other.id !== person.id)
          .map((other) => h("button", { type: "button", class: "face-chip", onclick: () => close(other) }, h("img", { src: facePicture(album.id, other.cover), alt: "", loading: "lazy" }), h("span", {}, other.name || count(other.photos, "photo")))),
      );
      if (found.total > CHOICES + 1) row.append(h("p", { class: "muted" }, `and ${count(found.total - CHOICES - 1, "other")}; search for them`));
      if (!row.children.length) row.append(h("p", { class: "muted" }, "No person has that name."));
    });
    field.addEventListener("input", calmly(fill, 150));
    fill();
    return h("div", { class: "search" }, field, row);
  }

  const find = careful(async () => {
    await post(`/api/albums/${album.id}/people/find`);
    say("Looking for people");
  });
  const take = () =>
    exportPhotos({
      album: album.id,
      title: album.title,
      what: { per_person: true },
      isRanking: false,
      mayCopy: album.mayCopy,
      words: named.length ? `A folder for each of ${count(named.length, "person", "people")} with a name, the best photos first` : "Nobody has a name yet: name people first.",
    });
  main.replaceChildren(
    h(
      "div",
      { class: "toolbar" },
      h("input", { type: "text", class: "find", placeholder: "Search", "aria-label": "Search people by name", maxlength: 100, value: search, oninput: calmly((event) => look({ search: event.target.value.trim() }), 150) }),
      facts,
      h("span", { class: "space" }),
      h("label", { class: "check" }, h("input", { type: "checkbox", checked: hidden, onchange: (event) => look({ hidden: event.target.checked }) }), "Hidden too"),
      h("button", { type: "button", onclick: take }, "Export"),
      h("a", { class: "button", href: `#/${album.id}/doubtful` }, "Same person?"),
      h("button", { type: "button", class: "primary", onclick: find }, "Find people"),
    ),
    scroller,
  );
  await draw();
  scroller.scrollTop = Number(query.get("at")) || 0;
  scroller.addEventListener("scroll", calmly(() => scroller.isConnected && setInAddress({ at: Math.round(scroller.scrollTop) || null }), 150), { passive: true });
  jobsDone(draw);
  whenSeenAgain(cards, draw);
}

/** One person: every face, and what is wrong can be taken out. */
export async function showPerson({ main, album, id }) {
  const facesBox = h("div", { class: "faces", role: "listbox", "aria-multiselectable": "true", "aria-label": "Faces" });
  const title = h("h1", {});
  const chosen = new Set();
  let person = null;
  let shown = []; // ids of all faces
  const buttons = h("div", { class: "row", hidden: true });
  const category = h(
    "select",
    { "aria-label": "How much the person matters", title: "What counts when an event is scored", onchange: () => change(album, `${person.name || "This person"}: ${category.value}`, () => patch(`${base(album)}/${id}`, { category: category.value }), draw) },
    ...["main", "important", "other"].map((name) => h("option", { value: name }, name)),
  );
  const born = h("input", {
    type: "number",
    class: "year",
    min: 1800,
    max: 2200,
    placeholder: "Born",
    "aria-label": "Year of birth",
    title: "Photos from before this year are somebody else's",
    onchange: () => change(album, born.value ? `${person.name || "This person"}: born in ${born.value}` : "No year of birth", () => patch(`${base(album)}/${id}`, { born: Number(born.value) }), draw),
  });

  const draw = careful(async () => {
    const answer = await get(`${base(album)}/${id}`);
    person = answer.person;
    title.textContent = person.name || "Unnamed person";
    category.value = person.category;
    born.value = person.born ?? "";
    chosen.clear();
    buttons.hidden = true;
    shown = answer.faces.map((face) => face.id);
    allRight.hidden = answer.faces.every((face) => face.confirmed);
    facesBox.replaceChildren(...answer.faces.map((face) => tile(face)));
  });

  function tile(face) {
    const toggle = () => {
      if (!chosen.delete(face.id)) chosen.add(face.id);
      element.setAttribute("aria-selected", String(chosen.has(face.id)));
      buttons.hidden = !chosen.size;
    };
    const element = h("div", { class: "face-tile", role: "option", tabindex: "0", "aria-selected": "false", "aria-label": `Face in ${face.photo_name}`, onclick: toggle }, h("img", { src: facePicture(album.id, face.id), alt: "", loading: "lazy" }), face.confirmed ? h("span", { class: "confirmed", title: "confirmed" }, icon("pick")) : null);
    element.addEventListener("keydown", (event) => {
      if (event.key === " " || event.key === "Enter") {
        event.preventDefault();
        toggle();
      }
    });
    return element;
  }

  /** So that a whole “person” can be said to be no face, or somebody else. */
  const chooseAll = () => {
    for (const tile of facesBox.querySelectorAll("[aria-selected=false]")) tile.click();
  };
  const act = (words, what, body = {}) =>
    change(album, words, () => post(`${base(album)}/${id}/${what}`, { faces: [...chosen], ...body }), draw);
  const confirm = (faces) => change(album, `These are ${person.name || "one person"}: ${count(faces.length, "face")}`, () => post(`${base(album)}/${id}/confirm`, { faces }), draw);
  // All faces are on this page, so whoever says that all are right has seen them.
  const allRight = h("button", { type: "button", onclick: () => confirm(shown) }, "All are right");
  const not = () => act(`Not ${person.name || "this person"}: ${count(chosen.size, "face")}`, "not");
  const notFaces = () =>
    change(album, `Not a face: ${count(chosen.size, "picture")}`, () => post(`${base(album)}/not-a-face`, { faces: [...chosen] }), draw);
  buttons.append(
    h("button", { type: "button", onclick: not }, "Not this person (N)"),
    h("button", { type: "button", onclick: () => act("Split off as a new person", "split") }, "Split off (S)"),
    h("button", { type: "button", onclick: () => confirm([...chosen]) }, "They are right (Y)"),
    h("button", { type: "button", onclick: notFaces }, "Not faces (F)"),
  );
  main.replaceChildren(
    h("div", { class: "toolbar" }, h("a", { class: "button", href: `#/${album.id}/people` }, icon("left"), "People"), title, category, born, h("span", { class: "space" }), buttons, h("button", { type: "button", onclick: chooseAll }, "Select all (A)"), allRight, h("a", { class: "button primary", href: `#/${album.id}/best?people=${id}` }, "Best photos")),
    h("div", { class: "scroll" }, facesBox),
  );
  main.onkeydown = (event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey) return;
    if (event.key === "a") chooseAll();
    else if (!chosen.size) return;
    else if (event.key === "n") not();
    else if (event.key === "s") act("Split off as a new person", "split");
    else if (event.key === "y") confirm([...chosen]);
    else if (event.key === "f") notFaces();
  };
  main.tabIndex = -1;
  main.focus();
  await draw();
  whenSeenAgain(facesBox, () => chosen.size || draw());
}
