// Moving cards by drag and by key, pages that keep themselves up to date, and small comforts. All else works without.
"use strict";

const LOOKS_EVERY_MS = 4000;
const QUIET_MS = 15000; // so long what somebody did themselves is not talked over
const parser = new DOMParser();
const main = document.getElementById("main");
const voice = document.getElementById("voice");
let received = main.innerHTML;
let dragged = null;

let saidAt = 0;
const say = (words) => { saidAt = Date.now(); voice.textContent = ""; setTimeout(() => { voice.textContent = words; }, 50); };
const columns = () => [...main.querySelectorAll(".column")];
const cardOf = (key) => main.querySelector(`[data-issue="${CSS.escape(key)}"]`);
const takes = (column, card) => card.dataset.targets.split(" ").includes(column.dataset.status);
const nameOf = (column) => column.querySelector("h2 .name").textContent;

// ---- a page in the place of the one that is shown: focus, scrolling and what was folded open stay

function swap(html) {
  const fresh = parser.parseFromString(html, "text/html");
  const inside = fresh.getElementById("main");
  if (!inside) return null;
  const focused = document.activeElement;
  const card = focused && focused.closest("[data-issue]");
  const again = focused && main.contains(focused) && (card ? `[data-issue="${card.dataset.issue}"] .summary` : focused.id && `#${CSS.escape(focused.id)}`);
  const opened = [...main.querySelectorAll("details[open] > summary")].map((one) => one.textContent.trim());
  const scrolled = [...main.querySelectorAll("[data-scrolls]")].map((one) => [one.dataset.scrolls, one.scrollTop, one.scrollLeft]);
  main.innerHTML = received = inside.innerHTML;
  document.title = fresh.title;
  prepare();
  for (const one of main.querySelectorAll("details > summary")) {
    if (opened.includes(one.textContent.trim())) one.parentElement.open = true;
  }
  for (const [name, top, left] of scrolled) {
    const part = main.querySelector(`[data-scrolls="${CSS.escape(name)}"]`);
    if (part) [part.scrollTop, part.scrollLeft] = [top, left];
  }
  if (again) main.querySelector(again)?.focus({ preventScroll: true });
  return inside;
}

function prepare() {
  for (const form of document.querySelectorAll("form[data-submit-on-change]")) form.classList.add("by-itself");
}

// ---- moving a card

async function move(card, column) {
  const [key, target, form] = [card.dataset.issue, nameOf(column), document.getElementById("drop")];
  form.elements.issue.value = key;
  form.elements.status.value = column.dataset.status;
  column.querySelector(".cards").prepend(card);
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (answer.redirected && new URL(answer.url).pathname.includes("/transition/")) {
    location.assign(answer.url);
    return;
  }
  swap(await answer.text());
  const problem = main.querySelector(".problem");
  say(problem ? problem.textContent : `${key} moved to ${target}.`);
  const link = cardOf(key)?.querySelector(".summary");
  link?.focus();
  link?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.(".card[draggable=true]");
  if (!card) return;
  dragged = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.issue);
  card.classList.add("dragged");
  for (const column of columns()) {
    if (!column.contains(card)) column.classList.add(takes(column, card) ? "opens" : "closed");
  }
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  for (const column of columns()) column.classList.remove("opens", "closed", "under");
});
document.addEventListener("dragover", (event) => {
  const column = event.target.closest?.(".column");
  for (const one of columns()) one.classList.toggle("under", one === column && dragged !== null && takes(one, dragged));
  if (column && dragged && takes(column, dragged)) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const column = event.target.closest?.(".column");
  if (!column || !dragged || !takes(column, dragged)) return;
  event.preventDefault();
  move(dragged, column);
});

