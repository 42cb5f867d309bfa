// What the machine missed: words selected in the dialogue, or the line that plays, become a flag.
"use strict";

window.addition = (() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const offer = () => one("#offer-add");
  let words = null;

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
    const within = document.createRange();
    within.selectNodeContents(said);
    within.setStart(range.startContainer, range.startOffset);
    if (said.contains(range.endContainer)) within.setEnd(range.endContainer, range.endOffset);
    const start = [...before.toString()].length;
    const quote = within.toString();
    return quote.trim() ? { utterance: said.dataset.utterance, start, end: start + [...quote].length, quote } : null;
  }

  function lineThatPlays() {
    const said = one(".line.playing [data-utterance]");
    return said && { utterance: said.dataset.utterance, start: 0, end: [...said.textContent].length, quote: said.textContent };
  }

  function open() {
    const dialog = one("#addition");
    if (!dialog) return;
    const chosen = selection() || (offer().hidden ? null : words) || lineThatPlays();
    if (!chosen) return;
    const form = one("form", dialog);
    for (const name of ["utterance", "start", "end"]) form.elements[name].value = chosen[name];
    one("#addition-quote").textContent = chosen.quote;
    one(".problem", form).hidden = true;
    offer().hidden = true;
    dialog.showModal();
    form.elements.category.focus();
  }

  document.addEventListener("selectionchange", () => {
    if (!offer() || !one("#finish")) return;
    const chosen = selection();
    if (chosen) words = chosen;
    offer().hidden = !chosen;
    if (!chosen) return;
    const box = window.getSelection().getRangeAt(0).getBoundingClientRect();
    offer().style.left = `${Math.min(Math.max(8, box.left), window.innerWidth - 170)}px`;
    offer().style.top = `${Math.min(box.bottom + 6, window.innerHeight - 48)}px`;
  });

  if (offer()) {
    offer().addEventListener("pointerdown", (event) => event.preventDefault());
    offer().addEventListener("click", open);
    one("#addition [name=category]").addEventListener("change", (event) => {
      one("#addition [name=severity]").value = event.target.selectedOptions[0].dataset.severity;
    });
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    const dialog = event.detail.successful && event.detail.elt.closest("#addition");
    if (!dialog) return;
    dialog.close();
    const form = one("form", dialog);
    form.reset();
    form.elements.id.value = window.newId();
  });

  return { open };
})();
