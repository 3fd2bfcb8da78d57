"""The request and the response of an entry, each by itself; those that recur are read once."""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable
from typing import Generic, TypeVar
from urllib.parse import unquote

from msgspec import Struct

from conformance.model import Headers, Response, header
from conformance.recorded.addresses import operation_in, url
from conformance.recorded.attached import Attached
from conformance.recorded.bodies import Body, answer_body, request_body
from conformance.recorded.entry import (
    Json,
    Unusable,
    headers,
    is_parameter,
    is_redacted,
    logs_in_elsewhere,
    part,
    status,
    text,
    with_cookies,
)
from conformance.recorded.hiding import AUTH_TOKEN

HOST = frozenset({"host", ":authority"})
LONGEST_REMEMBERED = 16 * 1024
"""Bytes of a message of which it is remembered how it was read."""
MOST_REMEMBERED = 512
PLAINLY = 2
"""The version of marshalling in which equal values are written alike, and others are not."""
T = TypeVar("T")


class Alike(Generic[T]):
    """Reads values of a recording; one that is like another, in value and types, is read once."""

    def __init__(self, read: Callable[[Json], T]) -> None:
        self._read = read
        self._known: dict[bytes, T] = {}

    def read(self, value: Json) -> T:
        """What is read of a value. Raises what reading it raises."""
        key = marshal.dumps(dict(value), PLAINLY)
        if (known := self._known.get(key)) is not None:
            return known
        found = self._read(value)
        if len(key) <= LONGEST_REMEMBERED:
            if len(self._known) == MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found


class Sent(Struct, frozen=True):
    """What an entry says of a request for the operation, whose `place` is where that is in its URL.

    `is_alone` is whether it can log in by nothing but `X-Auth-Token`, whose value is `token`.
    """

    place: re.Match[str]
    address: str
    method: str
    headers: Headers
    has_all_headers: bool
    names_host: bool
    token: str
    is_alone: bool
    body: Body


class Came(Struct, frozen=True):
    """What an entry says of a response: its headers, and where one came, that with its body."""

    headers: Headers
    response: Response | None = None
    body: Body | None = None


def read_request(request: Json, attached: Attached, *, exact: bool) -> Sent:
    """A request; `exact` says that this suite wrote it down. Raises Unusable."""
    place, method = _place(request), text(request.get("method")).upper()
    found, has_all = headers(request, part(request, "postData").get("mimeType"))
    found = with_cookies(request, found)
    return Sent(
        place,
        url(request),
        method,
        found,
        has_all,
        _names_host(request),
        header(found, AUTH_TOKEN) or "",
        not logs_in_elsewhere(request, found),
        request_body(request, found, attached, exact=exact),
    )


def read_response(response: Json, sent: Headers, attached: Attached, *, exact: bool) -> Came:
    """A response to a request with the headers `sent`. Raises Unusable."""
    found, has_all = headers(response, part(response, "content").get("mimeType"), sent)
    if (code := status(response)) is None:
        return Came(found)
    body = answer_body(response, code, found, attached, exact=exact)
    reason = text(response.get("statusText"))
    came = Response(code, reason, found, body.data, body.whole, has_all)
    return Came(found, came, body)


def _names_host(request: Json) -> bool:
    """Whether a header names the host, as in every request (RFC 9112, 3.2; RFC 9113, 8.3.1)."""
    listed = request.get("headers")
    named = (each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()
    return any(text(each.get("name")).lower() in HOST for each in named)


def _place(request: Json) -> re.Match[str]:
    """Where the operation is in the URL of a request. Raises Unusable where it is not."""
    match = operation_in(url(request))
    if match is None:
        raise Unusable("of other operations")
    method = text(request.get("method")).upper()
    if method == "OPTIONS":
        raise Unusable("that ask what a browser may send (OPTIONS)")
    if method not in ("POST", "GET"):
        raise Unusable("with another method")
    ids = [unquote(match[name]) for name in ("project", "provider")]
    if any(map(is_redacted, ids)):
        raise Unusable("with a URL from which something was taken out")
    if any(map(is_parameter, ids)):
        raise Unusable("with a URL that names a parameter instead of its value")
    return match
