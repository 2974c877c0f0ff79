// Which photos are shown, in which order, and walking over them with the arrow keys.
const filters = byId("filters");

const ORDERS = {
  rank: (photo) => photo.rank,
  time: (photo) => photo.taken_at,
  name: (photo) => nameOf(photo.path),
  similarity: (photo) => -photo.similarity,
  sharpness: (photo) => negated(photo.signals.sharpness),
  smile: (photo) => negated(photo.signals.smile),
  size: (photo) => -photo.face.size_px,
};
const negated = (value) => (value === null ? null : -value);
let shown = report.results;

// What is not known comes last; ties fall by rank.
function compare(one, other, key) {
  const [a, b] = [key(one), key(other)];
  if (a === b) return one.rank - other.rank;
  if (a === null || b === null) return a === null ? 1 : -1;
  // As numbers, the fractions of .25 and .5 seconds would come the wrong way round.
  if (key === ORDERS.time) return a < b ? -1 : 1;
  return typeof a === "string" ? a.localeCompare(b, LANGUAGE, { numeric: true }) : a - b;
}

function applyFilters() {
  const asked = new FormData(filters);
  const text = asked.get("text").normalize("NFC").toLowerCase();
  const signals = ["sharpness", "smile", "eyes_open"].filter((name) => asked.has(name));
  const passes = (photo) =>
    (!asked.get("kind") || photo.kind === asked.get("kind")) &&
    photo.score >= Number(asked.get("score")) &&
    signals.every((name) => photo.signals[name] !== null && photo.signals[name] >= report.good) &&
    nameOf(photo.path).normalize("NFC").toLowerCase().includes(text);
  const key = ORDERS[asked.get("sort")];
  shown = report.results.filter(passes).sort((one, other) => compare(one, other, key));
  fillSheet(shown);
  filters.querySelector("output").textContent = decimal(Number(asked.get("score")));
  byId("reset").hidden = !(text || asked.get("kind") || signals.length || Number(asked.get("score")));
  tellShown();
}

function tellShown() {
  const all = report.results.length;
  byId("shown").textContent = shown.length === all ? t("count.photos", { n: all }) : t("report.shown", { shown: shown.length, n: all });
  byId("nothing").hidden = shown.length > 0;
  byId("nothing").textContent = t(all ? "report.nothing" : "report.nowhere");
}

// Arrow keys walk over the sheet as it lies there, row by row.
sheet.addEventListener("keydown", (event) => {
  const here = shown.indexOf(photoOfCard.get(document.activeElement.closest(".card")));
  const columns = getComputedStyle(sheet).gridTemplateColumns.split(" ").length;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -here, End: shown.length - 1 - here };
  const target = shown[here + steps[event.key]];
  if (here < 0 || !(event.key in steps) || !target) return;
  event.preventDefault();
  cardOf(target).querySelector(".photo").focus();
});
