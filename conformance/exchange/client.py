"""Sends one request over HTTP and survives whatever comes back."""

from __future__ import annotations

import asyncio
import math
import re
import ssl
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import h11
from msgspec import Struct

from conformance.credentials.braces import OPEN
from conformance.decoding import TooLarge, Undecodable, undoing
from conformance.errors import UsageError
from conformance.exchange.dialing import Dialer, NotConnected, ProxyRefused, proxy_of
from conformance.exchange.failures import PROXY_WANTS_LOGIN, failure_of
from conformance.exchange.http1 import Line, written
from conformance.exchange.wire import HEAD
from conformance.model import (
    Failure,
    Response,
    TransportFailure,
    has_small_names,
    header_values,
)
from conformance.page.oracle import EXECUTED
from conformance.page.permitted import NotPermitted, Permission
from conformance.urls import Address, NoAddress, Origin, address_of

MOST_BYTES = 1024 * 1024
"""Bytes of a body, both before and after its content codings are undone, and of a header."""
ALLOWANCE, LITTLE = 16 * MOST_BYTES, 16 * 1024
"""Bytes of all responses of a client together, as they are written down, since they are kept and
stand in several files; and the limit from then on."""
VERSIONS = frozenset({b"1.0", b"1.1"})
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
NAMED, NUMBERED = b'"\\\b\t\n\f\r', bytes({*range(32)} - {*b"\b\t\n\f\r"})
"""What is written in JSON as an escape of two characters, and of six."""
FIELD = 100
"""Bytes that a header field takes beside its text."""
MOST_PIECES = 10_000
"""Pieces in which a body may come: a server may make each byte a chunk of its own."""


class Connection(Struct, frozen=True):
    """How to reach a target: proxy, trust and client certificate, and seconds for one exchange."""

    timeout: float
    concurrency: int = 1
    proxy: str | None = None
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    insecure: bool = False


