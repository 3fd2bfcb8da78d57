"use strict";
// Without this script all rows are there all the same; it filters them.
(() => {
  const form = document.querySelector(".filter");
  const rows = [...document.querySelectorAll("tbody tr")];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const filter = () => {
    const text = new FormData(form).get("text").trim().toLowerCase();
    for (const row of rows) row.hidden = !texts.get(row).includes(text);
    const shown = rows.filter((row) => !row.hidden).length;
    form.querySelector("output").textContent =
      `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} implementations`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
