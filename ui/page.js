// What the page does in the browser: opens the passage behind a citation, shows its card, copies, keeps the focus,
// and tells screen readers about a finished answer. Text of papers is only ever inserted as text.
(() => {
  "use strict";

  const data = JSON.parse(document.getElementById("profile-data").textContent);
  const papers = new Map(data.papers.map((paper) => [paper.id, paper]));
  const wanted = new URLSearchParams(location.search).get("lang") || navigator.language || "en";
  const language = wanted.toLowerCase().startsWith("de") ? "de" : "en";
  const words = data.strings[language];
  const narrow = matchMedia("(max-width: 767px)");
  const CITATION = 'a[href^="#p="]';
  const CARD_OPENS = 150;
  const CARD_CLOSES = 300;
  const QUIET = 800;

  document.documentElement.lang = language;

  // --- small helpers ---

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children.filter((child) => child !== null && child !== ""));
    return made;
  }

  function button(text, action) {
    const made = element("button", { type: "button" }, text);
    made.addEventListener("click", action);
    return made;
  }

  const transcript = () => document.getElementById("transcript");
  const checked = () => document.getElementById("checked"); // the check page has this in place of a transcript
  const questionBox = () => document.querySelector("#question textarea, #text textarea");

  // '#p=<paper>&s=<start>-<end>' -> {paper, start, end}; null for any other hash. '#p=' names no paper: the list.
  function target(hash) {
    if (!hash.startsWith("#p=")) return null;
    const fields = new URLSearchParams(hash.slice(1));
    const span = /^(\d+)-(\d+)$/.exec(fields.get("s") || "");
    return { id: fields.get("p"), start: span ? Number(span[1]) : 0, end: span ? Number(span[2]) : 0 };
  }

  // Offsets are counted in characters as Python counts them; JavaScript counts some characters as two.
  function pieces(text, start, end) {
    const characters = Array.from(text);
    if (!(end > start) || end > characters.length) return [text, "", ""];
    return [[0, start], [start, end], [end]].map(([from, to]) => characters.slice(from, to).join(""));
  }

  function authors(paper) {
    return paper.authors.join(", ") + (paper.cut ? ` et al. (${words.authors_cut})` : "");
  }

  function facts(paper) {
    const given = [paper.date || words.no_date, paper.category, paper.venue, paper.code ? words.has_code : ""];
    return given.filter(Boolean).join(" · ");
  }

  // --- evidence: the panel beside the text, a sheet on narrow screens ---

  let opener = null; // the link that opened what is shown
  const sheet = element("dialog", { id: "evidence-sheet", class: "evidence", "aria-label": words.evidence });

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
      element("p", { class: "hint" }, checked() ? words.hint_check : words.hint),
      element("ul", { class: "papers" }, ...items),
    ];
  }

  function passage(place, number) {
    const paper = papers.get(place.id);
    if (!paper) return [element("h2", { tabindex: "-1" }, words.unknown), backButtons("")];
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
      backButtons(lit),
    ].filter(Boolean);
  }

  function backButtons(quote) {
    const row = element("div", { class: "actions" });
    if (quote) row.append(copyButton(words.copy_quote, () => quote));
    if (opener) row.append(button(checked() ? words.back_check : words.back, close));
    row.append(button(words.all, () => open({ id: "" }, "")));
    return row;
  }

  // Shows a passage (or, without an id, the list) and moves the focus to it.
  function open(place, number) {
    hideCard();
    const host = narrow.matches ? sheet : panel();
    if (!host) return;
    const content = place.id ? passage(place, number) : paperList();
    host.replaceChildren(...content);
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
  function close() {
    if (sheet.open) sheet.close();
    if (panel()) panel().replaceChildren(...paperList());
    if (location.hash.startsWith("#p=")) history.replaceState(history.state, "", location.pathname + location.search);
    const back = opener;
    point(null);
    const link = back && (back.link.isConnected ? back.link : document.querySelectorAll(CITATION)[back.index]);
    (link || questionBox())?.focus();
  }

  // Remembers the opener and shows which link is open. An answer may be drawn anew meanwhile: its place is kept too.
  function point(link) {
    document.querySelectorAll(`:is(#transcript, #checked) ${CITATION}[aria-current]`).forEach((a) => a.removeAttribute("aria-current"));
    opener = link && { link, index: Array.from(document.querySelectorAll(CITATION)).indexOf(link) };
    link?.setAttribute("aria-current", "true");
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(CITATION);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const inTranscript = transcript()?.contains(link);
    if (inTranscript || !link.closest(".evidence")) point(link); // the check page's marks are outside as well
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
  addEventListener("hashchange", () => {
    const place = target(location.hash);
    if (place) open(place, "");
  });

  // --- card: what a citation says, on hover and on focus ---

  const card = element("div", { id: "evidence-card", role: "tooltip", popover: "manual" });
  let cardTimer = 0;

  function showCard(link) {
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

  function hideCard() {
    clearTimeout(cardTimer);
    if (card.matches(":popover-open")) card.hidePopover();
  }

  function soon(action, wait) {
    clearTimeout(cardTimer);
    cardTimer = setTimeout(action, wait);
  }

  const marker = (node) => node.closest?.(`#transcript .bot ${CITATION}:not(.quote), #checked ${CITATION}.claim`);
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = marker(event.target);
    if (link) soon(() => showCard(link), CARD_OPENS);
    else if (card.contains(event.target)) clearTimeout(cardTimer);
    else if (card.matches(":popover-open")) soon(hideCard, CARD_CLOSES);
    else clearTimeout(cardTimer);
  });
  document.addEventListener("focusin", (event) => {
    const link = marker(event.target);
    if (link?.matches(":focus-visible")) showCard(link);
    else hideCard();
  });
  document.addEventListener("scroll", hideCard, { capture: true, passive: true });

  // --- keys ---

  document.addEventListener("keydown", (event) => {
    if (event.key === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      questionBox()?.focus();
    }
    if (event.key !== "Escape" || sheet.open) return;
    if (card.matches(":popover-open")) hideCard();
    else if (opener || document.activeElement?.closest("#evidence-panel")) close();
    else document.querySelector("#question .stop-button")?.click();
  });

  // --- copying ---

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Only pages on https or on this machine may use the clipboard; elsewhere the old way may still work.
      const holder = element("textarea", { class: "sr-only-page" });
      holder.value = text;
      document.body.append(holder);
      holder.select();
      const done = document.execCommand("copy");
      holder.remove();
      return done;
    }
  }

  async function copyAndTell(pressed, text) {
    const label = pressed.textContent;
    const done = await copy(text);
    pressed.textContent = done ? words.copied : words.copy_failed;
    announce(pressed.textContent);
    pressed.focus();
    setTimeout(() => { pressed.textContent = label; }, 2000);
  }

  function copyButton(text, content) {
    const made = button(text, () => copyAndTell(made, content()));
    return made;
  }

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.("#transcript .copy-answer");
    if (pressed && [words.copied, words.copy_failed].includes(pressed.textContent)) return;
    if (pressed) copyAndTell(pressed, pressed.parentElement.querySelector(".copy-text").textContent);
  });

  // --- screen readers: one announcement for a finished answer instead of one for each change ---

  const announcer = element("div", { role: "status", class: "sr-only-page", id: "announcer" });
  let quiet = 0;
  let announced = "";

  function announce(text) {
    announcer.textContent = text;
  }

  // Mends the names and roles that Gradio gives its parts.
  function nameParts(root) {
    root.querySelector(".placeholder-content")?.removeAttribute("role");
    root.querySelector(".examples")?.removeAttribute("role"); // a list of buttons without list items
    root.querySelectorAll(".example").forEach((example) => example.removeAttribute("aria-label"));
    root.querySelectorAll('[data-testid="bot"], [data-testid="user"]').forEach((message) => {
      message.setAttribute("role", "group"); // Gradio's label is the message's source text
      message.setAttribute("aria-label", message.dataset.testid === "bot" ? words.answer : words.you);
    });
    root.querySelectorAll(`.bot ${CITATION}:not(.title, .quote)`).forEach((link) => {
      const paper = papers.get(target(link.getAttribute("href")).id);
      if (paper) link.setAttribute("aria-label", `${words.source} ${link.textContent}: ${paper.title}`);
    });
  }

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

  // A chip or an example vanishes once it is pressed; the focus goes to the box instead of nowhere.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#transcript .option, #transcript .example")) return;
    if (matchMedia("(hover: hover)").matches) questionBox()?.focus();
  });

  // --- scrolling: a new question goes to the top and stays there while its answer grows ---

  let asked = 0;
  let held = false; // until the reader scrolls

  function keepQuestionInView(log) {
    const questions = log.querySelectorAll(".user-row");
    if (questions.length > asked) held = true;
    asked = questions.length;
    if (held && asked) log.scrollTop += questions[asked - 1].getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
  }

  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    document.addEventListener(kind, (event) => {
      if (event.target.closest?.("#transcript")) held = false;
    }, { passive: true });
  }

  // --- start: once Gradio has drawn the page ---

  function start() {
    document.body.append(sheet, card, announcer);
    panel();
    const box = questionBox();
    box.setAttribute("aria-describedby", "box-note");
    document.getElementById("box-note").setAttribute("role", "status");
    if (matchMedia("(hover: hover)").matches) box.focus();
    if (transcript()) {
      new MutationObserver(changed).observe(transcript(), { childList: true, subtree: true, characterData: true });
      changed();
    }
    const place = target(location.hash);
    if (place) open(place, "");
  }

  const drawn = new MutationObserver(() => {
    const parts = ["box-note", "evidence-column"].map((id) => document.getElementById(id));
    if (!parts.every(Boolean) || !(transcript() || checked()) || !questionBox()) return;
    drawn.disconnect();
    start();
  });
  drawn.observe(document.documentElement, { childList: true, subtree: true });
})();
