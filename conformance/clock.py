"""What time it is: for a run against a real target, and simulated, where nobody has to wait."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple, Unpack

from msgspec import Struct

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
GRACE = 0.005
"""Seconds for which the kernel may keep what was sent to this very process."""
TURN = 0.0005
"""Simulated seconds that one turn of the event loop takes: an exchange takes some milliseconds."""


class Clock(Struct, frozen=True):
    """`now` is in epoch seconds; `monotonic` is the time of the event loop, in seconds."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic


CLOCK = Clock()
"""The clock of this machine."""


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes by what is waited for, not by how long the machine takes.

    Where all that is left to do is to wait, it is at once as late as what is waited for. Client
    and server have to run in it together: for another process nobody would wait. While a thread of
    the executor works, time is real.
    """

    def __init__(self) -> None:
        self._moment = time.monotonic()
        self._epoch = time.time() - self._moment
        self._at_work = 0
        super().__init__(_Selector(self))

    @property
    def clock(self) -> Clock:
        """The clock to hand to what runs in this loop."""
        return Clock(lambda: self._epoch + self._moment, self.time)

    def time(self) -> float:
        """The simulated time, in seconds."""
        return self._moment

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self._moment += seconds

    @property
    def is_alone(self) -> bool:
        """Whether no other thread works for what runs here."""
        return not self._at_work

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Have a thread do something, in real time."""
        future = super().run_in_executor(executor, func, *args)
        self._at_work += 1
        future.add_done_callback(self._is_done)
        return future

    def _is_done(self, _: object) -> None:
        self._at_work -= 1


class _Selector(selectors.DefaultSelector):
    """Waits for no timer: it lets the time of its loop pass instead."""

    def __init__(self, loop: SimulatedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; where nothing is, it is later by `timeout`."""
        self._loop.pass_time(TURN)
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or not self._loop.is_alone:
            began = time.monotonic()
            ready = super().select(timeout)
            self._loop.pass_time(time.monotonic() - began)
            return ready
        ready = super().select(min(GRACE, timeout))
        if not ready:
            self._loop.pass_time(timeout)
        return ready


def simulate(main: Callable[[Clock], Coroutine[Any, Any, T]]) -> T:
    """Run to its end, in simulated time, what `main` makes of the clock."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, SimulatedLoop)
        return runner.run(main(loop.clock))
