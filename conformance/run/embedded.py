"""The emulator that a run tests where it is given no target."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conformance.errors import UsageError


@asynccontextmanager
async def embedded_emulator() -> AsyncIterator[str]:
    """The emulator as a process of its own, on a free loopback port; yields its endpoint."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "conformance.emulator", "--port", "0", "--exit-with-parent"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        words = [word for word in line.split() if word.startswith("http://")]
        if not words:
            raise UsageError("the embedded emulator did not start; give --endpoint instead")
        yield words[0]
    finally:
        process.stdin.close()
        await process.wait()
