"""Runs Hypothesis against a live target, and shrinks what breaks a clause: a request, or a history.

A history is sent as a whole each time, to the target as it is by then.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import hypothesis
from hypothesis import HealthCheck, Phase, configuration

from conformance.exchange.courier import Courier
from conformance.explore.histories import History
from conformance.explore.past import Explored, Key, explored_before, key_of
from conformance.explore.playing import Enough, Player
from conformance.explore.strategies import Place, places
from conformance.judge.run import Judge
from conformance.model import Ending
from conformance.plan.domains.table import table
from conformance.plan.drafting import Drafts, Probe
from conformance.plan.generated import cache_directory

VISIT = 10
"""Examples of one visit to a place: so few that Hypothesis makes up each anew, and mutates none."""
SWEEP, SWEPT = "kinds", 2
"""The kinds that no plan has room for, and how many of them go before each visit."""


class Broken(Exception):
    """A clause was broken. Each clause has a subclass, so that each is shrunk by itself."""


class Visit(NamedTuple):
    """A visit to a place: its number among all visits, and how many the place had before."""

    number: int
    place: Place
    turn: int


@dataclass
class Explorer:
    """Explores one target through its courier; `judge` has seen all that was sent before."""

    courier: Courier
    judge: Judge
    drafts: Drafts
    seed: int
    _kinds: dict[str, type[Broken]] = field(default_factory=dict)
    _smallest: dict[str, History] = field(default_factory=dict)
    _unconfirmed: set[str] = field(default_factory=set)
    _answers: dict[Key, str] = field(default_factory=dict)
    _before: History = field(default_factory=list)

    async def explore(self, examples: int) -> Ending:
        """Send what Hypothesis makes up, until `examples` were sent or a limit is reached.

        Without executions to spare only requests that must be refused are sent. A run that is
        resumed goes on with the visit that it had begun last: what that draws and was sent before
        is not sent again.
        """
        loop = asyncio.get_running_loop()
        found = {name for name, tally in self.judge.seen.tallies.items() if tally.broken}
        before = explored_before(self.courier.past)
        self._answers = dict.fromkeys(before.histories, "")
        left = examples - before.requests
        player = Player(self.courier, self.judge, loop, left, found, before.repeats)
        try:
            await loop.run_in_executor(None, self._search, player, before)
        finally:
            player.end()
        if player.trouble is not None:
            raise player.trouble
        return player.ending

    def _search(self, player: Player, before: Explored) -> None:
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_directory() / "hypothesis"))
        configuration.set_hypothesis_home_dir(str(cache_directory() / "hypothesis"))
        first, last = before.visit, before.visit + max(player.left, 1)
        drawn = self._drawn_kinds()
        for visit in itertools.islice(self._visits(), first, last):
            if player.stopped or player.is_spent:
                return
            player.begin(SWEEP, visit.number)
            self._sweep(player, drawn[SWEPT * visit.number :][:SWEPT])
            place = visit.place
            if not player.is_slow(place.name) and (player.may_execute or not place.executes):
                player.begin(place.name, visit.number, before.begun if visit.number == first else 0)
                with suppress(Enough):
                    self._pay(visit, player)

    def _drawn_kinds(self) -> list[Probe]:
        """A request for each kind that is in no plan and must be refused, mixed."""
        kinds = (kind.drawn[0] for kind in table(self.drafts) if not kind.planned)
        expect = self.judge.oracle.expect
        drawn = [probe for probe in kinds if not expect(probe.request).may_execute]
        random.Random(self.seed).shuffle(drawn)
        return drawn

    def _sweep(self, player: Player, probes: Iterable[Probe]) -> None:
        """Send requests that are as small as what they show, unless they were sent before."""
        sent = {exchange.request.digest for exchange in self.courier.past}
        with suppress(Enough):
            for probe in probes:
                key = ((probe.request.digest,),)
                if probe.request.digest not in sent and key not in self._answers:
                    broken = player.ask([probe])[:1]
                    self._answers[key] = "".join(broken)
                    player.found.update(broken)

    def _visits(self) -> Iterator[Visit]:
        """The places in turn, mixed, each as often as its share of all examples."""
        order = random.Random(self.seed)
        every = [place for place in places(self.drafts) for _ in range(place.share)]
        turns: Counter[str] = Counter()
        for number in itertools.count():
            if number % len(every) == 0:
                order.shuffle(every)
            place = every[number % len(every)]
            yield Visit(number, place, turns[place.name])
            turns[place.name] += 1

    def _pay(self, visit: Visit, player: Player) -> None:
        if visit.place.walk:
            part = visit.place.walk[visit.turn % len(visit.place.walk)]
            part = [moment for moment in part if player.may_send([moment])]
            if part and key_of(part) not in self._answers:
                self._asked(player, part, draws=False)
            return
        self._smallest = {}
        try:
            self._draw(visit, player)
        finally:
            if self._smallest:
                player.found |= self._smallest.keys()
                player.slow.add(visit.place.name)
        self._confirm(player)

    def _draw(self, visit: Visit, player: Player) -> None:
        @hypothesis.seed(self.seed * 1_000_003 + visit.number)
        @hypothesis.settings(
            max_examples=VISIT,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            verbosity=hypothesis.Verbosity.quiet,
        )
        @hypothesis.given(visit.place.histories)
        def keeps_the_page(history: History) -> None:
            self._raise_if_broken(player, history)

        # What was found is in the judge; how Hypothesis tells it is not needed.
        with suppress(Broken, Enough, BaseExceptionGroup, hypothesis.errors.HypothesisException):
            keeps_the_page()

    def _confirm(self, player: Player) -> None:
        """Send once more what histories were shrunk to: what shows twice is no chance.

        One that does not may have needed what came before it: a clause is looked for once more.
        """
        for name, history in self._smallest.items():
            if len(history) == len(history[0]) == 1:
                continue
            player.shrinking = 1
            player.found.discard(name)
            if name in self._unconfirmed or player.breaks(history, name):
                player.found.add(name)
            self._unconfirmed.add(name)

    def _raise_if_broken(self, player: Player, history: History) -> None:
        """Send a history that was not sent before; raise what it breaks, each time the same."""
        key = key_of(history)
        beginnings = (self._answers.get(key[:length], "") for length in range(1, len(key)))
        new = (broken for broken in beginnings if broken and broken not in player.found)
        broken = next(new, self._answers.get(key))
        if broken is None:
            if not player.may_send(history):
                return
            broken = self._answers[key] = self._asked(player, history, draws=True)
        if broken and broken not in player.found:
            player.shrinking = player.shrinking or 1
            self._smallest[broken] = history
            raise self._kinds.setdefault(broken, type("Broken", (Broken,), {}))(broken)

    def _asked(self, player: Player, history: History, *, draws: bool) -> str:
        """Send a history; the new clause that it breaks and that drawing fewer may tell more about.

        Where the last of its requests breaks the clause alone as well, it always did, or the target
        has changed for good. Where it is the first, it took what was sent before. `draws` says
        whether Hypothesis has drawn the history, and can shrink it.
        """
        before, self._before = self._before, history
        length, names = player.play(history)
        if not names:
            return ""
        is_one = len(history) == len(history[0]) == 1
        broken, history = names[0], history[:length]
        self._answers[key_of(history)] = broken
        if draws and is_one:
            return broken
        alone = history[-1:]
        is_alone = player.breaks(alone, broken)
        self._answers[key_of(alone)] = broken if is_alone else ""
        if is_alone and len(alone[0]) == 1:
            player.found.add(broken)
        elif draws and (is_alone or len(history) > 1):
            return broken
        else:
            self._shrink(player, before, history, broken)
        self._answers[key_of(history)] = ""
        return ""

    def _shrink(self, player: Player, before: History, history: History, broken: str) -> None:
        """Leave out what a history that nobody drew does not need to break a clause.

        It may have taken the history `before` as well, or more than that: then it is left as it is.
        """
        player.shrinking = 1
        if len(history) == 1 or not player.breaks(history, broken):
            history = [*before, *history]
            if not player.breaks(history, broken):
                return
        for place in reversed(range(len(history) - 1)):
            shorter = [*history[:place], *history[place + 1 :]]
            if player.breaks(shorter, broken):
                history = shorter
        player.play(history)
        player.found.add(broken)
