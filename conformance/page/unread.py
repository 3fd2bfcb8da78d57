"""What HTTP lets a server, or what stands before it, refuse before the operation sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from conformance.credentials.braces import plain, plain_body
from conformance.credentials.placeholders import DERIVATIONS, PLACEHOLDER
from conformance.model import Request, header_values
from conformance.urls import split_url

OVERSIZED = frozenset({413, 414, 431})
"""Statuses that speak of the size (RFC 9110, 15.5.14 and 15.5.15; RFC 6585, 5)."""
OVERSIZED_BODY = 5_000
OVERSIZED_HEAD = 8 * 1024
UNREADABLE = frozenset({400, 415})
"""What a body in a content coding may get (RFC 9110, 15.5.16)."""
NO_QUERY = frozenset({400, 404})
"""What a query may get that the page does not have: frameworks look for who takes it."""
BAD_PATH = frozenset({301, 400})
"""What a path that is no URI may get (RFC 9112, 3.2)."""
MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")
"""A percent sign that begins no escape (RFC 3986, 2.1)."""
SLASH = re.compile(r"%2f|%5c", re.IGNORECASE)


def is_no_text(request: Request) -> bool:
    """Whether a request holds what neither a URI nor a header has (RFC 3986, 2.1; RFC 9110, 5.5).

    That is a malformed escape, an escape of what is no UTF-8, or a header beyond ASCII. Frameworks
    read these before any code of the service does, and some fail on them.
    """
    path = split_url(plain(request.url)).path
    is_odd = MALFORMED.search(path) is not None or "\ufffd" in unquote(path)
    return is_odd or not all(map(str.isascii, _sent_values(request)))


def refused_unread(request: Request) -> frozenset[int]:
    """The statuses with which a request may be refused unread, whatever else is wrong.

    It may be for its size, a content coding, a path that is no URI or no text or has an encoded
    slash in it, a query, and bytes in a header that are not ASCII (RFC 9110, 5.5).
    """
    found = OVERSIZED if is_oversized(request) else frozenset()
    if codings(request):
        found |= UNREADABLE
    path = split_url(plain(request.url)).path
    text = unquote(path)
    if "?" in request.url:
        found |= NO_QUERY
    if not all(map(str.isascii, _sent_values(request))):
        found |= {400}
    if MALFORMED.search(path):
        found |= BAD_PATH
    elif not text.isprintable() or "\ufffd" in text:
        found |= {400}
    elif SLASH.search(path):
        found |= {400, 404}
    return found


def codings(request: Request) -> list[str]:
    """The content codings that the body has (RFC 9110, 8.4)."""
    values = header_values(request.headers, "Content-Encoding")
    names = (name.strip().lower() for value in values for name in value.split(","))
    return [name for name in names if name not in ("", "identity")]


def is_oversized(request: Request) -> bool:
    """Whether the size of a request alone may be refused, as it may where that is not known."""
    if not (request.whole and request.all_headers):
        return True
    head = len(request.url) + sum(len(n) + len(v) for n, v in request.headers)
    return len(plain_body(request.body)) >= OVERSIZED_BODY or head >= OVERSIZED_HEAD


def _sent_values(request: Request) -> Iterator[str]:
    """The headers as they go over the wire, as far as that is known without the secrets."""
    for _, value in request.headers:
        match = PLACEHOLDER.fullmatch(value)
        near = DERIVATIONS.get(match[2] or "") if match else None
        yield near.make("token") if near else value
