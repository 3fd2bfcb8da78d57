"""A limit to the time that a library may take over a foreign document."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


def can_limit() -> bool:
    """Whether time can be limited: in the main thread of a POSIX system."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and hasattr(signal, "SIGPROF")


class TooSlow(BaseException):
    """Ends what takes too long. Libraries that take an Exception for a failure let it pass."""


@contextmanager
def limited(patience: float) -> Iterator[None]:
    """Raise TooSlow after some seconds: a foreign schema may keep a library busy for ever.

    Only in the main thread of a POSIX system, where a signal can interrupt anything. Where the
    signal meets code that swallows or replaces what it raises, it comes again, and what that code
    makes of it is TooSlow all the same.
    """
    if not can_limit():
        yield
        return
    is_over = False

    def interrupt(number: int, frame: object) -> NoReturn:
        nonlocal is_over
        is_over = True
        raise TooSlow

    before = signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, patience, patience)
    try:
        yield
    except Exception:
        if is_over:
            raise TooSlow from None
        raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
