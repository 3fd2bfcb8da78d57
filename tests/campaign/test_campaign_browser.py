"""The page of a campaign in a real browser: it sorts, it filters, and it runs no other script."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from campaign_rows import MUST, matrix, row

from conformance.campaign.matrix_html import html_matrix

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
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
  told.push(page.body.dataset.evil ?? "inert");
  const links = (name) =>
    [...page.querySelectorAll(`tr[data-name=${name}] td a`)].map((a) => a.getAttribute("href"));
  told.push(links("c"), links("a"));
  document.title = JSON.stringify(told);
};
</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open the page with")
def test_the_page_sorts_and_filters(tmp_path: Path) -> None:
    rows = [row("b"), row("c", {MUST: "failed"}, reason=EVIL), row("a", None, reason=EVIL)]
    subject = matrix(*rows)
    (tmp_path / "page.html").write_text("".join(html_matrix(subject)), encoding="utf-8")
    (tmp_path / "frame.html").write_text(DRIVE, encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM),
            *QUIET.split(),
            "--allow-file-access-from-files",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=5000",
            "--dump-dom",
            f"file://{tmp_path / 'frame.html'}",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title
    clauses = [clause.id for clause in subject.clauses]
    assert json.loads(html.unescape(title[1])) == [
        ["b", "c", "a"],
        1,
        ["c", "a", "b"],
        ["c", "b", "a"],
        ["c"],
        len(clauses),
        sum("T6.status." in name for name in clauses),
        "inert",
        [f"targets/c/report.html#{name}" for name in clauses],
        [],
    ]
