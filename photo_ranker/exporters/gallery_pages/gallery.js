"use strict";

// A viewer over the page: arrow keys, Home, End and Escape; swipes; buttons. Links stay links for everything else.
const links = [...document.querySelectorAll(".photos a")];
const SWIPE = 40; // px

if (links.length) {
  const dialog = document.body.appendChild(document.createElement("dialog"));
  const picture = dialog.appendChild(document.createElement("img"));
  const caption = dialog.appendChild(document.createElement("p"));
  let here = 0;
  let started = null;

  const button = (name, sign, word, act) => {
    const made = dialog.appendChild(document.createElement("button"));
    made.className = name;
    made.textContent = sign;
    made.setAttribute("aria-label", word);
    made.addEventListener("click", act);
  };

  const show = (place) => {
    here = Math.min(Math.max(place, 0), links.length - 1);
    const words = links[here].querySelector("img").alt;
    picture.src = links[here].href;
    picture.alt = words;
    caption.textContent = `${here + 1} / ${links.length}  ${words}`;
    if (!dialog.open) dialog.showModal();
    if (links[here + 1]) new Image().src = links[here + 1].href;
  };

  button("before", "\u2039", document.body.dataset.previous, () => show(here - 1));
  button("after", "\u203a", document.body.dataset.next, () => show(here + 1));
  button("close", "\u00d7", document.body.dataset.close, () => dialog.close());

  links.forEach((link, place) =>
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(place);
    }),
  );
  dialog.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to);
  });
  dialog.addEventListener("close", () => links[here].focus());
  picture.addEventListener("touchstart", (event) => (started = event.touches.length === 1 ? event.touches[0].clientX : null));
  picture.addEventListener("touchend", (event) => {
    if (started === null) return;
    const way = event.changedTouches[0].clientX - started;
    if (Math.abs(way) > SWIPE) show(here - Math.sign(way));
  });
}
