/** One photo of a guest, large: swipe, zoom, favourite, download. */

/** @import { GuestPhoto } from "./types.d.ts" */

import { openDialog } from "./dialogs.js";
import { h, icon, iconButton } from "./dom.js";
import { onGestures } from "./gestures.js";
import { Stage } from "./stage.js";
import { t } from "./words.js";

/**
 * @typedef {object} Shown
 * @property {number} index
 * @property {(index: number) => Promise<GuestPhoto | null>} step
 * @property {typeof import("./api.js").picture} picture
 * @property {(photo: GuestPhoto) => string} download
 * @property {(photo: GuestPhoto) => HTMLElement} heart
 * @property {() => number} total
 * @property {boolean} withPlace
 */

/** @param {Shown} shown */
export function showPhoto(shown) {
  const stage = new Stage("", undefined, shown.picture);
  const place = h("p", { class: "place", "aria-live": "polite" });
  const acts = h("div", { class: "row" });
  const dialog = h("dialog", { class: "guest-viewer", "aria-label": t("viewer.title"), tabindex: "-1" }, stage.element, h("header", {}, iconButton("close", t("viewer.close"), () => close()), place, acts));
  const close = openDialog(dialog, () => {
    stage.watcher.disconnect();
    close();
  });
  let index = shown.index;
  const go = async (/** @type {number} */ by) => {
    const photo = index + by < 0 ? null : await shown.step(index + by);
    if (!photo) return;
    index += by;
    stage.show(photo);
    place.textContent = t("viewer.place", { place: index + 1, total: shown.total() });
    acts.replaceChildren(shown.heart(photo), photo.can_download ? h("a", { class: "icon-button", href: shown.download(photo), download: "", "aria-label": t("guest.save"), title: t("guest.save") }, icon("save")) : "");
  };
  onGestures(stage.element, {
    zoom: (factor, at) => stage.zoomAt(factor, at),
    pan: (dx, dy) => stage.panBy(dx, dy),
    canPan: () => Boolean(stage.view),
    swipe: go,
    twice: (at) => (stage.view ? stage.place(null) : stage.zoomAt(3, at)),
  });
  dialog.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "ArrowRight") go(1);
    if (event.key === "ArrowLeft") go(-1);
  });
  stage.element.append(iconButton("left", t("viewer.previous"), () => go(-1), { class: "icon-button step previous" }), iconButton("right", t("viewer.next"), () => go(1), { class: "icon-button step next" }));
  go(0);
}
