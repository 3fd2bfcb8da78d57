"""No order of events lets a run send or execute more than its limits allow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.exchange.budget import NEVER_LENT, Budget, Exhausted
from conformance.model import Ending, Spent


@dataclass(frozen=True)
class Sending:
    """One request: how long it takes, what it turns out to be, and what it leaves to others."""

    steps: int
    executes: bool
    kept_back: int
    is_cancelled: bool = False
    fails: bool = False
    lends: bool = False


class Lost(Exception):
    """Something else went wrong while a request was under way."""


class Ledger:
    """What a careful observer counts, apart from the budget."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.sent = self.executed = self.under_way = 0
        self.endings: list[Ending] = []

    def check(self) -> None:
        requests, executions = self.budget.requests, self.budget.executions
        assert requests.spent == self.sent <= requests.limit
        assert executions.spent == self.executed
        assert self.executed + self.under_way <= executions.limit

    async def send(self, sending: Sending) -> None:
        self.budget.is_lending = sending.lends
        try:
            async with self.budget.reserve(sending.kept_back) as reservation:
                self.sent += 1
                unspent = self.budget.executions.limit - self.executed
                assert unspent > sending.kept_back
                self.under_way += 1
                never_lent = NEVER_LENT if self.budget.is_lending else sending.kept_back
                assert unspent - self.under_way >= min(sending.kept_back, never_lent)
                executes = True
                try:
                    for _ in range(sending.steps):
                        await asyncio.sleep(0)
                        self.check()
                    if sending.fails:
                        raise Lost
                    executes = reservation.executed = sending.executes
                finally:
                    self.under_way -= 1
                    self.executed += executes
        except Exhausted as exhausted:
            self.endings.append(exhausted.ending)


async def send_all(budget: Budget, sendings: Sequence[Sending], pauses: Sequence[int]) -> Ledger:
    ledger = Ledger(budget)
    tasks = []
    for sending, pause in zip(sendings, pauses, strict=True):
        tasks.append(asyncio.create_task(ledger.send(sending)))
        for _ in range(pause):
            await asyncio.sleep(0)
        if sending.is_cancelled:
            tasks[-1].cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, Lost):
            await task
    ledger.check()
    return ledger


sendings = st.builds(
    Sending,
    steps=st.integers(0, 4),
    executes=st.booleans(),
    kept_back=st.integers(0, 5),
    is_cancelled=st.booleans(),
    fails=st.booleans(),
    lends=st.booleans(),
)


@settings(database=None, deadline=None, max_examples=examples(300))
@given(
    max_requests=st.integers(1, 12),
    max_executions=st.integers(1, 8),
    plan=st.lists(st.tuples(sendings, st.integers(0, 3)), max_size=20),
)
def test_no_interleaving_passes_a_limit_or_waits_for_ever(
    max_requests: int, max_executions: int, plan: list[tuple[Sending, int]]
) -> None:
    async def main() -> None:
        budget = Budget(max_requests, max_executions)
        async with asyncio.timeout(5):
            await send_all(budget, [s for s, _ in plan], [pause for _, pause in plan])

    asyncio.run(main())


@settings(database=None, deadline=None, max_examples=examples(100))
@given(
    max_executions=st.integers(1, 6),
    steps=st.lists(st.integers(0, 4), min_size=1, max_size=12),
)
def test_every_refused_request_gives_its_execution_back(
    max_executions: int, steps: list[int]
) -> None:
    async def main() -> Ledger:
        budget = Budget(len(steps), max_executions)
        refused = [Sending(count, executes=False, kept_back=0) for count in steps]
        return await send_all(budget, refused, [0] * len(refused))

    ledger = asyncio.run(main())
    assert ledger.sent == len(steps)
    assert ledger.executed == 0
    assert not ledger.endings


def test_a_request_waits_for_one_under_way_that_may_give_its_execution_back() -> None:
    async def main() -> list[str]:
        budget, log = Budget(10, 1), []
        answered = asyncio.Event()

        async def first() -> None:
            async with budget.reserve() as reservation:
                log.append("first sent")
                await answered.wait()
                reservation.executed = False
                log.append("first refused")

        async def second() -> None:
            async with budget.reserve():
                log.append("second sent")

        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            group.create_task(first())
            await asyncio.sleep(0)
            group.create_task(second())
            await asyncio.sleep(0.01)
            answered.set()
        return log

    assert asyncio.run(main()) == ["first sent", "first refused", "second sent"]


