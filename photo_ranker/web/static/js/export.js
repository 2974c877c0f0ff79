// @ts-nocheck
/** Exporting photos: a ZIP, a page, a list, sidecars, or a copy in a folder. */

import { post } from "./api.js";
import { ask, count, h, submitForm } from "./dom.js";
import { folderField } from "./folders.js";
import { careful, say } from "./toast.js";

const FORMATS = [
  ["zip", "ZIP of the photos", "the originals, as they are"],
  ["html", "Page to show", "one file with small pictures, scores and reasons"],
  ["csv", "Table", "for spreadsheets"],
  ["json", "JSON", "for programs"],
];

/** ``what`` is a question as for /rank, or {photos} or {show}; ``isRanking`` allows the formats that need one. */
export const exportPhotos = careful(async ({ album, title, what, isRanking, mayCopy, words }) => {
  const { element, how } = ticks(isRanking, what);
  const asked = () => ({ ...what, ...how(), title });
  const isXmp = await ask("Export", (close) =>
    h("div", { class: "export" }, h("p", { class: "muted" }, words), element, downloads(album, asked, isRanking, close), mayCopy ? copyForm(album, asked, close) : null),
  );
  if (isXmp) await writeSidecars(album, what, title);
});

function ticks(isRanking, what) {
  const tick = (label, checked = false) => {
    const box = h("input", { type: "checkbox", checked });
    return { box, line: h("label", { class: "check" }, box, label) };
  };
  const ordered = tick("Numbered by rank: 001_…", isRanking || what.per_person);
  const events = tick("A folder for each event");
  const context = tick("Also photos without faces from the same time: the place, the cake");
  const people = tick("A folder for each person with a name");
  const mayFold = !isRanking && !what.per_person;
  return {
    element: h("div", { class: "ticks" }, ordered.line, events.line, mayFold ? people.line : null, context.line),
    how: () => ({
      ordered: ordered.box.checked,
      per_event: events.box.checked,
      with_context: context.box.checked,
      ...(people.box.checked ? { per_person: true } : {}),
    }),
  };
}

function downloads(album, asked, isRanking, close) {
  const formats = FORMATS.filter(([name]) => isRanking || name === "zip");
  const choice = (value, label, about) => h("button", { class: "choice", value }, h("b", {}, label), h("span", { class: "muted" }, about));
  return submitForm(
    close,
    async ({ value }) => {
      if (value === "xmp") return true;
      await download(album, { ...asked(), format: value });
      return false;
    },
    ...formats.map((format) => choice(...format)),
    choice("xmp", "XMP sidecars…", "stars and names for Lightroom, digiKam, darktable; you see first what is written where"),
  );
}

async function download(album, asked) {
  const { url } = await post(`/api/albums/${album}/downloads`, asked);
  const link = h("a", { href: url, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}

function copyForm(album, asked, close) {
  const { field, element } = folderField({ label: "Folder to copy to", placeholder: "~/Pictures/best" });
  field.autofocus = false;
  const copy = async () => {
    await post(`/api/albums/${album}/copies`, { ...asked(), folder: field.value.trim() });
    say(`Copying to ${field.value.trim()}`);
    return false;
  };
  return submitForm(close, copy, h("h3", {}, "Copy into a folder"), element, h("div", { class: "row end" }, h("button", {}, "Copy there")));
}

/** Sidecars lie beside the originals: first what would be written, then, if the user wants it, the writing. */
async function writeSidecars(album, what, title) {
  const { per_person: _, ...question } = what;
  const all = h("input", { type: "checkbox", id: "all-names" });
  const list = h("div", { class: "preview", role: "status" });
  const asked = () => ({ ...question, title, all_names: all.checked });
  const look = careful(async () => {
    const found = await post(`/api/albums/${album}/xmp/preview`, asked());
    list.replaceChildren(
      h("p", {}, h("b", {}, `Stars and names of ${count(found.photos, "photo")} `), "go into small files that end in .xmp, in the folder of each photo. The photos themselves are not touched. What you wrote there stays."),
      found.files.length ? h("p", { class: "muted" }, "The first of them:") : h("p", { class: "muted" }, "The first photos have nothing new to say."),
      h("ul", {}, ...found.files.map(({ name, stars, names, problem }) => h("li", {}, h("b", {}, name), ` ${problem ? `left as it is: ${problem}` : [stars && count(stars, "star"), ...names].filter(Boolean).join(", ")}`))),
    );
  });
  all.addEventListener("change", look);
  await look();
  await ask("Write XMP sidecars beside the photos?", (close) =>
    submitForm(
      close,
      async () => {
        await post(`/api/albums/${album}/xmp`, asked());
        say("Writing XMP sidecars");
        return true;
      },
      list,
      h("label", { class: "check", for: "all-names" }, all, "Also names of recognised faces that nobody has confirmed"),
      h("div", { class: "row end" }, h("button", { type: "button", onclick: () => close(false) }, "Cancel"), h("button", { class: "primary" }, "Write them")),
    ),
  );
}
