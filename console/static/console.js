// Keys and small comforts. Everything here also works as links and buttons without it.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("has-js");

  function pick(selector) { return document.querySelector(selector); }
  function typing(target) { return target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]"); }
  function rows() { return Array.prototype.slice.call(document.querySelectorAll("#rows .wh-row")); }
  function current() { return rows().findIndex(function (row) { return row.classList.contains("is-on"); }); }

  function move(step) {
    var all = rows();
    if (!all.length) { return; }
    var next = Math.max(0, Math.min(all.length - 1, current() + step));
    all[next].querySelector("a").click();
  }

  function mark(id) {
    rows().forEach(function (row) {
      var on = row.dataset.id === id;
      row.classList.toggle("is-on", on);
      if (on) { row.scrollIntoView({ block: "nearest" }); }
    });
  }

  function edit(on) {
    var words = pick("#words");
    if (!words || !words.querySelector("[data-editor] textarea, [data-editor] input[type=radio]")) { return; }
    words.classList.toggle("is-editing", on);
    if (on) {
      var box = words.querySelector("details[open] textarea, details[open] .wh-filed input:checked");
      if (box) { box.focus(); }
    }
  }

  // The first fault with a place is selected in its field.
  function showFault() {
    var fault = Array.prototype.find.call(document.querySelectorAll(".wh-faults [data-end]"), function (one) {
      return one.dataset.end !== "0";
    });
    var box = fault && document.getElementsByName(fault.dataset.field)[0];
    if (!box) { return; }
    box.focus();
    box.setSelectionRange(Number(fault.dataset.start), Number(fault.dataset.end));
  }

  showFault();

  function press(selector) {
    var button = pick(selector);
    if (button && !button.disabled) { button.click(); }
  }

  var acts = {
    j: function () { move(1); },
    k: function () { move(-1); },
    a: function () { press("#approve button"); },
    r: function () { var box = pick(".wh-reject"); if (box) { box.open = true; box.querySelector("form button").focus(); } },
    e: function () { edit(true); },
    s: function () { press(".wh-snooze button"); },
    u: function () { press(".wh-undo"); },
    x: function () {
      var row = rows()[current()];
      var box = row && row.querySelector("input[type=checkbox]");
      if (box && !box.disabled) { box.checked = !box.checked; }
    }
  };

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey) {
      if (event.key === "Enter" && event.target.form && event.target.id === "reply") {
        event.target.form.querySelector("[value=reply]").click();
      }
      return;
    }
    if (event.altKey) { return; }
    if (event.key === "Escape") {
      edit(false);
      var open = pick(".wh-reject[open]");
      if (open) { open.open = false; }
      return;
    }
    if (typing(event.target)) { return; }
    if (event.key === "A" && event.shiftKey) { press("#bulk .wh-bulkbar button"); return; }
    var rejecting = pick(".wh-reject[open]");
    if (rejecting && /^[1-5]$/.test(event.key)) {
      rejecting.querySelectorAll("form button")[Number(event.key) - 1].click();
      return;
    }
    var act = acts[event.key];
    if (act && pick(".wh-item, #rows")) { event.preventDefault(); act(); }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-edit]")) { edit(true); }
    if (event.target.closest("[data-cancel]")) { edit(false); }
    var row = event.target.closest("#rows .wh-row a");
    if (row) { mark(row.parentNode.dataset.id); document.body.classList.add("is-alone"); }
  });

  // What is shown below a choice is always about the choice.
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-submit]")) { event.target.form.requestSubmit(); }
  });

  // A press sent twice is one press.
  document.addEventListener("submit", function (event) {
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "1";
  });

  // Newest words stay in sight unless one reads above.
  var thread = pick("#thread");
  if (thread) {
    var low = true;
    var down = function () { thread.scrollTop = thread.scrollHeight; };
    thread.addEventListener("scroll", function () {
      low = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 40;
    });
    new MutationObserver(function () { if (low) { down(); } }).observe(thread, { childList: true, subtree: true });
    down();
  }

  // The time to undo is over: so is its button.
  var undo = pick("[data-undo]");
  if (undo) { window.setTimeout(function () { undo.remove(); }, 10000); }
})();
