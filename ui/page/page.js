// The start of the chat page and of the check page, once Gradio has drawn them.

import { announcer, button, copyAndTell, element, language, words } from "./base.js";
import "./brief.js";
import { cardIsOpen, hideCard, startCard } from "./card.js";
import { close, isOpen, sheetIsOpen, startEvidence } from "./evidence.js";
import { conversation, markdown, plainText } from "./formats.js";
import { startSorting } from "./sorting.js";
import { questionBox, startTranscript, transcript } from "./transcript.js";
import { allTurns, download, startTurns, turnOf } from "./turns.js";

document.documentElement.lang = language;
document.documentElement.style.setProperty("--next", JSON.stringify(words.next));
document.documentElement.style.setProperty("--instead", JSON.stringify(words.instead));

// --- what stands under an answer ---

const press = (id) => document.getElementById(id)?.click(); // Gradio's own button, out of sight
const tools = {
  "copy-answer": (pressed, turn) => turn && copyAndTell(pressed, plainText(turn)),
  "copy-markdown": (pressed, turn) => turn && copyAndTell(pressed, markdown(turn)),
  "copy-link": (pressed, turn) => {
    const address = new URL(location.pathname, location.href);
    if (turn) address.searchParams.set("q", turn.question);
    copyAndTell(pressed, address.href);
  },
  "ask-again": () => press("ask-again"),
  "edit-last": () => {
    press("edit-last");
    questionBox()?.focus();
  },
};

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("#transcript .tools button, #box-note .keep");
  if (!pressed) return;
  const tool = Object.keys(tools).find((name) => pressed.classList.contains(name));
  const id = /turn-([0-9a-f]{8})/.exec(pressed.closest(".tools")?.className ?? "")?.[1];
  if (tool) tools[tool](pressed, turnOf(id));
});

// --- the whole conversation, to take away ---

function startExport() {
  const menu = element("div", { id: "export-menu", popover: "auto", role: "group", "aria-label": words.export });
  const opener = element("button", { type: "button", id: "export", popovertarget: menu.id }, words.export);
  for (const ending of Object.keys(conversation)) {
    menu.append(button(words[`as_${ending}`], () => {
      download(conversation[ending](allTurns()), ending);
      menu.hidePopover();
      opener.focus();
    }));
  }
  menu.addEventListener("beforetoggle", () => {
    const at = opener.getBoundingClientRect();
    menu.style.bottom = `${innerHeight - at.top + 6}px`;
    menu.style.right = `${Math.max(12, innerWidth - at.right)}px`;
  });
  const show = () => { opener.hidden = !allTurns().length; };
  document.addEventListener("turns", show);
  show();
  document.getElementById("again").before(opener);
  document.querySelector("main").append(menu);
}

// --- keys ---

const isEditing = () => Boolean(document.querySelector("#box-note .keep"));

document.addEventListener("keydown", (event) => {
  if (event.key === "k" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    questionBox()?.focus();
  }
  if (event.key === "ArrowUp" && event.target === document.querySelector("#question textarea") && !event.target.value) {
    if (!isEditing() && document.querySelector("#transcript .edit-last")) press("edit-last");
  }
  if (event.key !== "Escape" || sheetIsOpen() || document.querySelector("#export-menu:popover-open")) return;
  if (cardIsOpen()) hideCard();
  else if (isOpen()) close();
  else if (isEditing()) press("edit-last"); // a second press takes it back
  else document.querySelector("#question .stop-button")?.click();
});

// --- start ---

function start() {
  document.body.append(announcer);
  startEvidence();
  startSorting();
  const box = questionBox();
  box.setAttribute("aria-describedby", "box-note");
  document.getElementById("box-note").setAttribute("role", "status");
  if (transcript()) {
    startTurns();
    startExport();
    startTranscript();
  }
  if (matchMedia("(hover: hover)").matches && !location.hash.startsWith("#p=")) box.focus();
  const page = document.querySelector(".masthead .pages strong")?.textContent;
  if (page && !transcript()) document.title = `${page} · ${document.title}`;
  startCard(); // last: tests and tools take it for the sign that the page is ready
}

const NEEDED = {
  chat: [".masthead .pages", "#box-note", "#evidence-column", "#question textarea", "#transcript", "#again", "#kept",
    "#earlier textarea", "#restore", "#ask-again", "#edit-last"],
  check: [".masthead .pages", "#box-note", "#evidence-column", "#text textarea", "#checked"],
};
const drawn = new MutationObserver(() => {
  const parts = document.getElementById("checked") ? NEEDED.check : NEEDED.chat;
  if (!parts.every((part) => document.querySelector(part))) return;
  drawn.disconnect();
  start();
});
drawn.observe(document.documentElement, { childList: true, subtree: true });
