"""Connections and framing down to the bytes, all of them as RFC 9112 allows."""
# ruff: noqa: D102

import socket
import time
from collections.abc import Callable

from conformance.emulator.messages import Headers, Refusal, Request, Response
from conformance.emulator.raw import RawService
from conformance.emulator.variants.registry import variant


@variant("wire-plain")
class Plain(RawService):
    """A server that writes the plainest answers there are."""


@variant("wire-closes-after-five")
class ClosesAfterFive(RawService):
    """Every connection is closed, unannounced, after five answers."""

    def stays_open(self, answers: int) -> bool:
        return answers < 5


@variant("wire-closes-each")
class ClosesEach(RawService):
    """Every connection is closed, unannounced, after its first response."""

    def stays_open(self, answers: int) -> bool:
        return False


@variant("wire-closes-idle")
class ClosesIdle(RawService):
    """A connection is closed when it was idle for 50 ms behind a response."""

    idle_seconds = 0.05


class UntilClose(RawService):
    """The body of a response ends where the connection does."""

    def framing(self, response: Response) -> Headers:
        return (("Connection", "close"),)

    def stays_open(self, answers: int) -> bool:
        return False


@variant("wire-until-close")
class UntilCloseOne(UntilClose):
    """Answers have no length: they end where the connection does."""


@variant("wire-http-1-0")
class Http10(UntilClose):
    """The server speaks HTTP/1.0."""

    http_version = "HTTP/1.0"

    def framing(self, response: Response) -> Headers:
        return ()


@variant("wire-headers-lower")
class HeadersLower(RawService):
    """Names of fields are written in lower case, without a space after the colon."""

    def header_line(self, name: str, value: str) -> str:
        return f"{name.lower()}:{value}"


@variant("wire-headers-upper")
class HeadersUpper(RawService):
    """Names of fields are written in capitals, with white space around the values."""

    def header_line(self, name: str, value: str) -> str:
        return f"{name.upper()}: \t {value} \t"


@variant("wire-no-date")
class NoDate(RawService):
    """The server has no clock to tell the date of its responses from."""

    def all_headers(self, response: Response) -> Headers:
        return super().all_headers(response)[1:]


@variant("wire-date-unreadable")
class DateUnreadable(RawService):
    """The Date of the responses is a text that denotes no moment."""

    def all_headers(self, response: Response) -> Headers:
        return (("Date", "yesterday, 25:99"), *super().all_headers(response)[1:])


@variant("wire-no-reason")
class NoReason(RawService):
    """The status line has no reason phrase."""

    def status_line(self, status: int) -> str:
        return f"{self.http_version} {status} "


@variant("wire-odd-reason")
class OddReason(RawService):
    """The reason phrase says something else than the status."""

    def status_line(self, status: int) -> str:
        return f"{self.http_version} {status} 500 Busy \xfc"


class Interim(RawService):
    """Sends the response after others of the class 1xx."""

    before = b""

    def write(self, connection: socket.socket, response: Response) -> None:
        connection.sendall(self.before)
        super().write(connection, response)


@variant("wire-continue")
class Continue(Interim):
    """A 100 comes before every response."""

    before = b"HTTP/1.1 100 Continue\r\n\r\n"


@variant("wire-early-hints")
class EarlyHints(Interim):
    """A 102 and two 103 come before every response."""

    before = (
        b"HTTP/1.1 102 Processing\r\n\r\n"
        + b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" * 2
    )


@variant("wire-answers-early")
class AnswersEarly(RawService):
    """Who sends no good token is answered before the body is read."""

    def exchange(
        self, connection: socket.socket, head: Request, read_body: Callable[[], bytes]
    ) -> None:
        try:
            self.authenticate(head)
        except Refusal as refusal:
            self.write(connection, self.render_refusal(refusal))
            read_body()
        else:
            super().exchange(connection, head, read_body)


@variant("wire-pieces")
class Pieces(RawService):
    """A response comes in pieces, with pauses between them, even in its header."""

    def write(self, connection: socket.socket, response: Response) -> None:
        whole = self.head(response) + response.body
        size = -(-len(whole) // 5)
        for start in range(0, len(whole), size):
            connection.sendall(whole[start : start + size])
            time.sleep(0.002)


class InChunks(RawService):
    """Sends the body in chunks of ``size`` bytes, with ``extension`` and ``trailer``."""

    size = 64
    extension = b""
    trailer = b""

    def framing(self, response: Response) -> Headers:
        return (("Transfer-Encoding", "chunked"),)

    def write(self, connection: socket.socket, response: Response) -> None:
        body, size = response.body, self.size
        parts = [body[start : start + size] for start in range(0, len(body), size)]
        chunks = [b"%X%s\r\n%s\r\n" % (len(part), self.extension, part) for part in parts]
        last = b"0%s\r\n%s\r\n" % (self.extension, self.trailer)
        connection.sendall(self.head(response) + b"".join(chunks) + last)


@variant("wire-chunks-tiny")
class ChunksTiny(InChunks):
    """Answers come in chunks of one byte."""

    size = 1


@variant("wire-chunks-extended")
class ChunksExtended(InChunks):
    """Answers come in chunks that have extensions, and fields behind the last one."""

    extension = b';a="b"'
    trailer = b"X-Checksum: 1\r\n"
