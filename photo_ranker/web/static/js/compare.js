// @ts-nocheck
/** Two photos side by side; zoom and place are one for both, measured in sizes of the same person's face. */

import { get, picture } from "./api.js";
import { openDialog } from "./dialogs.js";
import { h, icon, iconButton } from "./dom.js";
import { markOf, onMarks, setMarks } from "./marks.js";
import { sayFailure, undoLast } from "./toast.js";

const FACE_SHARE = 0.42; // of the pane's shorter side, when zoomed to the face

export function openCompare({ album, source, left, right, onClose }) {
  const view = { face: true, zoom: 1, x: 0, y: 0 };
  const panes = [makePane(0), makePane(1)];
  let active = 1;
  const dialog = h(
    "dialog",
    { class: "compare", "aria-label": "Compare two photos" },
    h(
      "header",
      {},
      h("h2", {}, "Compare"),
      h("span", { class: "muted keys-hint" }, "← → other photo · Tab side · P X mark · scroll to zoom · Z whole photo"),
      iconButton("swap", "Exchange the two (S)", exchange),
      iconButton("zoom", "Face or whole photo (Z)", toggleFace),
      iconButton("close", "Close (Esc)", close),
    ),
    h("div", { class: "panes" }, ...panes.map((pane) => pane.element)),
  );
  const stopMarks = onMarks((changed) => {
    for (const pane of panes) {
      if (pane.photo?.id !== changed.id) continue;
      pane.photo.mark = changed.mark; // the grid may have loaded the photo again
      pane.tell();
    }
  });

  function makePane(number) {
    const image = h("img", { alt: "", draggable: "false" });
    const label = h("p", { class: "pane-label" });
    const element = h("section", { class: "pane", tabindex: "-1", "aria-label": number ? "Right photo" : "Left photo" }, image, label);
    const pane = {
      element,
      index: number ? right : left,
      photo: null,
      anchor: null,
      tell() {
        const { photo } = pane;
        const result = photo.result;
        const parts = [
          h("b", {}, photo.name),
          result ? h("span", { class: "score" }, result.score.toFixed(2)) : null,
          result ? h("span", {}, [...result.reasons, ...result.against].slice(0, 3).join(", ")) : null,
          photo.mark.flag ? h("span", { class: `flag ${photo.mark.flag}` }, icon(photo.mark.flag)) : null,
          photo.mark.stars ? h("span", { class: "stars" }, "★".repeat(photo.mark.stars)) : null,
        ];
        label.replaceChildren(...parts.filter(Boolean));
      },
      place() {
        const { photo } = pane;
        if (!photo) return;
        const room = element.getBoundingClientRect();
        const fit = Math.min(room.width / photo.width, room.height / photo.height);
        let scale = fit;
        let middle = [photo.width / 2, photo.height / 2];
        let shift = [0, 0];
        if (view.face) {
          const size = pane.anchor ? Math.max(pane.anchor[2], pane.anchor[3]) : 0.4 * Math.min(photo.width, photo.height);
          if (pane.anchor) middle = [pane.anchor[0] + pane.anchor[2] / 2, pane.anchor[1] + pane.anchor[3] / 2];
          scale = (view.zoom * FACE_SHARE * Math.min(room.width, room.height)) / size;
          shift = [view.x * size * scale, view.y * size * scale];
        }
        const x = room.width / 2 - middle[0] * scale + shift[0];
        const y = room.height / 2 - middle[1] * scale + shift[1];
        image.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
        const wanted = picture(album, photo, scale * Math.max(photo.width, photo.height) > 2000 ? "full" : "large");
        if (image.dataset.want !== wanted) {
          image.dataset.want = wanted;
          image.src = wanted;
        }
      },
      async show(index) {
        const photo = await source.want(index);
        if (!photo) return;
        pane.index = index;
        pane.photo = photo;
        pane.anchor = photo.result?.face?.box || (await largestFace(album, photo));
        image.alt = photo.name;
        image.style.width = `${photo.width}px`;
        image.style.height = `${photo.height}px`;
        pane.tell();
        pane.place();
      },
    };
    element.addEventListener("pointerdown", () => choose(number));
    return pane;
  }

  function choose(number) {
    active = number;
    panes.forEach((pane, index) => pane.element.classList.toggle("active", index === active));
  }

  const placeAll = () => panes.forEach((pane) => pane.place());

  function toggleFace() {
    view.face = !view.face;
    Object.assign(view, { zoom: 1, x: 0, y: 0 });
    placeAll();
  }

  function exchange() {
    const [one, other] = panes.map((pane) => pane.index);
    panes[0].show(other);
    panes[1].show(one);
  }

  function step(by) {
    const other = panes[1 - active].index;
    let next = panes[active].index + by;
    if (next === other) next += by;
    panes[active].show(next).catch(sayFailure);
  }

  function close() {
    stopMarks();
    watcher.disconnect();
    leave();
    onClose(panes[active].index);
  }

  function zoomBy(factor) {
    view.face = true;
    view.zoom = Math.min(12, Math.max(0.15, view.zoom * factor));
    placeAll();
  }

  for (const pane of panes) {
    let from = null;
    pane.element.addEventListener("wheel", (event) => {
      event.preventDefault();
      zoomBy(Math.exp(-event.deltaY / 400));
    }, { passive: false });
    pane.element.addEventListener("pointerdown", (event) => {
      from = [event.clientX, event.clientY];
      pane.element.setPointerCapture(event.pointerId);
    });
    pane.element.addEventListener("pointermove", (event) => {
      if (!from || !view.face) return;
      const room = pane.element.getBoundingClientRect();
      const unit = view.zoom * FACE_SHARE * Math.min(room.width, room.height);
      view.x += (event.clientX - from[0]) / unit;
      view.y += (event.clientY - from[1]) / unit;
      from = [event.clientX, event.clientY];
      placeAll();
    });
    pane.element.addEventListener("pointerup", () => {
      from = null;
    });
  }
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pane = panes[active];
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "Tab" && !event.target.closest("header")) choose(1 - active);
    else if (event.key === "z") toggleFace();
    else if (event.key === "Z") undoLast();
    else if (event.key === "s") exchange();
    else if (event.key === "+" || event.key === "=") zoomBy(1.25);
    else if (event.key === "-") zoomBy(0.8);
    else {
      const mark = pane.photo && markOf(event.key);
      if (!mark) return;
      setMarks(album, [pane.photo], mark);
    }
    event.preventDefault();
  });
  const leave = openDialog(dialog, close);
  choose(1);
  panes[1].element.focus();
  const watcher = new ResizeObserver(placeAll);
  watcher.observe(panes[0].element);
  Promise.all([panes[0].show(left), panes[1].show(right)]).catch(sayFailure);
}

async function largestFace(album, photo) {
  const detail = await get(`/api/albums/${album}/photos/${photo.id}`);
  const faces = detail.faces.filter((item) => !item.is_false).map(({ face }) => face).sort((one, other) => other.size_px - one.size_px);
  return faces[0]?.box || null;
}
