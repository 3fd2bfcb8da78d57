"""Asks the function of a clause about what an exchange shows, and notes what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.contract.clauses import Clause
from conformance.judge.observations import Observations
from conformance.judge.verdicts import Finding
from conformance.model import Exchange
from conformance.page.answer import NotReached, Undecided
from conformance.page.json_text import NotKnown


def decide(
    seen: Observations, clause: Clause, judge: Callable[..., Any], exchange: Exchange, *shown: Any
) -> None:
    """Have `judge` look at what an exchange has `shown`; it may find nothing to judge by."""
    try:
        wrong = judge(*shown)
    except (NotReached, NotKnown):
        return
    except Undecided as why:
        seen.doubt(clause, str(why))
        return
    seen.exercised(clause.id)
    if wrong:
        seen.found(Finding(clause.id, exchange, *wrong))
