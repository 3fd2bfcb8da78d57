"use strict";
// Without this script all is there and opens all the same; it copies, filters and opens what a link leads to.
(() => {
  const form = document.querySelector(".filter");
  const entries = [...document.querySelectorAll(".exchange")];
  const texts = new Map();
  const textOf = (entry) => {
    if (!texts.has(entry)) texts.set(entry, entry.textContent.toLowerCase());
    return texts.get(entry);
  };
  const filter = () => {
    const chosen = new FormData(form);
    const text = chosen.get("text").trim().toLowerCase();
    const answered = chosen.getAll("answered");
    let shown = 0;
    for (const entry of entries) {
      const fits =
        (!answered.length || answered.includes(entry.dataset.answered)) &&
        (!chosen.has("broke") || entry.classList.contains("broke")) &&
        (!text || textOf(entry).includes(text));
      entry.hidden = !fits;
      shown += fits;
    }
    form.querySelector("output").textContent = `${shown} of ${entries.length}`;
  };
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    target.hidden = false;
    for (let each = target; each; each = each.parentElement) {
      if (each instanceof HTMLDetailsElement) each.open = true;
    }
    target.scrollIntoView();
  };
  const copy = async (button) => {
    const command = button.closest(".again").querySelector("pre");
    getSelection().selectAllChildren(command);
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Selected: copy it";
    }
  };
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", openTarget);
  form.hidden = entries.length < 2;
  filter();
  openTarget();
})();
