"""The page of a campaign in a real browser: it sorts, it filters, and it runs no other script."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from browser import needs_browser, opened
from campaign_rows import MUST, matrix, row

from conformance.campaign.matrix_html import html_matrix

EVIL = "<script>document.body.dataset.evil = 'yes'</script><img src=x onerror=alert(1)>"
DRIVE = """
<!DOCTYPE html><title>waiting</title><body>
<iframe src="page.html" style="width:1200px;height:900px;border:0"></iframe>
<script>
onload = () => {
  const page = document.querySelector("iframe").contentDocument;
  const shown = () =>
    [...page.querySelectorAll("tbody tr:not([hidden])")].map((r) => r.dataset.name);
  const columns = () =>
    [...page.querySelectorAll("th.clause")].filter((h) => h.getClientRects().length).length;
  const form = page.querySelector("form");
  const tell = () => form.dispatchEvent(new Event("input"));
  const press = (key) => page.querySelector(`button[data-key=${key}]`).click();
  const told = [shown(), columns()];
  press("rank"); told.push(shown());
  press("name"); press("name"); told.push(shown());
  form.querySelector("[value=violates]").checked = true; tell(); told.push(shown());
  form.querySelector("[name=different]").checked = false; tell(); told.push(columns());
  form.querySelector("[name=clause]").value = "t6.status."; tell(); told.push(columns());
  form.querySelector("[name=clause]").value = "";
  form.querySelector("[name=broken]").checked = true; tell(); told.push(columns());
  told.push(page.body.dataset.evil ?? "inert");
  const links = (name) =>
    [...page.querySelectorAll(`tr[data-name=${name}] td a`)].map((a) => a.getAttribute("href"));
  told.push(links("c"), links("a"));
  form.querySelector("[name=broken]").checked = false;
  form.querySelector("[value=violates]").checked = false; tell();
  const stops = page.querySelectorAll("td a[tabindex='0']");
  const keys = ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowUp"];
  const where = () => {
    const cell = page.activeElement.closest("td");
    return [cell.parentElement.dataset.name, cell.cellIndex - stops[0].closest("td").cellIndex];
  };
  stops[0].focus();
  const path = [where()];
  const Key = page.defaultView.KeyboardEvent;
  for (const key of keys) {
    page.activeElement.dispatchEvent(new Key("keydown", { key, bubbles: true }));
    path.push(where());
  }
  told.push(stops.length, path);
  document.title = JSON.stringify(told);
};
</script>
"""


@needs_browser
def test_the_page_sorts_and_filters(tmp_path: Path) -> None:
    rows = [row("b"), row("c", {MUST: "failed"}, reason=EVIL), row("a", None, reason=EVIL)]
    subject = matrix(*rows)
    (tmp_path / "page.html").write_text("".join(html_matrix(subject)), encoding="utf-8")
    (tmp_path / "frame.html").write_text(DRIVE, encoding="utf-8")
    options = ("--allow-file-access-from-files", "--virtual-time-budget=5000")
    dom, _ = opened(tmp_path / "frame.html", *options)
    title = re.search(r"<title>(.*?)</title>", dom)
    assert title
    clauses = [clause.id for clause in subject.clauses]
    assert json.loads(html.unescape(title[1])) == [
        ["c", "a", "b"],
        1,
        ["c", "a", "b"],
        ["c", "b", "a"],
        ["c"],
        len(clauses),
        sum("T6.status." in name for name in clauses),
        1,
        "inert",
        [f"targets/c/report.html#{name}" for name in clauses],
        [],
        1,
        [["c", 0], ["c", 1], ["b", 1], ["b", 0], ["c", 0], ["c", 0]],
    ]