def test_what_waits_for_an_execution_learns_that_it_was_spent() -> None:
    async def main() -> list[Ending]:
        budget = Budget(10, 1)
        both = [Sending(2, executes=True, kept_back=0)] * 2
        return (await send_all(budget, both, [1, 0])).endings

    assert asyncio.run(main()) == [Ending.EXECUTIONS]


@pytest.mark.parametrize(
    ("max_requests", "max_executions", "executes", "kept_back", "ending"),
    [
        (1, 5, False, 0, Ending.REQUESTS),
        (1, 1, True, 0, Ending.REQUESTS),
        (5, 1, True, 0, Ending.EXECUTIONS),
        (5, 3, True, 2, Ending.EXECUTIONS),
    ],
)
def test_the_limit_that_was_reached_is_named(
    max_requests: int, max_executions: int, executes: bool, kept_back: int, ending: Ending
) -> None:
    async def main() -> Ending:
        budget = Budget(max_requests, max_executions)
        async with budget.reserve() as reservation:
            reservation.executed = executes
        with pytest.raises(Exhausted) as raised:
            async with budget.reserve(kept_back):
                pass
        return raised.value.ending

    assert asyncio.run(main()) is ending


def test_what_is_kept_back_is_left_to_others() -> None:
    async def main() -> Spent:
        budget = Budget(10, 3)
        with suppress(Exhausted):
            while True:
                async with budget.reserve(kept_back=2):
                    pass
        async with budget.reserve():
            pass
        return budget.executions

    assert asyncio.run(main()) == Spent(2, 3)


def test_what_is_kept_back_is_lent_but_not_to_be_spent() -> None:
    budget = Budget(20, 10)
    taken = [budget.take(5) for _ in range(5)]
    assert budget.take(5) is None
    budget.is_lending = True
    taken += [budget.take(5) for _ in range(5 - NEVER_LENT)]
    for reservation in taken[:4]:
        assert reservation is not None
        assert budget.take(5) is None
        budget.settle(reservation)
    for reservation in taken[4:]:
        assert reservation is not None
        budget.settle(reservation)
        with pytest.raises(Exhausted):
            budget.take(5)
    assert budget.executions == Spent(10 - NEVER_LENT, 10)


def test_a_request_that_was_cancelled_may_have_executed() -> None:
    async def main() -> Budget:
        budget = Budget(5, 2)
        ledger = Ledger(budget)
        task = asyncio.create_task(ledger.send(Sending(100, executes=False, kept_back=0)))
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return budget

    budget = asyncio.run(main())
    assert budget.executions == Spent(1, 2)
    assert budget.requests == Spent(1, 5)


def test_one_that_was_cancelled_while_it_waited_spends_nothing() -> None:
    async def main() -> Budget:
        budget = Budget(5, 1)
        async with budget.reserve() as reservation:
            waiting = asyncio.create_task(Ledger(budget).send(Sending(0, True, 0)))
            await asyncio.sleep(0)
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting
            reservation.executed = False
        return budget

    budget = asyncio.run(main())
    assert budget.executions == Spent(0, 1)
    assert budget.requests == Spent(1, 5)


def test_a_response_gives_back_what_lost_ones_had_reserved_to_those_that_wait() -> None:
    async def main() -> tuple[list[str], Spent]:
        budget, log = Budget(10, 3), []
        budget.take_up(2, executions=2)  # lost with the run before
        answered = asyncio.Event()

        async def first() -> None:
            async with budget.reserve() as reservation:
                log.append("first sent")
                await answered.wait()
                reservation.executed, reservation.gives_back = False, 2

        async def second() -> None:
            async with budget.reserve():
                log.append("second sent")

        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            group.create_task(first())
            await asyncio.sleep(0)
            group.create_task(second())
            await asyncio.sleep(0.01)
            log.append("first answered")
            answered.set()
        return log, budget.executions

    log, executions = asyncio.run(main())
    assert log == ["first sent", "first answered", "second sent"]
    assert executions == Spent(1, 3)
