// @ts-nocheck
/** A field for a folder of this machine, and a list to choose from. */

import { get } from "./api.js";
import { count, h, icon } from "./dom.js";

/** ``field`` is the text field; ``element`` holds it and the list that "Browse" opens below it. */
export function folderField({ label, placeholder }) {
  const field = h("input", { type: "text", required: true, placeholder, "aria-label": label, autofocus: true, spellcheck: "false" });
  const list = h("ul", { class: "folders", "aria-label": "Folders", hidden: true });
  const words = h("p", { class: "muted", role: "status", hidden: true });
  const browse = h("button", { type: "button", onclick: () => show(field.value) }, "Browse");

  async function show(folder) {
    try {
      const here = await get(`/api/folders?${new URLSearchParams({ folder })}`);
      field.value = here.folder;
      words.textContent = `${count(here.photos, "photo")} in this folder`;
      const up = here.parent === null ? [] : [line(icon("left"), "One folder up", here.parent)];
      list.replaceChildren(...up, ...here.folders.map((one) => line(icon("photos"), one.name, one.folder)));
      list.hidden = false;
      list.querySelector("button")?.focus();
    } catch (error) {
      if (folder) {
        await show(""); // a folder that is not there: begin at home
        words.textContent = error.message;
      } else words.textContent = error.message;
    }
    words.hidden = false;
  }

  const line = (sign, name, folder) => h("li", {}, h("button", { type: "button", class: "quiet", onclick: () => show(folder) }, sign, name));
  return { field, element: h("div", { class: "folder-field" }, h("div", { class: "row" }, field, browse), words, list) };
}
