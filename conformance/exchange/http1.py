"""HTTP/1.1 on one connection: h11 says what the bytes mean."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

import h11

from conformance.exchange.wire import Wire

LONGEST_HEAD: Final = 100 * 1024
"""Bytes of a header, or of a line of chunks, that may come before it is whole."""

LONGEST_REST: Final = 5.0
"""Seconds after which an idle connection is not used again."""

DISCONNECTED: Final = "Server disconnected without sending a response."
ASKING, CLOSING = (
    h11.Request(method="POST", target="/", headers=[("Host", "any"), *more])
    for more in ((), (("Connection", "close"),))
)
"""What h11 has to know of a request to read its response: that there is one, and what becomes of
the connection."""
_NAME, _SEEN = rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+", rb"[^\0\s]"
_FIELD = rb"%b: (?:%b(?:[^\0\n\v\f\r]*%b)?)?\r\n" % (_NAME, _SEEN, _SEEN)
REQUEST: Final = re.compile(rb"%b [!-~]+ HTTP/1\.1\r\n(?:%b)+\r\n" % (_NAME, _FIELD))
"""A request line and header fields, as lenient as h11 is with control characters (RFC 9112, 3 and
5; RFC 9110, 5.1 and 5.5)."""


def written(method: str, target: str, lines: Sequence[tuple[bytes, bytes]]) -> bytes:
    """A request up to its body. Raises h11.LocalProtocolError for one that is none.

    It is written in one go: h11 takes several times as long, header by header.
    """
    fields = b"".join([b"%b: %b\r\n" % line for line in lines])
    head = f"{method} {target} HTTP/1.1\r\n".encode("utf-8", "surrogatepass") + fields + b"\r\n"
    if head.count(b"\n") != len(lines) + 2 or not REQUEST.fullmatch(head):  # a value may be two
        raise h11.LocalProtocolError("a request line or a header is none")
    return head


class Line:
    """A connection to a target, for one exchange after another."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.idle_since = 0.0
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)

    async def send(self, request: h11.Request) -> None:
        """Send a request without a body: one for a tunnel, say, after which h11 reads otherwise."""
        events = (request, h11.EndOfMessage())
        await self.wire.write(b"".join(self._http.send(event) or b"" for event in events))

    async def write(self, head: bytes, body: bytes, *, closes: bool) -> None:
        """Send a request that is `written`; `closes` says that it wants no other behind it."""
        self._http.send(CLOSING if closes else ASKING)
        self._http.send(h11.EndOfMessage())
        await self.wire.write(head + body)

    async def head(self) -> h11.Response:
        """The status line and the header of the response, behind any interim ones.

        Raises h11.RemoteProtocolError, TooLarge and OSError.
        """
        while True:
            event = await self._next()
            if isinstance(event, h11.Response):
                return event

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body, as it comes. Raises the same."""
        while True:
            event = await self._next()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return

    async def _next(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = await self.wire.read()
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise h11.RemoteProtocolError(DISCONNECTED)
            self._http.receive_data(data)
        return event

    @property
    def is_usable(self) -> bool:
        """Whether an idle connection may be used again: not for long, and not once the server
        closed it, or said something unasked.
        """
        return time.monotonic() - self.idle_since < LONGEST_REST and self.wire.is_quiet

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came behind a response: it would be taken for the next one."""
        return not self._http.trailing_data[0] and self.wire.is_quiet

    def rest(self) -> bool:
        """Make ready for another exchange; whether there may be one."""
        states = {self._http.our_state, self._http.their_state}
        if states != {h11.DONE} or not self.is_quiet:
            return False
        self._http.start_next_cycle()
        self.idle_since = time.monotonic()
        return True

    def close(self) -> None:
        """Close the connection."""
        self.wire.close()
