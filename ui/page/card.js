// The card: what a citation says, on hover and on keyboard focus.

import { CITATION, authors, element, facts, papers, pieces, target } from "./base.js";

const OPENS = 150;
const CLOSES = 300;
const MARKER = `#transcript .bot ${CITATION}:not(.quote), #checked ${CITATION}.claim`;
const card = element("div", { id: "evidence-card", role: "tooltip", popover: "manual" });
let timer = 0;

const marker = (node) => node.closest?.(MARKER);
export const cardIsOpen = () => card.matches(":popover-open");

function show(link) {
  const place = target(link.getAttribute("href"));
  const paper = place && papers.get(place.id);
  if (!paper) return;
  const lit = pieces(paper.abstract, place.start, place.end)[1];
  card.replaceChildren(
    element("strong", {}, paper.title),
    element("span", { class: "meta" }, `${authors(paper)} · ${facts(paper)}`),
    ...(lit ? [element("q", { lang: "en" }, lit)] : []),
  );
  card.showPopover();
  link.setAttribute("aria-describedby", card.id);
  const at = link.getBoundingClientRect();
  const fits = at.bottom + 8 + card.offsetHeight < innerHeight;
  card.style.top = `${Math.max(8, fits ? at.bottom + 8 : at.top - card.offsetHeight - 8)}px`;
  card.style.left = `${Math.max(12, Math.min(at.left - 20, innerWidth - card.offsetWidth - 12))}px`;
}

export function hideCard() {
  clearTimeout(timer);
  if (cardIsOpen()) card.hidePopover();
}

function soon(action, wait) {
  clearTimeout(timer);
  timer = setTimeout(action, wait);
}

export function startCard() {
  (document.querySelector("main") ?? document.body).append(card); // within a landmark, for those who jump by them
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = marker(event.target);
    if (link) soon(() => show(link), OPENS);
    else if (card.contains(event.target)) clearTimeout(timer);
    else if (cardIsOpen()) soon(hideCard, CLOSES);
    else clearTimeout(timer);
  });
  document.addEventListener("focusin", (event) => {
    const link = marker(event.target);
    if (link?.matches(":focus-visible")) show(link);
    else hideCard();
  });
  document.addEventListener("scroll", hideCard, { capture: true, passive: true });
}
