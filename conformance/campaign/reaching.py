"""Why no client of Dask's would come to a scheduler: told at once, and before Dask tries for long.

A scheduler that speaks no TLS speaks first. One that speaks TLS waits for a greeting, so that only
it is ever sent one.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from conformance.errors import UsageError

PATIENCE: Final = 3.0
"""Seconds to wait for a connection, and for what it says."""
UNGREETED: Final = 0.5
"""Seconds after which whoever has not spoken waits for a greeting."""
CERTIFICATES: Final = "certificates in the configuration of Dask (distributed.comm.tls)"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scheduler is said to be."""

    scheme: str
    host: str
    port: int

    @property
    def named(self) -> str:
        """How messages name it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def check_reachable(address: str) -> None:
    """Raise UsageError where no scheduler is there, or one that speaks TLS where it is not asked
    to, or the other way round. What only Dask can make out is left to it.
    """
    place = _place(address)
    if place is None:
        return
    try:
        with socket.create_connection((place.host, place.port), PATIENCE) as there:
            speaks_first = _speaks_first(there)
            if place.scheme == "tls" and speaks_first:
                raise UsageError(
                    f"--scheduler: {place.named} speaks no TLS; give tcp://{place.named}, or start "
                    "the scheduler with certificates"
                )
            if place.scheme == "tcp" and not speaks_first and _speaks_tls(there, place.host):
                raise UsageError(
                    f"--scheduler: {place.named} speaks TLS; give tls://{place.named}, with "
                    f"{CERTIFICATES}"
                )
    except UnicodeError:
        raise UsageError(
            f"--scheduler: {place.host} is no name of a host; give HOST:PORT"
        ) from None
    except OSError as error:
        why = error.strerror or "it does not answer"
        raise UsageError(
            f"--scheduler: no scheduler answers at {place.named} ({why}); start one first"
        ) from None


def _place(address: str) -> Place | None:
    """The parts of an address; None for one that only Dask may have a use for."""
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("tcp", "tls") or not host or not port:
        return None
    return Place(parts.scheme, host, port)


def _speaks_first(there: socket.socket) -> bool:
    there.settimeout(UNGREETED)
    try:
        return bool(there.recv(1))
    except TimeoutError:
        return False


def _speaks_tls(there: socket.socket, host: str) -> bool:
    """Whether a greeting of TLS is answered by one, or by an alert: it may want a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    there.settimeout(PATIENCE)
    try:
        context.wrap_socket(there, server_hostname=host).close()
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")
    except OSError:
        return False
    return True
