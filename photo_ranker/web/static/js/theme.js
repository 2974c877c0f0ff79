// Runs before the page is drawn, so that nothing visibly changes.
for (const [key, attribute] of [["theme", "theme"], ["textSize", "text"]]) {
  const kept = localStorage.getItem(key);
  if (kept) document.documentElement.dataset[attribute] = kept;
}
