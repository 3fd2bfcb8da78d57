"""Limits that the targets of a group share, such as those of one cloud or account.

They are held across workers by semaphores of Dask's, which are on the scheduler: a worker that is
lost gives back what it held once its leases run out, and nothing passes in its place until then.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from conformance.campaign.windows import Window
from conformance.exchange.throttle import Turns, Unshared

if TYPE_CHECKING:
    from distributed import Semaphore, Worker

BURST: Final = 0.1
"""Seconds within which the requests of a rate may come at once: a turn costs a trip or two to the
scheduler, and would be the limit otherwise."""
ASKING: Final = "2s"
"""How long the scheduler is asked for a lease before it is asked anew: it would give one to whoever
waits, and does not notice that a worker which waited was lost."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Group:
    """Targets with limits in common: requests a second, and requests under way at once.

    `windows` are when they may be tested; without any, always.
    """

    name: str
    rate: float | None = None
    concurrency: int | None = None
    windows: tuple[Window, ...] = ()


def turns_of(group: Group | None, campaign: str) -> Turns:
    """What lets the requests of a target of a group pass; to be called where a task runs."""
    if group is None or (group.rate, group.concurrency) == (None, None):
        return Unshared()
    from distributed import get_worker

    return SharedTurns(group, campaign, get_worker())


class SharedTurns:
    """Lets a request pass where the limits of a group allow it, whichever worker sends it."""

    def __init__(self, group: Group, campaign: str, worker: Worker) -> None:
        self._worker = worker
        self._paced: Semaphore | None = None
        self._counted: Semaphore | None = None
        if group.rate is not None:
            leases = max(1, math.floor(group.rate * BURST))
            self._interval = leases / group.rate
            self._paced = self._semaphore(leases, f"{campaign}-{group.name}-rate")
        if group.concurrency is not None:
            name = f"{campaign}-{group.name}-concurrency"
            self._counted = self._semaphore(group.concurrency, name)

    def _semaphore(self, leases: int, name: str) -> Semaphore:
        from distributed import Semaphore

        worker = self._worker
        return Semaphore(leases, name, scheduler_rpc=worker.scheduler, loop=worker.loop)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn of the group, and hold it while a request is in flight."""
        if self._counted is not None:
            await self._there(partial(_acquire, self._counted))
        try:
            if self._paced is not None:
                await self._there(self._take_pace)
            yield
        finally:
            if self._counted is not None:
                await asyncio.shield(self._there(self._counted.release))

    async def _take_pace(self) -> None:
        """Take a lease that is given back once it is time for the next request."""
        assert self._paced is not None
        await _acquire(self._paced)
        loop = asyncio.get_running_loop()
        loop.call_later(self._interval, lambda: loop.create_task(self._give_back()))

    async def _give_back(self) -> None:
        assert self._paced is not None
        with contextlib.suppress(OSError):  # the scheduler is gone, and the lease with it
            await self._paced.release()

    async def _there(self, call: Callable[[], Awaitable[T]]) -> T:
        """What a call of a semaphore comes to on the loop of the worker, which all of them need."""

        async def called() -> T:
            return await call()

        loop = self._worker.loop.asyncio_loop
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(called(), loop))


async def _acquire(semaphore: Semaphore) -> None:
    while not await semaphore.acquire(timeout=ASKING):
        pass
