"""The weather: which responses speak of the moment rather than of the request, and how many do."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.model import Exchange, Failure
from conformance.page.error_codes import published_reason

OF_THE_MOMENT = frozenset({429, 502, 503, 504})
"""Statuses that say "not now" (RFC 9110, RFC 6585), whatever was asked."""

OURS = frozenset({Failure.TOO_LARGE, Failure.LOST})
"""Failures that say nothing of the target."""

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

    def take_in(self, exchange: Exchange) -> bool:
        """Count an exchange; whether it speaks of the moment."""
        if is_trouble := speaks_of_the_moment(exchange):
            self.troubled += 1
        elif exchange.response is not None:
            self.served += 1
        return is_trouble


def speaks_of_the_moment(exchange: Exchange) -> bool:
    """Whether an exchange says "not now": by such a status, or by no response at all.

    A response too large to read here, or lost with a run, is none of these: that is our doing. Nor
    is one with a published code, which says what it is.
    """
    if exchange.response is None:
        return exchange.failure is None or exchange.failure.kind not in OURS
    return asks_to_wait(exchange) and published_reason(exchange.response) is None


def asks_to_wait(exchange: Exchange) -> bool:
    """Whether a response asks by its status to be left alone for a moment."""
    return exchange.response is not None and exchange.response.status in OF_THE_MOMENT
