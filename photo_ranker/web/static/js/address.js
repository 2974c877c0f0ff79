/**
 * What the user has set is in the address: filters, order, place, the open photo. A reload and Back restore it from there.
 *
 * An address is ``#/ALBUM/VIEW/DETAIL?name=value``; ``at`` and ``photo`` are positions in a view, not another view.
 */

const WITHIN = ["at", "photo", "n"];

/** The parts of an address, by default the current one. */
export function readAddress(hash = location.hash) {
  const [path, search = ""] = hash.slice(1).split("?");
  const [, album, view = "photos", detail] = path.split("/");
  return { album, view, detail, query: new URLSearchParams(search) };
}

/** The address without the position in the view: while it stays the same, the view need not be drawn again. */
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

/** Whether the drawn view is that of the address. */
export const isShownView = () => viewKey() === shownKey;

/** @type {{ [name: string]: unknown } | null} What to set once the history has moved; null while it is not moving. */
let held = null;

/** From now on, keep what is set for the next entry of the history. */
export function holdAddress() {
  held ??= {};
}

/** Write what was kept into the current entry. */
export function releaseAddress() {
  const values = held;
  held = null;
  if (values && Object.keys(values).length) setInAddress(values);
}

/**
 * Write values into the address of the current history entry; null removes a value.
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
