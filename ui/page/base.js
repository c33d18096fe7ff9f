// What every script of the page shares: the papers, the words, and small makers of elements.
// Text of papers and users is only ever inserted as text.

export const data = JSON.parse(document.getElementById("profile-data").textContent);
export const papers = new Map(data.papers.map((paper) => [paper.id, paper]));
const wanted = new URLSearchParams(location.search).get("lang") || navigator.language || "en";
export const language = wanted.toLowerCase().startsWith("de") ? "de" : "en";
export const words = data.strings[language];
export const narrow = matchMedia("(max-width: 767px)");
export const CITATION = 'a[href^="#p="]';

// Without control characters and marks that turn the reading direction, as the server shows text too.
const printable = (text) => text.replace(/[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  const shown = children.filter((child) => child !== null && child !== "");
  made.append(...shown.map((child) => (typeof child === "string" ? printable(child) : child)));
  return made;
}

export function button(text, action) {
  const made = element("button", { type: "button" }, text);
  made.addEventListener("click", action);
  return made;
}

// "{count} of {total}" with its places filled.
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

// '#p=<paper>&s=<start>-<end>' -> {id, start, end}; null for any other hash. '#p=' names no paper: the list.
export function target(hash) {
  if (!hash.startsWith("#p=")) return null;
  const fields = new URLSearchParams(hash.slice(1));
  const span = /^(\d+)-(\d+)$/.exec(fields.get("s") || "");
  return { id: fields.get("p"), start: span ? Number(span[1]) : 0, end: span ? Number(span[2]) : 0 };
}

// Offsets are counted in characters as Python counts them; JavaScript counts some characters as two.
export function pieces(text, start, end) {
  const characters = Array.from(text);
  if (!(end > start) || end > characters.length) return [text, "", ""];
  return [[0, start], [start, end], [end]].map(([from, to]) => characters.slice(from, to).join(""));
}

export function authors(paper) {
  return paper.authors.join(", ") + (paper.cut ? ` et al. (${words.authors_cut})` : "");
}

export function facts(paper) {
  const given = [paper.date || words.no_date, paper.category, paper.venue, paper.code ? words.has_code : ""];
  return given.filter(Boolean).join(" · ");
}

// --- screen readers are told in one place ---

export const announcer = element("div", { role: "status", class: "sr-only-page", id: "announcer" });

export function announce(text) {
  announcer.textContent = text;
}

// --- the clipboard ---

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

// Copies, and says so on the button itself for two seconds.
export async function copyAndTell(pressed, text) {
  if (pressed.dataset.telling) return;
  const label = pressed.textContent;
  pressed.dataset.telling = "yes";
  const done = await copy(text);
  pressed.textContent = done ? words.copied : words.copy_failed;
  announce(pressed.textContent);
  pressed.focus();
  setTimeout(() => {
    pressed.textContent = label;
    delete pressed.dataset.telling;
  }, 2000);
}

export function copyButton(text, content) {
  const made = button(text, () => copyAndTell(made, content()));
  return made;
}

// --- from page to page: in the same tab, in the language that was chosen; a conversation waits in the browser ---

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".masthead .pages a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const to = new URL(link.href);
  const chosen = new URLSearchParams(location.search).get("lang");
  if (chosen && !to.searchParams.has("lang")) to.searchParams.set("lang", chosen);
  location.assign(to);
});
