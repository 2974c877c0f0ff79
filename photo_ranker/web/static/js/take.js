/** Taking an album home: a ZIP, a page, a list, or a copy in a folder. */

import { post } from "./api.js";
import { ask, h } from "./dom.js";
import { careful, say } from "./toast.js";

const FORMATS = [
  ["zip", "ZIP of the photos", "the originals, as they are"],
  ["html", "Page to show", "one file with small pictures, scores and reasons"],
  ["csv", "Table", "for spreadsheets"],
  ["json", "JSON", "for programs"],
];

/** ``what`` is a question as for /rank, or {photos} or {show}; ``isRanking`` allows the formats that need one. */
export const takeHome = careful(async ({ album, title, what, isRanking, mayCopy, words }) => {
  const chosen = await ask("Take home", (close) => {
    const formats = FORMATS.filter(([name]) => isRanking || name === "zip");
    const ordered = h("input", { type: "checkbox", id: "ordered", checked: isRanking });
    const folder = h("input", { type: "text", placeholder: "/home/me/Pictures/best", "aria-label": "Folder to copy to" });
    return h(
      "div",
      { class: "take" },
      h("p", { class: "muted" }, words),
      h("label", { class: "check", for: "ordered" }, ordered, "Numbered by rank: 001_…"),
      ...formats.map(([format, label, about]) =>
        h("button", { type: "button", class: "choice", onclick: () => close({ format, ordered: ordered.checked }) }, h("b", {}, label), h("span", { class: "muted" }, about)),
      ),
      h("button", { type: "button", class: "choice", onclick: () => close({ xmp: true }) }, h("b", {}, "XMP sidecars"), h("span", { class: "muted" }, "stars and confirmed names for Lightroom, digiKam, darktable; beside the photos")),
      mayCopy
        ? h(
            "form",
            {
              class: "copy",
              onsubmit: (event) => {
                event.preventDefault();
                if (folder.value) close({ folder: folder.value, ordered: ordered.checked });
              },
            },
            folder,
            h("button", {}, "Copy there"),
          )
        : null,
    );
  });
  if (!chosen) return;
  const { format, folder, ordered } = chosen;
  if (chosen.xmp) {
    await post(`/api/albums/${album}/xmp`, { ...what, title });
    say("Writing XMP sidecars");
    return;
  }
  if (folder) {
    await post(`/api/albums/${album}/copies`, { ...what, title, folder, ordered });
    say(`Copying to ${folder}`);
    return;
  }
  const { url } = await post(`/api/albums/${album}/downloads`, { ...what, title, format, ordered });
  const link = h("a", { href: url, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
});
