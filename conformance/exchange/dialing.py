"""Opens connections: to a target or to a proxy, with TLS or without."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from asyncio.staggered import staggered_race
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import h11
from msgspec import Struct

from conformance.decoding import TooLarge
from conformance.exchange.http1 import Line
from conformance.exchange.wire import Wire
from conformance.urls import Address, address_of

BETWEEN: Final = 0.25
"""Seconds until another address of a name is tried beside the one before (RFC 8305)."""
HANDSHAKE: Final = 24 * 3600.0
"""Seconds for a TLS handshake: the timeout of the exchange comes first."""


class NotConnected(Exception):
    """No connection to a target, or to a proxy; its cause says why."""


class NoProxy(NotConnected):
    """No connection to a proxy, or none that is of use."""


class ProxyRefused(Exception):
    """A proxy responds with another status than the target's."""

    def __init__(self, response: h11.Response) -> None:
        self.status = response.status_code
        super().__init__(f"{self.status} {response.reason.decode('latin-1')}".strip())


class Proxy(Struct, frozen=True):
    """The address of a proxy, and the headers that log in to it, if any."""

    address: Address
    headers: tuple[tuple[bytes, bytes], ...]


def proxy_of(url: str) -> Proxy:
    """The proxy at a URL. Raises NoAddress."""
    parts = urlsplit(url)
    login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    header = (b"Proxy-Authorization", b"Basic " + base64.b64encode(login.encode()))
    return Proxy(address_of(url), (header,) if login != ":" else ())


class Dialer:
    """Connects to targets, over a proxy if there is one.

    `tls` is what to trust and show where a target speaks TLS.
    """

    def __init__(self, proxy: Proxy | None, tls: ssl.SSLContext | None) -> None:
        self._proxy = proxy
        self._tls = tls
        self._default: ssl.SSLContext | None = None

    def _target_tls(self) -> ssl.SSLContext:
        return self._tls or self._default_tls()

    def _default_tls(self) -> ssl.SSLContext:
        """What is trusted where nobody says otherwise, as of a proxy."""
        self._default = self._default or ssl.create_default_context()
        return self._default

    async def dial(self, address: Address) -> Line:
        """A connection for requests to an address.

        Raises NotConnected, NoProxy and ProxyRefused: in no case was a request sent.
        """
        if self._proxy is None:
            return Line(await _connected(address, self._target_tls))
        try:
            wire = await _connected(self._proxy.address, self._default_tls)
        except NotConnected as error:
            raise NoProxy(str(error)) from error
        line = Line(wire)
        if address.scheme == "http":
            return line
        try:
            await _ask_for_a_tunnel(line, address, self._proxy)
            await _start_tls(wire, address, self._target_tls())
        except BaseException:
            wire.close()
            raise
        return Line(wire)


async def _connected(address: Address, tls: Callable[[], ssl.SSLContext]) -> Wire:
    loop = asyncio.get_running_loop()
    encrypted = _encrypted(address, tls()) if address.scheme == "https" else {}
    try:
        sock = await _socket(address)
        _, wire = await loop.create_connection(Wire, sock=sock, **encrypted)
    except (OSError, ValueError, ExceptionGroup) as error:
        raise NotConnected(_told(error)) from error
    return wire


def _encrypted(address: Address, context: ssl.SSLContext) -> dict[str, Any]:
    context.set_alpn_protocols(["http/1.1"])
    return {"ssl": context, "server_hostname": address.host, "ssl_handshake_timeout": HANDSHAKE}


async def _socket(address: Address) -> socket.socket:
    """A connected socket: the addresses of a name are tried in turn, and soon side by side."""
    host, port, kind = address.host, address.port, socket.SOCK_STREAM
    try:  # a number is found as bytes; text would be encoded as a name
        found = socket.getaddrinfo(host.encode(), port, type=kind, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:  # a name
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=kind)
    made: list[socket.socket] = []

    async def connect(family: int, where: Any) -> socket.socket:
        made.append(await _tried(family, where))
        return made[-1]

    tries = [partial(connect, family, where) for family, _, _, _, where in found]
    winner: socket.socket | None = None
    try:
        winner, _, errors = await staggered_race(tries, BETWEEN)
    finally:
        for sock in made:
            if sock is not winner:  # it came too late
                sock.close()
    if winner is None:
        raise ExceptionGroup("no connection", [e for e in errors if isinstance(e, Exception)])
    return winner


async def _tried(family: int, where: Any) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # packets go when they are sent
        await asyncio.get_running_loop().sock_connect(sock, where)
    except BaseException:
        sock.close()
        raise
    return sock


async def _ask_for_a_tunnel(line: Line, address: Address, proxy: Proxy) -> None:
    host = f"[{address.host}]" if ":" in address.host else address.host
    where = f"{host}:{address.port}".encode("ascii")
    headers = [(b"Host", where), (b"Accept", b"*/*"), *proxy.headers]
    await line.send(h11.Request(method=b"CONNECT", target=where, headers=headers))
    try:
        response = await line.head()
    except (h11.RemoteProtocolError, TooLarge, OSError) as error:
        raise NoProxy(_told(error)) from error
    if not 200 <= response.status_code < 300:
        raise ProxyRefused(response)
    if not line.is_quiet:  # what came would be taken for what the target says within TLS
        raise NotConnected("the tunnel was closed, or something came through it before TLS")


async def _start_tls(wire: Wire, address: Address, context: ssl.SSLContext) -> None:
    loop, options, outer = asyncio.get_running_loop(), _encrypted(address, context), wire.transport
    if outer.get_extra_info("ssl_object") is not None:
        # Python 3.11.7 and 3.12.1 call abort with what it does not take (their issue 113214).
        vars(outer)["_force_close"] = lambda _: outer.abort()
    try:
        transport = await loop.start_tls(outer, wire, options.pop("ssl"), **options)
    except (OSError, ValueError) as error:
        raise NotConnected(_told(error)) from error
    if transport is None:
        raise NotConnected("the connection was closed")
    wire.transport = transport


def _told(error: Exception) -> str:
    if isinstance(error, ExceptionGroup):
        return "; ".join(dict.fromkeys(_told(each) for each in error.exceptions))
    return str(error) or type(error).__name__
