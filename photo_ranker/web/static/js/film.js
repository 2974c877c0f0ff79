/**
* A film in the viewer: it starts with the frame that was measured, and plays from there. No part of the file is
 * fetched before it is played.
 *
 * @import { Detail, ShownPhoto } from "./types.d.ts"
 */

import { filmOf } from "./api.js";
import { h, icon } from "./dom.js";
import { sayFailure } from "./toast.js";
import { t } from "./words.js";

const SAME_FRAME = 0.25; // seconds within which a face is where it was measured
const SEEK_STEPS = 1000;

export class Film {
  #video = h("video", { class: "stage-film", playsinline: true, preload: "metadata", hidden: true });
  #play = h("button", { type: "button", class: "icon-button", onclick: () => this.toggle() });
  #sound = h("button", { type: "button", class: "icon-button", onclick: () => this.#mute(!this.#video.muted) });
  /** @type {HTMLInputElement} */
  #slider = h("input", { type: "range", min: 0, max: SEEK_STEPS, value: 0, "aria-label": t("film.place"), oninput: () => this.#slide() });
  #time = h("span", { class: "film-time" });
  #problem = h("p", { class: "film-problem", role: "alert", hidden: true });
  #controls = h("div", { class: "row" }, this.#play, this.#slider, this.#time, this.#sound);
  element = h("section", { class: "film-bar", "aria-label": t("film.title"), hidden: true }, this.#controls, this.#problem);
  /** The address of the film, once it is fetched. */
  #address = "";
  #wanted = "";
  #name = "";
  #runsSoon = false;
  /** The second that is shown, or will be once the film is loaded. */
  #at = 0;

  /**
   * @param {string} album
   * @param {HTMLElement} hold The element that holds the picture: the film is placed over it.
   * @param {() => void} onMove Called when another frame is shown, or the film plays or stops.
   */
  constructor(album, hold, onMove) {
    this.album = album;
    this.onMove = onMove;
    hold.querySelector("img")?.after(this.#video);
    const video = this.#video;
    video.addEventListener("loadedmetadata", () => this.#begin());
    video.addEventListener("error", () => this.#fail());
    for (const kind of ["play", "pause", "timeupdate", "seeked", "ended"]) video.addEventListener(kind, () => this.#tell());
    // The arrow keys move the slider, and do not leave the film.
    this.#slider.addEventListener("keydown", (event) => /^(Arrow|Home|End|Page)/.test(event.key) && event.stopPropagation());
    this.#mute(false);
  }

  get isPlaying() {
    return Boolean(this.#address) && !this.#video.paused && !this.#video.ended;
  }

  /**
   * Leave the film that was shown; the new photo may be a film too.
   *
   * @param {ShownPhoto & { is_film?: boolean } | null} photo
   */
  show(photo) {
    this.#leave();
    this.#problem.hidden = true;
    this.#controls.hidden = false;
    this.element.hidden = !photo?.is_film || Boolean(photo.unreadable);
    this.#wanted = photo?.is_film ? filmOf(this.album, photo) : "";
    this.#name = photo?.name || "";
    this.#at = 0;
    this.#tell();
  }

  /** @param {Detail} detail The picture shows its best moment, where the film begins. */
  know({ moment }) {
    if (!this.#address) this.#at = moment || 0;
    this.#tell();
  }

  toggle() {
    if (this.element.hidden || this.#controls.hidden) return;
    if (this.isPlaying) this.#video.pause();
    else if (this.#isHere) this.#run();
    else {
      this.#fetch();
      this.#runsSoon = true;
    }
  }

  /** The length is not known before the film is loaded: the first touch loads it. */
  #slide() {
    this.seek(this.#isHere ? (Number(this.#slider.value) / SEEK_STEPS) * this.#video.duration : this.#at);
  }

  /** @param {number} seconds */
  seek(seconds) {
    if (this.element.hidden || this.#controls.hidden) return;
    this.#at = seconds;
    if (this.#isHere) this.#video.currentTime = seconds;
    else this.#fetch();
    this.#tell();
  }

  /**
   * Whether the film is at the frame in which a face was measured.
   *
   * @param {number | null} at
   */
  shows(at) {
    return !this.isPlaying && Math.abs((at || 0) - this.#at) <= SAME_FRAME;
  }

  get #isHere() {
    return Boolean(this.#address) && this.#video.readyState >= HTMLMediaElement.HAVE_METADATA;
  }

  #fetch() {
    if (this.#address) return;
    this.#address = this.#wanted;
    this.#video.src = this.#address;
  }

  #begin() {
    if (!this.#video.videoWidth) {
      this.#fail(); // only its sound can be played
      return;
    }
    this.#video.currentTime = this.#at;
    this.#video.hidden = false;
    if (this.#runsSoon) this.#run();
  }

  #run() {
    this.#runsSoon = false;
    this.#video.hidden = false;
    // Leaving a film before it plays is not a failure; anything else is reported as an error of the film.
    this.#video.play().catch((error) => (error.name === "NotAllowedError" ? sayFailure(error) : undefined));
  }

  /** Say in plain words that the film does not play, or in the server's words if it says why. */
  async #fail() {
    const address = this.#address;
    if (!address) return;
    this.#leave();
    this.#controls.hidden = true;
    let why = t("film.cannotPlay", { kind: this.#name.split(".").pop()?.toUpperCase() || "" });
    const answer = await fetch(address, { headers: { Range: "bytes=0-0" }, credentials: "same-origin" }).catch(() => null);
    if (!answer) why = `${t("app.noAnswer")}: ${t("app.noAnswerAdvice")}`;
    else if (!answer.ok) why = (await answer.json()).detail;
    if (this.#wanted !== address) return;
    this.#problem.textContent = why;
    this.#problem.hidden = false;
  }

  #leave() {
    this.#runsSoon = false;
    this.#address = "";
    this.#video.hidden = true;
    this.#video.pause();
    if (!this.#video.hasAttribute("src")) return;
    this.#video.removeAttribute("src");
    this.#video.load(); // releases what was fetched
  }

  /** @param {boolean} isMuted */
  #mute(isMuted) {
    this.#video.muted = isMuted;
    name(this.#sound, isMuted ? "mute" : "sound", t(isMuted ? "film.sound" : "film.mute"));
  }

  #tell() {
    const { duration } = this.#video;
    if (this.#isHere && !this.#video.seeking) this.#at = this.#video.currentTime;
    name(this.#play, this.isPlaying ? "pause" : "play", t(this.isPlaying ? "film.pause" : "film.play"));
    this.#time.textContent = this.#isHere ? t("film.far", { at: clock(this.#at), length: clock(duration) }) : clock(this.#at);
    if (this.#isHere && duration) this.#slider.value = String(Math.round((SEEK_STEPS * this.#at) / duration));
    this.#slider.setAttribute("aria-valuetext", this.#time.textContent);
    this.onMove();
  }
}

/**
 * @param {HTMLElement} button
 * @param {string} drawing
 * @param {string} label
 */
function name(button, drawing, label) {
  if (button.title === label) return;
  button.title = label;
  button.setAttribute("aria-label", label);
  button.replaceChildren(icon(drawing));
}

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.floor(seconds || 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
