// Tables of papers that sort by a column: a press on its head, once more for the other way round.

import { CITATION, announce, fill, papers, target, words } from "./base.js";

// Dates sort by what they mean; a paper without a year comes last either way.
function key(row, column, name) {
  const link = row.querySelector(CITATION);
  const paper = link && papers.get(target(link.getAttribute("href")).id);
  if (name === "date") return paper?.order ?? "";
  const text = row.cells[column].textContent.trim();
  return /^\d+$/.test(text) ? text.padStart(6, "0") : text;
}

function sort(pressed) {
  const head = pressed.closest("th");
  const table = head.closest("table");
  const body = table.tBodies[0];
  const down = head.getAttribute("aria-sort") === "ascending";
  const rows = Array.from(body.rows, (row) => [key(row, head.cellIndex, kind(pressed)), row]);
  rows.sort(([one], [other]) => {
    if (!one || !other) return one ? -1 : other ? 1 : 0;
    return one.localeCompare(other, document.documentElement.lang, { numeric: true }) * (down ? -1 : 1);
  });
  body.append(...rows.map(([, row]) => row));
  table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  announce(fill(down ? words.sorted_down : words.sorted_up, { column: pressed.textContent }));
}

const kind = (pressed) => (pressed.classList.contains("by-date") ? "date" : "text");

export function startSorting() {
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.("button.sort");
    if (pressed) sort(pressed);
  });
}
