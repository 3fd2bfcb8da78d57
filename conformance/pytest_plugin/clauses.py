"""The tests that `pytest --pyargs conformance` collects; a test module may import them as well."""

from __future__ import annotations

import warnings

import pytest

from conformance.cli.embedded import prefixed
from conformance.judge.verdicts import ClauseVerdict, Verdict
from conformance.report.evidence import verdict_text
from conformance.report.labels import Label, label
from conformance.report.model import Report
from conformance.report.text import shorten, visible_line

LONGEST_LINE = 300


class BrokenShould(UserWarning):
    """A clause of level `should` is broken, and nobody asked to be strict."""


@pytest.mark.must
def test_run_is_conclusive(csbs_report: Report) -> None:
    """The run saw enough to say anything: a valid request was executed, a refusal seen.

    Without this test a run with a wrong fixture would skip every clause, and pass.
    """
    judgement = csbs_report.judgement
    if judgement.verdict is Verdict.INCONCLUSIVE:
        pytest.fail(f"inconclusive: {_line(prefixed(judgement.reason))}", pytrace=False)


def test_clause(csbs_clause: str, csbs_report: Report) -> None:
    """A clause holds.

    A `must` that is inconclusive fails, since `run` exits 3 for it: a target that does not let us
    see is no target that conforms. What was not exercised is skipped, and says what unlocks it.
    """
    verdicts = {verdict.clause.id: verdict for verdict in csbs_report.judgement.clauses}
    verdict = verdicts.get(csbs_clause)
    if verdict is None:
        pytest.skip("not selected")
    reason = _line(_reason(verdict))
    match label(verdict, strict=csbs_report.strict):
        case Label.FAILED:
            pytest.fail(f"{csbs_clause}: {reason}\n\n{verdict_text(verdict)}", pytrace=False)
        case Label.WARNING:
            warnings.warn(BrokenShould(f"{csbs_clause}: {verdict_text(verdict)}"), stacklevel=1)
        case Label.INCONCLUSIVE if verdict.clause.level == "must":
            pytest.fail(f"{csbs_clause}: inconclusive: {reason}", pytrace=False)
        case Label.INCONCLUSIVE:
            pytest.skip(f"inconclusive: {reason}")
        case Label.NOT_EXERCISED:
            pytest.skip(reason)


def _reason(verdict: ClauseVerdict) -> str:
    """Why the verdict is what it is, with what would unlock the clause."""
    if verdict.evidence:
        return verdict.reason
    reason = prefixed(verdict.reason)
    unlock = prefixed(verdict.unlock)
    return reason if not unlock or unlock in reason else f"{reason} (unlock with {unlock})"


def _line(text: str) -> str:
    return shorten(visible_line(text), LONGEST_LINE)
