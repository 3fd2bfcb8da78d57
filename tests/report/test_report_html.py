from __future__ import annotations

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from report_runs import FIXTURES, blind, conforming, violating
from report_strategies import HOSTILE, reports
from trying import examples

from conformance.contract.clauses import Clause, Level, Source
from conformance.contract.ledger import load_ledger
from conformance.judge.verdicts import ClauseVerdict, Status
from conformance.report.exchange_log import LONGEST_LOG
from conformance.report.html import html_report
from conformance.report.model import Report

VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """The tags and attributes of a page, with what must hold of any of them checked."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self._texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[f"svg {tag}" if "svg" in self.open else tag] += 1
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name not in {"src", "srcset", "style", "action", "formaction", "srcdoc"}
            if name in {"href", "xlink:href"}:
                assert (value or "").startswith("#"), value
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self._texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self._texts)


@cache
def known_tags() -> set[str]:
    return set(Page(html_report(violating())).tags) | set(Page(html_report(blind())).tags)


@settings(deadline=None, max_examples=examples(40))
@given(reports())
def test_foreign_text_is_inert(report: Report) -> None:
    text = html_report(report)
    text.encode("utf-8")
    assert re.sub(r"[\n\t]", "", text).isprintable()
    page = Page(text)
    assert not page.open
    assert set(page.tags) <= known_tags()
    assert page.tags["script"] == page.tags["style"] == page.tags["title"] == 1
    assert page.tags["h1"] == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_changes_no_tag(text: str) -> None:
    assert tags_with(text) == tags_with("harmless")


@cache
def tags_with(text: str) -> Counter[str]:
    """The tags of a report in which what a target or a user says is `text`."""
    report = violating()
    judgement = replace(report.judgement, reason=text)
    exchanges = [replace(report.exchanges[0], id=text), *report.exchanges[1:]]
    page = replace(report, judgement=judgement, exchanges=exchanges, warnings=(text,))
    return Page(html_report(page)).tags


@pytest.mark.parametrize("make", [conforming, violating, blind])
def test_every_clause_is_an_anchor_and_every_link_leads_somewhere(make: object) -> None:
    report: Report = make()  # type: ignore[operator]
    page = Page(html_report(report))
    assert len(page.ids) == len(set(page.ids))
    assert {verdict.clause.id for verdict in report.judgement.clauses} <= set(page.ids)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)


def test_a_clause_of_no_known_row_is_shown_all_the_same() -> None:
    report = conforming()
    clause = Clause("X.new", Level.MUST, Source("Transport", "tls"), "TLS is used.")
    verdicts = (*report.judgement.clauses, ClauseVerdict(clause, Status.PASSED, 1))
    page = html_report(replace(report, judgement=replace(report.judgement, clauses=verdicts)))
    assert "Elsewhere" in page
    assert 'id="X.new"' in page


def case_of(page: str, clause: str) -> str:
    """What a page tells of a broken clause."""
    return page.partition(f'<details id="{clause}"')[2].partition("</section>")[0]


def test_a_failure_is_open_with_all_that_explains_it() -> None:
    page = html_report(violating())
    shown = case_of(page, "T8.name.present")
    assert shown.startswith(' class="case failed" open>')
    for told in (
        "no such field",
        "Table 8, name",
        "How the page is read",
        "curl -i",
        "$CSBS_TOKEN",
    ):
        assert told in shown
    assert re.search(
        r'<a href="#exchange-\d+">S200.executed/auto-trigger-false-other-headers</a>', shown
    )


def test_what_is_broken_comes_first_then_the_picture_then_the_page() -> None:
    page = html_report(violating())
    order = ["broken", "warnings", "unseen", "picture", "run", "page", "ledger", "exchanges"]
    places = [page.index(f' id="{name}"') for name in order]
    assert places == sorted(places)
    assert places[0] > page.index("</header>")


def test_an_exchange_is_found_by_its_id_and_named_by_its_probe_and_clauses() -> None:
    report = violating()
    names = {each.id: f"x{number:04}" for number, each in enumerate(report.exchanges, 1)}
    exchanges = [replace(each, id=names[each.id], probe=each.id) for each in report.exchanges]
    found = {each.id: each for each in exchanges}
    clauses = tuple(
        replace(
            verdict,
            evidence=tuple(
                replace(each, exchange=found[names[each.exchange.id]], earlier=())
                for each in verdict.evidence
            ),
        )
        for verdict in report.judgement.clauses
    )
    judgement = replace(report.judgement, clauses=clauses)
    page = html_report(replace(report, judgement=judgement, exchanges=exchanges))
    name, probe = next(
        (new, old) for old, new in names.items() if old.endswith("auto-trigger-false-other-headers")
    )
    assert f'<a href="#{name}">{probe}</a> <span class="id">{name}</span>' in page
    entry = page[page.index(f'<details id="{name}"') :].partition("</summary>")[0]
    assert 'class="exchange broke failed"' in entry
    assert f'<span class="probe">{probe}</span>' in entry
    assert "T8.name.present" in entry


def test_two_exchanges_of_one_name_do_not_share_an_anchor() -> None:
    report = conforming()
    exchanges = [replace(each, id="x0001") for each in report.exchanges]
    page = Page(html_report(replace(report, exchanges=exchanges)))
    assert len(page.ids) == len(set(page.ids))


def test_a_table_is_folded_where_nothing_is_wrong() -> None:
    page = html_report(violating())
    tables = dict(re.findall(r'<details class="table" id="([\w-]+)"( open)?>', page))
    assert tables["table-8"] == " open"
    assert tables["table-1"] == ""
    assert " open>" not in html_report(conforming()).partition('class="document"')[2]


def test_what_was_not_seen_says_why_and_what_unlocks_it() -> None:
    page = Page(html_report(blind()))
    assert "no valid request could be sent without --token-env and --plan-id" in page.text
    assert "--forbidden-token-env" in page.text


def test_the_whole_ledger_is_there() -> None:
    text = " ".join(Page(html_report(conforming())).text.split())
    for entry in load_ledger():
        assert entry.point in text
        assert " ".join(entry.decision.split()) in text
        assert all(side.says in text for side in entry.sides)


def test_a_long_log_keeps_what_failed() -> None:
    report = violating()
    ordinary = [replace(e, id=f"{turn}/{e.id}") for turn in range(7) for e in report.exchanges]
    page = html_report(replace(report, exchanges=[*ordinary, *report.exchanges]))
    assert page.count('class="exchange') == LONGEST_LOG
    left_out = len(ordinary) + len(report.exchanges) - LONGEST_LOG
    assert f"{left_out:,} of them are left out here" in page
    for verdict in report.judgement.clauses:
        for finding in verdict.evidence:
            assert f'<span class="name">{finding.exchange.id}</span>' in page


def test_bodies_are_cut() -> None:
    report = conforming()
    exchange = report.exchanges[1]
    request = replace(exchange.request, body=b"<" * 50_000)
    page = html_report(replace(report, exchanges=[replace(exchange, request=request)]))
    assert "50,000 bytes" in page
    assert page.count("&lt;") < 2048 + 300


def test_a_selection_says_so() -> None:
    report = conforming()
    some = tuple(v for v in report.judgement.clauses if v.clause.id.startswith("T6."))
    header = replace(report.header, only=("T6.*",))
    page = html_report(
        replace(report, header=header, judgement=replace(report.judgement, clauses=some))
    )
    assert "No clause of its own was selected" in page
    assert "T6.*" in page


def test_a_password_is_left_out() -> None:
    report = conforming()
    exchange = report.exchanges[1]
    url = "https://me:hunter2@example.com/x"
    header = replace(report.header, fixtures=replace(FIXTURES, endpoint=url))
    exchanges = [replace(exchange, request=replace(exchange.request, url=url))]
    assert "hunter2" not in html_report(replace(report, header=header, exchanges=exchanges))


def test_what_counts_stands_before_what_only_warns() -> None:
    cases = re.findall(r'class="case (failed|warning)"( open)?', html_report(violating()))
    assert {*cases} == {("failed", " open"), ("warning", "")}
    assert cases == sorted(cases)
