"""Addresses in HAR files: what they mean, however they are written."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address

from conformance.recorded.entry import Json, text
from conformance.urls import is_url

OPERATION = re.compile(
    r"(?P<scheme>https?://)([^/?#]*@)?(?P<base>[^/?#@]+(/[^?#]*?)?)"
    r"/v1/(?P<project>[^/?#]*)/providers/(?P<provider>[^/?#]*)/checkpoints([?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
PORT = re.compile(r":\d+$")
IPV6 = re.compile(r"^\[(.*)\]")
UNRESERVED = re.compile(r"%(?:2[DdEe]|3\d|[46][1-9A-Fa-f]|[57][\dAa]|5[Ff]|7[Ee])")
"""Octets of a URL that mean the same without their encoding (RFC 3986, 2.3 and 6.2.2.2)."""


def url(request: Json) -> str:
    """The URL of a request, without encodings that change nothing."""
    return UNRESERVED.sub(lambda octet: chr(int(octet[0][1:], 16)), text(request.get("url")))


@lru_cache(maxsize=1024)
def operation_in(url: str) -> re.Match[str] | None:
    """Where the operation is in a URL; None in any other URL."""
    return OPERATION.fullmatch(url) if is_url(url) else None


@lru_cache(maxsize=64)
def endpoint_of(address: str) -> str:
    """An address as all that mean the same: `https://host:443` is `https://host` (RFC 9110, 4.2.3).

    Scheme and host have no case; the path has. An IPv6 address has one form (RFC 5952).
    """
    scheme, _, rest = address.partition("://")
    place, slash, path = rest.partition("/")
    usual = {"http": "80", "https": "443"}.get(scheme.lower(), "")
    host, colon, port = place.rpartition(":")
    if colon and port in ("", usual):
        place = host
    place = IPV6.sub(lambda host: f"[{_compressed(host[1])}]", place.lower())
    return f"{scheme.lower()}://{place}{slash}{path}"


def endpoint_in(place: re.Match[str]) -> str:
    """The endpoint of the URL in which the operation is at `place`."""
    return endpoint_of(place["scheme"] + place["base"])


@lru_cache(maxsize=256)
def is_one_endpoint(one: str, other: str) -> bool:
    """Whether two addresses are of one endpoint: that of a host is for http and https the same."""
    return _place(one) == _place(other)


def _place(address: str) -> str:
    """An endpoint without its scheme, which a port other than the usual one needs."""
    endpoint = endpoint_of(address).lower()
    place = endpoint.partition("://")[2]
    return endpoint if PORT.search(place.partition("/")[0]) else place


def _compressed(address: str) -> str:
    try:
        return IPv6Address(address).compressed
    except ValueError:
        return address
