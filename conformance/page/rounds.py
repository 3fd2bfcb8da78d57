"""Rounds: one refused request between two lists of backups, and what came up in between."""

from __future__ import annotations

from collections.abc import Set

from msgspec import Struct, field

from conformance.model import Exchange
from conformance.page.executed import was_refused
from conformance.page.listing import Listing
from conformance.page.oracle import Expectation

ROUNDS = 3
"""How often a refusal must have brought one more record, and nothing but that, to be accused."""


class Round(Struct, frozen=True):
    """The same refused request, sent `times` between two whole lists, and what came up there."""

    exchange: Exchange
    times: int
    came: int


class Rounds(Struct):
    """The rounds of a run; `done` has them by what their request asked.

    Nothing is a round where anything else was sent between the lists, or executed.
    """

    done: dict[str, list[Round]] = field(default_factory=dict)
    _between: list[Exchange] = field(default_factory=list)
    _is_pure: bool = True

    def note(self, exchange: Exchange, expectation: Expectation) -> None:
        """Note what is sent between two lists."""
        if not self._is_pure:
            return
        same = not self._between or self._between[0].asked == exchange.asked
        self._is_pure = was_refused(exchange, expectation) and same
        if self._is_pure:
            self._between.append(exchange)

    def end(self, before: Listing | None, listing: Listing, own: Set[str]) -> None:
        """Take in the list that ends a round, the one `before` it, and the records of the run."""
        between = self._between
        if before and between and self._is_pure and before.is_of_all and listing.is_of_all:
            came = listing.records.keys() - before.records.keys() - own
            done = Round(between[0], len(between), len(came))
            self.done.setdefault(between[0].asked, []).append(done)
        self._between, self._is_pure = [], True
