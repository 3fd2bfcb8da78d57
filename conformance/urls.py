"""URLs as users and recordings write them, checked."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from conformance.errors import UsageError

_PARTS = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)")
_AUTHORITY = re.compile(r"(?:[^@]*@)?(\[[^][@]+\]|[^][@:]+)(?::[0-9]*)?")
_NOT_IN_A_PATH = re.compile(r"[ {}]")
PORTS: Final = {"http": 80, "https": 443}
_ADDRESS = re.compile(
    r"(https?)://(?:[^/?#]*@)?(\[[0-9a-f:.]+\]|[^][@:/?#]+)(?::([0-9]{0,5}))?"
    r"(/[^?#]*)?(\?[^#]*)?(?:#.*)?",
    re.ASCII | re.IGNORECASE,
)
_NOT_IN_A_TARGET = re.compile(r"[^!$-;=?-_a-z|~]")
"""What is escaped in the path and the query of a request."""
Origin = tuple[str, str, int]
"""Scheme, host and port."""


class Url(NamedTuple):
    """A URL taken apart as RFC 3986 does it (appendix B), which no version of Python changes."""

    scheme: str
    authority: str
    path: str

    @property
    def host(self) -> str:
        """The host in lower case, without brackets; empty where the authority names none."""
        match = _AUTHORITY.fullmatch(self.authority)
        return match[1].strip("[]").lower() if match else ""


@lru_cache(maxsize=256)
def split_url(text: str) -> Url:
    """The parts of a URL that a verdict may hang on."""
    match = _PARTS.match(text)
    assert match is not None  # every text has such parts, if empty ones
    return Url((match[1] or "").lower(), match[2] or "", match[3])


class NoAddress(ValueError):
    """A text that names no place to which a request can go."""


class Address(NamedTuple):
    """Where a request goes, and what it asks for there."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> Origin:
        """With whom a connection is."""
        return self[:3]

    @property
    def authority(self) -> str:
        """Host and port as the header `Host` has them: without the port of the scheme."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


@lru_cache(maxsize=256)
def address_of(url: str) -> Address:
    """Where a request to a URL goes; what may not stand in its target is escaped.

    Raises NoAddress.
    """
    match = _ADDRESS.fullmatch(url) if url.isprintable() else None
    if match is None or not match[2].isascii():
        raise NoAddress("the URL names no host")
    scheme = match[1].lower()
    port = int(match[3] or PORTS[scheme])
    if not 0 < port < 2**16:
        raise NoAddress(f"{port} is no port")
    target = _NOT_IN_A_TARGET.sub(_escaped, (match[4] or "/") + (match[5] or ""))
    return Address(scheme, match[2].strip("[]").lower(), port, target)


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def checked_endpoint(url: str) -> str:
    """An endpoint, without a slash at its end. Raises UsageError for what is none."""
    shown = f" {url!r}" if re.fullmatch(r"\w+://[^@?#]*", url) else ""  # or it may hold a secret
    parts = _parts_of(url)
    if parts is None:
        raise UsageError(f"--endpoint{shown}: give a URL such as https://csbs.region.cloud")
    if parts.username or parts.password:
        raise UsageError("--endpoint: leave user and password out of the URL")
    if parts.query or parts.fragment:
        raise UsageError("--endpoint: leave the query and fragment out of the URL")
    if not url.isascii() or not url.isprintable() or _NOT_IN_A_PATH.search(url):
        raise UsageError(f"--endpoint{shown}: write the URL in ASCII, percent-encoded, unspaced")
    return url.rstrip("/")


def check_proxy(url: str | None) -> None:
    """Raise UsageError for what is no URL of a proxy; not repeated, it may hold a password."""
    if url is None:
        return
    try:
        address_of(url)
        is_url = _parts_of(url) is not None and " " not in url
    except NoAddress:
        is_url = False
    if not is_url:
        raise UsageError("--proxy: give a URL such as http://user:password@proxy.example:3128")


def _parts_of(url: str) -> SplitResult | None:
    """The parts of an http or https URL with a host, or None."""
    try:
        parts = urlsplit(url)
        is_url = bool(parts.hostname) and parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        return None
    return parts if is_url else None


@lru_cache(maxsize=256)
def is_url(text: str) -> bool:
    """Whether a text can be taken apart as a URL."""
    return bool(split_url(text).host)
