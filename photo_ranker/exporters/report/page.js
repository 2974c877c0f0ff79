// The page around: light and dark, the modes, and the start.

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").lastElementChild.textContent = t(dark ? "report.light" : "report.dark");
}

function fillPage() {
  const { counts } = report;
  byId("about").textContent = t("report.about", { n: counts.matched, all: counts.photos });
  const left = [
    counts.doubtful && t("report.unsurePhotos", { n: counts.doubtful }),
    counts.no_face && t("report.withoutFace", { n: counts.no_face }),
    counts.unreadable && t("report.unreadable", { n: counts.unreadable }),
  ].filter(Boolean);
  if (left.length) byId("foot").append(element("p", "", left.join(" · ")));
  if (report.unreadable.length) {
    const details = element("details");
    const list = element("ul");
    list.append(...report.unreadable.map((file) => element("li", "", plain(`${file.path}: ${file.reason}`))));
    details.append(element("summary", "", t("report.notRead")), list);
    byId("foot").append(details);
  }
  const face = report.results.length && pictureOf("face", report.results[0]);
  if (face) Object.assign(byId("person"), { src: face, hidden: false });
}

byId("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme !== "dark"));
byId("view").addEventListener("click", () => {
  byId("view").setAttribute("aria-pressed", String(sheet.classList.toggle("compact")));
});
byId("open-filters").addEventListener("click", () => {
  byId("open-filters").setAttribute("aria-expanded", String(filters.classList.toggle("open")));
});
filters.addEventListener("input", applyFilters);
filters.addEventListener("submit", (event) => event.preventDefault());
// The form holds its new values only after the event.
filters.addEventListener("reset", () => setTimeout(applyFilters));
window.addEventListener("scroll", () => filters.classList.toggle("stuck", filters.getBoundingClientRect().top <= 0), { passive: true });
window.addEventListener("beforeprint", () => shown.forEach(showPictures));

const wish = matchMedia("(prefers-color-scheme: dark)");
wish.addEventListener("change", () => setTheme(wish.matches));
setTheme(wish.matches);
fillPage();
applyFilters();
