// Before anything is drawn: the theme that was chosen, so that the page does not flash.
document.documentElement.dataset.theme = localStorage.getItem("theme") || "";
