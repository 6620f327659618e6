// Dragging cards, and forms that need no button. Everything works without this file.
"use strict";

for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  form.classList.add("by-itself");
  for (const select of form.querySelectorAll("select")) select.addEventListener("change", () => form.requestSubmit());
}

const drop = document.getElementById("drop");
const columns = [...document.querySelectorAll(".column")];
let dragged = null;

function mayTake(column) {
  return dragged !== null && dragged.dataset.targets.split(" ").includes(column.dataset.status);
}

for (const card of document.querySelectorAll(".card[draggable=true]")) {
  card.addEventListener("dragstart", (event) => {
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.issue);
    card.classList.add("dragged");
    for (const column of columns) {
      if (!column.contains(card)) column.classList.add(mayTake(column) ? "opens" : "closed");
    }
  });
  card.addEventListener("dragend", () => {
    dragged = null;
    card.classList.remove("dragged");
    for (const column of columns) column.classList.remove("opens", "closed", "under");
  });
}

for (const column of columns) {
  column.addEventListener("dragover", (event) => {
    if (!mayTake(column)) return;
    event.preventDefault();
    column.classList.add("under");
  });
  column.addEventListener("dragleave", (event) => {
    if (!column.contains(event.relatedTarget)) column.classList.remove("under");
  });
  column.addEventListener("drop", (event) => {
    if (!mayTake(column)) return;
    event.preventDefault();
    drop.elements.issue.value = dragged.dataset.issue;
    drop.elements.status.value = column.dataset.status;
    column.querySelector(".cards").prepend(dragged);
    drop.requestSubmit();
  });
}
