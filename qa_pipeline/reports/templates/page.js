"use strict";
(() => {
  const calls = [...document.querySelectorAll("details.call")];

  // Filters
  const search = document.getElementById("search");
  const severity = document.getElementById("severity");
  const status = document.getElementById("status");
  const none = document.getElementById("none");
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const call of calls) {
      const text = call.dataset.text.toLowerCase();
      call.hidden = !(
        words.every((word) => text.includes(word)) &&
        (!severity.value || call.dataset.severity.split(" ").includes(severity.value)) &&
        (!status.value || call.dataset.status === status.value)
      );
      shown += call.hidden ? 0 : 1;
    }
    none.hidden = shown > 0 || calls.length === 0;
  };
  if (search) {
    for (const control of [search, severity, status]) control.addEventListener("input", filter);
    const unfold = document.getElementById("unfold");
    const names = [unfold.textContent, unfold.dataset.fold];
    let open = false;
    unfold.addEventListener("click", () => {
      open = !open;
      for (const call of calls) call.open = open && !call.hidden;
      unfold.textContent = names[open ? 1 : 0];
    });
    if (calls.length) calls[0].open = true;
  }

  // An address inside a closed call opens it.
  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    const call = target && target.closest("details.call");
    if (call) {
      call.open = true;
      target.scrollIntoView({ block: "center" });
    }
  };
  addEventListener("hashchange", reveal);
  reveal();

  // A clip starts shortly before the words; one plays at a time.
  const players = [...document.querySelectorAll("audio")];
  for (const player of players) {
    if (!player.getAttribute("src")) {
      player.hidden = true;
      continue;
    }
    let started = false;
    player.addEventListener("loadedmetadata", () => {
      if (!started) player.currentTime = Number(player.dataset.start);
      started = true;
    });
    player.addEventListener("play", () => {
      for (const other of players) if (other !== player) other.pause();
    });
  }

  // On paper everything is open.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
  });
})();
