"""One connection: bytes both ways, of which no more is read than one response may have.

Interim responses, chunks and their extensions, and trailers never come out of the HTTP library, or
come out as nothing: they cost the reader time, and have no other limit.
"""

from __future__ import annotations

import asyncio
import select
from typing import Final, cast

from conformance.decoding import TooLarge

HEAD = 128 * 1024
"""Bytes of a response that are read before its header is whole, interim responses with it."""
READ = 100
"""Bytes that a read counts beside those that it brought."""
PACKET: Final = 1_460
"""Bytes of a request that a packet holds over Ethernet."""
PACKETS: Final = 3
"""How many of them come one after the other; the rest comes with the last."""
BETWEEN_PACKETS: Final = 0.005
"""Seconds between them: time enough for a server to read one."""
PIECE: Final = 64 * 1024
"""Bytes that one read brings at most, and that wait here until they are read."""


class Wire(asyncio.Protocol):
    """A connection, of which no more is read than one response may have.

    Whatever is written begins another exchange.
    """

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._came = bytearray()
        self._error: Exception | None = None
        self._has_ended = self._is_paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._left = self._most = HEAD

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over the connection."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Keep what came until it is read."""
        self._came += data
        if len(self._came) >= PIECE and not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Note that no more will come; the connection closes."""
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note why no more will come."""
        self._has_ended, self._error = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def allow(self, size: int) -> None:
        """Let so many more bytes be read, now that the header is there."""
        self._left = self._most = size

    async def read(self) -> bytes:
        """What came; nothing at the end.

        Raises TooLarge where a response has more than it may, and OSError.
        """
        if self._left <= 0:
            raise TooLarge(f"more than {self._most} bytes as they were sent")
        if not self._came and not self._has_ended:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if not self._came and self._error is not None:
            raise self._error
        size = min(PIECE, self._left)
        data = bytes(self._came[:size])
        del self._came[:size]
        if self._is_paused and len(self._came) < PIECE and not self._has_ended:
            self._is_paused = False
            self.transport.resume_reading()
        self._left -= len(data) + READ
        return data

    async def write(self, data: bytes) -> None:
        """Send the bytes of a request; they go out while its response is awaited.

        The first ones come a packet at a time, as over most networks: a server must not take what
        one of them brings for all.
        """
        self._left = self._most = HEAD
        for _ in range(PACKETS - 1):
            self.transport.write(data[:PACKET])
            data = data[PACKET:]
            if not data:
                return
            await asyncio.sleep(BETWEEN_PACKETS)
        self.transport.write(data)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way: all was sent, and nothing came that was not read."""
        if self._came or self._has_ended or self.transport.get_write_buffer_size():
            return False
        below = self.transport.get_extra_info("socket")
        if below is None or below.fileno() < 0:  # TLS tells a moment later that it has ended
            return False
        poll = select.poll()
        poll.register(below.fileno(), select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Close the connection, whatever is under way."""
        self.transport.abort()
