/**
 * What fingers, the mouse and the wheel do to a picture: zoom to the pointer, drag, swipe, double click.
 *
 * Places are in pixels from the middle of the element.
 *
 * @typedef {{ x: number, y: number }} Point
 * @typedef {object} Gestures
 * @property {(factor: number, at: Point) => void} zoom
 * @property {(dx: number, dy: number) => void} pan
 * @property {() => boolean} canPan Whether a drag moves the picture; else a finger swipes.
 * @property {(step: number) => void} [swipe] A finger swiped sideways: 1 to the left, for the next photo.
 * @property {(at: Point) => void} [twice] A double click or a double tap.
 */

const SWIPE_PX = 60;
const TWICE_MS = 350;
const STILL_PX = 25;
const WHEEL_PX = 400; // of scrolling, for a factor of e
const LINE_PX = 16; // a mouse may count its wheel in lines

class Pointers {
  /** @type {Map<number, Point>} */
  #down = new Map();
  /** @type {Point} Where the first finger came down. */
  #start = { x: 0, y: 0 };
  #wasPinch = false;
  /** @type {{ at: Point, time: number } | null} */
  #tap = null;

  /**
   * @param {HTMLElement} element
   * @param {Gestures} gestures
   */
  constructor(element, gestures) {
    this.element = element;
    this.gestures = gestures;
    element.addEventListener("pointerdown", (event) => this.#press(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#release(event));
    element.addEventListener("pointercancel", (event) => this.#down.delete(event.pointerId));
    element.addEventListener("wheel", (event) => this.#turn(event), { passive: false });
  }

  /** @param {{ clientX: number, clientY: number }} event */
  #at(event) {
    const room = this.element.getBoundingClientRect();
    return { x: event.clientX - room.left - room.width / 2, y: event.clientY - room.top - room.height / 2 };
  }

  /** @param {WheelEvent} event */
  #turn(event) {
    event.preventDefault();
    const turned = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1);
    // A pinch on a touchpad arrives as a wheel with Ctrl, in small steps.
    this.gestures.zoom(Math.exp((-turned * (event.ctrlKey ? 4 : 1)) / WHEEL_PX), this.#at(event));
  }

  /** @param {PointerEvent & { target: any }} event */
  #press(event) {
    if (event.button || event.target.closest("button, a")) return;
    this.element.setPointerCapture(event.pointerId);
    if (!this.#down.size) {
      this.#start = this.#at(event);
      this.#wasPinch = false;
    }
    this.#down.set(event.pointerId, this.#at(event));
    if (this.#down.size > 1) this.#wasPinch = true;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#down.get(event.pointerId);
    if (!before) return;
    const now = this.#at(event);
    const other = [...this.#down].find(([id]) => id !== event.pointerId)?.[1];
    this.#down.set(event.pointerId, now);
    if (other) {
      const far = Math.hypot(before.x - other.x, before.y - other.y);
      // Both fingers move the picture, each half of the way.
      if (this.gestures.canPan()) this.gestures.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
      if (far) this.gestures.zoom(Math.hypot(now.x - other.x, now.y - other.y) / far, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    } else if (this.gestures.canPan()) this.gestures.pan(now.x - before.x, now.y - before.y);
  }

  /** @param {PointerEvent} event */
  #release(event) {
    if (!this.#down.delete(event.pointerId) || this.#down.size || this.#wasPinch) return;
    const at = this.#at(event);
    const aside = at.x - this.#start.x;
    if (Math.hypot(aside, at.y - this.#start.y) < STILL_PX) this.#countTap(at, event.timeStamp);
    else if (event.pointerType !== "mouse" && !this.gestures.canPan() && Math.abs(aside) > Math.max(SWIPE_PX, Math.abs(at.y - this.#start.y))) this.gestures.swipe?.(aside < 0 ? 1 : -1);
  }

  /**
   * @param {Point} at
   * @param {number} time
   */
  #countTap(at, time) {
    const isSecond = this.#tap && time - this.#tap.time < TWICE_MS && Math.hypot(at.x - this.#tap.at.x, at.y - this.#tap.at.y) < STILL_PX;
    this.#tap = isSecond ? null : { at, time };
    if (isSecond) this.gestures.twice?.(at);
  }
}

/**
 * Listen to gestures on an element.
 *
 * @param {HTMLElement} element
 * @param {Gestures} gestures
 */
export const onGestures = (element, gestures) => void new Pointers(element, gestures);
