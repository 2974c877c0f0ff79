// The contact sheet: one card a photo, made in slices, pictures only where one looks.
const sheet = byId("sheet");

function makeCard(photo) {
  const card = byId("card").content.firstElementChild.cloneNode(true);
  const name = nameOf(photo.path);
  const find = (selector) => card.querySelector(selector);
  const words = [...photo.reasons, ...photo.against].join(", ");
  find(".photo").setAttribute("aria-label", t("report.open", { rank: photo.rank, name, score: fixed(photo.score), words }));
  find(".rank").textContent = photo.rank;
  find(".tag").textContent = kindOf(photo);
  find(".score").textContent = fixed(photo.score);
  if (photo.close_to !== null) find(".score").title = t("report.asGoodAs", { rank: photo.close_to });
  find(".time").textContent = timeOf(photo);
  find(".name").textContent = name + also(photo.copies.length, "cell.copies") + also(photo.alternates.length, "cell.alike");
  find(".name").title = plain(photo.path);
  fillReasons(find(".why"), photo);
  const meters = Object.entries(report.short_labels).map(([key, label]) => meterRow(label, photo.signals[key]));
  find(".signals").append(...meters, meterRow(t("report.match"), photo.similarity, "middle"));
  find(".photo").addEventListener("click", () => openBox(photo));
  return card;
}

const cards = new Map();
const photoOfCard = new WeakMap();
const nearby = new IntersectionObserver(
  (seen) => seen.filter((one) => one.isIntersecting).forEach((one) => showPictures(photoOfCard.get(one.target))),
  { rootMargin: "800px 0px" },
);

function cardOf(photo) {
  if (!cards.has(photo)) {
    const card = makeCard(photo);
    cards.set(photo, card);
    photoOfCard.set(card, photo);
    nearby.observe(card);
  }
  return cards.get(photo);
}

// Only now does the text of a picture become an image: 500 decoded photos would be too much at once.
function showPictures(photo) {
  const whole = pictureOf("photo", photo);
  // The page is still being read; the observer tells again when it is complete.
  if (!whole && document.readyState === "loading") return;
  const card = cardOf(photo);
  nearby.unobserve(card);
  if (!whole) return card.querySelector(".photo").classList.add("gone");
  const image = card.querySelector(".photo img");
  image.onload = () => image.classList.add("there");
  image.src = whole;
  card.querySelector(".face").src = pictureOf("face", photo);
}

document.addEventListener("DOMContentLoaded", () => {
  for (const card of cards.values()) {
    nearby.unobserve(card);
    nearby.observe(card);
  }
});

// The first screens at once, the rest in slices, so that a large album never holds up the reader.
const AT_ONCE = 24;
const SLICE = 40;
let filling = 0;

function fillSheet(photos) {
  clearTimeout(filling);
  sheet.replaceChildren(...photos.slice(0, AT_ONCE).map(cardOf));
  const more = (start) => {
    sheet.append(...photos.slice(start, start + SLICE).map(cardOf));
    if (start + SLICE < photos.length) filling = setTimeout(more, 0, start + SLICE);
  };
  if (photos.length > AT_ONCE) filling = setTimeout(more, 0, AT_ONCE);
}
