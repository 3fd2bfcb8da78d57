"""Targets that are hostile where TLS is spoken, or should be."""

from __future__ import annotations

import ssl
import threading
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import trustme
from hostile_server import (
    CONFORMS,
    INCONCLUSIVE,
    PROMPT,
    Talk,
    behaviour,
    whole,
    wire,
)

AUTHORITY = "{authority}"
"""Where the certificate of the authority goes in the options of a run: it vouches for some."""
TRUSTING = (*PROMPT, "--ca-bundle", AUTHORITY)
LOOPBACK = "127.0.0.1"


_LOCK = threading.Lock()


def authority() -> trustme.CA:
    """The authority that a run is told to trust: one, whichever thread asks first."""
    with _LOCK:
        return _authority()


@lru_cache
def _authority() -> trustme.CA:
    return trustme.CA()


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@lru_cache
def valid() -> ssl.SSLContext:
    """A certificate that the authority vouches for."""
    return _context(authority().issue_cert(LOOPBACK))


@lru_cache
def unknown() -> ssl.SSLContext:
    """A certificate of an authority that nobody knows."""
    return _context(trustme.CA().issue_cert(LOOPBACK))


@lru_cache
def expired() -> ssl.SSLContext:
    """A certificate that was valid until yesterday."""
    now = datetime.now(UTC)
    begin, end = now - timedelta(days=30), now - timedelta(days=1)
    return _context(authority().issue_cert(LOOPBACK, not_before=begin, not_after=end))


@lru_cache
def elsewhere() -> ssl.SSLContext:
    """A certificate for another host."""
    return _context(authority().issue_cert("elsewhere.example"))


def _right(talk: Talk) -> None:
    for request in talk.requests():
        talk.send(wire(talk.right(request)))


@behaviour(CONFORMS, scheme="https", tls=valid, options=TRUSTING)
def certificate_that_is_valid(talk: Talk) -> None:
    """Is not hostile at all: what the others of this module are held against."""
    _right(talk)


@behaviour(INCONCLUSIVE, scheme="https", tls=unknown, options=TRUSTING, sees=False)
def certificate_of_an_unknown_authority(talk: Talk) -> None:
    """Shows a certificate that nobody vouches for."""
    _right(talk)


@behaviour(INCONCLUSIVE, scheme="https", tls=expired, options=TRUSTING, sees=False)
def certificate_that_has_expired(talk: Talk) -> None:
    """Shows a certificate that was valid until yesterday."""
    _right(talk)


@behaviour(INCONCLUSIVE, scheme="https", tls=elsewhere, options=TRUSTING, sees=False)
def certificate_of_another_host(talk: Talk) -> None:
    """Shows the certificate of another host."""
    _right(talk)


@behaviour(INCONCLUSIVE, scheme="https", sees=False)
def plain_http_where_tls_is_spoken(talk: Talk) -> None:
    """Answers in plain HTTP on a port where TLS is asked for."""
    talk.connection.recv(65536)
    talk.send(whole(b"{}", 400))


@behaviour(INCONCLUSIVE, tls=valid, sees=False)
def tls_where_plain_http_is_spoken(talk: Talk) -> None:
    """Speaks TLS on a port where plain HTTP is asked for."""
    _right(talk)


@behaviour(INCONCLUSIVE, scheme="https", sees=False)
def handshake_without_an_end(talk: Talk) -> None:
    """Reads the first message of TLS and never answers it."""
    talk.connection.recv(65536)
    talk.wait()


@behaviour(INCONCLUSIVE, scheme="https", sees=False)
def handshake_of_noise(talk: Talk) -> None:
    """Answers the first message of TLS with noise."""
    talk.connection.recv(65536)
    talk.flood(bytes(range(256)) * 256)
