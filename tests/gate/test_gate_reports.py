"""What is excused shows as that in every report, and never as kept."""

from __future__ import annotations

import io
import json
import re
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from gate_reports import (
    CLAUSES,
    CONTRACT,
    MUSTS,
    SHOULDS,
    TODAY,
    baseline_of,
    excuses,
    report_on,
    reports,
    verdict_on,
)
from gate_sarif import LOG
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from rich.console import Console

from conformance.gate.model import Waiver
from conformance.gate.outcome import Excuses
from conformance.judge.verdicts import Status
from conformance.report.badge import badge_json, badge_svg
from conformance.report.console import print_report
from conformance.report.html import html_report
from conformance.report.json_report import json_report, load_schema
from conformance.report.junit import junit_report
from conformance.report.markdown import markdown_report
from conformance.report.model import Report, gated
from conformance.report.sarif import sarif_report

SCHEMA = Draft202012Validator(load_schema())
SARIF = Draft202012Validator(LOG)
WAIVED, KNOWN, BROKEN, MENDED = MUSTS[:4]
WARNED = SHOULDS[0]
HOSTILE = "<script>alert(1)</script> | `x` \x1b[31m ::error::x \u202e"


def mixed(*, strict: bool = False, broken: bool = True, reason: str = "until 3.2") -> Report:
    """A clause of each kind: waived, known, broken, mended, a warning, and a needless waiver."""
    statuses = dict.fromkeys((WAIVED, KNOWN, WARNED), Status.FAILED)
    statuses |= {MENDED: Status.PASSED} | ({BROKEN: Status.FAILED} if broken else {})
    waivers = tuple(Waiver(name, reason, TODAY) for name in (WAIVED, MENDED))
    baseline = baseline_of(frozenset({KNOWN, MENDED}))
    return gated(report_on(statuses, strict=strict), Excuses(waivers, baseline), TODAY)


def printed(report: Report) -> str:
    buffer = io.StringIO()
    print_report(report, Console(file=buffer, width=100, color_system=None))
    return buffer.getvalue()


def sarif(report: Report) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif_report(report))
    run: dict[str, Any] = log["runs"][0]
    return run


def test_the_terminal_has_what_is_excused_under_a_heading_of_its_own() -> None:
    lines = printed(mixed(broken=False)).splitlines()
    at = lines.index("Waived (1)")
    assert lines[at + 1] == f"~ {WAIVED}  waived until 2026-06-15: until 3.2"
    at = lines.index("Known from the baseline (1)")
    assert lines[at + 1] == f"= {KNOWN}  broken in the baseline of 2026-05-01T10:00:00.000Z too"
    assert f"mended     {MENDED}, broken in the baseline" in lines
    assert f"! warning  the waiver of {MENDED} is no longer needed: the clause passed" in lines
    assert "1 waived, 1 known" in printed(mixed())
    assert lines[-1] == (
        "~ Violates the contract, but all that is broken is waived or known  (exit code 0)"
    )
    assert "Failed" not in "".join(lines)
    assert printed(mixed()).splitlines()[-1] == "✗ Violates the contract  (exit code 1)"


def test_junit_skips_what_is_excused_and_says_why() -> None:
    root = ET.fromstring(junit_report(mixed()))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    for name, told in ((WAIVED, "waived until 2026-06-15: until 3.2"), (KNOWN, "broken in the")):
        (outcome,) = cases[name]
        assert outcome.tag == "skipped"
        assert told in outcome.get("message", "")
        assert "received: odd" in (outcome.text or "")
    assert [child.tag for child in cases[BROKEN]] == ["failure"]
    assert root.get("failures") == "1"
    assert sum(int(suite.get("skipped", "")) for suite in root) == 2


def test_junit_fails_where_a_strict_run_does() -> None:
    report = gated(
        report_on({MENDED: Status.PASSED}, strict=True),
        Excuses(waivers=(Waiver(MENDED, "x", TODAY),)),
        TODAY,
    )
    assert report.exit_code == 1
    root = ET.fromstring(junit_report(report))
    (failure,) = root.iter("failure")
    assert failure.get("message") == "the waiver is no longer needed: the clause passed"
    assert root.get("failures") == "1"
    assert root.get("tests") == "2"


