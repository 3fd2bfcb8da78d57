"""What kept a request from getting a response: the kind of an error, as reports tell it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import h11

from conformance.exchange.dialing import NoProxy, NotConnected, ProxyRefused
from conformance.exchange.http1 import DISCONNECTED
from conformance.model import Failure, TransportFailure

PROXY_WANTS_LOGIN = 407
"""The status with which a proxy, and nobody behind it, asks for a login (RFC 9110, 15.5.8)."""
CLOSED = (DISCONNECTED, "peer closed connection", "peer unexpectedly closed connection")
"""How the texts of errors begin that tell of a connection which ended too early."""


def failure_of(error: Exception) -> TransportFailure:
    """The kind of a transport error, with its text in one line."""
    detail = " ".join(str(error).split())[:200] or type(error).__name__
    return TransportFailure(_kind_of(error), detail)


def _kind_of(error: Exception) -> Failure:
    match error:
        case NoProxy():
            return Failure.PROXY
        case ProxyRefused():
            return Failure.PROXY if error.status == PROXY_WANTS_LOGIN else Failure.CONNECT
        case NotConnected():
            return next(_of_connecting(error.__cause__), Failure.CONNECT)
        case h11.RemoteProtocolError() if str(error).startswith(CLOSED):
            return Failure.CLOSED
        case OSError():
            return Failure.CLOSED
        case _:
            return Failure.PROTOCOL


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
