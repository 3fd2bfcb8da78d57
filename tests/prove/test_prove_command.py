"""The command `prove`, on a few implementations."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from cli_helpers import NEVER_HANGS, command, started

from conformance.cli import main
from conformance.contract.clauses import Level
from conformance.emulator.bases import BASES
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.variants.registry import REGISTERED, Variant
from conformance.errors import UsageError
from conformance.judge.verdicts import Verdict
from conformance.prove.matrix import as_html, as_markdown, summary
from conformance.prove.proof import Proof, matching, unproven
from conformance.prove.trial import Subject, SubjectKind, Trial, attempt, report_on, subjects


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


def test_a_fault_is_tried_on_the_bases_that_are_asked_for(tmp_path: Path) -> None:
    options = ("--report-dir", str(tmp_path), "--jobs", "1")
    assert prove("--fault", "other-media-type-forbidden", "--base", "[ml]*", *options) == 0
    record = json.loads((tmp_path / "matrix.json").read_text(encoding="utf-8"))
    found = {trial["subject"]["base"]: trial["is_hidden"] for trial in record["trials"]}
    assert found == {"mixed": False, "lax": True}
    (line,) = [
        line
        for line in (tmp_path / "matrix.md").read_text(encoding="utf-8").splitlines()
        if "other-media-type-forbidden" in line
    ]
    assert "| T2.body.media-type |  | lax |" in line


def test_a_sample_tries_each_fault_once_where_it_shows_and_every_base() -> None:
    faults = [name for name, fault in CATALOGUE.items() if not fault.odd]
    chosen = subjects(faults, [], list(BASES), deep=False, sample=True)
    assert [each.name for each in chosen] == faults
    assert {each.base for each in chosen} == set(BASES)
    assert all(CATALOGUE[each.name].clauses_on(each.base) for each in chosen)


@pytest.mark.parametrize("base", BASES)
def test_a_base_conforms_in_what_must_and_what_should_be(base: str, tmp_path: Path) -> None:
    with mock.patch.dict(REGISTERED, {base: Variant(base, "A base.", BASES[base])}):
        found = report_on(Subject(SubjectKind.VARIANT, base), tmp_path).judgement
    assert found.verdict is Verdict.CONFORMS
    assert not found.failed(Level.SHOULD)


@pytest.mark.parametrize(
    ("fault", "base"),
    [
        ("two-servers-refused", "lax"),  # listed servers are shown to exist
        ("one-server-refused", "lax"),  # what tells why it was refused goes before open points
        ("repeated-name-forbidden", "lax"),  # what is bad in a request is cleared elsewhere
        ("plan-id-in-capitals-forbidden", "lax"),
        ("duplicate-servers-not-found", "lax"),
    ],
)
def test_a_base_does_not_hide_a_fault_by_what_it_leaves_unsent(fault: str, base: str) -> None:
    assert attempt(Subject(SubjectKind.FAULT, fault, base=base)).problem == ""


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    "fault",
    [
        "auto-trigger-required",
        "left-out-only-where-not-automatic",
        "servers-in-another-order-crash",
        "empty-parameters-refused",
        "order-of-names-of-the-table",
        "missing-plan-id-crashes",
        "number-as-item-crashes",
        "wrong-provider-crashes",
        "bad-json-crashes",
    ],
)
def test_smoke_decides_nothing_that_the_whole_plan_leaves_open(fault: str, base: str) -> None:
    assert attempt(Subject(SubjectKind.FAULT, fault, base=base)).smoke_alone == ()


@pytest.mark.parametrize("is_hidden", [False, True])
def test_what_smoke_alone_decides_is_a_problem(is_hidden: bool) -> None:
    failed = () if is_hidden else ("T6.status.values",)
    found = trial(smoke_alone=("S200.executed",), is_hidden=is_hidden, failed=failed)
    assert "smoke decides" in found.problem
    assert "S200.executed" in found.problem


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
        ({"is_hidden": True}, "hidden there, and failed: T6.status.values"),
        ({"is_hidden": True, "failed": ()}, ""),
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


def test_what_the_suite_got_wrong_comes_first_in_the_page() -> None:
    missed = trial(
        subject=Subject(SubjectKind.FAULT, "zulu", base="lax"), breaks="T7.id.echo", failed=()
    )
    page = as_html(Proof((trial(), missed), (), 1.0))
    assert page.index("<code>zulu</code>") < page.index("<code>status-in-capitals</code>")
    assert "missed: T7.id.echo did not fail (lax)" in page
    assert "<h1>1 problem: the suite is wrong</h1>" in page
    assert "<h1>Every fault caught, no variant accused</h1>" in as_html(Proof((trial(),), (), 1.0))


def test_foreign_text_is_inert_in_the_matrix() -> None:
    proof = Proof((trial(),), (), 1.0)
    assert "<b>written" not in as_html(proof)
    assert r"\<b>written\</b> in \| capitals" in as_markdown(proof)
    assert "1 of 1 that show on the mixed base" in summary(proof)


def test_a_should_fault_is_judged_by_should_clauses() -> None:
    name = next(name for name, fault in CATALOGUE.items() if fault.breaks == "EC.body.json")
    found = attempt(Subject(SubjectKind.FAULT, name))
    assert "EC.body.json" in found.failed
    assert found.verdict == "conforms"


def processes_of(group: int) -> list[int]:
    """The processes of a group that have not ended."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            state, _, its_group = (directory / "stat").read_text().rpartition(")")[2].split()[:3]
            found += [int(directory.name)] * (int(its_group) == group and state != "Z")
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are read in /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_it(number: signal.Signals, tmp_path: Path) -> None:
    process = started("prove", "--variant", "*", "--jobs", "2", cwd=tmp_path)
    give_up = time.monotonic() + NEVER_HANGS
    while len(processes_of(process.pid)) < 4 and time.monotonic() < give_up:
        time.sleep(0.05)
    os.killpg(process.pid, number) if number is signal.SIGTERM else process.kill()
    process.communicate(timeout=NEVER_HANGS)
    while (left := processes_of(process.pid)) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert left == []


def test_variants_that_break_a_clause_are_named_whatever_its_level(tmp_path: Path) -> None:
    words = ("--clause", "T5.body.coding", "--variant", "http-deflate", "--report-dir", "out")
    done = command("prove", *words, cwd=tmp_path)
    assert done.code == 1
    assert done.out.startswith(
        "✗ variant http-deflate (in conformance/emulator/variants/http_forms.py) "
    )
    unknown = command("prove", "--clause", "zzz", cwd=tmp_path)
    assert unknown.code == 2
    assert (
        "--clause 'zzz' matches no clause; csbs-conformance clauses has their names" in unknown.err
    )
    kept = command("prove", *words[:2], "--variant", "null-refused", *words[4:], cwd=tmp_path)
    assert kept.out.startswith("no variant breaks T5.body.coding\nT5.body.coding has 2 faults")
    assert "Faults caught" not in kept.out
