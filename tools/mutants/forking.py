"""Work in a child process that may do anything: hang, fill the memory, end at once."""

from __future__ import annotations

import multiprocessing
import os
import resource
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

Result = TypeVar("Result")

WALL = 20.0
"""How many times its time on the processor a child may take: others use the machine as well."""
MOST_MEMORY = 4 * 1024**3


class Ended(Exception):
    """A child ended before it had a result, or was ended because its time was up."""


class Failed(Exception):
    """A child met an error that it does not take for a result; the message has it."""


def forked(task: Callable[[], Result], seconds: float | None = None) -> Result:
    """The result of a task in a fork of this process, with so many seconds of processor time.

    Raises Ended where there is none, and Failed where the task raised something.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_do, args=(task, theirs, seconds))
    child.start()
    theirs.close()
    try:
        if not ours.poll(None if seconds is None else WALL * seconds):
            raise Ended
        result, error = ours.recv()
    except EOFError:
        raise Ended from None
    finally:
        child.kill()
        child.join()
    if error:
        raise Failed(error)
    return result  # type: ignore[no-any-return]


def _do(task: Callable[[], Result], pipe: Connection, seconds: float | None) -> None:
    if seconds is not None:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (round(seconds) + 1, round(seconds) + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        pipe.send((task(), ""))
    except Exception:
        pipe.send((None, traceback.format_exc()))
    pipe.close()
    os._exit(0)
