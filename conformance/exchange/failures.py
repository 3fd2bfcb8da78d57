"""What kept a request from getting a response: the kind of an error, as reports tell it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import h11

from conformance.exchange.dialing import NotConnected, ProxyRefused
from conformance.model import Failure, TransportFailure

PROXY_WANTS_LOGIN = 407
"""The status with which a proxy, and nobody behind it, asks for a login (RFC 9110, 15.5.8)."""


def failure_of(error: Exception, proxy: str | None) -> TransportFailure:
    """The kind of a transport error, with its text in one line.

    Where there is a proxy, every connection is one to it; what it says of the target comes later.
    Where that is an https one, it is not known with whom there is no TLS session.
    """
    detail = " ".join(str(error).split())[:200] or type(error).__name__
    match error:
        case NotConnected() | ProxyRefused():
            kind = next(_of_connecting(error.__cause__), Failure.CONNECT)
            if proxy is not None:
                if isinstance(error, ProxyRefused):
                    kind = Failure.PROXY if error.status == PROXY_WANTS_LOGIN else kind
                elif kind is not Failure.TLS:
                    kind = Failure.PROXY
                elif proxy.startswith("https:"):
                    kind = Failure.CONNECT
            return TransportFailure(kind, detail)
        case h11.RemoteProtocolError() if "disconnected" in detail or "closed" in detail:
            return TransportFailure(Failure.CLOSED, detail)
        case OSError():
            return TransportFailure(Failure.CLOSED, detail)
        case _:
            return TransportFailure(Failure.PROTOCOL, detail)


def _of_connecting(cause: BaseException | None) -> Iterator[Failure]:
    """What kept a connection from being made, as far as one of its causes says."""
    if isinstance(cause, BaseExceptionGroup):  # one for each address that was tried
        for each in cause.exceptions:
            yield from _of_connecting(each)
    elif isinstance(cause, ssl.SSLError):
        yield Failure.TLS
    elif isinstance(cause, socket.gaierror | UnicodeError):
        yield Failure.NAME
    elif isinstance(cause, ConnectionRefusedError):
        yield Failure.REFUSED
