"""Valid requests that were refused: which clauses that breaks, and since when."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.judge.acceptance import explain
from conformance.judge.history import TurningPoint
from conformance.judge.lost import perhaps_executed
from conformance.judge.observations import Observations
from conformance.judge.persistence import Attempts
from conformance.judge.verdicts import Finding
from conformance.page.status_codes import IS_EXECUTED
from conformance.text import counted


def accuse_shapes(seen: Observations, accused: Sequence[Attempts]) -> None:
    """Find, for valid requests that were refused, the clauses that this breaks."""
    explained = explain([a.expectation for a in accused], perhaps_executed(seen))
    for place, attempts in enumerate(accused):
        feature = explained[place]
        clause = feature[0].clause if feature else IS_EXECUTED
        what = f" ({feature[1]})" if feature else ""
        received = attempts.outcome
        seen.exercised(clause.id)
        expected = f"200 to a valid request{what}"
        seen.found(Finding(clause.id, attempts.last, expected, received))
        seen.block(attempts.expectation, received)
        seen.hidden = seen.hidden or f"no valid request was executed: {attempts.last.outcome}"


def accuse_moment(seen: Observations, accused: Sequence[Attempts], turn: TurningPoint) -> None:
    """Blame what came before, not what was asked, where everything was refused from then on."""
    since, until = turn.since, turn.until
    expected = f"200 to a valid request, as {until.id} got it"
    first = next(attempts for attempts in accused if attempts.exchanges[0] is since)
    others = counted(len(accused) - 1, "other valid request")
    more = f"; and so did {others}, all that came after {until.id}" if len(accused) > 1 else ""
    if turn.between:
        more += f"; {counted(len(turn.between), 'request')} came in between"
    earlier = (*turn.before, until, *turn.between)
    seen.exercised(IS_EXECUTED.id, len(accused))
    received = f"{first.outcome}{more}"
    seen.found(Finding(IS_EXECUTED.id, since, expected, received, until.id, earlier), len(accused))
    for attempts in accused:
        seen.block(attempts.expectation, turn.in_words)
