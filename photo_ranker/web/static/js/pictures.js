/** Pictures that did not come are asked for again when the server is back. */

import { onServerBack } from "./events.js";

const failed = new Set();

/** Begin to watch all pictures of the page. */
export function watchPictures() {
  // Errors of pictures do not bubble.
  document.addEventListener("error", (event) => event.target instanceof HTMLImageElement && failed.add(event.target), true);
  onServerBack(() => {
    const again = [...failed].filter((image) => image.isConnected);
    failed.clear();
    for (const image of again) image.src = image.getAttribute("src");
  });
}
