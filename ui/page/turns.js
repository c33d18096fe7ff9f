// The conversation as the browser keeps it, for this tab alone: it outlives a reload and a restart of the server.

import { data, fill, words } from "./base.js";

const NAME = `profile-chat:${data.name}`;
let turns = read(NAME, []);

function read(name, nothing) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? nothing;
  } catch {
    return nothing;
  }
}

function write(name, value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false; // full, or storage is switched off: the conversation still lives in the page
  }
}

export const allTurns = () => turns;
export const turnOf = (id) => turns.find((turn) => turn.id === id);

// What the server says about the conversation: its turns in order, and the newest of them whole.
function take(text) {
  if (!text) return;
  const told = JSON.parse(text);
  const held = new Map(turns.map((turn) => [turn.id, turn]));
  for (const turn of told.turns) held.set(turn.id, turn);
  turns = told.ids.map((id) => held.get(id)).filter(Boolean);
  for (let first = 0; !write(NAME, turns.slice(first)) && first < turns.length; first += 10);
  document.dispatchEvent(new Event("turns"));
}

function fillIn(box, text) {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// Begins to keep what the server says, and gives back what was kept before.
export function startTurns() {
  const told = document.getElementById("kept");
  const seen = () => take(told.querySelector(".kept-turns")?.textContent);
  new MutationObserver(seen).observe(told, { childList: true, subtree: true, characterData: true });
  if (turns.length) {
    fillIn(document.querySelector("#earlier textarea"), JSON.stringify(turns));
    document.getElementById("restore").click();
  }
  keepDraft();
}

// A reload, which a lost connection ends in, must not take what was typed or asked and not answered.
function keepDraft() {
  const box = document.querySelector("#question textarea");
  const draft = read(`${NAME}:draft`, "");
  if (draft && !box.value && !new URLSearchParams(location.search).get("q")) fillIn(box, draft);
  sessionStorage.removeItem(`${NAME}:draft`);
  addEventListener("pagehide", () => {
    const unanswered = document.querySelector("#transcript .waiting") && lastQuestion();
    write(`${NAME}:draft`, box.value || unanswered || "");
  });
}

function lastQuestion() {
  const asked = document.querySelectorAll("#transcript .user.message");
  return asked.length ? asked[asked.length - 1].innerText.trim() : "";
}

export function download(text, ending) {
  const types = { md: "text/markdown", txt: "text/plain", json: "application/json" };
  const address = URL.createObjectURL(new Blob([text], { type: `${types[ending]};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${fill(words.file_name, { name: data.name })}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
