// The profile page's filters: one value of each kind at a time, all together, kept in the address.

import { announcer, button, copyAndTell, data, fill } from "./base.js";
import { startCard } from "./card.js";
import { close, isOpen, sheetIsOpen, startEvidence } from "./evidence.js";
import { startSorting } from "./sorting.js";

const facets = JSON.parse(document.getElementById("facet-data").textContent);
const KINDS = ["category", "topic", "year", "code", "person"]; // in the order of the questions made of them
const byId = (id) => document.getElementById(id);
const marks = Array.from(document.querySelectorAll("[data-facet]"));
const rows = new Map(Array.from(document.querySelectorAll("tr[data-paper]"), (row) => [row.dataset.paper, row]));
const chosen = new Map();
let text = "";

const searchable = new Map(data.papers.map((paper) =>
  [paper.id, `${paper.title} ${paper.authors.join(" ")} ${paper.abstract}`.toLowerCase()]));

function has(id, without) {
  for (const [kind, value] of chosen) {
    if (kind !== without && !facets.papers[id][kind].includes(value)) return false;
  }
  return text.toLowerCase().split(/\s+/).every((word) => searchable.get(id).includes(word));
}

const label = (kind, value) => {
  if (kind === "topic") return facets.topics[Number(value)];
  if (kind === "code") return facets.words.code;
  return kind === "year" && value === facets.noYear ? facets.words.no_year : value;
};

function condition(kind, value) {
  if (kind === "year" && value === facets.noYear) return facets.words.no_year;
  return fill(facets.words[kind], { value });
}

// The question that the filters amount to; '' where they can't be said in one that is understood.
function question(shown) {
  if (!chosen.size || text || !shown.length) return "";
  if (chosen.has("topic")) {
    const asked = document.querySelectorAll("#panel-topics tbody tr")[Number(chosen.get("topic"))];
    return chosen.size === 1 ? asked?.querySelector(".ask")?.title ?? "" : "";
  }
  const said = KINDS.filter((kind) => chosen.has(kind)).map((kind) => condition(kind, chosen.get(kind)));
  return fill(facets.words.ask, { conditions: said.join(` ${facets.words.and} `) });
}

function update() {
  const shown = data.papers.filter((paper) => has(paper.id)).map((paper) => paper.id);
  for (const [id, row] of rows) row.hidden = !shown.includes(id);
  byId("no-papers").hidden = shown.length > 0;

  const counts = new Map(); // for each mark: papers with it that all the other filters leave
  for (const kind of KINDS) {
    for (const paper of data.papers) {
      if (!has(paper.id, kind)) continue;
      for (const value of facets.papers[paper.id][kind]) {
        const key = `${kind} ${value}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
  }
  for (const mark of marks) {
    const { facet, value } = mark.dataset;
    const count = counts.get(`${facet} ${value}`) ?? 0;
    const on = chosen.get(facet) === value;
    mark.classList.toggle("on", on);
    mark.classList.toggle("off", count === 0);
    if (mark.tagName !== "BUTTON") continue;
    mark.setAttribute("aria-pressed", String(on));
    mark.style.setProperty("--n", count);
    mark.querySelector(".count").textContent = count;
  }

  const filtered = chosen.size || text;
  const total = data.papers.length;
  byId("shown").textContent = filtered
    ? fill(facets.words.shown, { count: shown.length, total })
    : fill(facets.words.hint, { total });
  byId("chips").replaceChildren(...Array.from(chosen, ([kind, value]) => {
    const chip = button(`${label(kind, value)} ×`, () => toggle(kind, value));
    chip.setAttribute("aria-label", fill(facets.words.remove, { label: label(kind, value) }));
    return chip;
  }));
  byId("clear").hidden = !filtered;
  byId("with-code").checked = chosen.has("code");
  const asked = question(shown);
  byId("ask-these").hidden = !asked;
  byId("ask-these").href = `./?q=${encodeURIComponent(asked)}`;
  byId("ask-these").title = asked;
}

function remember() {
  const address = new URL(location.href);
  for (const kind of KINDS) address.searchParams.delete(kind);
  for (const [kind, value] of chosen) address.searchParams.set(kind, value);
  history.replaceState(history.state, "", address);
}

function toggle(kind, value) {
  if (chosen.get(kind) === value) chosen.delete(kind);
  else chosen.set(kind, value);
  remember();
  update();
}

function clear() {
  chosen.clear();
  text = byId("search").value = "";
  remember();
  update();
  byId("search").focus();
}

document.addEventListener("click", (event) => {
  const mark = event.target.closest?.("[data-facet]");
  if (mark) toggle(mark.dataset.facet, mark.dataset.value);
});
byId("with-code").addEventListener("change", () => toggle("code", "yes"));
byId("search").addEventListener("input", (event) => {
  text = event.target.value.trim();
  update();
});
byId("clear").addEventListener("click", clear);
byId("bibtex-these").addEventListener("click", (event) => {
  const entries = data.papers.filter((paper) => has(paper.id)).map((paper) => paper.bibtex);
  copyAndTell(event.currentTarget, entries.join("\n\n"));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !sheetIsOpen() && isOpen()) close();
});

document.body.append(announcer);
startEvidence();
startSorting();
for (const [kind, value] of new URLSearchParams(location.search)) {
  if (KINDS.includes(kind) && Object.values(facets.papers).some((paper) => paper[kind].includes(value))) {
    chosen.set(kind, value);
  }
}
update();
startCard(); // last: tests and tools take it for the sign that the page is ready
