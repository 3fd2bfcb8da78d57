from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from report_runs import FIXTURES, blind, conforming, violating
from report_strategies import reports

from conformance.report.json_report import json_report, load_schema
from conformance.report.model import Report

VALIDATOR = Draft202012Validator(load_schema())


def parsed(report: Report) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(json_report(report))
    return record


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(load_schema())


@pytest.mark.parametrize("make", [conforming, violating, blind])
def test_real_reports_keep_the_schema(make: Any) -> None:
    VALIDATOR.validate(parsed(make()))


@settings(deadline=None)
@given(reports())
def test_any_report_keeps_the_schema_and_is_utf_8(report: Report) -> None:
    json_report(report).encode("utf-8")
    VALIDATOR.validate(parsed(report))


def test_the_schema_refuses_what_it_does_not_know() -> None:
    record = parsed(conforming())
    for broken in (
        {**record, "more": 1},
        {**record, "verdict": "fine"},
        {key: value for key, value in record.items() if key != "seed"},
        {**record, "clauses": [{**record["clauses"][0], "level": "may"}]},
    ):
        assert not VALIDATOR.is_valid(broken)


def test_counts_add_up() -> None:
    record = parsed(violating())
    counts = record["counts"]
    statuses = ("passed", "failed", "warning", "inconclusive", "not_exercised")
    assert counts["total"] == len(record["clauses"]) == sum(counts[name] for name in statuses)
    must, should = counts["by_level"]["must"], counts["by_level"]["should"]
    for name in statuses:
        assert counts[name] == must.get(name, 0) + should.get(name, 0)


def test_a_broken_should_counts_as_a_warning_and_never_as_failed() -> None:
    record = parsed(violating())
    broken = [each["level"] for each in record["clauses"] if each["status"] == "failed"]
    counts = record["counts"]
    assert (counts["failed"], counts["warning"]) == (broken.count("must"), broken.count("should"))
    assert "should" in broken
    assert "warning" not in counts["by_level"]["must"]
    assert "failed" not in counts["by_level"]["should"]


def test_a_failure_carries_its_evidence() -> None:
    clauses = {clause["id"]: clause for clause in parsed(violating())["clauses"]}
    (first, *_) = clauses["T6.status.values"]["evidence"]
    assert first["exchange"] == "S200.executed/auto-trigger-false-other-headers"
    assert first["received"] == '"PROTECTING"'
    assert "$CSBS_TOKEN" in first["curl"]


def test_a_password_in_the_endpoint_is_left_out() -> None:
    report = conforming()
    fixtures = replace(FIXTURES, endpoint="https://me:hunter2@example.com/base")
    text = json_report(replace(report, header=replace(report.header, fixtures=fixtures)))
    assert "hunter2" not in text
    assert json.loads(text)["target"]["endpoint"] == "https://example.com/base"


def test_moments_are_in_utc() -> None:
    report = conforming()
    moved = replace(report, header=replace(report.header, started_at=1_700_000_000.25))
    assert parsed(moved)["started_at"] == "2023-11-14T22:13:20.250Z"


def test_evidence_needs_the_name_of_its_probe() -> None:
    record = json.loads(json_report(violating()))
    VALIDATOR.validate(record)
    for clause in record["clauses"]:
        for found in clause["evidence"]:
            del found["probe"]
    assert not VALIDATOR.is_valid(record)
