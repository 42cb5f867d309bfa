// The player of a call: waveform of both channels, the flags as coloured regions, speed, and where it plays.
"use strict";

window.player = (() => {
  const LEAD_S = 2;
  const element = () => document.getElementById("player");
  let wave = null;
  let regions = null;
  let rate = 1;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  function clock(seconds) {
    const tenths = Math.floor(seconds * 10);
    const rest = tenths % 600;
    return `${Math.floor(tenths / 600)}:${String(Math.floor(rest / 10)).padStart(2, "0")}.${rest % 10}`;
  }

  function drawRegions() {
    if (!regions) return;
    regions.clearRegions();
    for (const flag of document.querySelectorAll("article.flag")) {
      if (flag.classList.contains("is-rejected")) continue;
      for (const place of flag.querySelectorAll("blockquote[data-start]")) {
        const start = Number(place.dataset.start) / 1000;
        const region = regions.addRegion({
          start,
          end: Math.max(Number(place.dataset.end) / 1000, start + 0.3),
          color: `color-mix(in srgb, ${colour(flag.dataset.severity)} 28%, transparent)`,
          drag: false,
          resize: false,
        });
        region.key = flag.dataset.key;
      }
    }
  }

  function playFrom(ms) {
    if (!wave || ms === undefined || ms === null || ms === "") return;
    wave.setTime(Math.max(0, Number(ms) / 1000 - LEAD_S));
    wave.play().catch(() => {});
  }

  function setRate(next) {
    const select = document.getElementById("speed");
    rate = Number(next);
    select.value = String(next);
    wave.setPlaybackRate(rate, true);
    localStorage.setItem("qa.speed", String(next));
  }

  function changeRate(step) {
    if (!wave) return;
    const rates = [...document.getElementById("speed").options].map((option) => option.value);
    const at = rates.indexOf(String(rate)) + step;
    if (rates[at]) setRate(rates[at]);
  }

  async function open() {
    const place = element();
    if (!place) return;
    const container = document.getElementById("wave");
    const answer = await fetch(place.dataset.peaks, { headers: { "HX-Request": "true" } });
    if (!answer.ok) {
      const told = document.createElement("p");
      told.className = "notice";
      told.id = "no-sound";
      told.textContent = await answer.text();
      container.replaceChildren(told);
      return;
    }
    const { duration_ms: duration, channels } = await answer.json();
    container.replaceChildren();
    const styles = [
      { waveColor: colour("agent"), progressColor: colour("accent"), height: 44 },
      { waveColor: colour("customer"), progressColor: colour("soft"), height: 44 },
    ];
    wave = window.WaveSurfer.create({
      container,
      url: place.dataset.audio,
      peaks: channels,
      duration: duration / 1000,
      height: channels.length > 1 ? 44 : 64,
      splitChannels: channels.length > 1 ? styles.slice(0, channels.length) : undefined,
      waveColor: colour("agent"),
      progressColor: colour("accent"),
      cursorColor: colour("ink"),
      cursorWidth: 1,
      barWidth: 2,
      barGap: 1,
      normalize: true,
      dragToSeek: true,
      cspNonce: document.getElementById("callpage").dataset.nonce,
    });
    regions = wave.registerPlugin(window.WaveSurfer.Regions.create());
    regions.on("region-clicked", (region, event) => {
      event.stopPropagation();
      document.dispatchEvent(new CustomEvent("flag:chosen", { detail: region.key }));
    });
    wave.on("ready", () => {
      for (const button of place.querySelectorAll("button[disabled]")) button.disabled = false;
      const kept = localStorage.getItem("qa.speed");
      if (kept && [...document.getElementById("speed").options].some((one) => one.value === kept)) setRate(kept);
      drawRegions();
      place.dataset.ready = "";
    });
    const showPlaying = () => {
      const button = document.getElementById("play");
      button.setAttribute("aria-pressed", String(wave.isPlaying()));
      place.toggleAttribute("data-playing", wave.isPlaying());
    };
    for (const name of ["play", "pause", "finish"]) wave.on(name, showPlaying);
    wave.on("timeupdate", (seconds) => {
      document.getElementById("now").value = clock(seconds);
      document.dispatchEvent(new CustomEvent("player:time", { detail: seconds * 1000 }));
    });
    wave.on("error", (error) => {
      if (error && error.name !== "AbortError") container.dataset.failed = "";
    });
    document.getElementById("play").addEventListener("click", () => wave.playPause());
    document.getElementById("back").addEventListener("click", () => wave.skip(-5));
    document.getElementById("on").addEventListener("click", () => wave.skip(5));
    document.getElementById("speed").addEventListener("change", (event) => setRate(event.target.value));
  }

  document.addEventListener("DOMContentLoaded", open);
  return {
    playFrom,
    changeRate,
    drawRegions,
    toggle: () => wave && wave.playPause(),
    skip: (seconds) => wave && wave.skip(seconds),
    nowMs: () => (wave ? wave.getCurrentTime() * 1000 : 0),
  };
})();
