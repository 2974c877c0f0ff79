// One photo at large, with all its facts.
const box = byId("box");
const stage = box.querySelector(".stage");
const frame = box.querySelector(".frame");
const ZOOMS = [1, 1.5, 2, 3, 4, 6, 8];
let current = null;
let zoom = 1;

function openBox(photo) {
  current = photo;
  fillBox();
  if (!box.open) {
    box.showModal();
    byId("close").focus();
  }
  setZoom(1);
}

function fillBox() {
  const photo = current;
  const find = (selector) => box.querySelector(selector);
  frame.querySelector("img").src = pictureOf("photo", photo) ?? "";
  frame.querySelector("img").alt = t("report.photo", { rank: photo.rank, name: nameOf(photo.path) });
  find(".panel .face").src = pictureOf("face", photo) ?? "";
  find(".score").textContent = fixed(photo.score);
  find(".kind").textContent = kindOf(photo) || t("report.alone");
  find("h2").textContent = nameOf(photo.path);
  find(".panel .time").textContent = timeOf(photo);
  find("code").textContent = plain(photo.path);
  find(".files").replaceChildren(
    ...photo.copies.map((path) => element("li", "", t("report.sameFile", { name: plain(path) }))),
    ...photo.alternates.map((path) => element("li", "", t("report.sameBurst", { name: plain(path) }))),
  );
  fillReasons(find(".why"), photo);
  const labels = Object.entries(report.labels);
  find(".signals").replaceChildren(...labels.map(([name, label]) => meterRow(label, photo.signals[name])));
  find(".numbers").replaceChildren(...numbers(photo).flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]));
  const place = shown.indexOf(photo);
  byId("place").textContent = `${place + 1} / ${shown.length}`;
  setDimmed("previous", place === 0);
  setDimmed("next", place === shown.length - 1);
  markFace(photo);
}

// Dimmed, not disabled: a disabled button would lose the focus and the keys with it.
const setDimmed = (id, dimmed) => byId(id).setAttribute("aria-disabled", String(dimmed));

function numbers(photo) {
  const angle = (name) => photo.signals[name] === null ? "–" : `${photo.signals[name].toFixed(0)}°`;
  return [
    [t("report.order"), photo.close_to === null ? "" : t("report.asGoodAs", { rank: photo.close_to })],
    [t("report.alike"), fixed(photo.similarity)],
    [t("report.sureFrom"), fixed(report.threshold)],
    [t("report.runnerUp"), photo.runner_up === null ? t("report.nobodyElse") : fixed(photo.runner_up)],
    [t("report.angles"), ["yaw_degrees", "pitch_degrees", "roll_degrees"].map(angle).join(", ")],
    [t("report.face"), `${Math.round(photo.face.size_px)} px`],
    [t("report.picture"), `${photo.width} × ${photo.height} px`],
  ].filter(([, value]) => value);
}

function markFace(photo) {
  const [x, y, width, height] = photo.face.box;
  const share = (value, whole) => `${(100 * value) / whole}%`;
  Object.assign(frame.querySelector(".mark").style, {
    left: share(x, photo.width), width: share(width, photo.width), top: share(y, photo.height), height: share(height, photo.height),
  });
}

// The size of the frame follows from the photo's own, so that it is right before the image is decoded.
function setZoom(value) {
  const middle = { x: (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth, y: (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight };
  const padding = parseFloat(getComputedStyle(stage).paddingLeft) * 2;
  const fit = Math.min((stage.clientWidth - padding) / current.width, (stage.clientHeight - padding) / current.height);
  zoom = value;
  frame.style.width = `${current.width * fit * zoom}px`;
  frame.style.height = `${current.height * fit * zoom}px`;
  stage.scrollLeft = middle.x * stage.scrollWidth - stage.clientWidth / 2;
  stage.scrollTop = middle.y * stage.scrollHeight - stage.clientHeight / 2;
  byId("zoom").textContent = zoom === 1 ? t("report.fit") : `${zoom}×`;
  setDimmed("smaller", zoom === ZOOMS[0]);
  setDimmed("larger", zoom === ZOOMS.at(-1));
}

const step = (by) => {
  const target = shown[shown.indexOf(current) + by];
  if (target) openBox(target);
};
const scale = (by) => setZoom(ZOOMS[Math.min(Math.max(ZOOMS.indexOf(zoom) + by, 0), ZOOMS.length - 1)]);

function toggleMark() {
  const mark = frame.querySelector(".mark");
  mark.hidden = !mark.hidden;
  byId("frame-face").setAttribute("aria-pressed", String(!mark.hidden));
}

const KEYS = {
  ArrowLeft: () => step(-1), ArrowRight: () => step(1), Home: () => openBox(shown[0]), End: () => openBox(shown.at(-1)),
  "+": () => scale(1), "=": () => scale(1), "-": () => scale(-1), 0: () => setZoom(1), f: toggleMark, F: toggleMark,
};
box.addEventListener("keydown", (event) => {
  // A photo that is zoomed in is walked over with the arrows, as any page that is too large.
  const walks = zoom > 1 && event.key.startsWith("Arrow") && document.activeElement === stage;
  if (!(event.key in KEYS) || walks || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  KEYS[event.key]();
});
box.addEventListener("close", () => {
  const card = cardOf(current);
  card.scrollIntoView({ block: "nearest" });
  card.querySelector(".photo").focus();
});
stage.addEventListener("dblclick", () => setZoom(zoom === 1 ? 3 : 1));

let touch = null;
stage.addEventListener("touchstart", (event) => (touch = event.touches.length === 1 ? event.touches[0] : null), { passive: true });
stage.addEventListener("touchend", (event) => {
  const [across, down] = touch ? [event.changedTouches[0].clientX - touch.clientX, event.changedTouches[0].clientY - touch.clientY] : [0, 0];
  if (zoom === 1 && Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(down)) step(across < 0 ? 1 : -1);
});

byId("previous").addEventListener("click", () => step(-1));
byId("next").addEventListener("click", () => step(1));
byId("smaller").addEventListener("click", () => scale(-1));
byId("larger").addEventListener("click", () => scale(1));
byId("frame-face").addEventListener("click", toggleMark);
byId("close").addEventListener("click", () => box.close());
byId("copy").addEventListener("click", copyPath);
window.addEventListener("resize", () => box.open && setZoom(zoom));

async function copyPath() {
  try {
    await navigator.clipboard.writeText(current.path);
    byId("copy").textContent = t("report.copied");
  } catch {
    // Some browsers give a page from disk no clipboard: mark the path, so that Ctrl+C takes it.
    getSelection().selectAllChildren(box.querySelector("code"));
    byId("copy").textContent = t("report.marked");
  }
  setTimeout(() => (byId("copy").textContent = t("report.copyPath")), 2000);
}
