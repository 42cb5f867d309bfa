// The page of a call: which flag is being decided on, the dialogue beside the sound, requests and keys.
"use strict";

(() => {
  const page = document.getElementById("callpage");
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const narrow = window.matchMedia("(max-width: 900px)");
  let current = null;
  let acted = null;

  // Flags

  const flags = () => all("article.flag");
  const flagOf = (key) => flags().find((flag) => flag.dataset.key === key);

  function choose(key, { listen = false, scroll = true } = {}) {
    const chosen = flagOf(key);
    if (!chosen) return;
    current = key;
    for (const flag of flags()) flag.classList.toggle("current", flag === chosen);
    for (const mark of all(".mark")) mark.classList.toggle("current", mark.dataset.key === key);
    if (chosen.hasAttribute("data-undecided")) offerDecision(chosen);
    if (scroll) {
      show("flags");
      chosen.scrollIntoView({ block: "nearest", behavior: "auto" });
    }
    const mark = all(".mark").find((each) => each.dataset.key === key);
    if (mark && !narrow.matches) within(one(".talk"), mark.closest(".line"));
    if (listen && chosen.dataset.start) window.player.playFrom(chosen.dataset.start);
  }

  // One form stands in the page; a flag gets its own copy when somebody comes to it.
  function offerDecision(flag) {
    const form = one("form.decide", flag);
    if (form || !one("#decision")) return form;
    const made = one("#decision").content.firstElementChild.cloneNode(true);
    made.elements.id.value = window.newId();
    made.elements.seen.value = one("#callhead").dataset.seen;
    made.elements.target.value = flag.dataset.key;
    made.elements.category.value = flag.dataset.category;
    made.elements.severity.value = flag.dataset.stands;
    one(".deciding", flag).hidden = true;
    one(".detail", flag).append(made);
    window.htmx.process(made);
    return made;
  }

  function step(by) {
    const shown = flags();
    if (!shown.length) return;
    const at = shown.findIndex((flag) => flag.dataset.key === current);
    const next = shown[Math.min(shown.length - 1, Math.max(0, at + by))];
    choose(next.dataset.key, { listen: true });
    next.focus({ preventScroll: true });
  }

  function goOn() {
    const shown = flags();
    const at = shown.findIndex((flag) => flag.dataset.key === acted);
    const open = (flag) => flag.hasAttribute("data-undecided");
    const next = shown.slice(at + 1).find(open) || shown.find(open);
    const chain = one("#chain");
    if (next) {
      choose(next.dataset.key, { listen: Boolean(chain && chain.checked) });
      next.focus({ preventScroll: true });
    } else if (window.checklist.undecided()) {
      lead();
    } else {
      choose(acted, { scroll: false });
      const finish = one("#finish button");
      if (finish) finish.focus({ preventScroll: true });
    }
    acted = null;
  }

  // Tabs

  const tabs = () => all('[role="tab"]');

  function show(name) {
    for (const tab of tabs()) {
      const chosen = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      one(`#${tab.getAttribute("aria-controls")}`).hidden = !chosen;
    }
    if (name === "checklist") window.checklist.begin();
  }

  const shown = () => one('[role="tab"][aria-selected="true"]').id.slice(4);

  // Dialogue

  function within(pane, line) {
    if (!pane || !line) return;
    const top = line.offsetTop; // the pane is what it is positioned in
    if (top < pane.scrollTop + 40 || top + line.offsetHeight > pane.scrollTop + pane.clientHeight - 40) {
      pane.scrollTo({ top: top - pane.clientHeight / 3, behavior: "auto" });
    }
  }

  document.addEventListener("player:time", (event) => {
    const lines = all(".line[data-start]");
    const now = event.detail;
    const playing = lines.filter((line) => Number(line.dataset.start) <= now && now < Number(line.dataset.end) + 400);
    for (const line of lines) line.classList.toggle("playing", playing.includes(line));
    if (playing.length && one("#follow").checked && one("#player").hasAttribute("data-playing") && !narrow.matches) {
      within(one(".talk"), playing[playing.length - 1]);
    }
  });

  document.addEventListener("flag:chosen", (event) => choose(event.detail, { listen: true }));

  page.addEventListener("click", (event) => {
    const target = event.target;
    const mark = target.closest(".mark");
    if (mark) {
      event.preventDefault();
      choose(mark.dataset.key, { listen: true });
      return;
    }
    const listen = target.closest(".listen, .at");
    if (listen) {
      window.player.playFrom(listen.closest("[data-start]").dataset.start);
      if (event.detail) listen.blur(); // clicked by mouse: the space bar then pauses instead of clicking again
      return;
    }
    const tab = target.closest('[role="tab"]');
    if (tab) {
      show(tab.id.slice(4));
      return;
    }
    const again = target.closest("article.flag .again");
    if (again) {
      choose(again.closest("article.flag").dataset.key);
      offerDecision(again.closest("article.flag"));
      return;
    }
    const opener = target.closest(".open-reasons");
    if (opener) {
      openReasons(opener.closest("form"));
      return;
    }
    if (target.closest("#open-keys")) one("#keys").showModal();
    const show_changes = target.closest(".look-again");
    if (show_changes) window.htmx.ajax("GET", partsAddress(), { swap: "none" });
    const line = target.closest(".line[data-start]");
    if (line && window.getSelection().isCollapsed) window.player.playFrom(line.dataset.start);
    const flag = target.closest("article.flag");
    if (flag && flag.dataset.key !== current && !target.closest("button, a, input, select, summary, label")) {
      choose(flag.dataset.key, { listen: true });
    }
  });

  function openReasons(form) {
    const reasons = one(".reasons-to-reject", form);
    reasons.hidden = !reasons.hidden;
    one(".open-reasons", form).setAttribute("aria-expanded", String(!reasons.hidden));
  }

  const partsAddress = () => `/parts/${one("#callhead").dataset.path}${location.search}`;

  for (const button of all("dialog .close")) button.addEventListener("click", () => button.closest("dialog").close());

  // Requests

  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.elt.closest("article.flag form.decide");
    if (form) acted = form.closest("article.flag").dataset.key;
  });

  document.addEventListener("htmx:responseError", (event) => {
    const answer = event.detail.xhr;
    acted = null;
    const form = event.detail.elt.closest("form");
    const place = form && (one(".problem", form) || one(".problem", form.closest("#callhead, .checklist, .scoring") || form));
    if (!place || answer.getResponseHeader("HX-Redirect")) return;
    place.textContent = answer.responseText.slice(0, 300);
    place.hidden = false;
    if (answer.getResponseHeader("X-Error-Code") === "review_conflict") {
      const look = document.createElement("button");
      look.type = "button";
      look.className = "look-again";
      look.textContent = page.dataset.look;
      place.append(" ", look);
    }
    place.scrollIntoView({ block: "nearest" });
    if (answer.getResponseHeader("X-Error-Code") === "review_unfinished") lead();
  });

  // To what is left: flags first, then the checklist.
  function lead() {
    const flag = flags().find((each) => each.hasAttribute("data-undecided"));
    if (flag) {
      choose(flag.dataset.key);
    } else if (window.checklist.undecided()) {
      show("checklist");
      window.checklist.choose(window.checklist.undecided());
    }
  }

  // Not before htmx has settled: until then it gives new elements the classes of those they replace.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "flags") return;
    window.player.drawRegions();
    if (acted) goOn();
    else if (current) choose(current, { scroll: false });
  });

  // Keys

  const keysOn = one("#keys-on");
  keysOn.checked = localStorage.getItem("qa.keys") !== "off";
  keysOn.addEventListener("change", () => localStorage.setItem("qa.keys", keysOn.checked ? "on" : "off"));

  const press = (selector, root = document) => {
    const button = root && one(selector, root);
    if (button) button.click();
  };

  // With the form of the current flag; one that is settled shows its form first.
  function deciding(act) {
    const flag = flagOf(current);
    const form = flag && one("form.decide", flag);
    if (form) act(form);
    else if (flag) offerDecision(flag);
  }

  const KEYS = {
    " ": () => window.player.toggle(),
    ArrowLeft: () => window.player.skip(-5),
    ArrowRight: () => window.player.skip(5),
    "-": () => window.player.changeRate(-1),
    "+": () => window.player.changeRate(1),
    "=": () => window.player.changeRate(1),
    j: () => step(1),
    k: () => step(-1),
    r: () => choose(current, { listen: true }),
    c: () => deciding((form) => press(".confirm", form)),
    x: () => deciding((form) => openReasons(form)),
    e: () => deciding((form) => {
      one("details.change", form).open = true;
      one("select", form).focus();
    }),
    m: () => deciding((form) => one("[name=note]", form).focus()),
    a: window.addition.open,
    s: () => {
      if (!one("#swap")) return;
      show("score");
      press("#swap button");
    },
    z: () => press("#undo button"),
    f: () => press("#finish button"),
    "?": () => one("#keys").showModal(),
    "？": () => one("#keys").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    const typing = target.closest("input:not([type=checkbox]), select, textarea");
    if (event.key === "Escape" && typing && !target.closest("dialog")) target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing || target.closest("dialog")) return;
    const tab = target.closest('[role="tab"]');
    if (tab && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      const shown = tabs();
      const next = shown[(shown.indexOf(tab) + (event.key === "ArrowRight" ? 1 : shown.length - 1)) % shown.length];
      show(next.id.slice(4));
      next.focus();
      event.preventDefault();
      return;
    }
    if ((event.key === " " || event.key === "Enter") && target.closest("button, a, summary, input")) return;
    if (!keysOn.checked && event.key !== "?") return;
    if (/^[0-9]$/.test(event.key)) {
      const reasons = flagOf(current) && one(".reasons-to-reject:not([hidden])", flagOf(current));
      if (reasons) {
        const buttons = all("button", reasons);
        const chosen = buttons[(Number(event.key) + 9) % 10];
        if (chosen) chosen.click();
      } else if (tabs()[Number(event.key) - 1]) {
        show(tabs()[Number(event.key) - 1].id.slice(4));
      }
      event.preventDefault();
      return;
    }
    if (shown() === "checklist" && ["j", "k"].includes(event.key.toLowerCase())) {
      window.checklist.step(event.key.toLowerCase() === "j" ? 1 : -1);
      event.preventDefault();
      return;
    }
    if (shown() === "checklist" && window.checklist.press(event.key.toLowerCase())) {
      event.preventDefault();
      return;
    }
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("DOMContentLoaded", () => {
    const first = flags().find((flag) => flag.hasAttribute("data-undecided")) || flags()[0];
    const asked = /^#flag-\d+$/.test(location.hash) && one(location.hash);
    if (asked || first) choose((asked || first).dataset.key, { scroll: false });
    if (!first && window.checklist.undecided()) show("checklist");
    const said = all("[data-utterance]").find((each) => `#${each.dataset.utterance}` === location.hash);
    if (said) {
      said.closest(".line").classList.add("found");
      within(one(".talk"), said.closest(".line"));
    }
  });
})();
