/**
 * Draw a face that was missed: a box over the photo, with the mouse, a finger or the arrow keys.
 *
 * @import { Box } from "./types.d.ts"
 * @typedef {{ x: number, y: number }} Point In pixels of the photo.
 */

import { post } from "./api.js";
import { h } from "./dom.js";
import { ended } from "./jobs.js";
import { peopleOf } from "./naming.js";
import { Stage } from "./stage.js";
import { say } from "./toast.js";
import { t } from "./words.js";

const FIRST_SHARE = 0.2; // of the shorter visible side: the box before anything is drawn
const STEP_PX = 8; // on the screen, per arrow key
const LEAST_PX = 12; // of the photo: the server refuses smaller ones

export class FaceDrawer {
  #layer = h("div", { class: "draw-layer", role: "application", tabindex: "0", "aria-label": `${t("faces.drawHow")} ${t("faces.drawKeys")}` });
  #frame = h("span", { class: "draw-frame" });
  /** @type {Box} */
  #box = [0, 0, 1, 1];

  /**
   * @param {Stage} stage
   * @param {(box: Box) => unknown} onDone
   * @param {() => void} onEnd Called even if nothing was drawn.
   */
  constructor(stage, onDone, onEnd) {
    this.stage = stage;
    this.onDone = onDone;
    this.onEnd = onEnd;
    this.#layer.append(
      h(
        "div",
        { class: "draw-bar" },
        h("span", {}, t("faces.drawHow"), h("small", { class: "keys-hint muted" }, ` ${t("faces.drawKeys")}`)),
        h("button", { type: "button", class: "primary", onclick: () => this.#finish() }, t("faces.save")),
        h("button", { type: "button", onclick: () => this.end() }, t("app.cancel")),
      ),
    );
    this.#hear();
  }

  get isOn() {
    return this.#layer.isConnected;
  }

  begin() {
    this.#box = this.#amid();
    this.stage.element.append(this.#layer);
    this.#show();
    this.#layer.focus({ preventScroll: true });
  }

  end() {
    if (!this.isOn) return;
    this.#layer.remove();
    this.#frame.remove();
    this.onEnd();
  }

  /** A box in the middle of the visible part of the photo. */
  #amid() {
    const room = this.stage.element.getBoundingClientRect();
    const { x, y } = this.stage.pointAt(room.left + room.width / 2, room.top + room.height / 2);
    const side = Math.min((FIRST_SHARE * Math.min(room.width, room.height)) / this.stage.scale, this.stage.size.width, this.stage.size.height);
    return this.#within([x - side / 2, y - side / 2, side, side]);
  }

  #hear() {
    /** @type {Point | null} */
    let from = null;
    const layer = this.#layer;
    layer.addEventListener("pointerdown", (event) => {
      event.stopPropagation(); // the photo is neither moved nor left
      if (event.button || /** @type {Element} */ (event.target).closest("button")) return;
      layer.setPointerCapture(event.pointerId);
      from = this.stage.pointAt(event.clientX, event.clientY);
    });
    layer.addEventListener("pointermove", (event) => from && this.#span(from, this.stage.pointAt(event.clientX, event.clientY)));
    for (const kind of ["pointerup", "pointercancel"]) {
      layer.addEventListener(kind, (event) => {
        event.stopPropagation();
        from = null;
      });
    }
    // Otherwise a quick stroke would count as a fling, and the next tap would only end that.
    layer.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
    layer.addEventListener("keydown", (event) => this.#onKeydown(event));
  }

  /** @param {KeyboardEvent} event */
  #onKeydown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // other keys of the viewer do nothing while a face is drawn
    const onButton = /** @type {Element} */ (event.target).matches("button");
    const step = STEP_PX / this.stage.scale;
    const [across, down] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] || [0, 0];
    const [x, y, width, height] = this.#box;
    if (event.key === "Escape") this.end();
    else if (event.key === "Enter" && !onButton) this.#finish();
    else if (!across && !down) return;
    else this.#put(event.shiftKey ? [x, y, Math.max(LEAST_PX, width + across), Math.max(LEAST_PX, height + down)] : [x + across, y + down, width, height]);
    event.preventDefault();
  }

  /**
   * @param {Point} from
   * @param {Point} to
   */
  #span(from, to) {
    this.#put([Math.min(from.x, to.x), Math.min(from.y, to.y), Math.abs(from.x - to.x), Math.abs(from.y - to.y)]);
  }

  /** @param {Box} box */
  #put(box) {
    this.#box = this.#within(box);
    this.#show();
  }

  /**
   * The same box, clipped to the photo.
   *
   * @param {Box} box
   * @returns {Box}
   */
  #within([x, y, width, height]) {
    const { size } = this.stage;
    const [wide, tall] = [Math.min(width, size.width), Math.min(height, size.height)];
    return [Math.min(Math.max(x, 0), size.width - wide), Math.min(Math.max(y, 0), size.height - tall), wide, tall];
  }

  #show() {
    this.stage.lay(this.#frame, this.#box);
    if (!this.#frame.isConnected) this.stage.over.append(this.#frame);
  }

  #finish() {
    this.end();
    this.onDone(this.#box);
  }
}

/**
 * Send a face to the server; ``after`` shows the photo again once the face is measured.
 *
 * @param {string} album
 * @param {string} photo
 * @param {Box} box
 * @param {() => Promise<void>} after
 */
export async function addFace(album, photo, box, after) {
  const about = { id: album };
  const { id, job } = await post(`${peopleOf(about)}/drawn`, { photo, box });
  const undo = async () => {
    const undone = await post(`${peopleOf(about)}/undo?decision=${id}`);
    await ended(undone.job);
    await after();
  };
  say(t("faces.drawn"), undo, { kind: "decision", album, id });
  await ended(job);
  await after();
}
