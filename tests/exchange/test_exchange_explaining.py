"""Which further valid requests are sent after a refusal, and that none is without one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from emulated import emulated_fixtures

from conformance.contract import load_contract
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.variants import VARIANTS
from conformance.exchange.explaining import Outcome, explains
from conformance.judge.verdicts import Status
from conformance.model import Request
from conformance.page.oracle import Expectation, Oracle
from conformance.plan.drafting import Drafts
from conformance.plan.executions import apart, overlapping, valid
from conformance.prove import trial
from conformance.report.model import Report

FIXTURES = emulated_fixtures()
ORACLE = Oracle(load_contract(), FIXTURES)
DRAFTS = Drafts(FIXTURES, 1)
CORE = list(valid(DRAFTS))
VALID = {probe.id.rpartition("/")[2]: probe.request for probe in CORE}
APART = {probe.id.rpartition("/")[2]: probe.request for probe in apart(DRAFTS)}
FIRST, MINIMAL = VALID["some-servers-spaced-in-escapes"], VALID["minimal"]


def of(request: Request) -> Expectation:
    return ORACLE.expect(request)


def outcomes(*sent: tuple[Request, bool]) -> list[Outcome]:
    return [(of(request), is_executed) for request, is_executed in sent]


def wanted(*sent: tuple[Request, bool]) -> set[str]:
    return {name for name, request in APART.items() if explains(of(request), outcomes(*sent))}


def test_nothing_explains_what_was_not_refused() -> None:
    assert not wanted((FIRST, True), (MINIMAL, True))


def test_nothing_explains_anything_where_nothing_was_executed() -> None:
    assert not wanted((FIRST, False), (MINIMAL, False))


def test_what_a_refused_request_holds_at_once_is_asked_by_itself() -> None:
    assert wanted((FIRST, False), (MINIMAL, True)) == set(APART)


def test_what_was_executed_elsewhere_is_not_asked() -> None:
    known = [(FIRST, False), (MINIMAL, True), (APART["charset-alone"], True)]
    assert "charset-alone" not in wanted(*known)


def test_where_all_is_refused_from_some_moment_on_one_more_like_the_last_is_enough() -> None:
    refused = outcomes((FIRST, True), (MINIMAL, False))
    assert explains(of(FIRST), refused)
    assert not explains(of(FIRST), [*refused, *outcomes((FIRST, False))])
    assert not explains(of(FIRST), outcomes((FIRST, True), (MINIMAL, False), (FIRST, True)))


def test_a_request_that_is_refused_twice_is_explained_like_one_that_is_refused_once() -> None:
    compact = next(each.request for each in overlapping(DRAFTS, CORE) if each.request != FIRST)
    executed = (MINIMAL, VALID["auto-trigger-true"], VALID["one-of-them"], FIRST)
    others = [(request, True) for request in executed]
    several = (VALID["several-servers"], True)
    assert wanted((compact, False), *others, several) == {"compact-alone"}
    assert wanted((compact, False), (compact, False), *others, several) == {"compact-alone"}


def run(name: str, directory: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Report:
    """The report on an implementation of the catalogue, with other settings."""
    usual = trial._settings
    monkeypatch.setattr(
        trial,
        "_settings",
        lambda *arguments: replace(usual(*arguments), **changes),
    )
    kind = trial.SubjectKind.FAULT if name in CATALOGUE else trial.SubjectKind.VARIANT
    return trial.report_on(trial.Subject(kind, name), directory)


def sent_apart(report: Report) -> list[str]:
    names = {exchange.probe or "": None for exchange in report.exchanges}
    return [name for name in names if name.rpartition("/")[2] in APART]


@pytest.mark.socket
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("escapes-not-decoded", "escapes"),
        ("line-breaks-refused", "white space"),
        ("charset-refused", "a charset"),
        ("order-of-names-fixed", "parameters first"),
    ],
)
def test_the_finding_names_the_form(
    name: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = run(name, tmp_path, monkeypatch)
    (verdict,) = (v for v in report.judgement.clauses if v.clause.id == "T2.body.json-forms")
    assert verdict.status is Status.FAILED
    assert verdict.evidence[0].expected == f"200 to a valid request ({form})"
    assert report.footer.executions.spent <= report.footer.executions.limit


@pytest.mark.socket
def test_where_all_is_executed_nothing_more_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = run(next(iter(VARIANTS)), tmp_path, monkeypatch, max_executions=100)
    assert report.judgement.verdict.value == "conforms"
    assert not sent_apart(report)


@pytest.mark.socket
def test_smoke_tells_a_lock_from_a_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run("policy-locked-by-an-execution", tmp_path, monkeypatch, profile="smoke")
    broken = {v.clause.id for v in report.judgement.clauses if v.status is Status.FAILED}
    assert broken == {"S200.executed"}
    assert not sent_apart(report)
