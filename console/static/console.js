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
      var open = pick(".wh-reject[open], .wh-nav-more[open]");
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

  // The list above the bottom bar closes by a press beside it.
  document.addEventListener("click", function (event) {
    var more = pick(".wh-nav-more[open]");
    if (more && !event.target.closest(".wh-nav-more, .wh-rest")) { more.open = false; }
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

  // Words are looked at while they are typed. The answer is made by the server, escaped there.
  function ask(form, url, got) {
    var timer = 0;
    var turn = 0;
    return function () {
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        var mine = ++turn;
        var token = form.querySelector("[name=csrf_token]").value;
        window.fetch(url, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token } })
          .then(function (answer) { if (!answer.ok) { throw new Error(String(answer.status)); } return answer.json(); })
          .then(function (found) { if (mine === turn) { got(found); } })
          .catch(function () { if (mine === turn) { got(null); } });
      }, 400);
    };
  }

  // One message's channels in the queue; the form comes and goes with the list.
  document.addEventListener("input", function (event) {
    var form = event.target.closest("form[data-live-message]");
    if (!form) { return; }
    if (!form.looking) {
      form.looking = ask(form, form.dataset.liveMessage, function (found) {
        form.querySelectorAll("[data-live-channel]").forEach(function (box) {
          box.classList.remove("is-waiting");
          if (found) { box.innerHTML = found.channels[box.dataset.liveChannel] || ""; }
        });
      });
    }
    form.querySelectorAll("[data-live-channel]").forEach(function (box) { box.classList.add("is-waiting"); });
    form.looking();
  });

  document.addEventListener("click", function (event) {
    var find = event.target.closest("[data-find]");
    var box = find && document.getElementsByName(find.dataset.find)[0];
    if (box) { box.focus(); box.setSelectionRange(Number(find.dataset.start), Number(find.dataset.end)); }
  });

  function write(form) {
    var box = form.querySelector("textarea");
    var gutter = form.querySelector("[data-lines]");
    var said = form.querySelector("[data-said]");
    var list = form.querySelector("[data-faults]");
    var look = form.querySelector("[data-preview]");
    var english = root.lang === "en";
    var wrong = {};

    function number() {
      var lines = box.value.split("\n").length;
      while (gutter.childNodes.length > lines) { gutter.lastChild.remove(); }
      for (var at = gutter.childNodes.length + 1; at <= lines; at += 1) {
        var one = document.createElement("span");
        one.textContent = at;
        gutter.appendChild(one);
      }
      Array.prototype.forEach.call(gutter.childNodes, function (span, at) {
        span.classList.toggle("is-wrong", Boolean(wrong[at + 1]));
      });
      gutter.scrollTop = box.scrollTop;
    }

    function hold(on) {
      form.querySelectorAll("[data-save]").forEach(function (button) { button.disabled = on; });
    }

    function tell(found) {
      if (!found) {
        said.textContent = english ? "Could not be checked just now; saving checks it too." : "暂时检查不了，保存时会再检查。";
        return;
      }
      wrong = {};
      list.textContent = "";
      found.faults.forEach(function (fault) {
        var line = document.createElement("li");
        if (fault.line) {
          wrong[fault.line] = true;
          var go = document.createElement("button");
          go.type = "button";
          go.className = "wh-find";
          go.dataset.line = fault.line;
          go.dataset.column = fault.column || 1;
          go.textContent = english ? "line " + fault.line + ", column " + (fault.column || 1) : "第 " + fault.line + " 行第 " + (fault.column || 1) + " 列";
          line.appendChild(go);
          line.append(" ");
        }
        line.append(fault.sentence);
        list.appendChild(line);
      });
      list.hidden = !found.faults.length;
      said.textContent = found.said;
      said.classList.toggle("is-wrong", !found.is_sound);
      hold(!found.is_sound);
      look.innerHTML = found.html;
      number();
    }

    var check = ask(form, form.dataset.live, tell);
    form.addEventListener("input", function (event) { if (event.target === box) { number(); } check(); });
    box.addEventListener("scroll", function () { gutter.scrollTop = box.scrollTop; });
    form.addEventListener("click", function (event) {
      var go = event.target.closest("[data-line]");
      if (!go) { return; }
      var lines = box.value.split("\n");
      var start = lines.slice(0, go.dataset.line - 1).join("\n").length + (go.dataset.line > 1 ? 1 : 0) + Number(go.dataset.column) - 1;
      box.focus();
      box.setSelectionRange(start, start + Math.max(1, (lines[go.dataset.line - 1] || "").length - go.dataset.column + 1));
      box.scrollTop = Math.max(0, (go.dataset.line - 6) * parseFloat(window.getComputedStyle(box).lineHeight));
    });
    form.addEventListener("keydown", function (event) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
        event.preventDefault();
        var keep = form.querySelector("[data-save][value=save]");
        if (!keep.disabled) { form.requestSubmit(keep); }
      }
    });
    number();
    check();
  }

  var writing = pick("form[data-live]");
  if (writing) { write(writing); }

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
