"""The tests that `pytest --pyargs conformance` collects; a test module may import them as well."""

from __future__ import annotations

import warnings

import pytest

from conformance.gate.outcome import note_on
from conformance.judge.verdicts import ClauseVerdict, Verdict
from conformance.report.evidence import verdict_text
from conformance.report.labels import Label, excuse, explanation, label_in
from conformance.report.model import Report
from conformance.run.options import prefixed
from conformance.text import shorten, visible_line

LONGEST_LINE = 300
INCONCLUSIVE = 3
"""The exit code of `run` where a run does not say enough."""


class BrokenShould(UserWarning):
    """A clause of level `should` is broken, and nobody asked to be strict."""


class UnneededWaiver(UserWarning):
    """A clause is waived and kept, and nobody asked to be strict."""


@pytest.mark.must
def test_run_is_conclusive(csbs_report: Report) -> None:
    """The run saw enough to say anything: a valid request was executed, a refusal seen.

    Without this test a run with a wrong fixture would skip every clause, and pass. Waivers and a
    baseline stand in for clauses, and for nothing of this.
    """
    verdict = csbs_report.judgement.verdict
    is_unseen = csbs_report.gate is None and verdict is Verdict.INCONCLUSIVE
    if is_unseen or csbs_report.exit_code == INCONCLUSIVE:
        pytest.fail(f"inconclusive: {_line(prefixed(explanation(csbs_report)))}", pytrace=False)


def test_clause(csbs_clause: str, csbs_report: Report) -> None:
    """A clause holds.

    A `must` that is inconclusive fails, since `run` exits 3 for it: a target that does not let us
    see is no target that conforms. What was not exercised is skipped, and says what unlocks it.
    What is waived, or known from the baseline, is expected to fail.
    """
    verdicts = {verdict.clause.id: verdict for verdict in csbs_report.judgement.clauses}
    verdict = verdicts.get(csbs_clause)
    if verdict is None:
        pytest.skip("not selected")
    reason = _line(_reason(verdict))
    waiver = _line(_note(csbs_clause, csbs_report))
    match label_in(csbs_report, verdict):
        case Label.WAIVED | Label.KNOWN:
            pytest.xfail(_line(excuse(csbs_report, verdict)))
        case Label.PASSED if waiver and csbs_report.strict:
            pytest.fail(waiver, pytrace=False)
        case Label.PASSED if waiver:
            warnings.warn(UnneededWaiver(waiver), stacklevel=1)
        case Label.FAILED:
            told = f"{waiver}\n" if waiver else ""
            told += f"{csbs_clause}: {reason}\n\n{verdict_text(verdict)}"
            pytest.fail(told, pytrace=False)
        case Label.WARNING:
            warnings.warn(BrokenShould(f"{csbs_clause}: {verdict_text(verdict)}"), stacklevel=1)
        case Label.INCONCLUSIVE if verdict.clause.level == "must":
            pytest.fail(f"{csbs_clause}: inconclusive: {reason}", pytrace=False)
        case Label.INCONCLUSIVE:
            pytest.skip(f"inconclusive: {reason}")
        case Label.NOT_EXERCISED:
            pytest.skip(reason)


def _note(clause: str, report: Report) -> str:
    """What is to be said of the waiver of a clause, if there is one that does nothing."""
    waivers = report.gate.waivers if report.gate else ()
    return next((note_on(each, state) for each, state in waivers if each.clause == clause), "")


def _reason(verdict: ClauseVerdict) -> str:
    """Why the verdict is what it is, with what would unlock the clause."""
    if verdict.evidence:
        return verdict.reason
    reason = prefixed(verdict.reason)
    unlock = prefixed(verdict.unlock)
    return reason if not unlock or unlock in reason else f"{reason} (unlock with {unlock})"


def _line(text: str) -> str:
    return shorten(visible_line(text), LONGEST_LINE)
