"""Sends one request over HTTP and survives whatever comes back."""

from __future__ import annotations

import asyncio
import math
import re
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from conformance.credentials.braces import OPEN
from conformance.decoding import TooLarge, Undecodable, undoing
from conformance.errors import UsageError
from conformance.exchange.wire import HEAD, Wire, Wires
from conformance.model import Failure, Response, TransportFailure, header_values
from conformance.page.permitted import NotPermitted, Permission

MOST_BYTES = 1024 * 1024
"""Bytes of a body, both before and after its content codings are undone, and of a header."""
ALLOWANCE, LITTLE = 16 * MOST_BYTES, 16 * 1024
"""Bytes of all responses of a client together, as they are written down, since they are kept and
stand in several files; and the limit from then on."""
PROXY_WANTS_LOGIN = 407
"""The status with which a proxy, and nobody behind it, asks for a login (RFC 9110, 15.5.8)."""
VERSIONS = frozenset({b"HTTP/1.0", b"HTTP/1.1"})
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
NAMED, NUMBERED = b'"\\\b\t\n\f\r', bytes({*range(32)} - {*b"\b\t\n\f\r"})
"""What is written in JSON as an escape of two characters, and of six."""
FIELD = 100
"""Bytes that a header field takes beside its text."""
MOST_PIECES = 10_000
"""Pieces in which a body may come: a server may make each byte a chunk of its own."""


@dataclass(frozen=True, slots=True)
class Connection:
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
        self._verify: ssl.SSLContext | bool = _tls_context(connection) if tls else False
        self._transport = self._open(keep_alive=True)
        self._keeps_alive = True
        self._kept = 0

    def _open(self, *, keep_alive: bool) -> httpx2.AsyncHTTPTransport:
        most = self._connection.concurrency
        transport = httpx2.AsyncHTTPTransport(
            verify=self._verify,
            trust_env=False,
            proxy=self._connection.proxy,
            limits=httpx2.Limits(
                max_connections=most + 1,
                max_keepalive_connections=most if keep_alive else 0,
                keepalive_expiry=5.0,
            ),
        )
        pool: Any = transport._pool  # the backend that opens its connections cannot be handed in
        pool._network_backend = Wires(pool._network_backend)
        return transport

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def send(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        *,
        patience: float = math.inf,
    ) -> Response | TransportFailure:
        """The response to a request, or what came instead. Never raises for what a server does.

        `patience` is in seconds, for where less than the timeout is enough. Raises UsageError for a
        request that is not permitted.
        """
        if self._permitted is not None:
            try:
                self._permitted.check(method, url, headers)
            except NotPermitted as error:
                raise UsageError(f"nothing is sent of {error}; correct what asks for it") from None
        timeout = min(self._connection.timeout, patience)
        try:
            async with asyncio.timeout(timeout):
                return await self._exchange(method, url, headers, body)
        except TimeoutError:
            return TransportFailure(Failure.TIMEOUT, f"{timeout:g} s")
        except TooLarge as error:
            return TransportFailure(Failure.TOO_LARGE, str(error))
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
            failure = _failure(error, self._connection.proxy)
            if failure.kind is Failure.CLOSED and self._keeps_alive:
                self._keeps_alive = False
                self._transport = self._open(keep_alive=False)
            return failure

    async def _exchange(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes
    ) -> Response:
        request = httpx2.Request(
            method,
            url,
            headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in headers],
            content=body or None,
            extensions={"timeout": {"pool": None}},
        )
        if not body and method == "POST":
            request.headers["Content-Length"] = "0"
        response = await self._transport.handle_async_request(request)
        if response.status_code == PROXY_WANTS_LOGIN and self._connection.proxy is not None:
            await response.aclose()
            raise httpx2.ProxyError(f"{PROXY_WANTS_LOGIN} {response.reason_phrase}".strip())
        raw_headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in response.headers.raw
        )
        limit = max(LITTLE, min(MOST_BYTES, ALLOWANCE - self._kept))
        try:
            _check_head(response)
            head = sum(len(name) + len(value) + FIELD for name, value in raw_headers)
            if head > limit:
                raise TooLarge(f"more than {limit} bytes of header")
            raw = await _body(response, limit)
            if _has_surplus(response):  # it would be taken for the next response
                await response.extensions["network_stream"].aclose()
        finally:
            await response.aclose()
        reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
        codings = header_values(raw_headers, "Content-Encoding")
        undecodable = ""
        try:
            body = await _decoded(raw, codings, limit)
        except Undecodable as error:
            body, undecodable = raw, str(error)
        written = head + _written(body)
        if written > (left := ALLOWANCE - self._kept) and len(body) > LITTLE:  # others came first
            raise TooLarge(f"more than the {max(0, left)} bytes that are left for all responses")
        self._kept += written
        return Response(response.status_code, reason, raw_headers, body, undecodable=undecodable)


