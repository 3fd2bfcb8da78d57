"""HTTP that any server may speak: fields, framing and codings of the responses."""
# ruff: noqa: D102

import gzip
import zlib
from dataclasses import replace

from conformance.emulator.messages import Headers, Request, Response
from conformance.emulator.service import Service
from conformance.emulator.variants.registry import variant


class Decorated(Service):
    """Adds ``more`` to the header of every response."""

    more: Headers = ()

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return replace(response, headers=(*response.headers, *self.more))


@variant("http-chunked")
class Chunked(Decorated):
    """Answers come in chunks."""

    more = (("Transfer-Encoding", "chunked"),)


@variant("http-close")
class Close(Decorated):
    """Every response announces that the connection is closed after it."""

    more = (("Connection", "close"),)


@variant("http-keep-alive")
class KeepAlive(Decorated):
    """Every response says for how long the connection is kept."""

    more = (("Connection", "keep-alive"), ("Keep-Alive", "timeout=5, max=1000"))


@variant("http-cookies")
class Cookies(Decorated):
    """Every response sets cookies."""

    more = (("Set-Cookie", "session=1; Path=/; HttpOnly"), ("Set-Cookie", "lb=b; Secure"))


@variant("http-many-headers")
class ManyHeaders(Decorated):
    """Every response has many fields, long ones and odd ones among them."""

    more = (
        *((f"X-Trace-{number}", "a" * 100) for number in range(60)),
        ("Server", "csbs/1 (\xfc)"),
        ("Location", "/elsewhere"),
        ("Content-Language", "de, en"),
        ("ETag", 'W/"1"'),
        ("Retry-After", "0"),
        ("X-Empty", ""),
        ("Vary", "*"),
    )


class Coded(Service):
    """Applies a content coding to every response that has a body."""

    coding = "gzip"

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        headers = (*response.headers, ("Content-Encoding", self.coding))
        return replace(response, headers=headers, body=self.encode(response.body))

    def encode(self, body: bytes) -> bytes:
        """Apply the coding (RFC 9110 section 8.4.1)."""
        return gzip.compress(body)


@variant("http-gzip")
class Gzip(Coded):
    """Answers are compressed with gzip."""


@variant("http-gzip-capitals")
class GzipCapitals(Coded):
    """Answers are compressed with gzip, under its old name and in capitals."""

    coding = "X-GZIP"


@variant("http-gzip-members")
class GzipMembers(Coded):
    """Answers are compressed with gzip in two members (RFC 1952 section 2.2)."""

    def encode(self, body: bytes) -> bytes:
        return gzip.compress(body[:40]) + gzip.compress(body[40:])


@variant("http-deflate")
class Deflate(Coded):
    """Answers are compressed with deflate."""

    coding = "deflate"

    def encode(self, body: bytes) -> bytes:
        return zlib.compress(body)


@variant("http-two-codings")
class TwoCodings(Coded):
    """Answers are compressed with deflate and then with gzip."""

    coding = "deflate, gzip"

    def encode(self, body: bytes) -> bytes:
        return gzip.compress(zlib.compress(body))


@variant("http-slow")
class Slow(Service):
    """Every response takes 30 ms."""

    def handle(self, request: Request) -> Response:
        return replace(super().handle(request), delay=0.03)


@variant("http-slow-executions")
class SlowExecutions(Service):
    """An execution is answered after 300 ms, everything else at once."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return replace(response, delay=0.3 if response.status == 200 else 0.0)
