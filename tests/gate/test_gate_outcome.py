"""What is excused, what counts, and the exit code that follows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from gate_reports import (
    MUSTS,
    SHOULDS,
    TODAY,
    baseline_of,
    excuses,
    report_on,
    reports,
)
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from msgspec.structs import replace

from conformance.contract.clauses import Level
from conformance.gate.model import ExcuseKind, Gate, Waiver, WaiverState
from conformance.gate.outcome import Excuses, is_note
from conformance.judge.verdicts import Status
from conformance.report.labels import explanation, headline
from conformance.report.model import Report, gated

BROKEN, OTHER, THIRD = MUSTS[:3]
SHOULD = SHOULDS[0]
FAILED, PASSED = Status.FAILED, Status.PASSED


def waived(clause: str, expires: date = TODAY) -> Excuses:
    return Excuses(waivers=(Waiver(clause, "agreed", expires),))


def decided(report: Report, excuses: Excuses) -> tuple[Gate, int]:
    after = gated(report, excuses, TODAY)
    assert after.gate is not None
    assert all(map(is_note, after.gate.notes))
    return after.gate, after.exit_code


def test_a_waived_clause_does_not_fail_the_run_until_its_last_day_is_over() -> None:
    report = report_on({BROKEN: FAILED, OTHER: PASSED})
    assert report.exit_code == 1
    gate, code = decided(report, waived(BROKEN))
    assert (code, gate.counting, gate.notes) == (0, (), ())
    assert gate.excuses[BROKEN].why == "waived until 2026-06-15: agreed"
    gate, code = decided(report, waived(BROKEN, TODAY - timedelta(1)))
    assert (code, gate.counting) == (1, (BROKEN,))
    assert gate.notes == (f"the waiver of {BROKEN} has expired: it held until 2026-06-14 (agreed)",)


def test_a_waiver_excuses_its_own_clause_alone() -> None:
    gate, code = decided(report_on({BROKEN: FAILED, OTHER: FAILED}), waived(BROKEN))
    assert (code, gate.counting) == (1, (OTHER,))


@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 1)])
def test_a_waiver_that_is_not_needed_fails_a_strict_run(strict: bool, code: int) -> None:
    for expires in (TODAY, TODAY - timedelta(1)):
        after = gated(report_on({BROKEN: PASSED}, strict=strict), waived(BROKEN, expires), TODAY)
        assert after.gate is not None
        assert after.exit_code == code
        assert after.gate.unneeded == (BROKEN,)
        assert "no longer needed" in after.notes[0]
        assert ("--strict counts it" in explanation(after)) is strict


@pytest.mark.parametrize("status", [Status.NOT_EXERCISED, None])
def test_of_what_was_not_seen_nobody_says_that_its_waiver_can_go(status: Status | None) -> None:
    statuses = {OTHER: PASSED} | ({BROKEN: status} if status else {})
    gate, code = decided(report_on(statuses, strict=True), waived(BROKEN))
    assert (code, gate.unneeded) == (0, ())
    assert gate.waivers[0][1] is WaiverState.UNSEEN


def test_a_waived_should_does_not_count_in_a_strict_run() -> None:
    report = report_on({SHOULD: FAILED, OTHER: PASSED}, strict=True)
    assert report.exit_code == 1
    after = gated(report, waived(SHOULD), TODAY)
    assert after.exit_code == 0
    assert "what else is broken is waived" in explanation(after)


def test_what_could_not_be_seen_is_excused_by_a_waiver_of_it_and_the_core_by_none() -> None:
    report = report_on({BROKEN: FAILED, OTHER: Status.INCONCLUSIVE})
    after = gated(report, waived(BROKEN), TODAY)
    assert after.exit_code == 3
    assert explanation(after) == f"{OTHER}: it was busy"
    both = Excuses(waivers=tuple(Waiver(name, "agreed", TODAY) for name in (BROKEN, OTHER)))
    assert decided(report, both)[1] == 0
    after = gated(replace_missing(report, "no request was refused"), both, TODAY)
    assert (after.exit_code, explanation(after)) == (3, "no request was refused")


def replace_missing(report: Report, missing: str) -> Report:
    return replace(report, judgement=replace(report.judgement, missing=missing))


def test_with_a_baseline_only_what_got_worse_counts() -> None:
    baseline = Excuses(baseline=baseline_of(frozenset({BROKEN, OTHER})))
    same = report_on({BROKEN: FAILED, OTHER: PASSED})
    after = gated(same, baseline, TODAY)
    assert after.gate is not None
    assert (after.exit_code, after.gate.mended) == (0, (OTHER,))
    assert after.gate.excused(ExcuseKind.KNOWN) == (BROKEN,)
    assert headline(after) == "Violates the contract, but all that is broken is known"
    gate, code = decided(report_on({BROKEN: FAILED, THIRD: FAILED}), baseline)
    assert (code, gate.counting) == (1, (THIRD,))


@pytest.mark.parametrize(
    ("before", "now", "missing", "code"),
    [
        ("broken", FAILED, "", 0),
        ("broken", Status.INCONCLUSIVE, "", 0),
        ("unseen", Status.INCONCLUSIVE, "", 0),
        ("unseen", FAILED, "", 1),
        ("kept", FAILED, "", 1),
        ("kept", Status.INCONCLUSIVE, "", 3),
        ("", FAILED, "", 1),
        ("", Status.INCONCLUSIVE, "", 3),
        ("broken", FAILED, "no request was refused", 3),
        ("unseen", Status.INCONCLUSIVE, "no request was refused", 3),
    ],
)
def test_a_baseline_excuses_what_is_no_worse_and_never_the_core(
    before: str, now: Status, missing: str, code: int
) -> None:
    clauses = frozenset({BROKEN})
    sets = {name: clauses for name in ("broken", "kept", "unseen") if name == before}
    report = report_on({BROKEN: now, OTHER: PASSED}, missing=missing)
    gate, found = decided(report, Excuses(baseline=baseline_of(**sets)))  # type: ignore[arg-type]
    assert found == code
    assert gate.counting == ((BROKEN,) if code == 1 else ())


def test_what_is_known_not_to_be_seen_is_no_pass_in_words() -> None:
    baseline = baseline_of(unseen=frozenset({BROKEN}))
    after = gated(report_on({BROKEN: Status.INCONCLUSIVE}), Excuses(baseline=baseline), TODAY)
    assert after.exit_code == 0
    assert headline(after) == "Inconclusive, but what could not be seen is known"


def test_an_expired_waiver_is_stronger_than_the_baseline() -> None:
    late = Waiver(BROKEN, "agreed", TODAY - timedelta(1))
    both = Excuses((late,), baseline_of(frozenset({BROKEN})))
    assert decided(report_on({BROKEN: FAILED}), both)[1] == 1
    both = Excuses((structs.replace(late, expires=TODAY),), baseline_of(frozenset({BROKEN})))
    after = gated(report_on({BROKEN: FAILED}), both, TODAY)
    assert after.exit_code == 0
    assert headline(after) == "Violates the contract, but all that is broken is waived"


@pytest.mark.parametrize(
    ("baseline", "told"),
    [
        (baseline_of(contract="0" * 64), "by another version of the contract"),
        (baseline_of(endpoint="https://x\x1b"), "of another endpoint, https://x␛"),
        (baseline_of(project_id=None), "of another project"),
        (
            baseline_of(kept=frozenset({OTHER})),
            f"1 clause kept in the baseline and not exercised now: {OTHER}",
        ),
    ],
)
def test_what_makes_a_baseline_another_is_said(baseline: object, told: str) -> None:
    report = report_on({BROKEN: PASSED, OTHER: Status.NOT_EXERCISED})
    gate, code = decided(report, Excuses(baseline=baseline))  # type: ignore[arg-type]
    assert len(gate.notes) == 1
    assert told in gate.notes[0]
    assert code == 0


def test_a_warning_of_the_run_is_no_note_of_the_gate() -> None:
    assert not is_note("--insecure: the certificate of the target was not checked")
    assert not is_note("nothing more was sent: the token was rejected")


@pytest.mark.parametrize("code", [130, 143])
def test_an_interrupted_run_stays_one(code: int) -> None:
    report = replace(report_on({BROKEN: FAILED}), exit_code=code)
    assert decided(report, waived(BROKEN))[1] == code


@given(reports)
def test_without_excuses_the_gate_is_not_there(report: Report) -> None:
    assert gated(report, Excuses(), TODAY) == report


@given(reports, st.sampled_from([Excuses(waivers=()), Excuses(baseline=baseline_of())]))
def test_excuses_that_excuse_nothing_change_no_exit_code(report: Report, empty: Excuses) -> None:
    after = gated(report, empty, TODAY)
    assert after.exit_code == report.exit_code
    assert after.judgement == report.judgement


@given(reports, excuses)
def test_the_exit_code_is_0_only_where_each_breach_is_excused(
    report: Report, given_: Excuses
) -> None:
    after = gated(report, given_, TODAY)
    valid = {w.clause for w in given_.waivers or () if w.expires >= TODAY}
    late = {w.clause for w in given_.waivers or ()} - valid
    known = (given_.baseline.broken if given_.baseline else frozenset()) - late
    unseen = (given_.baseline.unseen if given_.baseline else frozenset()) - late
    for verdict in report.judgement.clauses:
        name, counts = verdict.clause.id, verdict.clause.level is Level.MUST or report.strict
        if verdict.status is FAILED and counts and name not in valid | known:
            assert after.exit_code == 1
        if verdict.status is Status.INCONCLUSIVE and verdict.clause.level is Level.MUST:
            assert after.exit_code != 0 or name in valid | known | unseen
    assert after.exit_code != 0 or not report.judgement.missing
    assert after.judgement == report.judgement


@given(reports, excuses)
def test_excuses_make_nothing_worse_but_a_strict_run_with_an_unneeded_waiver(
    report: Report, given_: Excuses
) -> None:
    after = gated(report, given_, TODAY)
    if not (report.strict and after.gate and after.gate.unneeded):
        rank = {0: 0, 3: 1, 1: 2}
        assert rank[after.exit_code] <= rank[report.exit_code]
