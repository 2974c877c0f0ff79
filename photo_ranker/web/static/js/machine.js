/**
 * Settings of this computer: how faces are recognised, and on which device. Says what a change costs before it is made.
 *
 * @typedef {{ value: string | null, usual: string, here: string[] }} Choice
 * @typedef {{ engine: Choice, device: Choice }} Machine
 */

import { get, put } from "./api.js";
import { ask, h } from "./dom.js";
import { careful, say } from "./toast.js";
import { t } from "./words.js";

/** @type {Record<string, string>} */
const ENGINES = { duo: t("machine.duo"), sface: t("machine.sface") };
/** @type {Record<string, string>} */
const DEVICES = { cpu: t("machine.cpu"), cuda: t("machine.cuda"), coreml: t("machine.coreml"), directml: t("machine.directml"), openvino: t("machine.openvino") };

/** @param {string} name */
const engineName = (name) => ENGINES[name] || t("machine.other", { name });
/** @param {string} name */
const deviceName = (name) => DEVICES[name] || name;

/**
 * The rows of both settings; ``resetButton`` makes the button that resets one.
 *
 * @param {Machine} machine
 * @param {(label: string, onclick: () => void) => HTMLElement} resetButton
 */
export function machineRows(machine, resetButton) {
  return [
    row({ what: "engine", label: t("machine.engine"), about: t("machine.engineAbout"), nameOf: engineName, mayUse: isWorthIt, resetButton }, machine.engine),
    row({ what: "device", label: t("machine.device"), about: t("machine.deviceAbout"), nameOf: deviceName, mayUse: async () => true, resetButton }, machine.device),
  ];
}

/**
 * @typedef {object} About
 * @property {"engine" | "device"} what
 * @property {string} label
 * @property {string} about
 * @property {(name: string) => string} nameOf
 * @property {(name: string | null) => Promise<boolean>} mayUse Asks the user if it costs something.
 * @property {(label: string, onclick: () => void) => HTMLElement} resetButton
 */

/**
 * @param {About} about
 * @param {Choice} now
 */
function row({ what, label, about, nameOf, mayUse, resetButton }, now) {
  const choice = h(
    "select",
    { id: `s-${what}`, "aria-describedby": `about-${what}`, onchange: careful((event) => use(event.target.value || null)) },
    h("option", { value: "" }, t("machine.usual", { name: nameOf(now.usual) })),
    ...now.here.map((name) => h("option", { value: name }, nameOf(name))),
  );
  const use = async (/** @type {string | null} */ name) => {
    const before = now.value;
    if (name !== before && (await mayUse(name))) {
      now = (await put(`/api/machine/${what}`, { value: name }))[what];
      say(t("machine.changed", { label, name: nameOf(now.value || now.usual) }));
    }
    tell();
  };
  const reset = resetButton(label, careful(() => use(null)));
  const tell = () => {
    choice.value = now.value || "";
    reset.hidden = !now.value;
  };
  tell();
  return h("div", { class: "setting" }, h("label", { for: `s-${what}` }, label), choice, reset, h("p", { class: "muted", id: `about-${what}` }, about));
}

/**
 * Ask whether the photos may be looked at again.
 *
 * @param {string | null} name
 * @returns {Promise<boolean>}
 */
async function isWorthIt(name) {
  const { again, photos } = await get(`/api/machine/cost${name ? `?engine=${encodeURIComponent(name)}` : ""}`);
  const cost = again ? t("machine.again", { n: again, photos }) : t("machine.free");
  return Boolean(
    await ask(t("machine.ask"), (close) =>
      h(
        "div",
        {},
        h("p", {}, cost),
        h("p", { class: "muted" }, t("machine.keeps")),
        h("div", { class: "row end" }, h("button", { type: "button", onclick: () => close(false) }, t("app.cancel")), h("button", { type: "button", class: "primary", onclick: () => close(true) }, t("machine.use"))),
      ),
    ),
  );
}
