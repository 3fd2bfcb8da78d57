"""Has probes under way: one by one, side by side, or two at once; and says why it stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from conformance.contract.clauses import Clause
from conformance.exchange.budget import Exhausted
from conformance.exchange.explaining import Outcome
from conformance.exchange.pursuit import KEPT_FROM_CHOICES, Pursuit
from conformance.exchange.queueing import Queue
from conformance.exchange.triage import Triage
from conformance.model import Ending, Exchange, Tolerances
from conformance.page.answer import Execution
from conformance.page.oracle import EXECUTED, Duty
from conformance.plan.drafting import Probe

T = TypeVar("T")
PAIR = 2
"""Requests that are at least needed for some to be under way at once; and as many as are where each
may turn out to cost an execution."""


class Dispatch:
    """Hands probes to `pursuit`, those that must be refused as `triage` decides.

    Each way to send them says why it ended; `kept_back` are the executions it leaves to others.
    """

    def __init__(self, pursuit: Pursuit, triage: Triage) -> None:
        self.sender = pursuit.sender
        self.oracle = pursuit.oracle
        self.pursuit = pursuit
        self.triage = triage
        self._valid: list[list[Exchange]] = []

    @property
    def outcomes(self) -> list[Outcome]:
        """The valid requests that were executed or refused, in order."""
        return [
            (self.oracle.expect(attempts[-1].request), _is_executed(attempts))
            for attempts in self._valid
            if attempts and attempts[-1].response is not None
        ]

    @property
    def repeats(self) -> bool:
        """Whether a valid request had to be repeated, or will be: so may others."""
        return any(len(each) > 1 or not _is_executed(each) for each in self._valid)

    @property
    def executions(self) -> list[Execution]:
        """The valid requests that were executed, in order."""
        return [
            Execution(each, self.oracle.expect(each.request).call, Tolerances())
            for each in (attempts[-1] for attempts in self._valid if _is_executed(attempts))
        ]

    @property
    def _executions_left(self) -> int:
        return self.sender.budget.executions.left

    async def side_by_side(
        self, probes: Sequence[Probe], kept_back: int, most: int | None = None
    ) -> Ending:
        """Send probes concurrently, at `most` so many at once, starting in their order."""
        queue = self.triage.queue(probes)
        concurrency = self.sender.pace.concurrency
        workers = min(concurrency, len(probes), concurrency if most is None else most)
        return first_trouble(
            await gathered([self._work_off(queue, kept_back) for _ in range(workers)])
        )

    async def one_a_clause_first(self, probes: Iterable[Probe], kept_back: int) -> Ending:
        """Send one probe for each clause that has them refused, two at once; then all others.

        Beside the two goes one more, of a clause for which others were refused before.
        """
        refused = self.triage.refused
        known: set[Clause] = set()
        new: list[Probe] = []
        familiar: list[Probe] = []
        others: list[Probe] = []
        for probe in probes:
            clauses = set(self.oracle.expect(probe.request).refusing)
            group = others if clauses <= known else familiar if clauses <= refused else new
            group.append(probe)
            known |= clauses
        lanes = ((new, PAIR), (familiar, 1))
        first = [self.side_by_side(some, kept_back, beside) for some, beside in lanes]
        endings = await gathered(first)
        return first_trouble([*endings, await self.side_by_side(others, kept_back)])

    async def _work_off(self, queue: Queue, kept_back: int) -> Ending:
        """Send probes of a queue until it has no more or the budget allows none; say which."""
        async for probe in queue:
            attempts: list[Exchange] = []
            try:
                attempts = await self._pursue(probe, kept_back)
            except Exhausted as exhausted:
                return self._left(probe, kept_back, exhausted)
            finally:
                queue.settled(probe, attempts)
        return Ending.COMPLETE

    async def one_by_one(self, probes: Iterable[Probe], kept_back: int) -> Ending:
        """Send probes one after the other, each when the one before it is settled."""
        return await self.work(iter(probes), kept_back)

    async def work(self, waiting: Iterator[Probe], kept_back: int) -> Ending:
        """Send probes until there are no more or the budget allows none; say which."""
        for probe in waiting:
            try:
                await self._pursue(probe, kept_back)
            except Exhausted as exhausted:
                return self._left(probe, kept_back, exhausted)
        return Ending.COMPLETE

    async def _pursue(self, probe: Probe, kept_back: int) -> list[Exchange]:
        """Send a probe, and what repeats it. Raises Exhausted."""
        attempts = await self.pursuit.pursue(probe, kept_back)
        if self.oracle.expect(probe.request).duty is Duty.EXECUTE:
            self._valid.append(attempts)
        self.triage.exchanges += attempts
        return attempts

    def _left(self, probe: Probe, kept_back: int, exhausted: Exhausted) -> Ending:
        """Note that a probe was left, and why."""
        why, spent = exhausted.ending, self.sender.budget.executions.spent
        self.sender.tell("courier.left", probe=probe, kept_back=kept_back, executed=spent, why=why)
        return why

    async def beside_an_execution(self, again: Sequence[Probe], valid: Sequence[Probe]) -> Ending:
        """Send refusals again, and the first of the other valid requests while they are under way.

        The valid requests keep what they need, as long as there is that much.
        """
        left = self._executions_left
        if left < 2:  # what is refused gives its own back
            return first_trouble(
                [await self.side_by_side(again, 0), await self.one_by_one(valid[:1], 0)]
            )
        kept = max(0, min(len(valid) - 1, left - 2))
        beside = [self.one_by_one(valid[:1], 0), self.side_by_side(again, kept)]
        return first_trouble(await gathered(beside))

    async def beside_each(
        self,
        refusals: Sequence[Probe],
        valid: Sequence[Probe],
        behind: Sequence[Probe],
        in_a_row: Sequence[Probe],
    ) -> Ending:
        """Send valid requests one by one, and while each is under way one of the refusals.

        One that is refused is asked again before the next, whose execution may change what it was
        refused for. A refusal is the last that a target sees of others meanwhile. One of those for
        `behind` comes right behind each, and all for `in_a_row` behind the first. Those that the
        valid ones leave no execution to, and those that are left, go after them.
        """
        endings, left, next_behind = [], list(refusals), iter(behind)
        for place, probe in enumerate(valid):
            needed = len(valid) - place
            is_allowed = self.sender.pace.concurrency > 1 and left
            if is_allowed and self._executions_left > needed:
                sent = [self.one_by_one([probe], 0), self.one_by_one([left.pop(0)], needed - 1)]
                endings += await gathered(sent)
            else:
                endings.append(await self.one_by_one([probe], 0))
            await self.pursuit.ask_again()
            if self._executions_left >= needed:
                endings.append(await self.side_by_side([*islice(next_behind, 1)], needed - 1))
            if not place:
                kept = min(needed + KEPT_FROM_CHOICES, self._executions_left) - 1
                endings.append(await self.side_by_side(in_a_row, max(0, kept)))
        rest = [*left, *next_behind, *(() if valid else in_a_row)]
        return first_trouble([*endings, await self.side_by_side(rest, 0)])

    async def at_once(self, probes: Sequence[Probe], kept_back: int = 0) -> Ending:
        """Have valid requests under way at once, or one by one where that is not allowed.

        Where executions are left for two or more of them, those go at once.
        """
        left = self._executions_left - kept_back
        pair = probes[: max(PAIR, left)]
        is_allowed = self.sender.pace.concurrency > 1 and not self.pursuit.is_unsettled
        if not is_allowed:
            why = "--concurrency is 1, or something is still to be asked again"
            self.sender.tell("courier.not_at_once", probes=pair, why=why)
        if not is_allowed or left < len(pair):
            endings = []
            for each in pair:
                endings.append(await self.one_by_one([each], kept_back))
                await self.pursuit.ask_again()  # while an execution is left
            return first_trouble(endings)
        before = len(self._valid)
        sent = await gathered([self.one_by_one([each], kept_back) for each in pair])
        await self.pursuit.ask_again()
        # They have no order among them: what was executed shows that others still are.
        self._valid[before:] = sorted(self._valid[before:], key=_is_executed)
        return first_trouble(sent)


def _is_executed(attempts: Sequence[Exchange]) -> bool:
    last = attempts[-1].response if attempts else None
    return last is not None and last.status == EXECUTED


async def gathered(coroutines: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Run coroutines side by side; where one fails, end the others and raise what it raised."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def first_trouble(endings: Iterable[Ending]) -> Ending:
    """The first ending, if there is one, of what did not come to its end."""
    return next((ending for ending in endings if ending is not Ending.COMPLETE), Ending.COMPLETE)