def test_json_has_the_gate_and_the_excuses() -> None:
    record = json.loads(json_report(mixed()))
    SCHEMA.validate(record)
    clauses = {clause["id"]: clause for clause in record["clauses"]}
    assert clauses[WAIVED]["excuse"] == {
        "kind": "waived",
        "why": "waived until 2026-06-15: until 3.2",
    }
    assert clauses[WAIVED]["status"] == "failed"
    assert clauses[KNOWN]["excuse"]["kind"] == "known"
    assert clauses[BROKEN]["excuse"] is None
    gate = record["gate"]
    assert (gate["counting"], gate["mended"]) == ([BROKEN], [MENDED])
    assert [waiver["state"] for waiver in gate["waivers"]] == ["used", "unneeded"]
    assert gate["baseline"]["contract"] == {"sha256": CONTRACT.sha256}
    assert record["verdict"] == "violates"
    assert any("no longer needed" in warning for warning in record["warnings"])


def test_reports_need_the_gate_and_the_excuses() -> None:
    record = json.loads(json_report(report_on({BROKEN: Status.FAILED})))
    assert (record["schema_version"], record["gate"]) == ("2.4", None)
    SCHEMA.validate(record)
    assert not SCHEMA.is_valid({name: record[name] for name in record if name != "gate"})
    for clause in record["clauses"]:
        del clause["excuse"]
    assert not SCHEMA.is_valid(record)


def test_markdown_and_html_say_what_does_not_count() -> None:
    text = markdown_report(mixed(broken=False))
    assert "### Waived (1)" in text
    assert f"- `{WAIVED}`: waived until 2026-06-15: until 3.2\n" in text
    assert "### Known from the baseline (1)" in text
    assert f"### Mended since the baseline (1)\n\n- `{MENDED}`" in text
    assert "~ waived" in text
    assert "~ waived" not in markdown_report(report_on({BROKEN: Status.FAILED}))
    page = html_report(mixed(broken=False))
    assert '<p class="excuse">waived until 2026-06-15: until 3.2</p>' in page
    assert "What does not count" in page
    assert '<header class="top waived">' in page
    assert "What does not count" not in html_report(report_on({BROKEN: Status.FAILED}))


def test_a_hostile_reason_is_harmless_everywhere() -> None:
    report = mixed(reason=HOSTILE)
    assert printed(report).replace("\n", "").isprintable()
    assert "<script>alert" not in html_report(report)
    text = markdown_report(report)
    assert text.replace("\n", "").isprintable()
    assert not re.search(r"(?<!\\)<script", text)
    for record in (json_report(report), sarif_report(report)):
        assert record.replace("\n", "").isprintable()
    ET.fromstring(junit_report(report))


@given(reports, excuses)
def test_any_gate_is_reported_in_every_form(report: Report, given_: Excuses) -> None:
    after = gated(report, given_, TODAY)
    SCHEMA.validate(json.loads(json_report(after)))
    SARIF.validate(json.loads(sarif_report(after)))
    root = ET.fromstring(junit_report(after))
    fails = sum(len(case.findall("failure")) for case in root.iter("testcase"))
    assert (fails > 0) is (after.exit_code == 1)
    assert markdown_report(after).encode("utf-8")
    assert f"(exit code {after.exit_code})" in printed(after)


def test_the_rules_of_sarif_refuse_what_breaks_them() -> None:
    Draft202012Validator.check_schema(LOG)
    log = json.loads(sarif_report(mixed()))
    SARIF.validate(log)
    result = log["runs"][0]["results"][0]
    changes: list[dict[str, Any]] = [
        {"level": "fatal"},
        {"message": {}},
        {"more": 1},
        {"ruleIndex": -1},
    ]
    for change in changes:
        broken = json.loads(json.dumps(log))
        broken["runs"][0]["results"][0] = {**result, **change}
        assert not SARIF.is_valid(broken)


