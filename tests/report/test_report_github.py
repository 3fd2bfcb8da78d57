"""What GitHub Actions is told: no text can be a command but those meant to be."""

from __future__ import annotations

import re
from urllib.parse import unquote

from gate_reports import MUSTS, SHOULDS, TODAY, baseline_of, report_on
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from conformance.gate.model import Waiver
from conformance.gate.outcome import Excuses
from conformance.judge.verdicts import Status
from conformance.model import Ending
from conformance.report.github import (
    CUT,
    LARGEST,
    SHOWN,
    as_data,
    as_property,
    summary,
    workflow_commands,
)
from conformance.report.markdown import markdown_report
from conformance.report.model import gated

COMMAND = re.compile(r"::(error|warning) title=([^,:]+)::(.*)")
BROKEN, OTHER, THIRD, FOURTH = MUSTS[:4]


def test_each_broken_clause_is_shown_and_no_file_of_the_repository_blamed() -> None:
    report = report_on({BROKEN: Status.FAILED, SHOULDS[0]: Status.FAILED})
    lines = list(workflow_commands(report))
    found = [COMMAND.fullmatch(line) for line in lines]
    assert all(found)
    kinds = [(match[1], match[2]) for match in found if match]
    assert kinds == [
        ("error", BROKEN),
        ("warning", SHOULDS[0]),
    ]


def test_what_is_excused_is_no_error_and_the_notes_are_warnings() -> None:
    report = report_on(
        {
            BROKEN: Status.FAILED,
            OTHER: Status.FAILED,
            THIRD: Status.PASSED,
            FOURTH: Status.INCONCLUSIVE,
        }
    )
    waivers = tuple(Waiver(name, "why: 100%, so", TODAY) for name in (BROKEN, THIRD))
    report = gated(report, Excuses(waivers, baseline_of(frozenset({OTHER}))), TODAY)
    lines = list(workflow_commands(report))
    assert [line.split(" ")[0] for line in lines] == ["::warning", "::warning"]
    assert lines[0].endswith(f"the waiver of {THIRD} is no longer needed: the clause passed")
    assert f"title={FOURTH}::" in lines[1]


def test_what_could_not_be_seen_is_told_once_for_each_cause() -> None:
    report = report_on(dict.fromkeys(MUSTS[:3], Status.INCONCLUSIVE))
    lines = list(workflow_commands(report))
    reasons = {each.reason for each in report.judgement.clauses}
    assert len(lines) == len(reasons) == 1
    assert "title=3 clauses::" in lines[0]
    assert all(name in lines[0] for name in MUSTS[:3])


def test_a_target_that_never_responded_is_one_line() -> None:
    report = report_on(dict.fromkeys(MUSTS[:4], Status.INCONCLUSIVE))
    unlike = [replace(each, reason=each.clause.id) for each in report.judgement.clauses]
    judgement = replace(report.judgement, clauses=tuple(unlike), missing="start the target")
    report = replace(report, judgement=judgement)
    assert len(list(workflow_commands(report))) > 1
    dead = replace(report, footer=replace(report.footer, ending=Ending.UNREACHED))
    (line,) = workflow_commands(dead)
    assert "clauses::start the target" in line


def test_no_more_are_printed_than_are_shown() -> None:
    report = report_on(dict.fromkeys(MUSTS, Status.FAILED))
    lines = list(workflow_commands(report))
    assert len(lines) == SHOWN
    assert lines[-1].endswith(
        f"and {len(MUSTS) - SHOWN + 1} lines more like these: see report.html"
    )
    assert len(list(workflow_commands(report_on(dict.fromkeys(MUSTS[:10], Status.FAILED))))) == 10


def test_the_four_characters_are_escaped() -> None:
    assert as_property("a:b,c%d") == "a%3Ab%2Cc%25d"
    assert as_data("a:b,c%d") == "a:b,c%25d"
    assert "\n" not in as_data("a\nb")
    assert "\r" not in as_data("a\rb")


@given(st.text())
def test_any_text_stays_in_its_place(text: str) -> None:
    told = as_property(text)
    assert told.isprintable()
    assert not set(",:") & set(told)
    assert unquote(told) == unquote(as_data(text))
    line = next(iter(workflow_commands(report_on({BROKEN: Status.FAILED}, said=text))))
    match = COMMAND.fullmatch(line)
    assert match is not None
    assert match[2] == BROKEN


def test_the_summary_keeps_below_the_limit() -> None:
    report = report_on({BROKEN: Status.FAILED})
    whole = markdown_report(report).encode()
    assert summary(report, 0) == whole
    assert summary(report, LARGEST - len(whole)) == whole
    assert summary(report, LARGEST - len(whole) + 1) == CUT.encode()
    assert summary(report, LARGEST - 1) == summary(report, LARGEST + 5) == b""