// ---- cards by key: arrows go from card to card, Shift and an arrow moves one

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.(".card > .summary");
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!link || !step || event.altKey || event.ctrlKey || event.metaKey) return;
  const card = link.closest(".card");
  const isAcross = event.key === "ArrowLeft" || event.key === "ArrowRight";
  if (event.shiftKey && !isAcross) return;
  event.preventDefault();
  if (event.shiftKey) return moveAcross(card, step);
  const cards = [...card.parentElement.children];
  const next = isAcross ? beside(card, step) : cards[cards.indexOf(card) + step];
  next?.querySelector(".summary").focus();
});

function moveAcross(card, step) {
  const all = columns();
  const here = all.indexOf(card.closest(".column"));
  const ahead = step > 0 ? all.slice(here + 1) : all.slice(0, here).reverse();
  const column = ahead.find((one) => takes(one, card));
  if (column) move(card, column);
  else say(`${card.dataset.issue} cannot go further that way.`);
}

function beside(card, step) {
  const all = columns();
  const place = [...card.parentElement.children].indexOf(card);
  for (let at = all.indexOf(card.closest(".column")) + step; all[at]; at += step) {
    const cards = all[at].querySelectorAll(".card");
    if (cards.length) return cards[Math.min(place, cards.length - 1)];
  }
  return null;
}

// ---- what was folded open over a board is closed by Escape

document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest?.("details.create[open], details.move[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// ---- forms that need no button

document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-submit-on-change] select")) event.target.form.requestSubmit();
});

// ---- a page that others change is shown as it is now, unless somebody is in the middle of something

function isAtWork() {
  const busy = document.activeElement?.matches("input, textarea, select") || dragged || !getSelection().isCollapsed;
  const controls = [...main.querySelectorAll("input:not([type=hidden]), textarea, select")];
  const isFilledIn = controls.some((one) => one.type === "checkbox" ? one.checked !== one.defaultChecked
    : one.tagName === "SELECT" ? [...one.options].some((option) => option.selected !== option.defaultSelected && option.defaultSelected)
    : one.value !== one.defaultValue);
  return busy || isFilledIn || main.querySelector("details[open] form") !== null;
}

async function look() {
  if (document.visibilityState !== "visible" || isAtWork()) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected || isAtWork()) return;
  const html = await answer.text();
  const fresh = parser.parseFromString(html, "text/html").getElementById("main");
  if (!fresh || fresh.innerHTML === parser.parseFromString(`<main id="main">${received}</main>`, "text/html").getElementById("main").innerHTML) return;
  swap(html);
  if (Date.now() - saidAt > QUIET_MS) say("This page has changed and was brought up to date.");
}

if ("live" in main.dataset) setInterval(look, LOOKS_EVERY_MS);

// ---- a comment on words that were selected on a page

const offer = document.createElement("button");
offer.type = "button";
offer.className = "offer primary";
offer.textContent = "Comment";
offer.hidden = true;
document.body.append(offer);

document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  const body = main.querySelector(".wiki-page .storage");
  const words = selection.toString().trim();
  const isInside = words && body && main.querySelector(".about-words") && selection.rangeCount && body.contains(selection.getRangeAt(0).commonAncestorContainer);
  offer.hidden = !isInside;
  if (!isInside) return;
  const box = selection.getRangeAt(0).getBoundingClientRect();
  offer.style.left = `${box.left + scrollX}px`;
  offer.style.top = `${box.bottom + scrollY + 6}px`;
});
offer.addEventListener("mousedown", (event) => event.preventDefault());
offer.addEventListener("click", () => {
  const range = getSelection().getRangeAt(0);
  const words = getSelection().toString().trim();
  const before = document.createRange();
  before.setStart(main.querySelector(".wiki-page .storage"), 0);
  before.setEnd(range.startContainer, range.startOffset);
  const about = main.querySelector(".about-words");
  about.open = true;
  about.querySelector("[name=selection]").value = words;
  about.querySelector("[name=index]").value = before.toString().split(words).length - 1;
  about.querySelector("[name=body]").focus();
});

prepare();
