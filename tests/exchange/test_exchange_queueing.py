"""Refusals for a clause go one at a time until one was answered, however many workers there are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from judge_helpers import exchange, refusal, request

from conformance.exchange.queueing import Queue, Settled
from conformance.model import Exchange, Failure
from conformance.page.weather import ATTEMPTS
from conformance.plan.drafting import Probe

SENT = request()
ANSWERED = [exchange(SENT, refusal(400))]
CLOSED = [exchange(SENT, Failure.CLOSED)] * ATTEMPTS
FAILED = [exchange(SENT, refusal(500))] * ATTEMPTS
SILENT = [exchange(SENT, Failure.TIMEOUT)] * ATTEMPTS


class Handed:
    """What a queue hands out of probes whose names are the clauses that they break, a letter each;
    a digit tells those from one another that break the same.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.settled = Settled()
        self.probes = {name: Probe(name, SENT) for name in names}
        self.postponed: list[str] = []
        self.queue = Queue(self.probes.values(), self.broken_by, self.settled, self.is_postponed)

    @staticmethod
    def broken_by(probe: Probe) -> frozenset[str]:
        return frozenset(filter(str.isalpha, probe.id))

    def is_postponed(self, probe: Probe) -> bool:
        is_in_vain = not self.settled.never.isdisjoint(self.broken_by(probe))
        self.postponed += [probe.id] if is_in_vain else []
        return is_in_vain

    async def next(self) -> str:
        """The name of the next probe; nothing where none may go, or where there is none."""
        try:
            async with asyncio.timeout(0.01):
                return (await anext(self.queue)).id
        except (TimeoutError, StopAsyncIteration):
            return ""

    def settle(self, name: str, attempts: list[Exchange]) -> None:
        self.queue.settled(self.probes[name], attempts)


@pytest.mark.parametrize("trouble", [CLOSED, SILENT, FAILED])
def test_one_for_a_clause_goes_until_one_was_answered(trouble: list[Exchange]) -> None:
    async def main() -> None:
        handed = Handed(["A", "A2", "B", "AB", "C"])
        assert [await handed.next() for _ in range(4)] == ["A", "B", "C", ""]
        handed.settle("A", ANSWERED)
        assert [await handed.next() for _ in range(2)] == ["A2", ""]
        handed.settle("B", trouble[:-1])  # the budget allowed no more
        assert [await handed.next() for _ in range(2)] == ["AB", ""]
        handed.settle("AB", trouble)
        assert handed.settled.never == {"B"}

    asyncio.run(main())


def test_where_none_is_ever_answered_the_others_are_put_off() -> None:
    async def main() -> None:
        handed = Handed(["A", "A2", "AB", "B"])
        assert await handed.next() == "A"
        assert await handed.next() == "B"
        handed.settle("A", SILENT[:-1])  # the budget allowed no more
        assert not handed.settled.never
        assert await handed.next() == "A2"
        handed.settle("A2", SILENT)
        handed.settle("B", ANSWERED)
        assert await handed.next() == ""
        assert handed.postponed == ["AB"]

    asyncio.run(main())


def test_whoever_waits_goes_on_when_the_one_before_is_settled() -> None:
    async def main() -> None:
        handed = Handed(["A", "A2"])
        assert await handed.next() == "A"
        waiting = asyncio.ensure_future(anext(handed.queue))
        await asyncio.sleep(0)
        handed.settle("A", ANSWERED)
        assert (await waiting).id == "A2"

    asyncio.run(main())
