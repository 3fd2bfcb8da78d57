"""The HTML page in a real browser: it loads nothing, runs nothing, and fits a narrow screen."""

from __future__ import annotations

import re
from pathlib import Path

from browser import needs_browser, opened
from docs_reports import CONTRACT, hostile, notes

from conformance.docs.html import html_reference
from conformance.docs.reference import Reference

MEASURE = """
<!DOCTYPE html><title>waiting</title><body>
<iframe src="page.html" style="width:400px;height:900px;border:0"></iframe>
<script>
onload = () => {
  const page = document.querySelector("iframe").contentDocument;
  const wide = [...page.querySelectorAll("main *")]
    .filter((one) => one.getBoundingClientRect().right > 400 && !one.closest("svg"))
    .map((one) => one.tagName + "." + one.className);
  const { scrollWidth, clientWidth } = page.documentElement;
  document.title = JSON.stringify([page.title, scrollWidth - clientWidth, wide.slice(0, 5)]);
};
</script>
"""
pytestmark = needs_browser


def test_a_hostile_report_loads_nothing_runs_nothing_and_fits(tmp_path: Path) -> None:
    page = html_reference(Reference(CONTRACT, notes(hostile(tmp_path))))
    assert "canary.invalid" in page
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "frame.html").write_text(MEASURE, encoding="utf-8")
    dom, network = opened(tmp_path / "frame.html", "--allow-file-access-from-files")
    found = re.search(r"<title>(.*?)</title>", dom)
    assert found is not None
    title = '"Execute a backup policy: Cloud Server Backup Service, executing a backup policy"'
    assert found[1] == f"[{title},0,[]]"
    assert "canary.invalid" not in network
