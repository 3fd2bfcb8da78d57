"""What a signal does while requests are sent: it ends that, and reports are still written."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgspec import Struct, field

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


class Interruption(Struct):
    """Which signal asked the run to end, if any."""

    exit_code: int | None = None
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def interrupt(self, number: signal.Signals) -> None:
        """End the exchange because of a signal."""
        self.exit_code = SIGNALS[number]
        for task in self.tasks:
            task.cancel()


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """SIGINT, SIGTERM and SIGHUP end the exchange, not the process: reports are to be written.

    In other threads than the main one, as on a worker of a campaign, signals are not for the run.
    Neither is a SIGHUP that `nohup` has the process ignore.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    loop = asyncio.get_running_loop()
    numbers = [number for number in SIGNALS if not is_shielded(number)]
    for number in numbers:
        loop.add_signal_handler(number, interruption.interrupt, number)
    try:
        yield interruption
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def is_shielded(number: signal.Signals) -> bool:
    """Whether a signal is SIGHUP, and somebody wants the process to outlive its terminal."""
    return number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
