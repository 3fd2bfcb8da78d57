from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from report_runs import blind, conforming, violating
from report_strategies import reports

from conformance.contract.clauses import Level
from conformance.judge.verdicts import Status
from conformance.report.junit import junit_report
from conformance.report.model import Report

COUNTS = {"name", "tests", "failures", "errors", "time"}
TOLD = {"message", "type"}
KNOWN: dict[str, set[str]] = {
    "testsuites": COUNTS,
    "testsuite": {*COUNTS, "skipped", "timestamp"},
    "testcase": {"name", "classname", "time"},
    "failure": TOLD,
    "error": TOLD,
    "skipped": TOLD,
    "system-out": set(),
}
"""The attributes that are used of those that the schema of Jenkins's xUnit plugin has."""
INSIDE = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(junit_report(report).encode("utf-8"))


def case(root: ET.Element, name: str) -> ET.Element:
    (found,) = (case for case in root.iter("testcase") if case.get("name") == name)
    return found


@settings(deadline=None)
@given(reports())
def test_any_report_is_xml_with_every_clause(report: Report) -> None:
    root = parsed(report)
    names = sorted(case.get("name", "") for case in root.iter("testcase"))
    assert names == sorted(verdict.clause.id for verdict in report.judgement.clauses)


@settings(deadline=None)
@given(reports())
def test_counts_are_those_of_the_cases(report: Report) -> None:
    root = parsed(report)
    for suite in (root, *root.iter("testsuite")):
        cases = list(suite.iter("testcase"))
        assert int(suite.get("tests", "")) == len(cases)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            if suite is not root or name in KNOWN["testsuites"]:
                assert int(suite.get(name, "")) == sum(len(case.findall(tag)) for case in cases)


@settings(deadline=None)
@given(reports())
def test_every_name_is_one_that_jenkins_knows(report: Report) -> None:
    for element in parsed(report).iter():
        assert set(element.attrib) <= KNOWN[element.tag]
        assert {child.tag for child in element} <= INSIDE.get(element.tag, set())


def test_a_failed_must_is_a_failure_that_says_why() -> None:
    found = case(parsed(violating()), "T6.status.values")
    assert found.get("classname") == "csbs.table-6"
    failure = found.find("failure")
    assert failure is not None
    assert failure.get("type") == "must"
    assert "PROTECTING" in failure.get("message", "")
    for told in ("expected: ", 'received: "PROTECTING"', "curl -i", "$CSBS_TOKEN"):
        assert told in (failure.text or "")


def test_a_failed_should_is_a_warning_unless_strict() -> None:
    report = violating()
    lenient = case(parsed(report), "EC.body.json")
    assert [child.tag for child in lenient] == ["system-out"]
    assert (lenient[0].text or "").startswith("warning: ")
    strict = case(parsed(replace(report, strict=True)), "EC.body.json")
    assert [(child.tag, child.get("type")) for child in strict] == [("failure", "should")]


def test_what_was_not_seen_is_an_error_or_skipped() -> None:
    report = violating()
    root = parsed(report)
    for verdict in report.judgement.clauses:
        tags = [child.tag for child in case(root, verdict.clause.id)]
        if verdict.status is Status.NOT_EXERCISED:
            assert tags == ["skipped"]
        elif verdict.status is Status.INCONCLUSIVE and verdict.clause.level is Level.MUST:
            assert tags == ["error"]
    assert int(root.get("errors", "")) > 0


def test_the_unlock_is_named() -> None:
    skipped = case(parsed(blind()), "S403.forbidden-token").find("skipped")
    assert skipped is not None
    assert "--forbidden-token-env" in skipped.get("message", "")


def test_suites_are_sections_in_the_order_of_the_document() -> None:
    names = [suite.get("name") for suite in parsed(conforming()).iter("testsuite")]
    tables = [f"Table {number}" for number in range(1, 9)]
    assert names == ["Function", "URI", *tables, "Status Codes", "Error Codes"]


@pytest.mark.parametrize("make", [conforming, violating])
def test_times_are_numbers(make: object) -> None:
    root = parsed(make())  # type: ignore[operator]
    assert float(root.get("time", "")) == pytest.approx(3.21)
    assert all(float(found.get("time", "")) >= 0 for found in root.iter("testcase"))


def test_nothing_is_judged_in_an_empty_report() -> None:
    report = conforming()
    root = parsed(replace(report, judgement=replace(report.judgement, clauses=())))
    assert root.get("tests") == "0"
