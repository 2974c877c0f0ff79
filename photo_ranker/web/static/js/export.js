/** Exporting photos: a ZIP, a page, a list, sidecars, or a copy in a folder. */

import { post } from "./api.js";
import { ask, bytes, h, KEEP_OPEN, submitForm } from "./dom.js";
import { folderField } from "./folders.js";
import { careful, say } from "./toast.js";
import { t } from "./words.js";

/** @typedef {Record<string, any>} Asked */
/** @typedef {(value: any) => void} Close */

/** @type {[string, string, string][]} */
const FORMATS = [
  ["zip", t("export.zip"), t("export.zipAbout")],
  ["html", t("export.html"), t("export.htmlAbout")],
  ["csv", t("export.csv"), t("export.csvAbout")],
  ["json", t("export.json"), t("export.jsonAbout")],
];

/** @type {[string, string][]} */
const CONTEXTS = [
  ["", t("export.contextNone")],
  ["near", t("export.contextNear")],
  ["all", t("export.contextAll")],
];

/** @typedef {{ folder: string | null, photos: number, files: number, bytes: number, there: number, missing: number, copies: number, names: string[] }} Preview */

/**
 * ``what`` is a question as for /rank, or {photos}, or a filter; ``isRanking`` allows the formats that need a ranking.
 */
export const exportPhotos = careful(
  async (/** @type {{ album: string, title: string, what: Asked, isRanking: boolean, mayCopy?: boolean, words: string }} */ { album, title, what, isRanking, mayCopy, words }) => {
    const { element, how } = choicesOf(isRanking, what);
    const asked = () => ({ ...what, ...how(), title });
    const summary = h("div", { class: "preview", role: "status" });
    const look = careful(async () => summary.replaceChildren(...previewOf(await post(`/api/albums/${album}/exports/preview`, asked()))));
    element.addEventListener("change", look);
    look();
    const isXmp = await ask(t("export.title"), (close) =>
      h("div", { class: "export" }, h("p", { class: "muted" }, words), element, summary, downloads(album, asked, isRanking, close), mayCopy ? copyForm(album, asked, close) : null),
    );
    if (isXmp) await writeSidecars(album, what, title);
  },
);

/**
 * What an export would write where.
 * @param {Preview} preview
 */
function previewOf({ folder, photos, files, bytes: size, there, missing, copies, names }) {
  const left = files - there;
  const facts = [t("count.photos", { n: photos }), files > photos && t("export.files", { n: files }), bytes(size), there && t("export.there", { n: there }), missing && t("export.missing", { n: missing }), copies && t("export.copies", { n: copies })];
  const more = left > names.length ? [h("li", { class: "muted" }, t("jobs.more", { n: left - names.length }))] : [];
  return [
    folder === null ? null : h("p", {}, h("b", {}, t("export.into", { folder }))),
    h("p", {}, facts.filter(Boolean).join(" · ")),
    names.length ? h("details", { open: folder !== null }, h("summary", {}, t("export.see")), h("ul", {}, ...names.map((name) => h("li", {}, name)), ...more)) : null,
  ].filter((one) => one !== null);
}

/**
 * How the export is arranged, and which other photos to include.
 * @param {boolean} isRanking
 * @param {Asked} what
 */
function choicesOf(isRanking, what) {
  const tick = (/** @type {string} */ label, checked = false) => {
    const box = h("input", { type: "checkbox", checked });
    return { box, line: h("label", { class: "check" }, box, label) };
  };
  const ordered = tick(t("export.ordered"), Boolean(isRanking || what.per_person));
  const events = tick(t("export.perEvent"));
  const people = tick(t("export.perPerson"));
  const context = h("select", { "aria-label": t("export.context") }, ...CONTEXTS.map(([value, label]) => h("option", { value }, label)));
  const mayFold = !isRanking && !what.per_person;
  return {
    element: h("div", { class: "ticks" }, ordered.line, events.line, mayFold ? people.line : null, context),
    how: () => ({
      ordered: ordered.box.checked,
      per_event: events.box.checked,
      ...(context.value ? { with_context: context.value } : {}),
      ...(people.box.checked ? { per_person: true } : {}),
    }),
  };
}

