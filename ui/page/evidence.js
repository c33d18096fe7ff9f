// Evidence: the passage behind a citation, in a panel beside the text or in a sheet on narrow screens.

import {
  CITATION, authors, button, copyButton, data, element, facts, fill, narrow, papers, pieces, target, words,
} from "./base.js";
import { hideCard } from "./card.js";

const onChat = () => document.getElementById("transcript");
const onCheck = () => document.getElementById("checked"); // the check page has this in place of a transcript
let opener = null; // the link that opened what is shown
const sheet = element("dialog", { id: "evidence-sheet", class: "evidence", "aria-label": words.evidence });

export const isOpen = () => Boolean(opener || document.activeElement?.closest("#evidence-panel"));
export const sheetIsOpen = () => sheet.open;

function panel() {
  const made = document.getElementById("evidence-panel");
  if (made) return made;
  const column = document.getElementById("evidence-column");
  if (!column) return null;
  const fresh = element("aside", { id: "evidence-panel", class: "evidence", "aria-label": words.evidence });
  column.append(fresh);
  fresh.append(...paperList());
  return fresh;
}

function paperList() {
  const items = data.papers.map((paper) =>
    element("li", {},
      element("a", { href: `#p=${encodeURIComponent(paper.id)}` }, paper.title),
      element("span", { class: "meta" }, facts(paper))),
  );
  return [
    element("h2", { tabindex: "-1" }, `${words.all} (${data.papers.length})`),
    element("p", { class: "hint" }, onCheck() ? words.hint_check : onChat() ? words.hint : words.hint_list),
    element("ul", { class: "papers" }, ...items),
  ];
}

function passage(place, number) {
  const paper = papers.get(place.id);
  if (!paper) return [element("h2", { tabindex: "-1" }, words.unknown), actions("", null)];
  const [before, lit, after] = pieces(paper.abstract, place.start, place.end);
  const mark = lit ? element("mark", {}, lit) : null;
  const links = paper.links.map((link) =>
    element("li", {}, element("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, link)),
  );
  return [
    element("p", { class: "eyebrow" }, number ? element("span", { class: "n" }, number) : null,
      lit ? words.passage : words.evidence),
    element("h2", { tabindex: "-1" }, paper.title),
    element("p", { class: "authors" }, authors(paper)),
    element("p", { class: "meta" }, facts(paper)),
    element("p", { class: "abstract", lang: "en" }, before, mark, after, paper.abstract ? "" : words.no_abstract),
    links.length ? element("ul", { class: "links", "aria-label": words.links }, ...links) : null,
    actions(lit, paper),
  ].filter(Boolean);
}

function actions(quote, paper) {
  const row = element("div", { class: "actions" });
  if (quote) row.append(copyButton(words.copy_quote, () => quote));
  if (paper) row.append(copyButton("BibTeX", () => paper.bibtex));
  if (paper) row.append(askAbout(fill(words.about_paper, { title: paper.title })));
  if (opener) row.append(button(onCheck() ? words.back_check : onChat() ? words.back : words.back_page, close));
  row.append(button(words.all, () => open({ id: "" }, "")));
  return row;
}

// On the chat page the question goes into the box; from any other page a link opens it there.
function askAbout(question) {
  const box = document.querySelector("#question textarea");
  if (!box) return element("a", { class: "as-button", href: `./?q=${encodeURIComponent(question)}` }, words.ask_about);
  return button(words.ask_about, () => {
    if (sheet.open) sheet.close();
    box.value = question;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  });
}

// Shows a passage (or, without an id, the list) and moves the focus to it.
export function open(place, number) {
  hideCard();
  const host = (!narrow.matches && panel()) || sheet;
  host.replaceChildren(...(place.id ? passage(place, number) : paperList()));
  if (host === sheet) {
    sheet.prepend(element("div", { class: "actions top" }, button(words.close, close)));
    if (!sheet.open) sheet.showModal();
  }
  host.scrollTop = 0;
  const mark = host.querySelector("mark");
  if (mark) host.scrollTop = mark.offsetTop + mark.offsetHeight > host.clientHeight ? mark.offsetTop - 120 : 0;
  host.querySelector("h2").focus({ preventScroll: true });
}

// Ends what is shown and gives the focus back to the link that opened it.
export function close() {
  if (sheet.open) sheet.close();
  if (panel()) panel().replaceChildren(...paperList());
  if (location.hash.startsWith("#p=")) history.replaceState(history.state, "", location.pathname + location.search);
  const back = opener;
  point(null);
  const link = back && (back.link.isConnected ? back.link : document.querySelectorAll(CITATION)[back.index]);
  (link || document.querySelector("#question textarea, #text textarea"))?.focus();
}

// Remembers the opener and shows which link is open. An answer may be drawn anew meanwhile: its place is kept too.
function point(link) {
  document.querySelectorAll(`${CITATION}[aria-current]`).forEach((a) => a.removeAttribute("aria-current"));
  opener = link && { link, index: Array.from(document.querySelectorAll(CITATION)).indexOf(link) };
  link?.setAttribute("aria-current", "true");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(CITATION);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const inTranscript = onChat()?.contains(link);
  if (inTranscript || !link.closest(".evidence")) point(link); // marks of other pages are outside as well
  const hash = link.getAttribute("href");
  history.replaceState(history.state, "", hash);
  open(target(hash), inTranscript && /^\d+$/.test(link.textContent) ? link.textContent : "");
});

sheet.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});
sheet.addEventListener("click", (event) => {
  if (event.target === sheet && event.clientY < sheet.getBoundingClientRect().top) close();
});

// Puts the parts into the page, and opens what the address names.
export function startEvidence() {
  document.body.append(sheet);
  panel();
  const show = () => {
    const place = target(location.hash);
    if (place) open(place, "");
  };
  addEventListener("hashchange", show);
  show();
}
