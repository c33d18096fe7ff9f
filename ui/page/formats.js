// An answer, or a whole conversation, as text to take away: plain, Markdown or JSON, with its references.

import { papers, words } from "./base.js";

const escaped = (text) => text.replace(/[\\`*_[\]<>#|]/g, "\\$&");

function references(answer) {
  const first = new Map();
  for (const citation of answer.citations ?? []) if (!first.has(citation.n)) first.set(citation.n, citation);
  return [...first.values()].sort((one, other) => one.n - other.n);
}

function printedAuthors(paper) {
  return paper.authors.join(", ") + (paper.cut ? ` et al. [${words.authors_cut}]` : "");
}

function reference(citation, shown) {
  const paper = papers.get(citation.paper_id);
  const quote = citation.end > citation.start ? ` "${shown(citation.passage)}"` : "";
  if (!paper) return `${shown(citation.title)}.${quote}`;
  const date = paper.date ? ` (${shown(paper.date)})` : "";
  const address = paper.links.length ? ` ${paper.links[0]}` : "";
  return `${shown(printedAuthors(paper))}: ${shown(paper.title)}${date}.${quote}${address}`;
}

function withReferences(answer, text, heading, shown) {
  const listed = references(answer).map((citation) => `${citation.n}. ${reference(citation, shown)}`);
  return [text, ...(listed.length ? ["", heading, ...listed] : []), ...(answer.notices ?? []).map((one) => `\n${shown(one)}`)]
    .join("\n");
}

const same = (text) => text;

export function plainText(turn) {
  return withReferences(turn.answer, turn.answer.answer, `${words.references}:`, same);
}

// Markers stay as [1]; lines that are a list stay one.
export function markdown(turn) {
  const text = turn.answer.answer
    .split("\n")
    .map((line) => {
      const item = /^\s*[-*•]\s+/.exec(line);
      return (item ? "- " : "") + escaped(line.slice(item ? item[0].length : 0)).replace(/\\\[(\d{1,3})\\\]/g, "[$1]");
    })
    .join("\n");
  return withReferences(turn.answer, text, `**${words.references}**\n`, escaped);
}

const stopped = (turn) => (turn.stopped ? `\n\n(${words.was_stopped})` : "");

export const conversation = {
  md: (turns) => turns.map((turn) => `## ${escaped(turn.question)}\n\n${markdown(turn)}${stopped(turn)}\n`).join("\n"),
  txt: (turns) => turns.map((turn) => `> ${turn.question}\n\n${plainText(turn)}${stopped(turn)}\n`).join("\n\n"),
  json: (turns) => JSON.stringify(turns.map((turn) => turn.answer), null, 1),
};
