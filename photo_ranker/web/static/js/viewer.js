/**
 * One photo, large: zoom, its faces, its score and why, the photos around it; keys as in the grid.
 *
 * @import { Box, Detail, FaceItem, Mark, Photo, Shot, Source } from "./types.d.ts"
 * @typedef {object} ViewerOptions
 * @property {string} album
 * @property {Source} source
 * @property {number} index
 * @property {(index: number) => void} onClose
 * @property {(index: number) => void} onCompare With the photo after it.
 */

import { aboutPhoto } from "./about_photo.js";
import { setInAddress } from "./address.js";
import { get } from "./api.js";
import { Ahead } from "./ahead.js";
import { openBurst } from "./burst.js";
import { holdFocus, openDialog } from "./dialogs.js";
import { h, iconButton, whenSeenAgain } from "./dom.js";
import { addFace, FaceDrawer } from "./draw_face.js";
import { canDraw, FaceStrip } from "./face_strip.js";
import { Film } from "./film.js";
import { Filmstrip } from "./filmstrip.js";
import { onGestures } from "./gestures.js";
import { onRest } from "./jobs.js";
import { markOf, onMarks, setMarks } from "./marks.js";
import { Stage } from "./stage.js";
import { starRow } from "./stars.js";
import { careful, sayFailure, undoLast } from "./toast.js";
import { judgeFace, sayWhoseFace } from "./whose_face.js";
import { t } from "./words.js";

const STEP = 1.4; // of the zoom by a key or a button
const CLOSER = 3; // zoom of a double click
const NEAR = 40; // places around the photo in which a frame of its burst is searched for
const REST_MS = 200; // before the file of a photo is read for its camera and lens
const PULL_PX = 40; // least drag to pull the sheet of a phone up or down

class Viewer {
  #now = 0;
  /** @type {Photo | null} */
  #photo = null;
  /** @type {Detail | null} */
  #detail = null;
  /** @type {Shot | null} What the photo was taken with, once loaded. */
  #shot = null;
  #isClosed = false;
  /** @type {string | null} The face that the photo is zoomed to. */
  #face = null;
  #title = h("h2", {});
  #about = h("div", { class: "viewer-about" });
  #stars = starRow((stars) => this.#give({ stars }));
  #pick = iconButton("pick", t("viewer.pick"), () => this.#toggleFlag("pick"));
  #reject = iconButton("reject", t("viewer.reject"), () => this.#toggleFlag("reject"));