async def _body(response: httpx2.Response, limit: int) -> bytes:
    """The body as it came, codings and all. Raises TooLarge."""
    connection = response.extensions["network_stream"]
    if isinstance(connection, Wire):
        connection.allow(2 * limit + HEAD)
    raw, pieces = bytearray(), 0
    async for piece in response.aiter_raw():
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


def _check_head(response: httpx2.Response) -> None:
    """Refuse what other clients do not read as HTTP/1.1. Raises RemoteProtocolError."""
    version = response.extensions["http_version"]
    if version not in VERSIONS:
        raise httpx2.RemoteProtocolError(f"unknown version {version.decode('latin-1')}")
    if any(CONTROL.search(value) for _, value in response.headers.raw):
        raise httpx2.RemoteProtocolError("a control character in a header")


def _has_surplus(response: httpx2.Response) -> bool:
    """Whether more came than the response. Neither httpx2 nor httpcore2 says so; h11 below does."""
    connection: Any = response.stream
    for name in ("_httpcore_stream", "_stream", "_connection"):
        connection = getattr(connection, name)
    surplus, _ = connection._h11_state.trailing_data
    return bool(surplus)


def _tls_context(connection: Connection) -> ssl.SSLContext:
    """What to trust and show on TLS connections. Raises OSError (ssl.SSLError) for bad files."""
    cafile = str(connection.ca_bundle) if connection.ca_bundle else None
    context = ssl.create_default_context(cafile=cafile)
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if connection.client_cert:
        context.load_cert_chain(connection.client_cert)
    return context


def _failure(error: Exception, proxy: str | None) -> TransportFailure:
    """The kind of a transport error, with its text in one line.

    Where there is a proxy, every connection is one to it; what it says of the target comes later.
    Where that is an https one, it is not known with whom there is no TLS session.
    """
    detail = " ".join(str(error).split())[:200] or type(error).__name__
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) and len(causes) < 8:
        causes.append(cause)
    match error:
        case httpx2.TimeoutException():
            return TransportFailure(Failure.TIMEOUT, detail)
        case httpx2.ConnectError() | httpx2.ProxyError() | httpx2.UnsupportedProtocol():
            kinds = (kind for cause in causes for kind in _of_connecting(cause))
            kind = next(kinds, Failure.CONNECT)
            is_login = detail.startswith(str(PROXY_WANTS_LOGIN))
            if proxy is not None and (is_login or not isinstance(error, httpx2.ProxyError)):
                if kind is not Failure.TLS:
                    kind = Failure.PROXY
                elif proxy.startswith("https:"):
                    kind = Failure.CONNECT
            return TransportFailure(kind, detail)
        case httpx2.RemoteProtocolError() if "disconnected" in detail or "closed" in detail:
            return TransportFailure(Failure.CLOSED, detail)
        case httpx2.NetworkError() | OSError():
            return TransportFailure(Failure.CLOSED, detail)
        case _:
            return TransportFailure(Failure.PROTOCOL, detail)


def _of_connecting(cause: BaseException) -> Iterator[Failure]:
    """What kept a connection from being made, as far as one of its causes says."""
    if isinstance(cause, BaseExceptionGroup):  # one for each address that was tried
        for each in cause.exceptions:
            yield from _of_connecting(each)
    elif isinstance(cause, ssl.SSLError):
        yield Failure.TLS
    elif isinstance(cause, socket.gaierror):
        yield Failure.NAME
    elif isinstance(cause, ConnectionRefusedError):
        yield Failure.REFUSED
