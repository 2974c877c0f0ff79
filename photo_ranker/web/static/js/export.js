/** Exporting photos: a ZIP, a page, a list, or a copy in a folder. */

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
export const exportPhotos = careful(async ({ album, title, what, isRanking, mayCopy, words }) => {
  const chosen = await ask("Export", (close) => {
    const formats = FORMATS.filter(([name]) => isRanking || name === "zip");
    const tick = (label, checked = false) => {
      const box = h("input", { type: "checkbox", checked });
      return { box, line: h("label", { class: "check" }, box, label) };
    };
    const ordered = tick("Numbered by rank: 001_…", isRanking || what.per_person);
    const events = tick("A folder for each event");
    const context = tick("Also photos without faces from the same time: the place, the cake");
    const people = tick("A folder for each person with a name");
    const mayFold = !isRanking && !what.per_person;
    const how = () => ({
      ordered: ordered.box.checked,
      per_event: events.box.checked,
      with_context: context.box.checked,
      ...(people.box.checked ? { per_person: true } : {}),
    });
    const folder = h("input", { type: "text", placeholder: "/home/me/Pictures/best", "aria-label": "Folder to copy to" });
    return h(
      "div",
      { class: "export" },
      h("p", { class: "muted" }, words),
      h("div", { class: "ticks" }, ordered.line, events.line, mayFold ? people.line : null, context.line),
      ...formats.map(([format, label, about]) =>
        h("button", { type: "button", class: "choice", onclick: () => close({ format, ...how() }) }, h("b", {}, label), h("span", { class: "muted" }, about)),
      ),
      h("button", { type: "button", class: "choice", onclick: () => close({ xmp: true }) }, h("b", {}, "XMP sidecars"), h("span", { class: "muted" }, "stars and confirmed names for Lightroom, digiKam, darktable; beside the photos")),
      mayCopy
        ? h(
            "form",
            {
              class: "copy",
              onsubmit: (event) => {
                event.preventDefault();
                if (folder.value) close({ folder: folder.value.trim(), ...how() });
              },
            },
            folder,
            h("button", {}, "Copy there"),
          )
        : null,
    );
  });
  if (!chosen) return;
  const { format, folder, xmp, ...how } = chosen;
  if (xmp) {
    const { per_person: _, ...question } = what;
    await post(`/api/albums/${album}/xmp`, { ...question, title });
    say("Writing XMP sidecars");
    return;
  }
  if (folder) {
    await post(`/api/albums/${album}/copies`, { ...what, ...how, title, folder });
    say(`Copying to ${folder}`);
    return;
  }
  const { url } = await post(`/api/albums/${album}/downloads`, { ...what, ...how, title, format });
  const link = h("a", { href: url, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
});
