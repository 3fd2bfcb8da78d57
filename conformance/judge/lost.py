"""What was left undecided: by a kill, and by responses that say nothing of the request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.contract.clauses import Clause
from conformance.judge.observations import Observations
from conformance.model import Ending, Failure, JournalFooter
from conformance.page.executed import Doubt, can_be_asked_again
from conformance.page.oracle import Duty
from conformance.page.tables_2_to_4 import Feature, Shape
from conformance.text import counted

AT_ITS_LIMIT = (Ending.EXECUTIONS, Ending.REQUESTS)
OF_SHAPES = frozenset(shape.clause.id for shape in Shape)
"""The clauses that a valid request of their shape decides; the response has no part in it."""


def doubt_lost(seen: Observations, clauses: Mapping[str, Clause], footer: JournalFooter) -> None:
    """Leave undecided what a response that was lost would have decided, or may have broken.

    What other requests show of a clause stands. But what the executions that the kill cost left
    unsent would have been sent without it: there the others do not suffice.
    """
    for doubt in seen.doubts:
        _doubt(doubt, seen, clauses)
    if seen.doubts.spent and footer.ending in AT_ITS_LIMIT:
        what = counted(seen.doubts.spent, "execution")
        reason = f"{footer.ending.value}: {what} of --max-executions went to the kill of the run"
        seen.hidden = seen.hidden or reason
        for name in footer.unsent:
            seen.doubt(clauses[name], f"not all of its requests were sent: {reason}")


def doubt_hidden(seen: Observations) -> None:
    """Leave undecided the shapes of valid requests that a response hid, and none executed."""
    for feature, reason in seen.untold.items():
        if feature not in perhaps_executed(seen):
            seen.doubt(feature[0].clause, f"{reason} ({feature[1]})")


def perhaps_executed(seen: Observations) -> frozenset[Feature]:
    """The shapes of valid requests that were executed, or whose response was lost."""
    valid = [doubt.expectation for doubt in seen.doubts if doubt.expectation.duty is Duty.EXECUTE]
    return frozenset(seen.executed).union(*(expectation.features for expectation in valid))


def _doubt(doubt: Doubt, seen: Observations, clauses: Mapping[str, Clause]) -> None:
    expectation = doubt.expectation
    fate = "until it is" if can_be_asked_again(expectation) else "and is not"
    reason = f"{Failure.LOST.value}: it counts against --max-executions {fate} sent again"
    for clause in _undecided(doubt, seen):
        seen.doubt(clause, reason)
    seen.block(expectation, reason)
    if not expectation.may_execute:
        return
    if expectation.duty is Duty.EXECUTE:
        seen.hidden = seen.hidden or reason
    for clause in clauses.values():
        if clause.is_shown_by_executions and clause.id not in OF_SHAPES:
            seen.block_clause(clause, reason)


def _undecided(doubt: Doubt, seen: Observations) -> Iterator[Clause]:
    """The clauses that cannot pass without a response that was lost."""
    expectation = doubt.expectation
    if expectation.duty is Duty.EXECUTE:
        lacking = expectation.features - seen.executed
        yield from (shape.clause for shape, _ in sorted(lacking, key=lambda each: each[1]))
    elif can_be_asked_again(expectation):
        yield from (breach.clause for breach in expectation.breaches)
