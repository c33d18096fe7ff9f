// The briefing page's own buttons: copy with references, and print. page.js does the rest.
"use strict";

(() => {
  const words = JSON.parse(document.getElementById("profile-data").textContent).strings;
  const said = () => words[document.documentElement.lang === "de" ? "de" : "en"];

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Only pages on https or on this machine may use the clipboard; elsewhere the old way may still work.
      const holder = document.createElement("textarea");
      holder.value = text;
      holder.className = "sr-only-page";
      document.body.append(holder);
      holder.select();
      const done = document.execCommand("copy");
      holder.remove();
      return done;
    }
  }

  document.addEventListener("click", async (event) => {
    const pressed = event.target.closest?.(".brief-copy, .brief-print");
    if (!pressed) return;
    if (pressed.matches(".brief-print")) {
      print();
      return;
    }
    const told = [said().copied, said().copy_failed];
    if (told.includes(pressed.textContent)) return;
    const label = pressed.textContent;
    const done = await copy(pressed.parentElement.querySelector(".copy-text").textContent);
    pressed.textContent = told[done ? 0 : 1];
    const announcer = document.getElementById("announcer");
    if (announcer) announcer.textContent = pressed.textContent;
    setTimeout(() => { pressed.textContent = label; }, 2000);
  });
})();
