"""What is read of an earlier report, and what is no report."""

from __future__ import annotations

import json

import pytest
from gate_reports import CONTRACT, ENDPOINT, MUSTS, PROJECT, TODAY, excuses, report_on, reports
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import UsageError
from conformance.gate.baseline import parse_baseline
from conformance.gate.outcome import Excuses
from conformance.judge.verdicts import Status
from conformance.report.json_report import json_report
from conformance.report.model import Report, gated

REPORT = report_on({MUSTS[0]: Status.FAILED, MUSTS[1]: Status.PASSED})


def test_a_report_is_a_baseline_of_every_later_one() -> None:
    found = parse_baseline(json_report(REPORT).encode(), "old.json")
    assert found.broken == {MUSTS[0]}
    assert found.kept == {MUSTS[1]}
    assert (found.contract, found.endpoint) == (CONTRACT.sha256, ENDPOINT)
    assert found.project_id == PROJECT


@given(reports, excuses)
def test_a_run_compared_with_itself_got_no_worse(report: Report, given_: Excuses) -> None:
    written = json_report(gated(report, given_, TODAY)).encode()
    after = gated(report, Excuses(baseline=parse_baseline(written, "old.json")), TODAY)
    assert after.gate is not None
    assert (after.gate.counting, after.gate.mended, after.gate.notes) == ((), (), ())
    assert after.exit_code == (3 if report.judgement.missing else 0)


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.27", "2.0", "2.1"])
def test_reports_with_more_fields_are_read(version: str) -> None:
    record = {**json.loads(json_report(REPORT)), "schema_version": version, "more": [1]}
    assert parse_baseline(json.dumps(record).encode(), "x").broken == {MUSTS[0]}


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": "3.0"},
        {"schema_version": 1},
        {"clauses": None},
        {"clauses": [{"id": "x", "status": "fine"}]},
        {"contract": {}},
        {"target": {"endpoint": 1, "project_id": None}},
    ],
)
def test_what_is_no_report_is_refused(change: dict[str, object]) -> None:
    record = {**json.loads(json_report(REPORT)), **change}
    with pytest.raises(UsageError, match="no report of this suite"):
        parse_baseline(json.dumps(record).encode(), "x")


@given(st.binary() | st.integers(1, 5000).map(lambda depth: b"[" * depth))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        parse_baseline(data, "x")
    assert str(caught.value).isprintable()
