"""Runs Hypothesis against a live target, and keeps the smallest request that breaks each clause."""

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
from conformance.explore.strategies import Place, places
from conformance.judge.run import Judge
from conformance.model import Ending, Exchange, Request
from conformance.plan.domains.table import table
from conformance.plan.drafting import Drafts, Probe
from conformance.plan.generated import cache_directory

VISIT = 10
"""Examples of one visit to a place: so few that Hypothesis makes up each anew, and mutates none."""
SWEEP, SWEPT = "kinds", 2
"""The kinds that no plan has room for, and how many of them go before each visit."""
SHRINKS = 150
"""Requests that shrinking what one visit found may take."""
KEPT_TO_SHRINK = 40
"""Requests that are kept for shrinking what is found last."""
MOST_REPEATS = 60
"""Repetitions after which a place is left: there the target is slow to say what it does."""
MOST_REPEATS_ONCE_FOUND = 20
"""The same for a place where something was found."""
KEPT_SHARE = 4
"""One in so many of the executions left is kept for what should be refused and is executed."""


class Broken(Exception):
    """A request broke a clause. Each clause has a subclass, so that each is shrunk by itself."""


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
    _answers: dict[tuple[str, ...], str] = field(default_factory=dict)
    _stopped: bool = False
    _sending: Future[list[Exchange]] | None = None
    _trouble: BaseException | None = None
    _examples: int = 0
    _may_execute_until: int = 0
    _shrinking: int = 0
    _place: str = ""
    _repeats: Counter[str] = field(default_factory=Counter)
    _patience: defaultdict[str, int] = field(default_factory=lambda: defaultdict(_patient))

    async def explore(self, examples: int) -> Ending:
        """Send what Hypothesis makes up, until `examples` were sent or a limit is reached.

        Without executions to spare only requests that must be refused are sent.
        """
        loop = asyncio.get_running_loop()
        executions = self.courier.budget.executions
        left = executions.limit - executions.spent
        self._may_execute_until = executions.limit - max(1, left // KEPT_SHARE)
        self._found = {name for name, tally in self.judge.seen.tallies.items() if tally.broken}
        self._examples = examples
        self._answers = dict.fromkeys(((digest,) for digest in self.courier.already_sent), "")
        try:
            await loop.run_in_executor(None, self._search, loop)
        finally:
            self._stopped = True
            if self._sending is not None:
                self._sending.cancel()
        if self._trouble is not None:
            raise self._trouble
        return self.ending

    def _search(self, loop: asyncio.AbstractEventLoop) -> None:
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_directory() / "hypothesis"))
        configuration.set_hypothesis_home_dir(str(cache_directory() / "hypothesis"))
        visits = itertools.islice(self._visits(), max(self._examples, 1))
        drawn = self._drawn_kinds()
        for number, place in enumerate(visits):
            if self._stopped or self._is_spent:
                return
            self._sweep(loop, itertools.islice(drawn, SWEPT))
            is_slow = self._repeats[place.name] > self._patience[place.name]
            if not is_slow and (self._may_execute or not place.executes):
                self._visit(loop, place, number)

    def _drawn_kinds(self) -> Iterator[Probe]:
        """A request for each kind that is in no plan, mixed."""
        drawn = [kind.drawn[0] for kind in table(self.drafts) if not kind.planned]
        random.Random(self.seed).shuffle(drawn)
        for probe in drawn:
            is_sent = (probe.request.digest,) in self._answers
            if not is_sent and not self.judge.oracle.expect(probe.request).may_execute:
                yield probe

    def _sweep(self, loop: asyncio.AbstractEventLoop, probes: Iterable[Probe]) -> None:
        """Send requests that are as small as what they show."""
        self._shrinking, self._place = 0, SWEEP
        with suppress(Enough):
            for probe in probes:
                broken = self._ask(loop, probe)
                self._answers[(probe.request.digest,)] = broken
                self._found |= {broken} - {""}

    def _visits(self) -> Iterator[Place]:
        """The places in turn, mixed, each as often as its share of all examples."""
        order = random.Random(self.seed)
        every = [place for place in places(self.drafts) for _ in range(place.share)]
        while True:
            order.shuffle(every)
            yield from every

    def _visit(self, loop: asyncio.AbstractEventLoop, place: Place, number: int) -> None:
        self._shrinking, self._place = 0, place.name
        before = set(self._kinds)

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
        @hypothesis.given(place.sequences)
        def keeps_the_page(sequence: list[Request]) -> None:
            self._raise_if_broken(loop, sequence)

        # What was found is in the judge; how Hypothesis tells it is not needed.
        with suppress(Broken, Enough, BaseExceptionGroup, hypothesis.errors.HypothesisException):
            keeps_the_page()
        if found := set(self._kinds) - before:
            self._found |= found
            self._patience[place.name] = MOST_REPEATS_ONCE_FOUND

    def _raise_if_broken(self, loop: asyncio.AbstractEventLoop, sequence: list[Request]) -> None:
        """Send what was not sent before in this order; raise what breaks, each time the same."""
        key: tuple[str, ...] = ()
        for request in sequence:
            key = (*key, request.digest)
            broken = self._answers.get(key)
            if broken is None:
                if not self._may_execute and self.judge.oracle.expect(request).may_execute:
                    return
                probe = Probe(f"explored/{self._place}", request)
                broken = self._answers[key] = self._ask(loop, probe)
            if broken and broken not in self._found:
                self._shrinking = self._shrinking or 1
                raise self._kinds.setdefault(broken, type("Broken", (Broken,), {}))(broken)

    def _ask(self, loop: asyncio.AbstractEventLoop, probe: Probe) -> str:
        """Send a probe; the new clause that it breaks, or nothing."""
        if self._stopped or (self._is_spent and not self._shrinking):
            raise Enough
        self._shrinking += bool(self._shrinking)
        if self._shrinking > SHRINKS or self._repeats[self._place] > MOST_REPEATS:
            raise Enough
        self._examples -= 1
        found = self._found_so_far
        self._sending = asyncio.run_coroutine_threadsafe(self._send(probe), loop)
        try:
            attempts = self._sending.result()
        except Exhausted as exhausted:
            self.ending = exhausted.ending
            self._stopped = True
            raise Enough from None
        except BaseException as trouble:
            self._trouble = self._trouble or trouble
            self._stopped = True
            raise Enough from None
        self._repeats[self._place] += len(attempts) - 1
        if self._found_so_far == found and self._are_plainly_allowed(attempts):
            return ""
        return next(
            (name for name in self.judge.broken_by(attempts) if name not in self._found), ""
        )

    async def _send(self, probe: Probe) -> list[Exchange]:
        if self._stopped:  # since it was asked for
            raise asyncio.CancelledError
        return await self.courier.explore(probe)

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
