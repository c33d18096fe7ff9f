// The transcript: names and roles for Gradio's parts, one announcement for each answer, and where it scrolls to.

import { CITATION, announce, papers, target, words } from "./base.js";

const QUIET = 800; // milliseconds without a change after which an answer is taken as finished
export const transcript = () => document.getElementById("transcript");
export const questionBox = () => document.querySelector("#question textarea, #text textarea");

function nameParts(root) {
  root.querySelector(".placeholder-content")?.removeAttribute("role");
  root.querySelector(".examples")?.removeAttribute("role"); // a list of buttons without list items
  root.querySelectorAll(".example").forEach((example) => example.removeAttribute("aria-label"));
  root.querySelectorAll('[data-testid="bot"], [data-testid="user"]').forEach((message) => {
    const label = message.dataset.testid === "bot" ? words.answer : words.you;
    if (message.getAttribute("aria-label") === label) return;
    message.setAttribute("role", "group"); // Gradio's label is the message's source text
    message.setAttribute("aria-label", label);
  });
  root.querySelectorAll(`.bot ${CITATION}:not(.title, .quote, [aria-label])`).forEach((link) => {
    const paper = papers.get(target(link.getAttribute("href")).id);
    if (paper) link.setAttribute("aria-label", `${words.source} ${link.textContent}: ${paper.title}`);
  });
  const answers = root.querySelectorAll('[data-testid="bot"]');
  const refused = answers.length && answers[answers.length - 1].querySelector(".refusal");
  root.querySelectorAll(".options").forEach((chips) => {
    chips.setAttribute("role", "group");
    chips.setAttribute("aria-label", refused ? words.instead : words.next);
    chips.classList.toggle("instead", Boolean(refused));
  });
}

let announced = "";

function finished(root) {
  const answers = root.querySelectorAll('[data-testid="bot"] .md');
  const last = answers[answers.length - 1];
  if (!last || last.querySelector(".waiting")) return;
  const text = Array.from(last.children)
    .filter((part) => part.matches("p, ul, ol"))
    .map((part) => part.innerText)
    .join(" ");
  const key = `${answers.length} ${text}`;
  if (key !== announced) announce(text);
  announced = key;
}

// A new question goes to the top and stays there while its answer grows, until the reader scrolls.
let asked = 0;
let held = false;

function keepQuestionInView(log) {
  const questions = log.querySelectorAll(".user-row");
  if (questions.length > asked) held = true;
  asked = questions.length;
  if (held && asked) {
    log.scrollTop += questions[asked - 1].getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
  }
}

let quiet = 0;

function changed() {
  const root = transcript();
  const log = root?.querySelector('[role="log"]');
  if (!log) return;
  if (log.getAttribute("aria-live") !== "off") {
    log.setAttribute("aria-live", "off");
    log.setAttribute("aria-label", words.transcript);
    log.setAttribute("tabindex", "0"); // a region that scrolls must be reachable by keys
  }
  nameParts(root);
  keepQuestionInView(log);
  clearTimeout(quiet);
  quiet = setTimeout(() => finished(root), QUIET);
}

// Looks after the transcript from now on.
export function startTranscript() {
  const seen = new MutationObserver(() => changed());
  seen.observe(transcript(), { childList: true, subtree: true, characterData: true });
  changed();
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.closest?.("#transcript")) held = false;
    }, { passive: true });
  }
  // A chip or an example vanishes once it is pressed; the focus goes to the box instead of nowhere.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#transcript :is(.option, .example, .ask-again)")) return;
    if (matchMedia("(hover: hover)").matches) questionBox()?.focus();
  });
}
