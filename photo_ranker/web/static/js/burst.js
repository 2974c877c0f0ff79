/**
 * The faces of a burst: one row per person, one column per frame, to see in which frame everybody looks good.
 *
 * @import { Burst, BurstRow, FaceItem, Photo } from "./types.d.ts"
 */

import { facePicture, get, picture } from "./api.js";
import { holdFocus, openDialog } from "./dialogs.js";
import { h, icon, iconButton } from "./dom.js";
import { describeFace, faceSigns, worstOf } from "./face_signs.js";
import { markOf, onMarks, setMarks } from "./marks.js";
import { undoLast } from "./toast.js";
import { t } from "./words.js";

/** A face from this value up is good: the limit of the red signs. */
const ALL_RIGHT = 0.3;

class BurstTable {
  #now = 0;
  /** @type {number | null} The row that is shown alone and large. */
  #row = null;
  #table = h("table", { class: "burst-table" });
  #title = h("h2", {});

  /**
   * @param {string} album
   * @param {Burst} burst
   * @param {string} photo The frame to begin with.
   * @param {(photo: Photo) => void} onOpen
   */
  constructor(album, burst, photo, onOpen) {
    this.album = album;
    this.burst = burst;
    this.onOpen = onOpen;
    this.faces = new Map(burst.frames.flatMap((frame) => frame.faces.map((item) => [item.face.id, item])));
    this.#now = Math.max(0, burst.frames.findIndex((frame) => frame.photo.id === photo));
    this.dialog = h(
      "dialog",
      { class: "burst", "aria-label": t("burst.title") },
      h(
        "header",
        {},
        this.#title,
        h("span", { class: "muted keys-hint" }, t("burst.keys")),
        iconButton("pick", t("burst.pick"), () => this.#mark({ flag: "pick" })),
        iconButton("reject", t("burst.reject"), () => this.#mark({ flag: "reject" })),
        iconButton("next-face", t("burst.next"), () => this.#nextRow()),
        iconButton("close", t("viewer.close"), () => this.close()),
      ),
      h("div", { class: "scroll", tabindex: "0", "aria-label": t("burst.frames") }, this.#table),
    );
    this.stopMarks = onMarks((changed) => this.#hearMark(changed));
    this.dialog.addEventListener("keydown", (event) => this.#onKeydown(event));
    this.leave = openDialog(this.dialog, () => this.close());
    this.dialog.focus();
    this.#draw();
  }

  /** How many of the people look all right in each frame. */
  #good() {
    const { frames, rows } = this.burst;
    return frames.map((_, place) => rows.filter(({ faces }) => worstOf(this.faces.get(faces[place] || "")?.signals || { sharpness: 0 }) >= ALL_RIGHT).length);
  }

  #draw() {
    const { frames, rows } = this.burst;
    const good = this.#good();
    const most = Math.max(...good);
    this.#title.textContent = `${t("burst.count", { n: frames.length })}, ${t("count.people", { n: rows.length })}`;
    this.#table.classList.toggle("one-row", this.#row !== null);
    const heads = frames.map(({ photo }, place) => this.#head(photo, place, good[place], good[place] === most));
    const shown = this.#row === null ? rows : [rows[this.#row]];
    this.#table.replaceChildren(h("thead", {}, h("tr", {}, h("td", {}), ...heads)), h("tbody", {}, ...shown.map((row) => this.#line(row))));
    holdFocus(this.dialog);
  }

  /**
   * @param {Photo} photo
   * @param {number} place
   * @param {number} good
   * @param {boolean} isBest
   */
  #head(photo, place, good, isBest) {
    const { flag } = photo.mark;
    const said = t("burst.good", { good, all: this.burst.rows.length });
    const button = h(
      "button",
      { type: "button", class: "burst-head", "data-photo": photo.id, "aria-current": place === this.#now ? "true" : null, "aria-label": [`${photo.name}: ${said}`, flag && t(flag === "pick" ? "marks.picked" : "marks.rejected")].filter(Boolean).join(", "), onclick: () => this.#choose(place) },
      h("img", { src: picture(this.album, photo), alt: "" }),
      h("span", { class: isBest ? "good" : "muted" }, flag ? h("span", { class: `flag ${flag}` }, icon(flag)) : null, said),
    );
    return h("th", { scope: "col" }, button);
  }

  /** @param {BurstRow} row */
  #line(row) {
    const values = row.faces.map((face) => worstOf(this.faces.get(face || "")?.signals || {}));
    const best = Math.max(...values);
    const cells = row.faces.map((face, place) => this.#cell(this.faces.get(face || ""), place, values[place] === best));
    return h("tr", {}, h("th", { scope: "row", class: "burst-name" }, row.name || t("app.nameless")), ...cells);
  }

  /**
   * @param {FaceItem | undefined} item
   * @param {number} place
   * @param {boolean} isBest
   */
  #cell(item, place, isBest) {
    const about = { class: "burst-face", "data-here": place === this.#now ? "" : null, "data-best": isBest && item ? "" : null };
    if (!item) return h("td", about, h("span", { class: "muted" }, t("burst.notSeen")));
    const look = h("img", { src: facePicture(this.album, item.face.id), alt: describeFace(item.signals) || t("viewer.theFace") });
    return h("td", about, h("div", { class: "burst-look" }, look, faceSigns(item.signals)));
  }

  /** @param {number} place */
  #choose(place) {
    if (place === this.#now) this.#open();
    else this.#go(place);
  }

  /** @param {number} place */
  #go(place) {
    this.#now = Math.min(Math.max(place, 0), this.burst.frames.length - 1);
    this.#draw();
    this.#table.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Show the next person large in every frame; after the last one, all people again. */
  #nextRow() {
    const next = this.#row === null ? 0 : this.#row + 1;
    this.#row = next < this.burst.rows.length ? next : null;
    this.#draw();
  }

  /** @param {Partial<import("./types.d.ts").Mark>} fields */
  #mark(fields) {
    setMarks(this.album, [this.burst.frames[this.#now].photo], fields);
  }

  /** @param {Photo} changed */
  #hearMark(changed) {
    for (const { photo } of this.burst.frames) if (photo.id === changed.id) photo.mark = changed.mark;
    this.#draw();
  }

  #open() {
    const { photo } = this.burst.frames[this.#now];
    this.close();
    this.onOpen(photo);
  }

  close() {
    this.stopMarks();
    this.leave();
  }

  /** @param {KeyboardEvent & { target: any }} event */
  #onKeydown(event) {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const marks = markOf(event.key);
    if (event.key === "ArrowRight") this.#go(this.#now + 1);
    else if (event.key === "ArrowLeft") this.#go(this.#now - 1);
    else if (event.key === "f") this.#nextRow();
    else if (event.key === "Z" || event.key === "Backspace") undoLast();
    else if (event.key === "Enter" && !event.target.matches("header button")) this.#open();
    else if (event.key === "Escape" && this.#row !== null) {
      this.#row = null;
      this.#draw();
    } else if (marks) {
      this.#mark(marks);
      if (event.shiftKey) this.#go(this.#now + 1);
    } else return;
    event.preventDefault();
  }
}

/**
 * Show the faces of the burst that a photo belongs to; ``onOpen`` gets the frame that the user opens.
 *
 * @param {string} album
 * @param {string} photo
 * @param {(photo: Photo) => void} onOpen
 */
export async function openBurst(album, photo, onOpen) {
  /** @type {Burst} */
  const burst = await get(`/api/albums/${album}/photos/${photo}/burst`);
  return new BurstTable(album, burst, photo, onOpen);
}
