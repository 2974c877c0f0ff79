/**
 * Actions on selected photos for mouse and finger; keys do the same.
 *
 * @import { Grid } from "./grid.js"
 */

import { MOST } from "./compare.js";
import { h, iconButton } from "./dom.js";
import { markByKey } from "./marks.js";
import { t } from "./words.js";

/**
 * How many photos are selected, and buttons for them; hidden if none is.
 *
 * @param {string} album
 * @param {Grid} grid
 * @param {(places: number[]) => void} onCompare
 */
export function selectionBar(album, grid, onCompare) {
  const words = h("b", { class: "selection", "aria-live": "polite" });
  const places = () => [...grid.selected].sort((one, other) => one - other);
  const mark = (/** @type {string} */ key) => markByKey(album, new KeyboardEvent("keydown", { key }), grid);
  const compare = iconButton("compare", t("photos.compareSelected"), () => onCompare(places()));
  const buttons = h("span", { class: "row", hidden: true }, iconButton("pick", t("photos.pickSelected"), () => mark("p")), iconButton("reject", t("photos.rejectSelected"), () => mark("x")), compare, iconButton("close", t("photos.unselect"), () => grid.unselect()));
  return {
    element: h("span", { class: "selection-bar" }, words, buttons),
    show() {
      const { size } = grid.selected;
      words.textContent = size ? t("photos.selected", { n: grid.selectedPhotos }) : "";
      buttons.hidden = !size;
      compare.hidden = size < 2 || size > MOST;
    },
  };
}
