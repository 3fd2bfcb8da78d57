"""The matrix for machines: `junit.xml` and `results.sarif` of a whole campaign."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from campaign_rows import CLAUSES, MUST, SHOULD, matrix, row
from gate_sarif import LOG
from jsonschema import Draft202012Validator

from conformance.campaign import matrix_junit, matrix_sarif
from conformance.campaign.matrix import Matrix
from conformance.campaign.matrix_junit import junit_matrix
from conformance.campaign.matrix_sarif import sarif_matrix
from conformance.gate.model import ExcuseKind
from conformance.judge.verdicts import Verdict

HOSTILE = "<script>\x1b[2J\x00 & ]]>"


def campaign() -> Matrix:
    """A target of each kind."""
    undecided = row("undecided", {MUST: "inconclusive"})
    return matrix(
        row("kept"),
        row("warned", {SHOULD: "failed"}),
        msgspec.structs.replace(undecided, verdict=Verdict.INCONCLUSIVE, exit_code=3),
        row("lost", None, reason=HOSTILE),
        row("bad.one", {MUST: "failed", SHOULD: "failed"}, reason=HOSTILE),
        msgspec.structs.replace(
            row("waived", {MUST: "failed"}), exit_code=0, excuses={MUST: ExcuseKind.WAIVED}
        ),
    )


def suites(subject: Matrix) -> dict[str, ET.Element]:
    root = ET.fromstring(junit_matrix(subject))
    found = {suite.attrib["name"]: suite for suite in root}
    for element in (root, *root):
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert int(element.attrib[attribute]) == len([*element.iter(tag)])
    return found


def outcome(suite: ET.Element, name: str) -> str | None:
    """What became of a case, None where it passed; there is one of its name."""
    (case,) = [each for each in suite.iter("testcase") if each.attrib["name"] == name]
    return next((each.tag for each in case if each.tag != "system-out"), None)


def sarif(subject: Matrix) -> dict[str, Any]:
    log = json.loads(sarif_matrix(subject))
    Draft202012Validator(LOG).validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def test_each_target_is_a_suite_of_its_verdict_and_its_clauses_worst_first() -> None:
    found = suites(campaign())
    assert list(found) == ["bad.one", "lost", "undecided", "warned", "kept", "waived"]
    names = ["verdict", *(clause.id for clause in CLAUSES)]
    assert [case.attrib["name"] for case in found["kept"].iter("testcase")] == names
    assert [case.attrib["name"] for case in found["lost"].iter("testcase")] == ["verdict"]
    assert {case.attrib["classname"] for case in found["bad.one"].iter("testcase")} == {
        "csbs.bad-one"
    }


@pytest.mark.parametrize(
    ("target", "verdict", "must", "should"),
    [
        ("kept", None, None, None),
        ("warned", None, None, None),
        ("undecided", "error", "error", None),
        ("bad.one", "failure", "failure", None),
        ("waived", "skipped", "skipped", None),
    ],
)
def test_a_case_ends_as_the_clause_counts(
    target: str, verdict: str | None, must: str | None, should: str | None
) -> None:
    suite = suites(campaign())[target]
    assert [outcome(suite, name) for name in ("verdict", MUST, SHOULD)] == [verdict, must, should]


def test_a_target_without_a_verdict_is_an_error_that_says_why() -> None:
    lost = suites(campaign())["lost"]
    (error,) = lost.iter("error")
    assert error.attrib["message"].startswith("no verdict: <script>")
    assert error.attrib["message"].isprintable()


def test_with_more_targets_than_can_be_shown_each_is_one_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matrix_junit, "MOST_TARGETS", 5)
    found = suites(campaign())
    assert len(found) == 6
    assert {len([*suite.iter("testcase")]) for suite in found.values()} == {1}
    assert outcome(found["bad.one"], "verdict") == "failure"


def test_what_each_target_breaks_is_a_result_of_its_own() -> None:
    run = sarif(campaign())
    told = [
        (each["properties"]["target"], each["ruleId"], each["level"], "suppressions" in each)
        for each in run["results"]
    ]
    assert [target for target, *_ in told] == ["bad.one", "bad.one", "warned", "waived"]
    assert set(told) == {
        ("bad.one", MUST, "error", False),
        ("bad.one", SHOULD, "warning", False),
        ("warned", SHOULD, "warning", False),
        ("waived", MUST, "error", True),
    }
    prints = [each["partialFingerprints"]["clause/v1"] for each in run["results"]]
    assert len(set(prints)) == len(prints)
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [note["message"]["text"].partition(":")[0] for note in notes] == ["lost", "undecided"]


def test_results_beyond_what_is_taken_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix_sarif, "MOST_RESULTS", 1)
    monkeypatch.setattr(matrix_sarif, "MOST_NOTES", 1)
    run = sarif(campaign())
    assert [each["properties"]["target"] for each in run["results"]] == ["bad.one"]
    notes = [
        note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]
    ]
    assert notes[0] == "1 of 4 results: see campaign.json"
    assert notes[-1] == "and 1 more targets without a clean verdict: see campaign.json"
