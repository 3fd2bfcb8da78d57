"""Reproducers are run: they show the fault on a fresh faulty server, and not on the reference."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace
from report_runs import conforming, violating
from reproducing import REFERENCE, shows

from conformance.emulator.faults import CATALOGUE
from conformance.judge.verdicts import ClauseVerdict, Status
from conformance.model import Exchange
from conformance.prove.trial import Subject, SubjectKind, report_on
from conformance.report.html import html_report
from conformance.report.model import Report
from conformance.report.reproduction import reproduction_script

ALONE = [
    "no-token-needed",
    "unknown-policy-crashes",
    "escapes-not-decoded",
    "astral-character-drops-the-connection",
    "status-in-capitals-if-triggered",
    "gzip-claimed-and-plain",
    "errors-in-html",
    "provider-in-capitals-forbidden",
]
"""Faults of several kinds that one request shows."""
AFTER_OTHERS = [
    "id-kept-for-the-same-server",
    "id-of-the-one-before",
    "project-missing-after-an-error",
    "status-waiting-from-the-third",
    "policy-locked-by-an-execution",
    "permission-kept-after-an-execution",
    "refusal-of-a-guest-kept",
]
"""Faults that show only after other requests."""


def failed(report: Report, clause: str) -> ClauseVerdict:
    (verdict,) = (v for v in report.judgement.clauses if v.clause.id == clause)
    assert verdict.status is Status.FAILED
    return verdict


@pytest.mark.process
@pytest.mark.socket
@pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="needs curl and bash"
)
@pytest.mark.parametrize("name", [*ALONE, *AFTER_OTHERS])
def test_a_reproducer_shows_the_fault_and_not_on_the_reference(name: str, tmp_path: Path) -> None:
    fault = CATALOGUE[name]
    report = report_on(Subject(SubjectKind.FAULT, name), tmp_path / "run")
    script, endpoint = reproduction_script(report), report.header.fixtures.endpoint
    finding = failed(report, fault.breaks).evidence[0]
    assert bool(finding.earlier) is (name in AFTER_OTHERS)
    assert shows(finding, fault, script, endpoint, tmp_path / "faulty")
    assert not shows(finding, REFERENCE, script, endpoint, tmp_path / "reference")


@pytest.mark.socket
def test_a_repeated_id_links_both_exchanges(tmp_path: Path) -> None:
    name = "id-kept-for-the-same-server"
    report = report_on(Subject(SubjectKind.FAULT, name), tmp_path)
    finding = failed(report, "T6.id.unique").evidence[0]
    (earlier,) = finding.earlier
    assert earlier.id in finding.expected
    assert finding.received.startswith("backup-of-")
    page = html_report(report)
    for exchange in finding.sequence:
        assert f'<a href="#{exchange.id}">{exchange.probe}</a>' in page
        assert f'<details id="{exchange.id}"' in page


def test_every_failed_clause_has_a_case() -> None:
    report = violating()
    script = reproduction_script(report)
    broken = [v.clause.id for v in report.judgement.clauses if v.status is Status.FAILED]
    assert len(broken) > 2
    assert [line[:-1] for line in script.splitlines() if line[:-1] in broken] == broken


def test_where_nothing_failed_nothing_can_be_reproduced() -> None:
    assert "(nothing failed)" in reproduction_script(conforming())


def tampered(report: Report, **changes: object) -> str:
    """The script of a report whose journal somebody changed: each request is another."""

    def other(exchange: Exchange) -> Exchange:
        return replace(exchange, request=replace(exchange.request, **changes))

    def with_others(verdict: ClauseVerdict) -> ClauseVerdict:
        findings = (replace(each, exchange=other(each.exchange)) for each in verdict.evidence)
        return replace(verdict, evidence=tuple(findings))

    clauses = tuple(map(with_others, report.judgement.clauses))
    judgement = replace(report.judgement, clauses=clauses)
    return reproduction_script(replace(report, judgement=judgement))


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://elsewhere.example/v1/p/providers/q/checkpoints"},
        {"url": "http://elsewhere.example/"},
        {"method": "DELETE"},
        {"headers": (("X-Auth-Token", "{{token}}"), ("Host", "elsewhere.example"))},
        {"headers": (("X-Elsewhere", "{{token}}"),)},
    ],
)
def test_a_script_sends_no_request_that_a_run_would_not(changes: dict[str, object]) -> None:
    report = violating()
    assert "curl -i" in reproduction_script(report)
    script = tampered(report, **changes)
    assert "curl -i" not in script
    assert "a request that a run never sends" in script
    assert "elsewhere" not in script.replace("# ", "")
