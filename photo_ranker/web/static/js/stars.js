/** Five stars for mouse and finger. */

import { count, h } from "./dom.js";

/**
 * ``onStars(number)`` is run by a click; a click on the number that is there takes it back.
 *
 * @param {(number: number) => void} onStars
 */
export function starRow(onStars) {
  let given = 0;
  const buttons = [1, 2, 3, 4, 5].map((number) =>
    h("button", { type: "button", class: "star", "aria-label": count(number, "star"), onclick: () => onStars(number === given ? 0 : number) }, "★"),
  );
  return {
    element: h("div", { class: "star-row", role: "group", "aria-label": "Stars" }, ...buttons),
    /** @param {number} stars */
    show(stars) {
      given = stars;
      buttons.forEach((button, place) => {
        button.classList.toggle("given", place < stars);
        button.setAttribute("aria-pressed", String(place + 1 === stars));
      });
    },
  };
}
