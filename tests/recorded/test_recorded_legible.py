"""What stands in a body that was masked or written anew, and is wrong, was sent so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from har_files import asked, changed, checkpoint, entry, judged, pairs
from recorded_runs import failed

from conformance.contract.clauses import Level
from conformance.judge.verdicts import ClauseVerdict, Status, Verdict
from conformance.report.html import html_report
from conformance.report.model import Report

Json = dict[str, Any]
MASKED: dict[str, Any] = {"extra_info": "[REDACTED]"}
REFUSED = entry(asked(5), 400, after=9)
BUSY = {"error_code": "CSBS.1001", "error_msg": "busy"}


def clause(report: Report, clause_id: str) -> ClauseVerdict:
    return next(v for v in report.judgement.clauses if v.clause.id == clause_id)


def came(value: Json, after: float = 0.0, status: int = 200, sent: object = None) -> Json:
    return changed(entry(sent, status, after=after), "response.content.text", json.dumps(value))


def indented(value: Json, after: float = 0.0, status: int = 200, sent: object = None) -> Json:
    """A response whose JSON was written anew: it is not as long as its header says."""
    each = entry(sent, status, after=after)
    length = pairs({"content-length": str(len(json.dumps(value)))})
    each = changed(each, "response.headers", [*each["response"]["headers"], *length])
    return changed(each, "response.content.text", json.dumps(value, indent=2))


def masked(**changes: Any) -> Json:
    return checkpoint(3, **{**MASKED, **changes})


def rewritten(**changes: Any) -> Json:
    return checkpoint(3, **changes)


WRONG: dict[str, tuple[Json, str]] = {
    "a value that is not listed": ({"status": "PROTECTING"}, "T6.status.values"),
    "a value of another type": ({"resource_graph": 5}, "T6.resource_graph.type"),
    "no moment": ({"created_at": "yesterday"}, "T6.created_at.moment"),
    "another time": ({"created_at": "2016-12-06T21:20:29.898823"}, "T6.created_at.fresh"),
    "a part of another type": ({"protection_plan": "nightly"}, "T6.protection_plan.type"),
}


@pytest.mark.parametrize("record", [came, indented])
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_beside_what_was_masked_or_written_anew_is_found(
    name: str, record: Callable[..., Json], tmp_path: Path
) -> None:
    changes, clause_id = WRONG[name]
    value = masked(**changes) if record is came else rewritten(**changes)
    report = judged(tmp_path, entry(), record(value, after=3), REFUSED)
    assert failed(report.judgement, Level.MUST) == {clause_id}
    assert report.judgement.verdict is Verdict.VIOLATES


EXPLAINED: dict[str, Json] = {
    "an absence": {"status": ...},
    "a null": {"status": None},
    "an empty text": {"created_at": ""},
    "another id": {"project_id": "p-1"},
    "an id of another type": {"id": 5},
    "what was masked itself": {"status": "***", "created_at": "[REDACTED]"},
    "an empty list": {"protection_plan": {"id": "x", "name": "nightly", "resources": []}},
    "characters that were lost": {"status": "\ufffd\ufffd"},
}


@pytest.mark.parametrize("record", [came, indented])
@pytest.mark.parametrize("name", EXPLAINED)
def test_what_masking_or_rewriting_explains_accuses_nobody(
    name: str, record: Callable[..., Json], tmp_path: Path
) -> None:
    value = masked(**EXPLAINED[name]) if record is came else rewritten(**EXPLAINED[name])
    value["checkpoint"] = {n: v for n, v in value["checkpoint"].items() if v is not ...}
    report = judged(tmp_path, record(value), record(value, after=3), REFUSED)
    assert not failed(report.judgement)
    assert report.judgement.reason.startswith("no execution was seen")
    assert clause(report, "T6.id.unique").status is not Status.PASSED
    assert clause(report, "T6.project_id.present").status is not Status.PASSED


def test_a_refusal_whose_code_stands_in_a_body_written_anew_is_judged(tmp_path: Path) -> None:
    refusals = [
        indented({"error_code": "CSBS.0003", "error_msg": "refused"}, 5.0 * n, 409)
        for n in range(1, 4)
    ]
    report = judged(tmp_path, entry(), *refusals, entry(asked(5), 400, after=30))
    assert "S.listed" in failed(report.judgement)


def test_a_busy_code_in_a_body_written_anew_excuses(tmp_path: Path) -> None:
    refusals = [indented(BUSY, 5.0 * n, 400) for n in range(1, 4)]
    report = judged(tmp_path, entry(), *refusals, entry(asked(5), 400, after=30))
    assert not failed(report.judgement)


def test_an_error_that_was_masked_has_no_missing_fields(tmp_path: Path) -> None:
    told = came({"error_msg": "***", "detail": "gone"}, 5, 400, asked(5))
    assert not failed(judged(tmp_path, entry(), told, REFUSED).judgement)
    wrong = came({"error_code": 5, "error_msg": "***"}, 5, 400, asked(5))
    report = judged(tmp_path, entry(), wrong, REFUSED)
    assert failed(report.judgement) == {"EC.error_code.type"}


def test_a_wrong_value_of_a_masked_request_must_be_refused(tmp_path: Path) -> None:
    sent = asked("[REDACTED]", auto_trigger="yes")
    executed = judged(tmp_path, entry(), entry(sent, after=5), REFUSED)
    assert failed(executed.judgement) == {"T4.auto_trigger.type"}
    refused = judged(tmp_path, entry(), entry(sent, 400, after=5), REFUSED)
    assert refused.judgement.verdict is Verdict.CONFORMS
    unknown = judged(tmp_path, entry(), entry(asked("[REDACTED]"), 400, after=5), REFUSED)
    assert not failed(unknown.judgement)


def test_the_report_shows_what_is_known_of_a_body(tmp_path: Path) -> None:
    report = judged(tmp_path, entry(), came(masked(status="PROTECTING"), 3), REFUSED)
    page = html_report(report)
    assert "PROTECTING" in page
    assert "as far as it is known" in page