  /** @param {ViewerOptions} options */
  constructor(options) {
    this.options = options;
    this.album = options.album;
    this.stage = new Stage(this.album);
    this.ahead = new Ahead(this.album);
    this.playing = new Film(this.album, this.stage.hold, () => this.#drawBoxes());
    this.film = new Filmstrip(this.album, options.source, (index) => this.#go(index));
    this.strip = new FaceStrip(this.album, {
      onLook: (item) => this.#look(item),
      onName: careful((item) => sayWhoseFace(this.album, item, () => this.#load())),
      onJudge: (item, isFace) => judgeFace(this.album, item.face.id, isFace, () => this.#load()),
      onDraw: () => this.drawer.begin(),
    });
    this.drawer = new FaceDrawer(this.stage, careful((box) => this.#addFace(box)), () => this.dialog.focus());
    this.dialog = h("dialog", { class: "viewer", "aria-label": t("viewer.title") }, this.#header(), this.stage.element, this.playing.element, this.strip.element, this.film.element, this.#side());
    onGestures(this.stage.element, {
      zoom: (factor, at) => this.#zoomBy(factor, at),
      pan: (dx, dy) => this.stage.panBy(dx, dy),
      canPan: () => Boolean(this.stage.view),
      swipe: (step) => this.#go(this.#now + step),
      twice: (at) => (this.stage.view ? this.#whole() : this.#zoomBy(CLOSER, at)),
    });
    this.stopJobs = onRest(
      this.album,
      careful(() => this.#load()),
    );
    whenSeenAgain(
      this.dialog,
      careful(() => this.#load()),
    );
    this.stopMarks = onMarks((changed) => this.#hearMark(changed));
    this.dialog.addEventListener("keydown", (event) => this.#onKeydown(event));
    this.leave = openDialog(this.dialog, () => this.close());
    this.dialog.focus();
    this.#go(options.index);
  }

  #header() {
    return h(
      "header",
      {},
      iconButton("left", t("viewer.previous"), () => this.#go(this.#now - 1), { class: "icon-button step" }),
      iconButton("right", t("viewer.next"), () => this.#go(this.#now + 1), { class: "icon-button step" }),
      this.#title,
      this.#pick,
      this.#reject,
      h("span", { class: "zooms" }, iconButton("smaller", t("viewer.zoomOut"), () => this.#zoomBy(1 / STEP)), iconButton("larger", t("viewer.zoomIn"), () => this.#zoomBy(STEP))),
      iconButton("zoom", t("viewer.zoomToFace"), () => this.#toggleZoom()),
      iconButton("next-face", t("viewer.nextFace"), () => this.#nextFace()),
      iconButton("burst", t("viewer.burst"), careful(() => this.#openBurst())),
      iconButton("compare", t("viewer.compare"), () => this.#compare()),
      iconButton("close", t("viewer.close"), () => this.close()),
    );
  }

  /** On a phone the panel is a sheet that a click on its handle, or a swipe, pulls up. */
  #side() {
    const toggle = (open = !side.classList.contains("open")) => {
      side.classList.toggle("open", open);
      handle.setAttribute("aria-expanded", String(open));
    };
    const handle = h("button", { type: "button", class: "sheet-handle", "aria-expanded": "false", "aria-label": t("viewer.about"), onclick: () => toggle() });
    const side = h("aside", { class: "viewer-side", "aria-label": t("viewer.about") }, handle, this.#stars.element, this.#about);
    let from = 0;
    side.addEventListener("pointerdown", (event) => (from = event.clientY));
    // An open sheet scrolls under the finger; it is closed by its handle.
    side.addEventListener("pointerup", (event) => {
      if (Math.abs(event.clientY - from) > PULL_PX) toggle(event.clientY < from);
    });
    return side;
  }

  /** @param {number} index */
  async #go(index) {
    try {
      const found = await this.options.source.want(index);
      if (!found || this.#isClosed) return;
      const person = this.strip.faces.find(({ face }) => face.id === this.#face)?.person;
      this.#now = index;
      setInAddress({ photo: found.id, n: index });
      await Promise.all([this.#show(found, person), this.#showFilm(index), this.#lookAhead(index)]);
    } catch (error) {
      sayFailure(error);
    }
  }

  /**
   * @param {Photo} photo
   * @param {string | null} [person] Whose face the previous photo was zoomed to; this one is too.
   */
  async #show(photo, person = null) {
    this.drawer.end();
    this.#photo = photo;
    this.#detail = null;
    this.#shot = null;
    this.#face = null;
    this.stage.show(photo);
    this.strip.show(null);
    this.playing.show(photo);
    holdFocus(this.dialog);
    this.#tell();
    await this.#load();
    const same = person && this.strip.faces.find((item) => item.person === person);
    if (same && this.#photo === photo && !this.stage.view) this.#look(same);
  }

  /** The burst of this photo, one row per person; a frame of it is shown even if the grid has it in a stack. */
  async #openBurst() {
    const photo = this.#photo;
    if (!photo) return;
    await openBurst(this.album, photo.id, async (frame) => {
      const near = Array.from({ length: 2 * NEAR + 1 }, (_, step) => this.#now - NEAR + step);
      for (const index of near) if ((await this.options.source.want(index))?.id === frame.id) return this.#go(index);
      return this.#show(frame);
    });
  }

  /** @param {number} index */
  async #showFilm(index) {
    await this.film.show(index);
    holdFocus(this.dialog);
  }

  /** @param {number} index */
  async #lookAhead(index) {
    const { source } = this.options;
    const near = await Promise.all([index + 1, index - 1, index + 2].map((place) => source.want(place)));
    if (this.#now === index) this.ahead.keep(near);
  }

  /** Request the faces of the photo, and show them. */
  async #load() {
    const photo = this.#photo;
    if (!photo) return;
    const answer = await get(`/api/albums/${this.album}/photos/${photo.id}`);
    if (this.#photo !== photo) return;
    if (photo.pending && !answer.photo.pending) this.#measured(photo, answer.photo);
    this.#detail = answer;
    this.playing.know(answer);
    this.strip.show(answer);
    this.strip.point(this.#face);
    holdFocus(this.dialog);
    this.#drawBoxes();
    this.#tell();
    this.#loadShot(photo).catch(sayFailure);
  }

  /**
   * The photo was measured while it was shown: now its size is known.
   *
   * @param {Photo} photo
   * @param {Photo} now
   */
  #measured(photo, now) {
    Object.assign(photo, { ...now, result: photo.result, stack: photo.stack, in_stack: photo.in_stack });
    this.stage.place(this.stage.view);
  }

  /** @param {Box} box */
  async #addFace(box) {
    const photo = this.#photo;
    if (photo) await addFace(this.album, photo.id, box, async () => (this.#isClosed ? undefined : this.#load()));
  }

  /**
   * Request what the photo was taken with; only for photos that are looked at, since the file must be opened.
   *
   * @param {Photo} photo
   */
  async #loadShot(photo) {
    await new Promise((rest) => setTimeout(rest, REST_MS));
    if (this.#photo !== photo || this.#isClosed || this.#shot) return;
    const shot = await get(`/api/albums/${this.album}/photos/${photo.id}/shot`);
    if (this.#photo !== photo) return;
    this.#shot = shot;
    this.#tell();
  }

  #tell() {
    const photo = this.#photo;
    if (!photo) return;
    const { flag, stars } = photo.mark;
    this.#title.title = photo.name;
    this.#title.replaceChildren(h("span", {}, photo.name), h("span", { class: "muted" }, ` ${t("viewer.place", { place: this.#now + 1, total: this.options.source.total })}`));
    this.#stars.show(stars);
    this.#pick.setAttribute("aria-pressed", String(flag === "pick"));
    this.#reject.setAttribute("aria-pressed", String(flag === "reject"));
    this.#about.replaceChildren(...aboutPhoto(this.album, photo, this.#detail, this.#shot));
  }

  /** Frames and names over the faces, shown while the pointer is over the photo; for a film, those of its frame. */
  #drawBoxes() {
    const isFilm = this.#detail?.photo.is_film;
    const here = this.strip.faces.filter((item) => !isFilm || this.playing.shows(item.at_seconds));
    const boxes = here.map(({ face, name }) => {
      const box = h("span", { class: "face-box", "data-face": face.id }, name ? h("span", {}, name) : null);
      this.stage.lay(box, face.box);
      return box;
    });
    for (const old of this.stage.over.querySelectorAll(".face-box")) old.remove();
    this.stage.over.prepend(...boxes);
  }

  /**
   * @param {number} factor
   * @param {{ x: number, y: number }} [at]
   */
  #zoomBy(factor, at) {
    this.stage.zoomAt(factor, at);
    this.#point(null);
  }

  #whole() {
    this.stage.place(null);
    this.#point(null);
  }

  /** @param {FaceItem} item */
  #look(item) {
    if (this.#detail?.photo.is_film && !this.playing.shows(item.at_seconds)) this.playing.seek(item.at_seconds || 0);
    this.stage.zoomTo(item.face.box);
    this.#point(item.face.id);
  }

  /** @param {string | null} face */
  #point(face) {
    this.#face = face;
    this.strip.point(face);
  }

  /** Zoom to the face that the photo is shown for, else to the largest, and back. */
  #toggleZoom() {
    const shownFor = this.#photo?.result?.face;
    const largest = [...this.strip.faces].sort((one, other) => other.face.size_px - one.face.size_px)[0];
    if (this.stage.view) this.#whole();
    else if (shownFor) {
      this.stage.zoomTo(shownFor.box);
      this.#point(shownFor.id);
    } else if (largest) this.#look(largest);
    else this.#zoomBy(CLOSER);
  }

  /** Go from the worst face to the best, then to the whole photo. */
  #nextFace() {
    const { faces } = this.strip;
    const next = faces[faces.findIndex(({ face }) => face.id === this.#face) + 1];
    if (next) this.#look(next);
    else this.#whole();
  }

  /** @param {Photo} changed */
  #hearMark(changed) {
    if (changed.id !== this.#photo?.id) return;
    this.#photo.mark = changed.mark; // the grid may have loaded the photo again
    this.#tell();
  }

  /** @param {Partial<Mark>} fields */
  #give(fields) {
    if (this.#photo) setMarks(this.album, [this.#photo], fields);
  }

  /**
   * A second click on a button undoes the first one; keys have a separate key for that.
   *
   * @param {"pick" | "reject"} flag
   */
  #toggleFlag(flag) {
    this.#give({ flag: this.#photo?.mark.flag === flag ? null : flag });
  }

  #compare() {
    const index = this.#now;
    this.close();
    this.options.onCompare(index);
  }

  close() {
    this.#isClosed = true;
    this.stopMarks();
    this.stopJobs();
    this.playing.show(null);
    this.stage.watcher.disconnect();
    setInAddress({ photo: null, n: null });
    this.leave();
    this.options.onClose(this.#now);
  }

  /** @type {{ [key: string]: () => unknown }} */
  #keys = {
    ArrowRight: () => this.#go(this.#now + 1),
    " ": () => (this.#photo?.is_film ? this.playing.toggle() : this.#go(this.#now + 1)),
    ArrowLeft: () => this.#go(this.#now - 1),
    z: () => this.#toggleZoom(),
    Z: undoLast,
    Backspace: undoLast,
    f: () => this.#nextFace(),
    d: () => this.#detail && canDraw(this.#detail) && this.drawer.begin(),
    "+": () => this.#zoomBy(STEP),
    "=": () => this.#zoomBy(STEP),
    "-": () => this.#zoomBy(1 / STEP),
    e: careful(() => this.#openBurst()),
    c: () => this.#compare(),
    b: () => this.stage.element.classList.toggle("bare"),
  };

  /** @param {KeyboardEvent & { target: any }} event */
  #onKeydown(event) {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const marks = markOf(event.key);
    if (event.key === "Escape" && this.stage.view) this.#whole();
    else if (event.key === " " && event.target.matches("button")) return;
    else if (event.key in this.#keys) this.#keys[event.key]();
    else if (marks) {
      this.#give(marks);
      if (event.shiftKey) this.#go(this.#now + 1);
    } else return;
    event.preventDefault();
  }
}

/**
 * Show photos, beginning with one; the address says which is open.
 *
 * @param {ViewerOptions} options
 */
export const openViewer = (options) => void new Viewer(options);
