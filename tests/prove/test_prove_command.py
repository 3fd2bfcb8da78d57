"""The command `prove`, on a few implementations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.emulator.faults import CATALOGUE
from conformance.errors import UsageError
from conformance.prove.matrix import as_html, as_markdown, summary
from conformance.prove.proof import Proof, matching, unproven
from conformance.prove.trial import Subject, SubjectKind, Trial, attempt


def prove(*arguments: str) -> int:
    result = main(["prove", *arguments], standalone_mode=False)
    assert isinstance(result, int)
    return result


def trial(**changes: object) -> Trial:
    made = Trial(
        subject=Subject(SubjectKind.FAULT, "status-in-capitals"),
        summary="The status is <b>written</b> in | capitals.",
        breaks="T6.status.values",
        follows=(),
        is_hidden=False,
        may_be_inconclusive=False,
        verdict="violates",
        failed=("T6.status.values",),
        requests=200,
        executions=10,
        seconds=0.2,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_fault_and_a_variant_that_are_judged_rightly(tmp_path: Path) -> None:
    code = prove(
        *("--fault", "status-in-capitals", "--variant", "all-lenient"),
        *("--report-dir", str(tmp_path), "--jobs", "1"),
    )
    assert code == 0
    record = json.loads((tmp_path / "matrix.json").read_text(encoding="utf-8"))
    assert record["problems"] == []
    assert {found["verdict"] for found in record["trials"]} == {"violates", "conforms"}
    assert "status-in-capitals" in (tmp_path / "matrix.md").read_text(encoding="utf-8")
    assert "status-in-capitals" in (tmp_path / "matrix.html").read_text(encoding="utf-8")


def test_a_pattern_that_matches_nothing_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="matches no fault; prove --list has their names"):
        matching(["one"], ["two*"], "fault")


def test_a_mistyped_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean status-in-capitals"):
        matching(CATALOGUE, ["status-in-capital"], "fault")


def test_the_list_names_each_with_its_clause(capsys: pytest.CaptureFixture[str]) -> None:
    assert prove("--list", "--fault", "status-in-*", "--variant", "all-lenient") == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("status-in-capitals" in line and "T6.status.values" in line for line in lines)
    assert any(line.startswith("variant  all-lenient") for line in lines)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, ""),
        ({"failed": ()}, "missed"),
        ({"failed": ("T6.status.values", "T7.id.echo")}, "also failed: T7.id.echo"),
        ({"follows": ("T7.id.echo",)}, "did not fail: T7.id.echo"),
        ({"subject": Subject(SubjectKind.VARIANT, "x")}, "accused of T6.status.values"),
        ({"subject": Subject(SubjectKind.VARIANT, "x"), "verdict": "conforms"}, ""),
        ({"subject": Subject(SubjectKind.VARIANT, "x"), "verdict": "inconclusive"}, "inconclusive"),
        (
            {
                "subject": Subject(SubjectKind.VARIANT, "x"),
                "verdict": "inconclusive",
                "may_be_inconclusive": True,
            },
            "",
        ),
    ],
)
def test_what_a_trial_says_is_wrong(changes: dict[str, object], problem: str) -> None:
    found = trial(**changes).problem
    assert problem in found
    assert bool(found) is bool(problem)


def test_a_clause_without_a_fault_is_named_where_the_whole_catalogue_was_tried() -> None:
    names = [name for name, fault in CATALOGUE.items() if not fault.odd]
    tried = [
        trial(subject=Subject(SubjectKind.FAULT, name), breaks=CATALOGUE[name].breaks)
        for name in names
    ]
    assert unproven(tried) == []
    without = [found for found in tried if found.breaks != "T6.status.values"]
    assert unproven(without) == []  # not all was tried, so nothing can be said
    elsewhere = [replace(found, breaks="T7.id.echo") for found in tried]
    assert "T6.status.values" in unproven(elsewhere)


def test_foreign_text_is_inert_in_the_matrix() -> None:
    proof = Proof((trial(),), (), 1.0)
    assert "<b>written" not in as_html(proof)
    assert "<b>written" not in as_markdown(proof)
    assert "&#124;" in as_markdown(proof)
    assert "1 of 1 faults caught" in summary(proof)


def test_a_should_fault_is_judged_by_should_clauses() -> None:
    name = next(name for name, fault in CATALOGUE.items() if fault.breaks == "EC.body.json")
    found = attempt(Subject(SubjectKind.FAULT, name))
    assert "EC.body.json" in found.failed
    assert found.verdict == "conforms"
