"use strict";
// Without this script the whole matrix is there all the same; it sorts, filters, and links the cells
// of clauses that were kept or not exercised: their links would be most of the file.
(() => {
  const form = document.querySelector(".filter");
  const body = document.querySelector("tbody");
  const rows = [...body.rows];
  const heads = [...document.querySelectorAll("thead th")];
  const clauses = heads.filter((head) => head.classList.contains("clause"));
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [sheet];
  const order = ["failed", "warning", "waived", "known", "inconclusive", "not-exercised", "passed", ""];
  const texts = new Map(rows.map((row) => [row, row.cells[0].textContent.toLowerCase()]));

  const link = (row) => {
    for (const head of clauses) {
      const cell = row.cells[head.cellIndex];
      if (!cell?.className || cell.firstElementChild) continue;
      const anchor = document.createElement("a");
      anchor.href = `targets/${row.dataset.name}/report.html#${head.textContent}`;
      anchor.append(...cell.childNodes);
      cell.append(anchor);
    }
  };

  // One sign of the matrix is reached by the Tab key; from there the arrow keys lead on.
  const isShown = (cell) => cell.getClientRects().length > 0;
  const links = (row) =>
    [...row.cells]
      .slice(1)
      .map((cell) => cell.querySelector("a"))
      .filter((link) => link && isShown(link));
  const enter = (link) => {
    for (const each of body.querySelectorAll("td a[tabindex='0']")) each.tabIndex = -1;
    if (link) link.tabIndex = 0;
    return link;
  };
  const first = () => {
    for (const row of body.rows) {
      const [link] = row.hidden ? [] : links(row);
      if (link) return link;
    }
    return null;
  };

  const filter = () => {
    const chosen = new FormData(form);
    const text = chosen.get("text").trim().toLowerCase();
    const clause = chosen.get("clause").trim().toLowerCase();
    const verdicts = chosen.getAll("verdict");
    let shown = 0;
    for (const row of rows) {
      const fits =
        (!verdicts.length || verdicts.includes(row.dataset.verdict)) &&
        (!text || texts.get(row).includes(text));
      row.hidden = !fits;
      shown += fits;
    }
    const hidden = clauses.filter(
      (head) =>
        (chosen.has("different") && "same" in head.dataset) ||
        (chosen.has("broken") && !("broken" in head.dataset)) ||
        (clause && !head.textContent.toLowerCase().includes(clause)),
    );
    const places = hidden.map((head) => `tr > :nth-child(${head.cellIndex + 1})`);
    sheet.replaceSync(places.length ? `${places.join(",")} { display: none }` : "");
    const columns = clauses.length - hidden.length;
    form.querySelector("output").textContent =
      `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} targets, ${columns} of ${clauses.length} clauses`;
    enter(first());
  };

  const valueOf = (row, head, key) => {
    if (key === "name") return row.dataset.name.toLowerCase();
    if (key) return Number(row.dataset[key]);
    return order.indexOf(row.cells[head.cellIndex]?.className ?? "");
  };
  const sort = (head) => {
    const key = head.querySelector("button").dataset.key;
    const worstFirst = ["must", "should", "most"].includes(key);
    const again = head.getAttribute("aria-sort");
    const up = again ? again !== "ascending" : !worstFirst;
    for (const each of heads) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const values = new Map(rows.map((row) => [row, valueOf(row, head, key)]));
    const sign = up ? 1 : -1;
    const sorted = [...rows].sort((one, other) => {
      const [a, b] = [values.get(one), values.get(other)];
      return a < b ? -sign : a > b ? sign : 0;
    });
    body.append(...sorted);
  };

  const move = (event) => {
    const cell = event.target.closest("td");
    if (!cell || !event.key.startsWith("Arrow")) return;
    const row = cell.parentElement;
    const inRow = links(row);
    const place = inRow.indexOf(event.target);
    let next = null;
    if (event.key === "ArrowRight") next = inRow[place + 1];
    if (event.key === "ArrowLeft") next = inRow[place - 1];
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    for (let other = step && row[step]; other && !next; other = other[step]) {
      const beside = other.hidden ? null : other.cells[cell.cellIndex]?.querySelector("a");
      next = beside && isShown(beside) ? beside : null;
    }
    if (!next) return;
    event.preventDefault();
    enter(next).focus();
  };

  for (const head of heads) head.addEventListener("click", () => sort(head));
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  body.addEventListener("keydown", move);
  rows.forEach(link);
  for (const each of body.querySelectorAll("td a")) each.tabIndex = -1;
  form.hidden = false;
  filter();
})();
