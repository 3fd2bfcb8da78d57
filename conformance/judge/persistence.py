"""Telling an unlucky moment from a lasting fault, by what repetitions of a request met.

A status such as 503, or no response, speaks of the moment, and an internal error may pass. Both
become a violation only where one request keeps meeting them while others are served, and only where
chance is no explanation.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from conformance.judge.recorded import as_first_asked, says_too_little
from conformance.lazily import lazily
from conformance.model import Exchange
from conformance.page.oracle import BODY, Expectation
from conformance.page.weather import ATTEMPTS, CHANCE, REPEATED, Weather, log_chance

MOST_KEPT = 16
"""Exchanges kept of one request in trouble: the first, and the latest."""
MOST_REQUESTS = 10_000
"""Requests in trouble that are told apart; a target in more trouble than that shows it in these."""


class Attempts(Struct):
    """One request that met trouble: the exchanges that did, and whether any did not.

    Of many exchanges, `dropped` are counted and no longer kept. `unread` says that the
    bodies of the responses are not known: a published code in them may excuse the target.
    """

    expectation: Expectation
    exchanges: list[Exchange] = field(default_factory=list)
    served_before: list[int] = field(default_factory=list)
    overcome: bool = False
    dropped: int = 0
    unread: bool = False

    @property
    def tries(self) -> int:
        """How often the request met the trouble."""
        return len(self.exchanges) + self.dropped

    def add(self, exchange: Exchange, served: int, latest: float = math.inf) -> None:
        """Take in one more, when `served` responses had been seen, the `latest` asked for then.

        What was asked for before the last attempt was, on a connection that it had already, does
        not show that others are served.
        """
        if self.exchanges and latest < self.last.started:
            served = self.served_before[-1]
        self.exchanges.append(exchange)
        self.served_before.append(served)
        if len(self.exchanges) > MOST_KEPT:
            del self.exchanges[1], self.served_before[1]
            self.dropped += 1

    @property
    def last(self) -> Exchange:
        """The latest exchange that met the trouble."""
        return self.exchanges[-1]

    @property
    def outcome(self) -> str:
        """What the request met, each outcome once and in its order, and how often it met any."""
        kept = dict.fromkeys(each.outcome for each in self.exchanges)
        return ", ".join([*kept, *([f"{self.tries} times"] if self.tries > 1 else [])])

    @property
    def span(self) -> float:
        """Seconds from the first attempt to the last."""
        return self.last.started - self.exchanges[0].started

    @property
    def served_between(self) -> bool:
        """Whether other requests were answered between the last two attempts."""
        return len(self.served_before) > 1 and self.served_before[-2] < self.served_before[-1]


class Troubles:
    """All requests of a run that met one kind of trouble, by what they asked.

    What was recorded without its body stands by itself.
    """

    def __init__(self) -> None:
        self.requests: dict[tuple[str, bool], Attempts] = {}

    def met(
        self, expectation: Expectation, exchange: Exchange, served: int, latest: float = math.inf
    ) -> None:
        """Note that `exchange` met the trouble, when `served` responses had been seen.

        The `latest` of them was asked for at that time.
        """
        asked = exchange.asked, says_too_little(exchange)
        if asked not in self.requests:
            if len(self.requests) >= MOST_REQUESTS:
                return
            self.requests[asked] = Attempts(expectation, unread=asked[1])
        self.requests[asked].add(exchange, served, latest)

    def overcome(self, exchange: Exchange) -> None:
        """Note that the same request met something else as well."""
        if not self.requests:
            return
        same = (exchange, as_first_asked(exchange)) if exchange.recording else (exchange,)
        for each in same:
            for attempts in self._of(each.asked):
                attempts.overcome = True

    def only(self, asked: str) -> Troubles:
        """The trouble of one request."""
        one = Troubles()
        one.requests = {(asked, attempts.unread): attempts for attempts in self._of(asked)}
        return one

    def _of(self, asked: str) -> list[Attempts]:
        found = (self.requests.get((asked, unread)) for unread in (False, True))
        return [attempts for attempts in found if attempts is not None]

    @property
    def lasting(self) -> list[Attempts]:
        """The requests that never met anything else."""
        return [attempts for attempts in self.requests.values() if not attempts.overcome]


class Reckoning(Struct, frozen=True, dict=True):
    """How much trouble there is in a run, and which of it chance does not explain.

    `served` and `troubled` count the exchanges of requests that are not held against the target;
    `lasting` are the requests that are, by the clauses that they break, those that met most trouble
    first; `exchanges` says how many exchanges there were of each. `spoiled` are the requests that
    break a clause for which nothing but trouble was met, by that clause. `served_at` is
    when requests were served in recordings.
    """

    served: int
    troubled: int
    lasting: Mapping[str, Sequence[Attempts]]
    exchanges: Mapping[str, int]
    spoiled: Mapping[str, Sequence[Attempts]] = field(default_factory=dict)
    served_at: Mapping[int, Sequence[float]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, weather: Weather, troubles: Iterable[Troubles], exchanges: Mapping[str, int]
    ) -> Reckoning:
        """That of a run. Requests are held against the target where one like them was repeated.

        What met trouble and has the body of one of these says nothing of trouble elsewhere.
        """
        lasting: defaultdict[str, list[Attempts]] = defaultdict(list)
        for attempts in (each for some in troubles for each in some.lasting if not each.unread):
            for kind in attempts.expectation.reckoned_by:
                lasting[kind].append(attempts)
        held = {
            kind: sorted(some, key=lambda each: -each.tries)
            for kind, some in lasting.items()
            if any(each.tries >= REPEATED for each in some)
        }
        spoiled = {
            kind: some
            for kind, some in lasting.items()
            if sum(each.tries for each in some) == exchanges.get(kind)
        }
        explained = {id(each): each for each in _each_once(held)}
        bodies = {each.last.request.body for each in explained.values()} - {b""}
        explained |= {id(a): a for a in _each_once(lasting) if a.last.request.body in bodies}
        troubled = weather.troubled - sum(each.tries for each in explained.values())
        return cls(weather.served, troubled, held, exchanges, spoiled, weather.served_at)

    def excludes_chance(self, attempts: Attempts) -> bool:
        """Whether what one request met can be held against the target.

        It was repeated, and others were served meanwhile. It must be improbable that as many
        requests that break the same clause, whichever they are, met as much trouble, even once
        among all clauses; that as many of all requests did; or that for as many clauses nothing but
        trouble was met.
        """
        if attempts.overcome or attempts.tries < REPEATED or not self._served_between(attempts):
            return False
        kinds = attempts.expectation.reckoned_by
        if any(attempts.tries >= self._least_tries.get(kind, math.inf) for kind in kinds):
            return True
        if attempts.tries >= self._least_of_all:
            return True
        return not kinds.isdisjoint(self.spoiled) and self._are_improbable_together

    @property
    def _clauses(self) -> int:
        """Of how many clauses, and kinds beside them, there were requests."""
        return len(self.exchanges.keys() - {BODY})

    @lazily
    def _are_improbable_together(self) -> bool:
        """Whether chance does not explain that nothing else was met for so many clauses.

        A server that fails on most of what is wrong leaves few executions, and few repetitions.
        """
        spoiled, held = _each_once(self.spoiled), {id(each) for each in _each_once(self.lasting)}
        tries = sum(each.tries for each in spoiled)
        alone = sum(each.tries for each in spoiled if id(each) not in held)
        ways = math.log(self._clauses) + log_choices(
            self._clauses, len(self.spoiled.keys() - {BODY})
        )
        likely = log_chance(tries, self.served, max(self.troubled - alone, 0))
        return ways + likely < math.log(CHANCE)

    def _served_between(self, attempts: Attempts) -> bool:
        """Whether other requests were answered between the last two attempts.

        The entries of a recording may stand in any order, and each file has a clock of its own.
        """
        if not attempts.last.recording:
            return attempts.served_between
        one, other = sorted(attempts.exchanges, key=lambda each: each.started)[-2:]
        served_at = self.served_at.get(other.recording, ())
        is_between = bisect_left(served_at, other.started) > bisect_right(served_at, one.started)
        return one.recording == other.recording and is_between

    @lazily
    def _least_of_all(self) -> float:
        """How often a request has to have met trouble, whatever it breaks, for chance to be no
        explanation of all those that were repeated to the end; infinite where it always is one.
        """
        repeated = [each for each in _each_once(self.lasting) if each.tries >= ATTEMPTS]
        lasting = sorted(repeated, key=lambda each: -each.tries)
        requests = self.served + self.troubled + len(lasting)
        return self._least(lasting, requests, 0.0)

    def _least(self, lasting: Sequence[Attempts], requests: int, ways: float) -> float:
        """The tries of the last that chance does not explain with those before it, among so many
        requests, with the logarithm of other ways in which as much might have happened.
        """
        least, tries = math.inf, 0
        for number, each in enumerate(lasting, 1):
            tries += each.tries
            chosen = ways + log_choices(requests, number)
            if chosen + log_chance(tries, self.served, self.troubled) < math.log(CHANCE):
                least = each.tries  # the later ones met no more
        return least

    @lazily
    def _least_tries(self) -> Mapping[str, float]:
        """The same of the requests that break a clause, by that clause, of all clauses."""
        ways = math.log(self._clauses) if self.exchanges else 0.0
        least: dict[str, float] = {}
        for kind, lasting in self.lasting.items():
            all_tries = sum(each.tries for each in lasting)
            requests = max(self.exchanges.get(kind, 0) - all_tries, 0) + len(lasting)
            least[kind] = self._least(lasting, requests, ways)
        return least


def log_choices(number: int, chosen: int) -> float:
    """The logarithm of in how many ways so many can be chosen: a double cannot hold all of them."""
    left = number - chosen
    return math.lgamma(number + 1) - math.lgamma(chosen + 1) - math.lgamma(left + 1)


def _each_once(by_clause: Mapping[str, Sequence[Attempts]]) -> list[Attempts]:
    """The requests of several clauses, each once though it may break more than one."""
    return list({id(each): each for some in by_clause.values() for each in some}.values())
