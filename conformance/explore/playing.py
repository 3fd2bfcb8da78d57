"""Sends histories to a live target from another thread, within the limits of the run."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from conformance.exchange.budget import Exhausted
from conformance.exchange.courier import Courier
from conformance.explore.histories import History, Moment
from conformance.explore.past import name_of
from conformance.judge.run import Judge
from conformance.model import Ending, Exchange
from conformance.plan.drafting import Probe

SHRINKS = 150
"""Requests that shrinking what one visit found may take."""
KEPT_TO_SHRINK = 40
"""Requests that are kept for shrinking what is found last."""
KEPT_SHARE = 4
"""One in so many of all executions is kept for what should be refused and is executed."""
MOST_REPEATS = 60
"""Repetitions after which a place is left: there the target is slow to say what it does."""
MOST_REPEATS_ONCE_FOUND = 20
"""The same for a place where something was found."""


class Enough(BaseException):
    """Ends a visit; Hypothesis, which takes an Exception for a failure, lets it pass."""


@dataclass
class Player:
    """Plays histories through a courier whose event loop is `loop`, and says what they break.

    `found` are the clauses that are known to be broken, and that nobody needs to be told again;
    `left` is how many requests may be sent.
    """

    courier: Courier
    judge: Judge
    loop: asyncio.AbstractEventLoop
    left: int
    found: set[str]
    repeats: Counter[str]
    ending: Ending = Ending.COMPLETE
    trouble: BaseException | None = None
    stopped: bool = False
    shrinking: int = 0
    slow: set[str] = field(default_factory=set)
    _place: str = ""
    _visit: int = 0
    _histories: int = 0
    _sending: Future[list[list[Exchange]]] | None = None

    def begin(self, place: str, visit: int, histories: int = 0) -> None:
        """Begin a visit to a place, or go on with one that has sent some histories."""
        self._place, self._visit = place, visit
        self._histories, self.shrinking = histories, 0

    def end(self) -> None:
        """Send no more, from the thread of the event loop."""
        self.stopped = True
        if self._sending is not None:
            self._sending.cancel()

    @property
    def may_execute(self) -> bool:
        """Whether there are executions to spare."""
        executions = self.courier.budget.executions
        kept = max(1, executions.limit // KEPT_SHARE)
        return executions.spent < executions.limit - kept

    @property
    def is_spent(self) -> bool:
        """Whether nothing new is to be tried: shrinking may take what is left."""
        requests = self.courier.budget.requests
        return self.left <= 0 or requests.spent >= requests.limit - KEPT_TO_SHRINK

    def is_slow(self, place: str) -> bool:
        """Whether a place is to be left, since too much was repeated there."""
        patience = MOST_REPEATS_ONCE_FOUND if place in self.slow else MOST_REPEATS
        return self.repeats[place] > patience

    def may_send(self, moments: Iterable[Moment]) -> bool:
        """Whether executions are left for requests, if a target may execute any of them.

        One that was lost with a run that is resumed is not sent again.
        """
        requests = [request for moment in moments for request in moment]
        executing = {each.digest for each in requests if self.judge.oracle.expect(each).may_execute}
        return not executing or (self.may_execute and executing.isdisjoint(self.courier.lost))

    def play(self, history: History) -> tuple[int, list[str]]:
        """Send a history until something new is broken; how much was sent, and what that breaks.

        Raises Enough where nothing more may be sent.
        """
        self._histories += 1
        for length, moment in enumerate(history, 1):
            if not self.may_send([moment]):
                break
            name = name_of(self._place, self._visit, self._histories, length)
            if broken := self.ask([Probe(name, request) for request in moment]):
                return length, broken
        return len(history), []

    def breaks(self, history: History, clause: str) -> bool:
        """Whether a history breaks a clause when it is sent now. Raises Enough."""
        return clause in self.play(history)[1]

    def ask(self, probes: list[Probe]) -> list[str]:
        """Send probes at once; the new clauses that they break. Raises Enough."""
        if self.stopped or (self.is_spent and not self.shrinking):
            raise Enough
        self.shrinking += len(probes) if self.shrinking else 0
        if self.shrinking > SHRINKS or self.repeats[self._place] > MOST_REPEATS:
            raise Enough
        self.left -= len(probes)
        known = self._known
        asked = self._sent(probes)
        self.repeats[self._place] += sum(len(attempts) - 1 for attempts in asked)
        if self._known == known and all(map(self._are_plainly_allowed, asked)):
            return []
        broken = (name for attempts in asked for name in self.judge.broken_by(attempts))
        return [name for name in broken if name not in self.found]

    def _sent(self, probes: list[Probe]) -> list[list[Exchange]]:
        self._sending = asyncio.run_coroutine_threadsafe(self._send(probes), self.loop)
        try:
            return self._sending.result()
        except Exhausted as exhausted:
            self.ending = exhausted.ending
            self.stopped = True
            raise Enough from None
        except BaseException as trouble:
            self.trouble = self.trouble or trouble
            self.stopped = True
            raise Enough from None

    async def _send(self, probes: list[Probe]) -> list[list[Exchange]]:
        if self.stopped:  # since it was asked for
            raise asyncio.CancelledError
        return await self.courier.explore(probes)

    def _are_plainly_allowed(self, attempts: list[Exchange]) -> bool:
        """Whether every response is a refusal that the page allows, so that no judge need ask."""
        allowed = self.judge.oracle.expect(attempts[0].request).allowed
        statuses = [each.response.status if each.response else 0 for each in attempts]
        return all(400 <= status < 500 and status in allowed for status in statuses)

    @property
    def _known(self) -> int:
        return sum(tally.broken for tally in self.judge.seen.tallies.values())