def test_sarif_has_a_rule_for_each_clause_and_a_result_for_each_broken_one() -> None:
    run = sarif(mixed(strict=True))
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == [verdict.clause.id for verdict in mixed().judgement.clauses]
    results = {result["ruleId"]: result for result in run["results"]}
    assert results.keys() == {WAIVED, KNOWN, BROKEN, WARNED, MENDED}
    for name, result in results.items():
        assert rules[result["ruleIndex"]] == name
        (location,) = result["locations"]
        assert location["logicalLocations"] == [{"fullyQualifiedName": name, "kind": "member"}]
        place = location["physicalLocation"]["artifactLocation"]["uri"]
        assert unquote(place) == "no file associated with this alert"
    states = {name: result["baselineState"] for name, result in results.items()}
    assert states == {
        WAIVED: "new",
        KNOWN: "unchanged",
        BROKEN: "new",
        WARNED: "new",
        MENDED: "absent",
    }
    assert (results[MENDED]["kind"], results[MENDED]["level"]) == ("pass", "none")
    (suppression,) = results[WAIVED]["suppressions"]
    assert suppression["justification"] == "waived until 2026-06-15: until 3.2"
    assert [name for name in results if "suppressions" in results[name]] == [WAIVED]
    assert results[WARNED]["level"] == "error"
    assert {r["level"] for r in sarif(mixed())["results"]} == {"error", "warning", "none"}


def test_fingerprints_differ_between_clauses_and_not_between_runs() -> None:
    def prints(said: str) -> dict[str, Any]:
        results = sarif(report_on(dict.fromkeys(CLAUSES, Status.FAILED), said=said))["results"]
        return {result["ruleId"]: result["partialFingerprints"] for result in results}

    first = prints("one thing")
    assert first == prints("another")
    for name in ("clause/v1", "primaryLocationLineHash"):
        assert len({found[name] for found in first.values()}) == len(CLAUSES)


def test_sarif_says_what_was_not_seen() -> None:
    run = sarif(report_on({BROKEN: Status.INCONCLUSIVE}, missing="no request was refused"))
    told = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert told == ["no request was refused", f"{BROKEN} is inconclusive: it was busy"]
    assert run["results"] == []


@pytest.mark.parametrize(
    ("report", "message", "colour"),
    [
        (report_on({MENDED: Status.PASSED}), "conforms", "brightgreen"),
        (report_on({BROKEN: Status.FAILED}), "violates 1 clause", "red"),
        (report_on(dict.fromkeys(MUSTS[:3], Status.FAILED)), "violates 3 clauses", "red"),
        (report_on({}, missing="nothing"), "inconclusive", "lightgrey"),
        (mixed(broken=False), "violates, waived or known", "orange"),
    ],
)
def test_badges(report: Report, message: str, colour: str) -> None:
    badge = json.loads(badge_json(report))
    assert badge.keys() == {"schemaVersion", "label", "message", "color", "isError"}
    assert (badge["schemaVersion"], badge["message"], badge["color"]) == (1, message, colour)
    assert badge["isError"] is (message != "conforms")
    root = ET.fromstring(badge_svg(report))
    assert root.get("aria-label") == f"CSBS conformance: {message}"
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert not set(names) & {"script", "image", "foreignObject", "a", "use"}
    texts = [element for element in root.iter() if element.tag.endswith("text")]
    assert [text.text for text in texts] == ["CSBS conformance", message]
    ends = [float(t.get("x", "")) + float(t.get("textLength", "")) / 2 for t in texts]
    assert ends[-1] <= float(root.get("width", ""))


@given(st.text())
def test_no_badge_holds_what_the_target_said(said: str) -> None:
    plain = report_on({BROKEN: Status.FAILED})
    verdict = verdict_on(BROKEN, Status.FAILED, said)
    odd = replace(plain, judgement=replace(plain.judgement, clauses=(verdict,), reason=said))
    assert (badge_json(odd), badge_svg(odd)) == (badge_json(plain), badge_svg(plain))
