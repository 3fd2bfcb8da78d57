"""Reproducers are run: they show the fault on a fresh faulty server, and not on the reference."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from report_runs import conforming, violating
from reproducing import REFERENCE, shows

from conformance.emulator.faults import CATALOGUE
from conformance.judge.verdicts import ClauseVerdict, Status
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
    ids = [exchange.id for exchange in report.exchanges]
    for exchange in finding.sequence:
        assert f'<a href="#x{ids.index(exchange.id) + 1}">{exchange.id}</a>' in page


def test_every_failed_clause_has_a_case() -> None:
    report = violating()
    script = reproduction_script(report)
    broken = [v.clause.id for v in report.judgement.clauses if v.status is Status.FAILED]
    assert len(broken) > 2
    assert [line[:-1] for line in script.splitlines() if line[:-1] in broken] == broken


def test_where_nothing_failed_nothing_can_be_reproduced() -> None:
    assert "(nothing failed)" in reproduction_script(conforming())
