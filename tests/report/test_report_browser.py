"""The page in a real browser: it loads nothing, runs nothing foreign, and its filter works."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from browser import needs_browser, opened
from report_runs import violating
from report_strategies import CANARY, HOSTILE

from conformance.report.html import html_report
from conformance.report.model import Report

pytestmark = needs_browser


def opened_page(page: str, directory: Path) -> tuple[str, str]:
    """The page as it stands after its scripts ran, and the log of the browser's network."""
    path = directory / "page.html"
    path.write_text(page, encoding="utf-8")
    return opened(path)


def hostile() -> Report:
    report = violating()
    text = "".join(HOSTILE)
    clauses = tuple(
        replace(
            verdict,
            reason=text,
            evidence=tuple(replace(f, expected=text, received=text) for f in verdict.evidence),
        )
        for verdict in report.judgement.clauses
    )
    judgement = replace(report.judgement, reason=text, clauses=clauses, executions=(text,))
    return replace(report, judgement=judgement, warnings=(text,))


def test_nothing_is_loaded_and_nothing_foreign_runs(tmp_path: Path) -> None:
    page = html_report(hostile())
    assert CANARY in page
    dom, network = opened_page(page, tmp_path)
    assert "canary.invalid" not in network
    assert dom.count("<script") == page.count("<script") == 1
    assert dom.count("<h1") == 1


def test_the_network_log_would_show_a_request(tmp_path: Path) -> None:
    _, network = opened_page(f"<img src='{CANARY}'>", tmp_path)
    assert "canary.invalid" in network


def test_the_policy_stops_what_is_not_ours(tmp_path: Path) -> None:
    foreign = f"<img src='{CANARY}'><script>document.body.id = 'foreign'</script></body>"
    dom, network = opened_page(html_report(violating()).replace("</body>", foreign), tmp_path)
    assert '<body id="foreign">' not in dom
    assert "canary.invalid" not in network


def shown(page: str, action: str, directory: Path) -> int:
    """How many exchanges are left when a user has done `action` to the filter."""
    without_policy = re.sub(r"<meta http-equiv=[^>]*>", "", page)
    script = (
        "<script>const form = document.querySelector('.filter');"
        f"{action}; form.dispatchEvent(new Event('input'));</script></body>"
    )
    dom, _ = opened_page(without_policy.replace("</body>", script), directory)
    entries = re.findall(r'<details id="x\d+" class="exchange[^>]*>', dom)
    assert '<form class="filter">' in dom
    return sum('hidden=""' not in entry for entry in entries)


@pytest.mark.parametrize(
    ("action", "answered"),
    [
        ("form.elements.text.value = 'No response IN time'", "none"),
        ("form.querySelector('[value=\"5\"]').checked = true", "5"),
    ],
)
def test_the_filter_leaves_what_was_asked_for(tmp_path: Path, action: str, answered: str) -> None:
    page = html_report(violating())
    wanted = page.count(f'data-answered="{answered}"')
    assert 0 < wanted < page.count('class="exchange')
    assert shown(page, action, tmp_path) == wanted


def test_the_filter_leaves_what_broke_a_clause(tmp_path: Path) -> None:
    page = html_report(violating())
    wanted = page.count('class="exchange broke"')
    assert wanted > 0
    assert shown(page, "form.elements.broke.checked = true", tmp_path) == wanted