class Carrier(ABC):
    """Carries requests to a target: over HTTP, or by what stands in for that."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:  # noqa: B027  (not every carrier has something open)
        """Close what is open."""

    @abstractmethod
    async def send(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        *,
        patience: float = math.inf,
        times: float = 1.0,
    ) -> Response | TransportFailure:
        """The response to a request, or what came instead."""


class Client(Carrier):
    """An HTTP/1.1 client: no redirects, no cookies, nothing taken from the environment.

    Whoever planned a request, it is sent only where it is `permitted`; None lets all pass.
    A server may close an idle connection at the moment it is used again. Once that has happened
    (a connection closed before any response), every request gets a connection of its own.
    """

    def __init__(self, connection: Connection, *, tls: bool, permitted: Permission | None) -> None:
        self._connection = connection
        self._permitted = permitted
        self._proxy = proxy_of(connection.proxy) if connection.proxy else None
        self._dialer = Dialer(self._proxy, _tls_context(connection) if tls else None)
        self._room = asyncio.Semaphore(connection.concurrency + 1)
        self._idle: list[tuple[Origin, Line]] = []
        self._executed: Line | None = None
        self._keeps_alive = True
        self._kept = 0

    async def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop()[1].close()
        await asyncio.sleep(0)  # the event loop closes them

    async def send(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        *,
        patience: float = math.inf,
        times: float = 1.0,
    ) -> Response | TransportFailure:
        """The response to a request, or what came instead. Never raises for what a server does.

        It waits for `times` the timeout; `patience` is in seconds, for where less is enough. Raises
        UsageError for a request that is not permitted.
        """
        if self._permitted is not None:
            try:
                self._permitted.check(method, url, headers)
            except NotPermitted as error:
                raise UsageError(f"nothing is sent of {error}; correct what asks for it") from None
        timeout = min(self._connection.timeout * times, patience)
        try:
            async with asyncio.timeout(timeout), self._room:
                return await self._exchange(method, url, headers, body)
        except TimeoutError:
            return TransportFailure(Failure.TIMEOUT, f"{timeout:g} s")
        except TooLarge as error:
            return TransportFailure(Failure.TOO_LARGE, str(error))
        except (NotConnected, ProxyRefused, h11.ProtocolError, NoAddress, OSError) as error:
            failure = failure_of(error)
            if failure.kind is Failure.CLOSED and self._keeps_alive:
                self._keeps_alive = False
                await self.close()
            return failure

    async def _exchange(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes
    ) -> Response:
        address = address_of(url)
        line = await self._line(address, is_post=method == "POST")
        is_kept = False
        try:
            closes = any(value.lower() == "close" for value in header_values(headers, "Connection"))
            await line.write(self._head(method, address, headers, body), body, closes=closes)
            response = await line.head()
            if response.status_code == PROXY_WANTS_LOGIN and self._asks_proxy(address):
                raise ProxyRefused(response)
            limit = max(LITTLE, min(MOST_BYTES, ALLOWANCE - self._kept))
            fields = tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in response.headers.raw_items()
            )
            _check_head(response)
            head = sum(len(name) + len(value) + FIELD for name, value in fields)
            if head > limit:
                raise TooLarge(f"more than {limit} bytes of header")
            raw = await _body(line, limit)
            is_kept = self._keeps_alive and line.rest()
        finally:
            if not is_kept:
                line.close()
        if is_kept:
            self._keep(address, line)
            if method == "POST" and response.status_code == EXECUTED:
                self._executed = line
        codings = header_values(fields, "Content-Encoding")
        undecodable = ""
        try:
            body = await _decoded(raw, codings, limit)
        except Undecodable as error:
            body, undecodable = raw, str(error)
        written = head + _written(body)
        if written > (left := ALLOWANCE - self._kept) and len(body) > LITTLE:  # others came first
            raise TooLarge(f"more than the {max(0, left)} bytes that are left for all responses")
        self._kept += written
        reason = response.reason.decode("latin-1")
        return Response(response.status_code, reason, fields, body, undecodable=undecodable)

    def _asks_proxy(self, address: Address) -> bool:
        """Whether it is a proxy that gets the requests to an address, and not a tunnel."""
        return self._proxy is not None and address.scheme == "http"

    def _head(
        self, method: str, address: Address, headers: Sequence[tuple[str, str]], body: bytes
    ) -> bytes:
        """A request as it goes over the wire up to its body, with the headers that HTTP asks for.

        Their names are in small letters where all others are. Raises h11.LocalProtocolError.
        """
        host, length = b"Host", b"Content-Length"
        if has_small_names(headers):
            host, length = host.lower(), length.lower()
        target, lines = address.target, [(host, address.authority.encode("ascii"))]
        if self._proxy is not None and self._asks_proxy(address):
            target = f"http://{address.authority}{target}"
            lines = [*self._proxy.headers, *lines]
        lines += [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]
        if body or method == "POST":
            lines.append((length, b"%d" % len(body)))
        return written(method, target, lines)

    async def _line(self, address: Address, *, is_post: bool) -> Line:
        """A connection for a request: an idle one or a new one.

        A POST goes over the one that brought the last 200 to a POST, if that is idle: a target may
        have kept with it who was asking. All else goes over the one that was idle for longest.
        """
        idle = [line for origin, line in self._idle if origin == address.origin]
        for line in sorted(idle, key=lambda each: (each is self._executed) != is_post):
            self._idle.remove((address.origin, line))
            self._executed = None if line is self._executed else self._executed
            if line.is_usable:
                return line
            line.close()
        return await self._dialer.dial(address)

    def _keep(self, address: Address, line: Line) -> None:
        if len(self._idle) == self._connection.concurrency:
            self._idle.pop(0)[1].close()
        self._idle.append((address.origin, line))


async def _body(line: Line, limit: int) -> bytes:
    """The body as it came, codings and all. Raises TooLarge."""
    line.wire.allow(2 * limit + HEAD)
    raw, pieces = bytearray(), 0
    async for piece in line.pieces():
        raw += piece
        pieces += 1
        if len(raw) > limit:
            raise TooLarge(f"more than {limit} bytes")
        if pieces > MOST_PIECES:
            raise TooLarge(f"more than {MOST_PIECES} pieces")
    return bytes(raw)


def _written(body: bytes) -> int:
    """How many bytes a body takes in the files of a run: as JSON, its braces escaped."""
    named, numbered = (len(body) - len(body.translate(None, c)) for c in (NAMED, NUMBERED))
    return len(body) + named + 5 * numbered + (len(OPEN) - 2) * body.count(b"{{")


async def _decoded(raw: bytes, codings: Sequence[str], limit: int) -> bytes:
    """The body without its codings; other exchanges go on meanwhile, and the timeout may strike.

    Raises TooLarge and Undecodable.
    """
    work = undoing(raw, codings, limit)
    while True:
        try:
            next(work)
        except StopIteration as done:
            body: bytes = done.value
            return body
        await asyncio.sleep(0)


def _check_head(response: h11.Response) -> None:
    """Refuse what other clients do not read as HTTP/1.1. Raises RemoteProtocolError."""
    if response.http_version not in VERSIONS:
        version = response.http_version.decode("latin-1")
        raise h11.RemoteProtocolError(f"unknown version HTTP/{version}")
    if any(CONTROL.search(value) for _, value in response.headers.raw_items()):
        raise h11.RemoteProtocolError("a control character in a header")


def _tls_context(connection: Connection) -> ssl.SSLContext:
    """What to trust and show on TLS connections. Raises OSError (ssl.SSLError) for bad files."""
    cafile = str(connection.ca_bundle) if connection.ca_bundle else None
    context = ssl.create_default_context(cafile=cafile)
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if connection.client_cert:
        context.load_cert_chain(connection.client_cert, password="")  # or OpenSSL asks for it
    return context
