"""The page in a real browser: it loads nothing, runs nothing foreign, and its filter works."""

from __future__ import annotations

import html
from pathlib import Path

from browser import browsing, needs_browser, opened
from msgspec.structs import replace
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


FILTER = """
(() => {
  const form = document.querySelector(".filter");
  const left = (action) => {
    form.reset();
    form.elements.broke.checked = false;
    action(form);
    form.dispatchEvent(new Event("input"));
    return document.querySelectorAll(".exchange:not([hidden])").length;
  };
  return [
    document.querySelectorAll(".exchange:not([hidden])").length,
    left((form) => { form.elements.text.value = "No response IN time"; }),
    left((form) => { form.querySelector("[value='5']").checked = true; }),
    left(() => {}),
  ];
})()
"""
FOLLOW = """
new Promise((done) => {
  addEventListener("hashchange", () => {
    const target = document.querySelector(location.hash);
    done([target.open, target.hidden, target.closest(".fold").open]);
  });
  document.querySelector(".timeline a:not(:has(use))").dispatchEvent(new MouseEvent("click"));
})
"""
COPY = """
(async () => {
  const button = document.querySelector(".copy");
  let copied = "";
  navigator.clipboard.writeText = async (text) => { copied = text; };
  button.click();
  await new Promise(requestAnimationFrame);
  return [button.hidden, copied, button.textContent];
})()
"""


def test_it_filters_follows_links_and_copies(tmp_path: Path) -> None:
    page = html_report(violating())
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    everything = page.count('class="exchange')
    broke, silent, failing = (
        page.count(part)
        for part in ('class="exchange broke', 'data-answered="none"', 'data-answered="5"')
    )
    assert 0 < broke < everything
    assert 0 < silent < everything
    with browsing(tmp_path / "profile") as browser:
        browser.open(tmp_path / "page.html")
        assert browser.run(FILTER) == [broke, silent, failing, everything]
        browser.open(tmp_path / "page.html")
        assert browser.run(FOLLOW) == [True, False, True]
        is_hidden, copied, said = browser.run(COPY)
    assert (is_hidden, said) == (False, "Copied")
    assert copied in html.unescape(page)
    assert copied.startswith("curl -i")
