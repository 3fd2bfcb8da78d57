"""Every HTML page can be read by anybody: in either scheme, by keyboard and screen reader."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from accessibility import violations
from browser import browsing, needs_browser
from campaign_rows import CLAUSES, MUST, SHOULD, matrix, row
from msgspec.structs import replace
from report_runs import conforming, violating

from conformance.campaign.comparison import Change, Comparison
from conformance.campaign.matrix_html import html_matrix
from conformance.contract import load_contract
from conformance.diff.difference import difference
from conformance.diff.reading import read_past_run
from conformance.diff.render import as_html
from conformance.docs.html import html_reference
from conformance.docs.notes import read_notes
from conformance.docs.reference import Reference
from conformance.gate.change import ChangeKind
from conformance.page.catalogue import catalogue
from conformance.page.record import Progress, Stage
from conformance.prove.matrix import as_html as html_proof
from conformance.prove.proof import Proof
from conformance.prove.trial import Subject, SubjectKind, Trial
from conformance.report.html import html_report
from conformance.report.json_report import json_report
from conformance.report.model import Report

pytestmark = needs_browser
BACKUPS = (
    Progress(
        *("record", "x1", "server", "one", "available", 9.0),
        stages=(Stage("protecting", 1.0), Stage("available", 9.0)),
        until=9.0,
    ),
    Progress(
        *("record", "x1", "server", "two", "error", 4.0, "no space is left"),
        stages=(Stage("strange", 2.0), Stage("error", 4.0)),
        until=4.0,
    ),
)


def shown() -> Report:
    """A report in which everything occurs, but few exchanges that broke nothing."""
    report = violating()
    judgement = replace(report.judgement, backups=BACKUPS)
    needed = {f.exchange.id for verdict in judgement.clauses for f in verdict.evidence}
    exchanges = [each for each in report.exchanges if each.id in needed]
    return replace(report, judgement=judgement, exchanges=[*report.exchanges[:6], *exchanges[:6]])


def proof() -> Proof:
    """A proof in which the suite is right, wrong, and sees nothing."""
    caught = Trial(
        subject=Subject(SubjectKind.FAULT, "status-in-capitals"),
        summary="``status`` is in capitals.",
        breaks=MUST,
        follows=(),
        is_hidden=False,
        may_be_inconclusive=False,
        verdict="violates",
        failed=(MUST,),
        requests=200,
        executions=10,
        seconds=0.2,
    )
    kept = dataclasses.replace(caught, breaks="", failed=(), verdict="conforms")
    trials = (
        caught,
        dataclasses.replace(
            caught, subject=Subject(SubjectKind.FAULT, "missed", base="lax"), failed=(SHOULD,)
        ),
        dataclasses.replace(
            caught, subject=Subject(SubjectKind.FAULT, "hidden"), is_hidden=True, failed=()
        ),
        dataclasses.replace(kept, subject=Subject(SubjectKind.VARIANT, "kept")),
        dataclasses.replace(
            kept, subject=Subject(SubjectKind.VARIANT, "unseen"), verdict="inconclusive"
        ),
    )
    return Proof(trials, (), 1.0)


def pages(directory: Path) -> Iterator[tuple[str, str]]:
    """The pages by name."""
    yield "report.html", html_report(shown())
    unseen = {clause.id: "inconclusive" for clause in CLAUSES}
    rows = [
        row("eu-de", {MUST: "failed", SHOULD: "failed"}),
        row("eu-nl", {MUST: "inconclusive", SHOULD: "not_exercised"}),
        row("silent", unseen, reason="no response in time"),
        row("lost", None),
        row("fine"),
    ]
    change = Change(ChangeKind.WORSE, "eu-de", MUST, "passed", "failed")
    comparison = Comparison("2026-01-01T00:00:00Z", "0" * 64, [change], ["fine"], [], [], [])
    yield "campaign.html", "".join(html_matrix(matrix(*rows, comparison=comparison)))
    for name, report in (("old", conforming()), ("new", violating())):
        (directory / f"{name}.json").write_text(json_report(report), encoding="utf-8")
    old, new = (read_past_run(directory / f"{name}.json") for name in ("old", "new"))
    yield "diff.html", as_html(difference(old, new, strict=True))
    contract = load_contract()
    notes = read_notes(directory / "new.json", contract, catalogue(contract))
    yield "reference.html", html_reference(Reference(contract, notes))
    yield "matrix.html", html_proof(proof())


UNREADABLE = """<!DOCTYPE html><html lang=en><title>Faint</title>
<meta name=viewport content="width=device-width"><main><h1>It</h1>
<p style="color: #8b9099; background: #fbfaf7; width: 500px">is faint, and wide</p></main>
"""


def test_axe_finds_nothing_and_no_page_is_wider_than_a_phone(tmp_path: Path) -> None:
    found: list[str] = []
    with browsing(tmp_path / "profile") as browser:
        for name, text in pages(tmp_path):
            path = tmp_path / name
            path.write_text(text, encoding="utf-8")
            found += violations(browser, path)
        (tmp_path / "faint.html").write_text(UNREADABLE, encoding="utf-8")
        seen = " ".join(violations(browser, tmp_path / "faint.html"))
    assert not found, "\n\n".join(found)
    assert "light, color-contrast" in seen
    assert "wider than a phone" in seen
