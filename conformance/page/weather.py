"""The weather: which responses speak of the moment rather than of the request, and how many do."""

from __future__ import annotations

import math
from bisect import insort
from collections import defaultdict

from msgspec import Struct, field

from conformance.model import Exchange, Failure
from conformance.page.error_codes import published_reason
from conformance.page.unread import OVERSIZED, OVERSIZED_BODY

OF_THE_MOMENT = frozenset({429, 502, 503, 504})
"""Statuses that say "not now" (RFC 9110, RFC 6585), whatever was asked."""

OURS = frozenset({Failure.TOO_LARGE, Failure.LOST})
"""Failures that say nothing of the target."""

ATTEMPTS, MOST_ATTEMPTS = 3, 6
"""How often a request must have met the same trouble before it can be called lasting, and how often
it is sent at most."""
REPEATED = 2
"""How often a request must have met trouble, at least, to be held against the target: where another
met it often enough, this is all that one more is sent, since each time may cost an execution."""
LONGER = 3
"""How many times the timeout is waited at last for a refusal that did not come within it: a
target may be slow with one kind of them."""
FIRST_OF_TROUBLE = min(OF_THE_MOMENT)
"""The first status that may say that there is trouble."""
CHANCE = 0.001
"""How likely, at most, the trouble of a whole run may be by chance and still be a violation."""
BUSY_SPAN = 2.0
"""Seconds over which a refusal without a published code must last: it may mean "busy"."""


class Weather(Struct):
    """How often requests met the trouble of the moment, and how often they were answered.

    `largest` is the size of the largest body that was answered, and not refused for its size, and
    `latest` when the latest request was sent that was answered.
    `served_at` says when requests were sent that were answered, for each recording by its number:
    its exchanges may stand in any order.
    """

    served: int = 0
    troubled: int = 0
    largest: int = 0
    latest: float = -math.inf
    served_at: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def take_in(self, exchange: Exchange) -> bool:
        """Count an exchange; whether it speaks of the moment."""
        response = exchange.response
        is_calm = response is not None and response.status < FIRST_OF_TROUBLE
        is_of_the_moment = not is_calm and speaks_of_the_moment(exchange)
        if is_of_the_moment or (not is_calm and is_fault(exchange)):
            self.troubled += 1
        elif exchange.response is not None:
            self.served += 1
            self.latest = max(self.latest, exchange.started)
            if exchange.recording:
                insort(self.served_at[exchange.recording], exchange.started)
            if exchange.response.status not in OVERSIZED:
                self.largest = max(self.largest, len(exchange.request.body))
        return is_of_the_moment


def is_closed_for_its_size(exchange: Exchange, weather: Weather) -> bool:
    """Whether a connection may have been closed because the body is too large (RFC 9110, 15.5.14).

    That is not so where as large a body was read.
    """
    failure, size = exchange.failure, len(exchange.request.body)
    is_closed = failure is not None and failure.kind is Failure.CLOSED
    return is_closed and size >= OVERSIZED_BODY and size > weather.largest


def chance(tries: int, served: int, troubled: int) -> float:
    """How likely it is that so many tries all meet trouble by chance.

    How much trouble there is, is known from other exchanges alone, `served` and `troubled`: the
    fewer they are, the less is known. This is the expectation by the posterior of a rate of which
    nothing is known beforehand (Jeffreys' prior).
    """
    return math.exp(log_chance(tries, served, troubled))


def log_chance(tries: int, served: int, troubled: int) -> float:
    """The logarithm of `chance`, for what is too small, or has too many ways, for a double."""
    met, all_others = troubled + 0.5, served + troubled + 1
    meets = math.lgamma(met + tries) - math.lgamma(met)
    return meets - math.lgamma(all_others + tries) + math.lgamma(all_others)


def attempts_needed(served: int, troubled: int) -> int:
    """How often a request has to meet trouble before chance does not explain it any more."""
    for tries in range(ATTEMPTS, MOST_ATTEMPTS):
        if served * chance(tries, served, troubled) < CHANCE:
            return tries
    return MOST_ATTEMPTS


def is_trouble(exchange: Exchange) -> bool:
    """Whether an exchange met what may pass: the trouble of a moment, or an internal error."""
    return speaks_of_the_moment(exchange) or is_fault(exchange)


def is_fault(exchange: Exchange) -> bool:
    """Whether an exchange met an error of the server that says neither why nor "not now"."""
    response = exchange.response
    if response is None or response.status < 500 or asks_to_wait(exchange):
        return False
    return published_reason(response) is None


def may_have_cost(exchange: Exchange) -> bool:
    """Whether a target may have executed what it never answered, or failed on."""
    return is_fault(exchange) or (exchange.response is None and speaks_of_the_moment(exchange))


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


def is_silence(exchange: Exchange) -> bool:
    """Whether it was we who stopped waiting, or nobody knows who did."""
    failure = exchange.failure
    return exchange.response is None and (failure is None or failure.kind is Failure.TIMEOUT)
