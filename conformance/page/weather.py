"""The weather: which responses speak of the moment rather than of the request, and how many do."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.model import Exchange, Failure

OF_THE_MOMENT = frozenset({429, 502, 503, 504})
"""Statuses that say "not now" (RFC 9110, RFC 6585), whatever was asked."""

OURS = frozenset({Failure.TOO_LARGE, Failure.LOST})
"""Failures that say nothing of the target."""


def speaks_of_the_moment(exchange: Exchange) -> bool:
    """Whether an exchange says "not now": by such a status, or by no answer at all.

    An answer too large for us to read, or lost with a run, is none of these: that is our doing.
    """
    if exchange.response is None:
        return exchange.failure is None or exchange.failure.kind not in OURS
    return exchange.response.status in OF_THE_MOMENT


ATTEMPTS = 3
"""How often a request must have met the same trouble before it can be called lasting."""
FAULT_ATTEMPTS = 2
BUSY_SPAN = 2.0
"""Seconds over which a refusal without a published code must last: it may mean "busy"."""


@dataclass
class Weather:
    """How often requests met the trouble of the moment, and how often they were answered."""

    served: int = 0
    troubled: int = 0
