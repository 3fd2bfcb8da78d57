"""Runs Hypothesis against a live target, and shrinks what breaks a clause: a request, or a history.

A history is sent as a whole each time, to the target as it is by then.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

import hypothesis
from hypothesis import HealthCheck, Phase, configuration

from conformance.exchange.budget import Exhausted
from conformance.exchange.courier import Courier
from conformance.explore.histories import History, Moment
from conformance.explore.past import Key, explored_before, key_of, name_of
from conformance.explore.strategies import Place, places
from conformance.judge.run import Judge
from conformance.model import Ending, Exchange
from conformance.plan.drafting import Drafts, Probe
from conformance.plan.generated import cache_directory

VISIT = 10
"""Examples of one visit to a place: so few that Hypothesis makes up each anew, and mutates none."""
SHRINKS = 150
"""Requests that shrinking what one visit found may take."""
KEPT_TO_SHRINK = 40
"""Requests that are kept for shrinking what is found last."""
MOST_REPEATS = 60
"""Repetitions after which a place is left: there the target is slow to say what it does."""
MOST_REPEATS_ONCE_FOUND = 20
"""The same for a place where something was found."""
KEPT_SHARE = 4
"""One in so many of all executions is kept for what should be refused and is executed."""


class Broken(Exception):
    """A clause was broken. Each clause has a subclass, so that each is shrunk by itself."""


class Enough(BaseException):
    """Ends a visit; Hypothesis, which takes an Exception for a failure, lets it pass."""


def _patient() -> int:
    return MOST_REPEATS


@dataclass
class Explorer:
    """Explores one target through its courier; `judge` has seen all that was sent before."""

    courier: Courier
    judge: Judge
    drafts: Drafts
    seed: int
    ending: Ending = Ending.COMPLETE
    _kinds: dict[str, type[Broken]] = field(default_factory=dict)
    _found: set[str] = field(default_factory=set)
    _smallest: dict[str, History] = field(default_factory=dict)
    _unconfirmed: set[str] = field(default_factory=set)
    _answers: dict[Key, str] = field(default_factory=dict)
    _stopped: bool = False
    _sending: Future[list[list[Exchange]]] | None = None
    _trouble: BaseException | None = None
    _examples: int = 0
    _may_execute_until: int = 0
    _shrinking: int = 0
    _place: str = ""
    _visit: int = 0
    _histories: int = 0
    _repeats: Counter[str] = field(default_factory=Counter)
    _patience: defaultdict[str, int] = field(default_factory=lambda: defaultdict(_patient))

    async def explore(self, examples: int) -> Ending:
        """Send what Hypothesis makes up, until `examples` were sent or a limit is reached.

        Without executions to spare only requests that must be refused are sent. A run that is
        resumed goes on with the visit behind the last one that it had begun.
        """
        loop = asyncio.get_running_loop()
        limit = self.courier.budget.executions.limit
        self._may_execute_until = limit - max(1, limit // KEPT_SHARE)
        self._found = {name for name, tally in self.judge.seen.tallies.items() if tally.broken}
        before = explored_before(self.courier.past)
        lost = [((digest,),) for digest in self.courier.lost]
        self._answers = dict.fromkeys([*before.histories, *lost], "")
        self._repeats.update(before.repeats)
        self._examples = examples - before.requests
        try:
            await loop.run_in_executor(None, self._search, loop, before.visits)
        finally:
            self._stopped = True
            if self._sending is not None:
                self._sending.cancel()
        if self._trouble is not None:
            raise self._trouble
        return self.ending

    def _search(self, loop: asyncio.AbstractEventLoop, visited: int) -> None:
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_directory() / "hypothesis"))
        configuration.set_hypothesis_home_dir(str(cache_directory() / "hypothesis"))
        visits = itertools.islice(enumerate(self._visits()), max(self._examples, 1) + visited)
        for number, place in itertools.islice(visits, visited, None):
            if self._stopped or self._is_spent:
                return
            is_slow = self._repeats[place.name] > self._patience[place.name]
            if not is_slow and (self._may_execute or not place.executes):
                self._pay_visit(loop, place, number)

    def _visits(self) -> Iterator[Place]:
        """The places in turn, mixed, each as often as its share of all examples."""
        order = random.Random(self.seed)
        every = [place for place in places(self.drafts) for _ in range(place.share)]
        while True:
            order.shuffle(every)
            yield from every

    def _pay_visit(self, loop: asyncio.AbstractEventLoop, place: Place, number: int) -> None:
        self._shrinking, self._place = 0, place.name
        self._visit, self._histories = number, 0
        self._smallest = {}

        @hypothesis.seed(self.seed * 1_000_003 + number)
        @hypothesis.settings(
            max_examples=VISIT,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            verbosity=hypothesis.Verbosity.quiet,
        )
        @hypothesis.given(place.histories)
        def keeps_the_page(history: History) -> None:
            self._raise_if_broken(loop, history)

        # What was found is in the judge; how Hypothesis tells it is not needed.
        with suppress(Broken, Enough, BaseExceptionGroup, hypothesis.errors.HypothesisException):
            keeps_the_page()
        if self._smallest:
            self._found |= self._smallest.keys()
            self._patience[place.name] = MOST_REPEATS_ONCE_FOUND
            with suppress(Enough):
                self._confirm(loop)

    def _confirm(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send once more what histories were shrunk to: what shows twice is no chance.

        One that does not may have needed what came before it: a clause is looked for once more.
        """
        self._shrinking = 1
        for name, history in self._smallest.items():
            if len(history) == len(history[0]) == 1:
                continue
            self._found.discard(name)
            _, broken = self._play(loop, history)
            if name in broken or name in self._unconfirmed:
                self._found.add(name)
            self._unconfirmed.add(name)

    def _raise_if_broken(self, loop: asyncio.AbstractEventLoop, history: History) -> None:
        """Send a history that was not sent before; raise what it breaks, each time the same."""
        key = key_of(history)
        beginnings = (self._answers.get(key[:length], "") for length in range(1, len(key)))
        new = (broken for broken in beginnings if broken and broken not in self._found)
        broken = next(new, self._answers.get(key))
        if broken is None:
            if not self._may_send(history):
                return
            broken = self._answers[key] = self._asked(loop, history)
        if broken and broken not in self._found:
            self._shrinking = self._shrinking or 1
            self._smallest[broken] = history
            raise self._kinds.setdefault(broken, type("Broken", (Broken,), {}))(broken)

    def _may_send(self, moments: Iterable[Moment]) -> bool:
        """Whether executions are left for requests, if a target may execute any of them."""
        requests = [request for moment in moments for request in moment]
        executing = any(self.judge.oracle.expect(request).may_execute for request in requests)
        return self._may_execute or not executing

    def _asked(self, loop: asyncio.AbstractEventLoop, history: History) -> str:
        """Send a history; the new clause that it breaks and that shrinking may tell more about."""
        length, broken = self._play(loop, history)
        if not broken:
            return ""
        self._answers[key_of(history[:length])] = broken[0]
        if len(history) == len(history[0]) == 1:
            return broken[0]
        return self._unless_alone(loop, history[:length], broken[0])

    def _unless_alone(self, loop: asyncio.AbstractEventLoop, history: History, broken: str) -> str:
        """The clause that a history breaks, where shrinking may tell more about it.

        Where its last request breaks it alone as well, it always did, or the target has changed for
        good; where it is all of the history and does not, it took what was sent before.
        """
        alone = history[-1:]
        _, again = self._play(loop, alone)
        is_broken, is_one = broken in again, len(alone[0]) == 1
        self._answers[key_of(history)] = self._answers[key_of(alone)] = ""
        if is_broken and is_one:
            self._found.add(broken)
            return ""
        if is_broken:
            self._answers[key_of(alone)] = broken
        elif len(history) == 1:
            return ""
        self._answers[key_of(history)] = broken
        return broken

    def _play(self, loop: asyncio.AbstractEventLoop, history: History) -> tuple[int, list[str]]:
        """Send a history until something is broken; how much was sent, and what that breaks."""
        self._histories += 1
        for length, moment in enumerate(history, 1):
            if not self._may_send([moment]):
                break
            if broken := self._ask(loop, moment, length):
                return length, broken
        return len(history), []

    def _ask(self, loop: asyncio.AbstractEventLoop, moment: Moment, step: int) -> list[str]:
        """Send the requests of a moment; the new clauses that they break."""
        if self._stopped or (self._is_spent and not self._shrinking):
            raise Enough
        self._shrinking += len(moment) if self._shrinking else 0
        if self._shrinking > SHRINKS or self._repeats[self._place] > MOST_REPEATS:
            raise Enough
        self._examples -= len(moment)
        found = self._found_so_far
        name = name_of(self._place, self._visit, self._histories, step)
        probes = [Probe(name, request) for request in moment]
        self._sending = asyncio.run_coroutine_threadsafe(self._send(probes), loop)
        try:
            asked = self._sending.result()
        except Exhausted as exhausted:
            self.ending = exhausted.ending
            self._stopped = True
            raise Enough from None
        except BaseException as trouble:
            self._trouble = self._trouble or trouble
            self._stopped = True
            raise Enough from None
        self._repeats[self._place] += sum(len(attempts) - 1 for attempts in asked)
        if self._found_so_far == found and all(map(self._are_plainly_allowed, asked)):
            return []
        broken = (name for attempts in asked for name in self.judge.broken_by(attempts))
        return [name for name in broken if name not in self._found]

    async def _send(self, probes: list[Probe]) -> list[list[Exchange]]:
        if self._stopped:  # since it was asked for
            raise asyncio.CancelledError
        return await self.courier.explore(probes)

    def _are_plainly_allowed(self, attempts: list[Exchange]) -> bool:
        """Whether every response is a refusal that the page allows, so that no judge need ask."""
        allowed = self.judge.oracle.expect(attempts[0].request).allowed
        statuses = [each.response.status if each.response else 0 for each in attempts]
        return all(400 <= status < 500 and status in allowed for status in statuses)

    @property
    def _found_so_far(self) -> int:
        return sum(tally.broken for tally in self.judge.seen.tallies.values())

    @property
    def _may_execute(self) -> bool:
        return self.courier.budget.executions.spent < self._may_execute_until

    @property
    def _is_spent(self) -> bool:
        """Whether nothing new is to be tried: shrinking may take what is left."""
        requests = self.courier.budget.requests
        return self._examples <= 0 or requests.spent >= requests.limit - KEPT_TO_SHRINK
