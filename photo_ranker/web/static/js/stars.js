/** Five stars for mouse and finger. */

import { h } from "./dom.js";
import { t } from "./words.js";

/**
 * A click calls ``onStars(number)``; a click on the current number removes the stars.
 *
 * @param {(number: number) => void} onStars
 */
export function starRow(onStars) {
  let given = 0;
  const buttons = [1, 2, 3, 4, 5].map((number) =>
    h("button", { type: "button", class: "star", "aria-label": t("count.stars", { n: number }), onclick: () => onStars(number === given ? 0 : number) }, "☆"),
  );
  return {
    element: h("div", { class: "star-row", role: "group", "aria-label": t("stars.title") }, ...buttons),
    /** @param {number} stars */
    show(stars) {
      given = stars;
      buttons.forEach((button, place) => {
        button.textContent = place < stars ? "★" : "☆"; // colour alone does not tell the given ones
        button.classList.toggle("given", place < stars);
        button.setAttribute("aria-pressed", String(place + 1 === stars));
      });
    },
  };
}