/**
 * @param {string} album
 * @param {() => Asked} asked
 * @param {boolean} isRanking
 * @param {Close} close
 */
function downloads(album, asked, isRanking, close) {
  const formats = FORMATS.filter(([name]) => isRanking || name === "zip");
  const choice = (/** @type {string} */ value, /** @type {string} */ label, /** @type {string} */ about) => h("button", { class: "choice", value }, h("b", {}, label), h("span", { class: "muted" }, about));
  return submitForm(
    close,
    async (/** @type {any} */ { value }) => {
      if (value === "xmp") return true;
      await download(album, { ...asked(), format: value });
      return false;
    },
    ...formats.map((format) => choice(...format)),
    choice("xmp", t("export.xmp"), t("export.xmpAbout")),
  );
}

/**
 * @param {string} album
 * @param {Asked} asked
 */
async function download(album, asked) {
  const { url } = await post(`/api/albums/${album}/downloads`, asked);
  const link = h("a", { href: url, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}

/**
 * @param {string} album
 * @param {() => Asked} asked
 * @param {Close} close
 */
function copyForm(album, asked, close) {
  const { field, element } = folderField({ label: t("export.copyTo"), placeholder: t("export.example") });
  field.autofocus = false;
  const preview = h("div", { class: "preview", role: "status" });
  const button = h("button", {}, t("export.copyThere"));
  let seen = ""; // the export that was previewed: only that one is written
  const copy = async () => {
    const folder = field.value.trim();
    const wanted = { ...asked(), folder };
    if (seen !== JSON.stringify(wanted)) {
      const found = await post(`/api/albums/${album}/exports/preview`, wanted);
      preview.replaceChildren(...previewOf(found));
      button.textContent = t("export.copyNow", { n: found.files - found.there });
      button.classList.add("primary");
      button.scrollIntoView({ block: "nearest" }); // the files that are shown now have moved it down
      seen = JSON.stringify(wanted);
      return KEEP_OPEN;
    }
    await post(`/api/albums/${album}/copies`, wanted);
    say(t("export.copying", { folder }));
    return false;
  };
  return submitForm(close, copy, h("h3", {}, t("export.copy")), element, preview, h("div", { class: "row end" }, button));
}

/**
 * Sidecars beside the originals: shows what would be written, then writes it if the user agrees.
 * @param {string} album
 * @param {Asked} what
 * @param {string} title
 */
async function writeSidecars(album, what, title) {
  const { per_person: _, ...question } = what;
  const all = h("input", { type: "checkbox", id: "all-names" });
  const list = h("div", { class: "preview", role: "status" });
  const asked = () => ({ ...question, title, all_names: all.checked });
  const look = careful(async () => {
    const found = await post(`/api/albums/${album}/xmp/preview`, asked());
    list.replaceChildren(
      h("p", {}, h("b", {}, t("export.xmpWhat", { n: found.photos })), t("export.xmpWhere")),
      h("p", { class: "muted" }, t(found.files.length ? "export.xmpFirst" : "export.xmpNothing")),
      h("ul", {}, ...found.files.map(sidecarLine)),
    );
  });
  all.addEventListener("change", look);
  await look();
  await ask(t("export.xmpAsk"), (close) =>
    submitForm(
      close,
      async () => {
        await post(`/api/albums/${album}/xmp`, asked());
        say(t("export.xmpWriting"));
        return true;
      },
      list,
      h("label", { class: "check", for: "all-names" }, all, t("export.xmpAllNames")),
      h("div", { class: "row end" }, h("button", { type: "button", onclick: () => close(false) }, t("app.cancel")), h("button", { class: "primary" }, t("export.xmpWrite"))),
    ),
  );
}

/** @param {{ name: string, stars: number | null, names: string[], problem: string }} file */
function sidecarLine({ name, stars, names, problem }) {
  const said = [stars && t("count.stars", { n: stars }), ...names].filter(Boolean).join(", ");
  return h("li", {}, h("b", {}, name), ` ${problem ? t("export.xmpLeft", { why: problem }) : said}`);
}
