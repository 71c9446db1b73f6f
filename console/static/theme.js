// Before the first paint: Tabler reads its light from an attribute, so "auto" is told from the device here.
(function () {
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function set() {
    if (root.dataset.theme !== "light" && root.dataset.theme !== "dark") {
      root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
    }
  }
  set();
  dark.addEventListener("change", set);
})();
