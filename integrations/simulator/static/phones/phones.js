// Reads the phone's screen anew every two seconds; everything works without it, by reloading.
(function () {
  "use strict";
  var screen = document.getElementById("screen");
  if (!screen) return;
  var bottom = function () { screen.scrollTop = screen.scrollHeight; };
  var last = null;
  bottom();
  function poll() {
    if (document.hidden) return;
    fetch(screen.dataset.poll, { credentials: "same-origin" })
      .then(function (response) { return response.ok ? response.text() : null; })
      .then(function (text) {
        if (text === null || text === last) return;
        var first = last === null;
        last = text;
        if (first && screen.innerHTML.trim() === text.trim()) return;
        var near = screen.scrollHeight - screen.scrollTop - screen.clientHeight < 80;
        if (screen.contains(document.activeElement) && document.activeElement !== screen) return;
        screen.innerHTML = text; // our own server's rendering, escaped there
        if (near) bottom();
      })
      .catch(function () { /* the server is away for a moment: the next round asks again */ });
  }
  poll();
  setInterval(poll, 2000);
})();
