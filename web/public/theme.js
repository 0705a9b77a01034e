// Sets the theme before the first paint. It is a file of its own because the page's policy
// runs no script that is written into it.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("patchbay-theme");
  } catch {
    // storage is off: follow the system
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
