/**
 * What the user has set lives in the address: filters, order, place, the open photo. A reload and Back find it there.
 *
 * An address is ``#/ALBUM/VIEW/DETAIL?name=value``; ``at`` and ``photo`` say where one is in a view, not which view it is.
 */

const WITHIN = ["at", "photo", "n"];

/** The parts of an address, of the one that is shown by default. */
export function readAddress(hash = location.hash) {
  const [path, search = ""] = hash.slice(1).split("?");
  const [, album, view = "photos", detail] = path.split("/");
  return { album, view, detail, query: new URLSearchParams(search) };
}

/** The address without where one is within the view: while it stays the same, the view need not be drawn again. */
export function viewKey(hash = location.hash) {
  const { album, view, detail, query } = readAddress(hash);
  for (const name of WITHIN) query.delete(name);
  return [album, view, detail, query].join("/");
}

/** @type {string | null} */
let shownKey = null;

/** Note that the view of the address is drawn now. */
export function noteShownView() {
  shownKey = viewKey();
}

/** Whether the view that is drawn is that of the address. */
export const isShownView = () => viewKey() === shownKey;

/** @type {{ [name: string]: unknown } | null} What to set when the history has arrived; null while it stands still. */
let held = null;

/** Keep what is set from now on for the entry of the history that comes next. */
export function holdAddress() {
  held ??= {};
}

/** Write what was kept into the entry that is shown now. */
export function releaseAddress() {
  const values = held;
  held = null;
  if (values && Object.keys(values).length) setInAddress(values);
}

/**
 * Write what was set into the address, in the entry of the history that is shown; null takes a value out.
 *
 * @param {{ [name: string]: unknown }} values
 */
export function setInAddress(values) {
  if (held) {
    Object.assign(held, values);
    return;
  }
  const isShown = isShownView();
  const path = location.hash.split("?")[0];
  const { query } = readAddress();
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "" || value === false) query.delete(name);
    else query.set(name, value === true ? "1" : String(value));
  }
  const text = String(query);
  history.replaceState(history.state, "", `${path || "#/"}${text ? `?${text}` : ""}`);
  if (isShown) noteShownView();
}
