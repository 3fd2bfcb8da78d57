"""Whether to wait for a target's clock: one that is read once a second moves on only then."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.page.answer import Execution, NotReached
from conformance.page.json_text import NotKnown
from conformance.page.tables_5_to_8 import COARSE

MARGIN = 0.1
"""Seconds more, since a wait may end early by the clock of the exchanges."""


def moves_by(executions: Sequence[Execution]) -> float:
    """By when a clock has moved that gave all `executions` one time, in epoch seconds.

    0 where it did move, or where there are no two: then there is nothing to wait for.
    """
    times = [_created_at(each) for each in executions]
    if len(times) < 2 or None in times or len(set(times)) > 1:
        return 0.0
    return executions[0].exchange.ended + COARSE + MARGIN


def _created_at(execution: Execution) -> str | None:
    try:
        return execution.text(execution.checkpoint, "created_at")
    except (NotReached, NotKnown):
        return None
