// The checklist by keyboard: one line is current, and what is undecided comes first.
"use strict";

window.checklist = (() => {
  const KEYS = { c: "met", v: "partial", x: "missed", n: "not_applicable" };
  let current = null;
  let acted = false;

  const items = () => [...document.querySelectorAll("#checklist .item")];
  const named = (name) => items().find((item) => item.getAttribute("aria-label") === name);
  const isOpen = (item) => item.hasAttribute("data-undecided");

  function choose(item, { listen = false } = {}) {
    if (!item) return;
    current = item.getAttribute("aria-label");
    for (const each of items()) each.classList.toggle("current", each === item);
    item.scrollIntoView({ block: "nearest" });
    item.focus({ preventScroll: true });
    if (listen && item.dataset.start) window.player.playFrom(item.dataset.start);
  }

  // The current line, or what is undecided, or the first.
  const begin = () => choose(named(current) || items().find(isOpen) || items()[0]);

  function step(by) {
    const shown = items();
    const at = shown.indexOf(named(current));
    choose(shown[Math.min(shown.length - 1, Math.max(0, at + by))], { listen: true });
  }

  function reopen(item) {
    const settled = item && item.querySelector(".again");
    if (!settled) return;
    settled.closest(".outcome").hidden = true;
    item.querySelector(".outcomes").hidden = false;
  }

  function press(key) {
    const item = named(current);
    if (!item) return false;
    if (key === "e") {
      reopen(item);
      return true;
    }
    if (key === "r") {
      choose(item, { listen: true });
      return true;
    }
    const button = KEYS[key] && item.querySelector(`.outcomes:not([hidden]) button.${KEYS[key]}`);
    if (!button) return false;
    acted = true;
    button.click();
    return true;
  }

  document.addEventListener("click", (event) => {
    const item = event.target.closest("#checklist .item");
    if (!item) return;
    if (event.target.closest(".again")) reopen(item);
    current = item.getAttribute("aria-label");
    for (const each of items()) each.classList.toggle("current", each === item);
  });

  document.addEventListener("htmx:responseError", () => (acted = false));

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "checklist" || !current) return;
    const done = named(current);
    const next = acted && (items().slice(items().indexOf(done)).find(isOpen) || items().find(isOpen));
    if (acted) choose(next || done);
    else if (done) done.classList.add("current");
    acted = false;
  });

  return { begin, step, press, undecided: () => items().find(isOpen), choose };
})();
