"""Bounds what is read of one response from a connection, whatever it stands for.

Interim responses, chunks and their extensions, and trailers never come out of the HTTP library, or
come out as nothing: they cost the reader time, and have no other limit.
"""

from __future__ import annotations

from typing import Any

from conformance.decoding import TooLarge

HEAD = 128 * 1024
"""Bytes of a response that are read before its header is whole, interim responses with it."""
READ = 100
"""Bytes that a read counts beside those that it brought."""


class Wire:
    """A connection, of which no more is read than one response may have.

    Whatever is written begins another exchange. All that the library asks of a connection and that
    does not stand here is that of the `inner` one.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._left = self._most = HEAD

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def allow(self, size: int) -> None:
        """Let so many more bytes be read, now that the header is there."""
        self._left = self._most = size

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came. Raises TooLarge where a response has more than it may."""
        if self._left <= 0:
            raise TooLarge(f"more than {self._most} bytes as they were sent")
        data: bytes = await self._inner.read(min(max_bytes, self._left), timeout)
        self._left -= len(data) + READ
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes of a request."""
        self._left = self._most = HEAD
        await self._inner.write(buffer, timeout)

    async def start_tls(self, *args: Any, **options: Any) -> Wire:
        """The connection within TLS."""
        return Wire(await self._inner.start_tls(*args, **options))


class Wires:
    """Opens connections as `inner` does, with a bound on what is read from them."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def connect_tcp(self, *args: Any, **options: Any) -> Wire:
        """A connection to a host."""
        return Wire(await self._inner.connect_tcp(*args, **options))
