// The page of a call: which flag is being decided on, the dialogue beside the sound, words to add, and keys.
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
    if (scroll) {
      show("flags");
      chosen.scrollIntoView({ block: "nearest", behavior: "auto" });
    }
    const mark = all(".mark").find((each) => each.dataset.key === key);
    if (mark && !narrow.matches) within(one(".talk"), mark.closest(".line"));
    if (listen && chosen.dataset.start) window.player.playFrom(chosen.dataset.start);
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
  }

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
    const opener = target.closest(".open-reasons");
    if (opener) {
      openReasons(opener.closest("article.flag"));
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

  function openReasons(flag) {
    if (!flag) return;
    const reasons = one(".reasons-to-reject", flag);
    if (!reasons) return;
    reasons.hidden = !reasons.hidden;
    one(".open-reasons", flag).setAttribute("aria-expanded", String(!reasons.hidden));
  }

  const partsAddress = () => `/parts/${one("#callhead").dataset.path}${location.search}`;

  // What the machine missed

  function selection() {
    const chosen = window.getSelection();
    if (!chosen.rangeCount || chosen.isCollapsed) return null;
    const range = chosen.getRangeAt(0);
    const from = range.startContainer.parentElement || range.startContainer;
    const said = from.closest && from.closest("[data-utterance]");
    if (!said) return null;
    const before = document.createRange();
    before.selectNodeContents(said);
    before.setEnd(range.startContainer, range.startOffset);
    const words = document.createRange();
    words.selectNodeContents(said);
    words.setStart(range.startContainer, range.startOffset);
    if (said.contains(range.endContainer)) words.setEnd(range.endContainer, range.endOffset);
    const start = [...before.toString()].length;
    const quote = words.toString();
    return quote.trim() ? { utterance: said.dataset.utterance, start, end: start + [...quote].length, quote } : null;
  }

  let words = null;
  document.addEventListener("selectionchange", () => {
    const offer = one("#offer-add");
    if (!offer || !page.querySelector(".decide, .comment")) return;
    const chosen = selection();
    if (chosen) words = chosen;
    offer.hidden = !chosen;
    if (!chosen) return;
    const box = window.getSelection().getRangeAt(0).getBoundingClientRect();
    offer.style.left = `${Math.min(Math.max(8, box.left), window.innerWidth - 170)}px`;
    offer.style.top = `${Math.min(box.bottom + 6, window.innerHeight - 48)}px`;
  });

  function flagWords() {
    const dialog = one("#addition");
    if (!dialog) return;
    let chosen = selection() || (one("#offer-add").hidden ? null : words);
    if (!chosen) {
      const said = one(".line.playing [data-utterance]");
      if (!said) return;
      chosen = { utterance: said.dataset.utterance, start: 0, end: [...said.textContent].length, quote: said.textContent };
    }
    const form = one("form", dialog);
    for (const name of ["utterance", "start", "end"]) form.elements[name].value = chosen[name];
    one("#addition-quote").textContent = chosen.quote;
    one(".problem", form).hidden = true;
    one("#offer-add").hidden = true;
    dialog.showModal();
    form.elements.category.focus();
  }

  const offer = one("#offer-add");
  if (offer) {
    offer.addEventListener("pointerdown", (event) => event.preventDefault());
    offer.addEventListener("click", flagWords);
    one("#addition [name=category]").addEventListener("change", (event) => {
      one("#addition [name=severity]").value = event.target.selectedOptions[0].dataset.severity;
    });
  }
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
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) return;
    const dialog = event.detail.elt.closest("dialog");
    if (dialog) {
      dialog.close();
      const form = one("form", dialog);
      form.reset();
      form.elements.id.value = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }
  });

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
    c: () => press(".confirm", flagOf(current)),
    x: () => openReasons(flagOf(current)),
    e: () => {
      const details = flagOf(current) && one("details.change", flagOf(current));
      if (!details) return;
      details.open = true;
      one("select", details).focus();
    },
    m: () => {
      const note = flagOf(current) && one("[name=note]", flagOf(current));
      if (note) note.focus();
    },
    a: flagWords,
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
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("DOMContentLoaded", () => {
    const first = flags().find((flag) => flag.hasAttribute("data-undecided")) || flags()[0];
    const asked = /^#flag-\d+$/.test(location.hash) && one(location.hash);
    if (asked || first) choose((asked || first).dataset.key, { scroll: false });
  });
})();
