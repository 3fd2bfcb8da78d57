"""The budget: the only way to send. It holds two limits, on requests and on executions."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from msgspec import Struct

from conformance.model import Ending, Spent

UNLIMITED = sys.maxsize
"""The limit where there is none."""
NEVER_LENT = 2
"""Executions kept back that are not lent to requests under way either."""


class Exhausted(Exception):
    """A limit is reached: nothing more may be sent."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.value)
        self.ending = ending


class Reservation(Struct):
    """The right to send one request, which may turn out to have executed the policy.

    Its response may also settle that others, counted as executions, were none: `gives_back` says
    how many.
    """

    executed: bool = True
    held: int = 1
    gives_back: int = 0


class Budget:
    """Counts what was sent and what it may have executed, and never lets either pass its limit.

    Every request reserves an execution before it is sent, because a faulty target may execute what
    it should refuse; a refusal gives it back. While it `is_lending`, requests under way may reserve
    executions that they have to leave to others: it is unlikely that all of them are spent.
    """

    def __init__(self, max_requests: int, max_executions: int) -> None:
        self._max_requests = max_requests
        self._max_executions = max_executions
        self._requests = 0
        self._executed = 0
        self._reserved = 0
        self._changed = asyncio.Event()
        self.is_lending = False

    def take_up(self, requests: int, executions: int) -> None:
        """Count what the run that is resumed has spent."""
        self._requests += requests
        self._executed += executions

    @contextmanager
    def widened(self, requests: int) -> Iterator[None]:
        """Let so many more requests be sent meanwhile; those that were stay allowed."""
        limit, self._max_requests = self._max_requests, self._requests + requests
        try:
            yield
        finally:
            self._max_requests = max(limit, self._requests)

    @property
    def requests(self) -> Spent:
        """Requests sent, and how many may be."""
        return Spent(self._requests, self._max_requests)

    @property
    def executions(self) -> Spent:
        """Executions that were or may have been caused, and how many may be."""
        return Spent(self._executed, self._max_executions)

    def take(self, kept_back: int = 0, *, executes: bool = True) -> Reservation | None:
        """Reserve a request and, where it `executes`, an execution; `kept_back` are for others.

        None where requests under way may still give theirs back. Raises Exhausted where nothing
        that comes back can help.
        """
        if self._requests >= self._max_requests:
            raise Exhausted(Ending.REQUESTS)
        if not executes:
            self._requests += 1
            return Reservation(executed=False, held=0)
        left = self._max_executions - self._executed - kept_back
        if left <= 0:
            raise Exhausted(Ending.EXECUTIONS)
        lent = max(0, kept_back - NEVER_LENT) if self.is_lending else 0
        if left + lent <= self._reserved:
            return None
        self._requests += 1
        self._reserved += 1
        return Reservation()

    def settle(self, reservation: Reservation) -> None:
        """End what was taken: it counts as an execution unless its `executed` is False."""
        self._reserved -= reservation.held
        self._executed += reservation.executed - reservation.gives_back

    @asynccontextmanager
    async def reserve(
        self, kept_back: int = 0, *, executes: bool = True
    ) -> AsyncIterator[Reservation]:
        """Take a reservation, once there is one, and settle it. Raises Exhausted."""
        while (reservation := self.take(kept_back, executes=executes)) is None:
            self._changed.clear()
            await self._changed.wait()
        try:
            yield reservation
        finally:
            self.settle(reservation)
            self._changed.set()
