/** A field for a folder of this computer, and a list to choose from. */

import { get } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./words.js";

/**
 * ``field`` is the text field; ``element`` holds it and the list that "Browse" opens below it.
 * @param {{ label: string, placeholder: string }} texts
 */
export function folderField({ label, placeholder }) {
  const field = h("input", { type: "text", required: true, placeholder, "aria-label": label, autofocus: true, spellcheck: "false" });
  const list = h("ul", { class: "folders", "aria-label": t("folders.list"), hidden: true });
  const words = h("p", { class: "muted", role: "status", hidden: true });
  field.addEventListener("input", () => (list.hidden = words.hidden = true)); // they are about another folder now
  const browse = h("button", { type: "button", onclick: () => show(field.value) }, t("folders.browse"));

  /** @param {string} folder */
  async function show(folder) {
    try {
      const here = await get(`/api/folders?${new URLSearchParams({ folder })}`);
      field.value = here.folder;
      words.textContent = t("folders.here", { n: here.photos });
      const up = here.parent === null ? [] : [line(icon("left"), t("folders.up"), here.parent)];
      list.replaceChildren(...up, ...here.folders.map((/** @type {{ name: string, folder: string }} */ one) => line(icon("photos"), one.name, one.folder)));
      list.hidden = false;
      list.querySelector("button")?.focus();
    } catch (error) {
      if (folder) await show(""); // a folder that is not there: begin at home
      words.textContent = error.message;
    }
    words.hidden = false;
    field.dispatchEvent(new Event("change"));
  }

  /**
   * @param {Element} sign
   * @param {string} name
   * @param {string} folder
   */
  const line = (sign, name, folder) => h("li", {}, h("button", { type: "button", class: "quiet", onclick: () => show(folder) }, sign, name));
  return { field, element: h("div", { class: "folder-field" }, h("div", { class: "row" }, field, browse), words, list) };
}
