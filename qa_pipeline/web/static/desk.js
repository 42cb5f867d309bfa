// What every page of the desk does: tell a failed request in words, close an open menu.
"use strict";

function tell(text) {
  const place = document.getElementById("told");
  const words = document.createElement("p");
  words.textContent = text;
  place.replaceChildren(words);
  window.clearTimeout(tell.timer);
  tell.timer = window.setTimeout(() => place.replaceChildren(), 8000);
}

// Made with each form, so that what is sent twice over a slow line is done once.
window.newId = () =>
  [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr;
  if (!answer.getResponseHeader("HX-Redirect")) tell(answer.responseText.slice(0, 300));
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) document.getElementById("told").replaceChildren();
});

document.addEventListener("htmx:sendError", () => tell(document.documentElement.lang.startsWith("zh")
  ? "网络中断，操作未保存，请重试" : "The connection failed and nothing was saved; try again"));

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
