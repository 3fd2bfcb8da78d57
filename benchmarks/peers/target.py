"""One faulty or conforming implementation in a process of its own, which counts its requests.

Prints its endpoint when it answers, and how many requests came in when standard input ends.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import BinaryIO

from starlette.types import Receive, Scope, Send

from conformance.emulator import Service, World, raw
from conformance.emulator.app import serving
from conformance.emulator.asgi import App
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.messages import Request
from conformance.emulator.variants import VARIANTS

REFERENCE, FAULT, VARIANT = "reference", "fault", "variant"


@dataclass(slots=True)
class Target:
    """Where an implementation answers; `requests` is known once it has ended."""

    endpoint: str
    requests: int = 0


@contextmanager
def started(kind: str, name: str) -> Iterator[Target]:
    """An implementation in a process of its own, for the length of a `with`."""
    command = [sys.executable, "-m", "benchmarks.peers.target", kind, name]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        target = Target(process.stdout.readline().strip())
        if not target.endpoint:
            raise RuntimeError(f"{kind} {name} did not start")
        try:
            yield target
        finally:
            target.requests = int(process.communicate("")[0] or 0)


def _served(kind: str, name: str) -> AbstractContextManager[str]:
    world = World.default()
    if kind == REFERENCE:
        return serving(Service(world))
    return (CATALOGUE if kind == FAULT else VARIANTS)[name].serve(world)


def main() -> None:
    """Serve what the arguments name until standard input ends."""
    requests = count()
    answer, read_head = App.__call__, raw.read_head

    async def counted(self: App, scope: Scope, receive: Receive, send: Send) -> None:
        next(requests)
        await answer(self, scope, receive, send)

    def counted_head(source: BinaryIO) -> Request | None:
        head = read_head(source)
        if head is not None:
            next(requests)
        return head

    App.__call__ = counted  # type: ignore[method-assign]
    raw.read_head = counted_head
    with _served(*sys.argv[1:]) as endpoint:
        print(endpoint, flush=True)
        sys.stdin.read()
    print(next(requests), flush=True)


if __name__ == "__main__":
    main()
