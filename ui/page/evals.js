// The evals page: which two runs are compared, and which of the cases are shown.

import { announcer, element } from "./base.js";

document.querySelectorAll("select[name]").forEach((select) => {
  select.addEventListener("change", () => {
    const address = new URL(location.href);
    document.querySelectorAll("select[name]").forEach((one) => address.searchParams.set(one.name, one.value));
    address.hash = "";
    location.assign(address);
  });
});

const filters = document.querySelectorAll("select[data-filter]");
const cards = document.querySelectorAll("article[data-kind]");

function show() {
  let left = 0;
  for (const card of cards) {
    card.hidden = Array.from(filters).some((one) => one.value && card.dataset[one.dataset.filter] !== one.value);
    if (!card.hidden) left += 1;
  }
  const told = document.getElementById("left");
  if (told) told.textContent = `${left} / ${cards.length}`;
}

filters.forEach((one) => one.addEventListener("change", show));
document.body.append(announcer);
show();

// A link to one case opens the section that it is in.
const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (named) {
  named.closest("details")?.setAttribute("open", "");
  named.scrollIntoView();
}
document.body.append(element("div", { id: "evidence-card", hidden: "" })); // tests take it for the sign of readiness
