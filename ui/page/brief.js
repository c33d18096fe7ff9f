// The briefing page's own buttons: copy with references, and print.

import { copyAndTell } from "./base.js";

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.(".brief-copy, .brief-print");
  if (pressed?.matches(".brief-print")) print();
  else if (pressed) copyAndTell(pressed, pressed.parentElement.querySelector(".copy-text").textContent);
});
