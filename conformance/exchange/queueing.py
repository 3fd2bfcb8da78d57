"""Hands out refusals that go side by side: of those for a clause one, until one was answered.

A target that never answers what breaks some clause, or fails on it, would be asked the same in many
ways meanwhile, and each of these requests may cost an execution.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Self

from conformance.model import Exchange
from conformance.page.weather import ATTEMPTS, may_have_cost
from conformance.plan.drafting import Probe


class Settled:
    """The clauses of which a target answers what breaks them, and those of which it never does.

    To fail, or to close the connection, is no answer.
    """

    def __init__(self) -> None:
        self.never: set[str] = set()
        self._answered: set[str] = set()
        self._under_way: Counter[str] = Counter()

    def may_go(self, broken: frozenset[str]) -> bool:
        """Whether nothing is under way that breaks the same, if nothing of that was answered."""
        return not any(self._under_way[clause] for clause in broken - self._answered)

    def goes(self, broken: frozenset[str]) -> None:
        """Note that a request is under way that breaks these clauses."""
        self._under_way.update(broken)

    def settle(self, broken: frozenset[str], attempts: Sequence[Exchange]) -> None:
        """Note what such a request came to, however often it was repeated."""
        self._under_way.subtract(broken)
        in_vain = sum(map(may_have_cost, attempts))
        if in_vain < len(attempts):
            self._answered |= broken
            self.never -= broken
        elif in_vain >= ATTEMPTS:
            self.never |= broken - self._answered


class Queue:
    """The probes of several workers, in their order but for those that wait for one like them.

    It leaves out what `is_postponed` at the moment at which it would go.
    """

    def __init__(
        self,
        probes: Iterable[Probe],
        broken_by: Callable[[Probe], frozenset[str]],
        settled: Settled,
        is_postponed: Callable[[Probe], bool],
    ) -> None:
        self._probes = ((probe, broken_by(probe)) for probe in probes)
        self._broken_by = broken_by
        self._settled = settled
        self._is_postponed = is_postponed
        self._held: list[tuple[Probe, frozenset[str]]] = []
        self._changed = asyncio.Event()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Probe:
        while (following := self._next()) is None:
            if not self._held:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        probe, broken = following
        self._settled.goes(broken)
        return probe

    def _next(self) -> tuple[Probe, frozenset[str]] | None:
        """The first probe that need not wait, and what it breaks; None where there is none."""
        held = iter(self._held)
        self._held = []
        for probe, broken in chain(held, self._probes):
            if not self._settled.may_go(broken):
                self._held.append((probe, broken))
            elif not self._is_postponed(probe):
                self._held += held
                return probe, broken
        return None

    def settled(self, probe: Probe, attempts: Sequence[Exchange]) -> None:
        """Take in what a probe came to, so that those go on that wait for it."""
        self._settled.settle(self._broken_by(probe), attempts)
        self._changed.set()
