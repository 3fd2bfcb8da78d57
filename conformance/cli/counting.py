"""How far a command is that reads for long: a live line on a terminal, now and then a line else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

EVERY: Final = 0.2
"""Seconds between two looks of a live line."""
BETWEEN_LINES: Final = 10.0
"""Seconds between two lines in a log; what takes less time has none."""


@contextmanager
def counting(
    *, is_quiet: bool, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[int], None]]:
    """What to tell the number of exchanges judged so far, at each of them."""
    if is_quiet:
        yield lambda _: None
        return
    is_live = sys.stderr.isatty()
    interval = EVERY if is_live else BETWEEN_LINES
    due = clock() + interval

    def count(judged: int) -> None:
        nonlocal due
        now = clock()
        if now < due:
            return
        due = now + interval
        told = f"{judged:,} exchanges judged"
        sys.stderr.write(f"\r{told}" if is_live else f"{told}\n")
        sys.stderr.flush()

    try:
        yield count
    finally:
        if is_live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
