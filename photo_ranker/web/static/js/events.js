/** The server's events while this tab is visible: a browser has only six connections to a server for all its tabs. */

const RETRY_MS = 3000;
/** @type {Set<() => void>} */
const backListeners = new Set();

/**
 * Call a listener when the server answers again after a failure; returns a function that removes it.
 *
 * @param {() => void} listener
 */
export function onServerBack(listener) {
  backListeners.add(listener);
  return () => backListeners.delete(listener);
}

/**
 * Listen to events of one name; ``hear`` gets their data.
 *
 * @param {string} address
 * @param {string} name
 * @param {(told: any) => void} hear
 */
export function listenTo(address, name, hear) {
  /** @type {EventSource | null} */
  let source = null;
  let timer = 0;
  let mayHaveMissed = false;

  function open() {
    source = new EventSource(address);
    source.addEventListener(name, (event) => hear(JSON.parse(event.data)));
    source.addEventListener("open", () => {
      if (mayHaveMissed) for (const listener of backListeners) listener();
      mayHaveMissed = false;
    });
    source.addEventListener("error", () => {
      mayHaveMissed = true;
      // The browser retries by itself, but not after an error response, such as one from a proxy.
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(look, RETRY_MS);
    });
  }

  function look() {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") {
      source?.close();
      source = null;
      mayHaveMissed = true;
    } else if (!source || source.readyState === EventSource.CLOSED) open();
  }

  document.addEventListener("visibilitychange", look);
  look();
}
