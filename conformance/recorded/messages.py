"""The request and the response of an entry, each by itself; those that recur are read once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

from msgspec import Raw, Struct
from msgspec.structs import replace

from conformance.model import Headers, Response, header
from conformance.recorded.addresses import operation_in, url
from conformance.recorded.attached import Origin
from conformance.recorded.bodies import Body, answer_body, request_body
from conformance.recorded.entry import (
    Json,
    Unusable,
    as_object,
    error,
    headers,
    logs_in_elsewhere,
    part,
    status,
    text,
    with_cookies,
)
from conformance.recorded.hiding import AUTH_TOKEN, is_secret
from conformance.recorded.json_stream import read
from conformance.recorded.taken_out import is_mask, is_parameter
from conformance.recorded.whose import whose

HOST = frozenset({"host", ":authority"})
LONGEST_REMEMBERED = 80 * 1024
"""Bytes of a message of which it is remembered how it was read."""
MOST_REMEMBERED, MOST_BYTES = 1024, 2 * 1024 * 1024
"""Messages that are remembered at once, and bytes that they have together."""


class Message(Struct, frozen=True, eq=False, kw_only=True):
    """What was read of a request or a response, which is no other one's.

    `remembered` is whether the next that is written like it is the same object.
    """

    remembered: bool = False


T = TypeVar("T", bound=Message)


class Alike(Generic[T]):
    """Reads messages of a recording; one that is written like another is read once.

    `read_object` gets a JSON object, an empty one for what is none.
    """

    def __init__(self, read_object: Callable[[Json], T]) -> None:
        self._read_object = read_object
        self._known: dict[bytes, T] = {}
        self._bytes = 0

    def read(self, member: Any) -> T:
        """What is read of a member of an entry. Raises what reading it raises."""
        if not isinstance(member, Raw):
            return self._read_object(as_object(member))
        written = bytes(member)
        if (known := self._known.get(written)) is not None:
            return known
        found = self._read_object(as_object(read(member)))
        if len(written) <= LONGEST_REMEMBERED:
            found = replace(found, remembered=True)
            self._remember(written, found)
        return found

    def _remember(self, written: bytes, found: T) -> None:
        self._bytes += len(written)
        if len(self._known) == MOST_REMEMBERED or self._bytes > MOST_BYTES:
            self._known.clear()
            self._bytes = len(written)
        self._known[written] = found


class Sent(Message, frozen=True, eq=False):
    """What an entry says of a request for the operation, whose `place` is where that is in its URL.

    `is_alone` is whether it can log in by nothing but `X-Auth-Token`, whose value is `token`, and
    `has_secret` whether that is long enough to be told from others.
    """

    place: re.Match[str]
    address: str
    method: str
    headers: Headers
    has_all_headers: bool
    names_host: bool
    token: str
    has_secret: bool
    is_alone: bool
    body: Body


class Came(Message, frozen=True, eq=False):
    """What an entry says of a response: its headers, and where one came, that with its body.

    `error` is what went wrong where none came. `of` says whose response it is where it is none of
    the target's. `names_host` is whether it has a header that only requests have.
    """

    headers: Headers
    error: str
    of: str
    names_host: bool
    response: Response | None = None
    body: Body | None = None


def read_request(request: Json, origin: Origin) -> Sent:
    """A request. Raises Unusable."""
    place, method = _place(request, origin), text(request.get("method")).upper()
    found, has_all = headers(request, part(request, "postData").get("mimeType"), exact=origin.exact)
    found = with_cookies(request, found)
    token = header(found, AUTH_TOKEN) or ""
    return Sent(
        place,
        url(request),
        method,
        found,
        has_all,
        _names_host(request),
        token,
        is_secret(token),
        not logs_in_elsewhere(request, found),
        request_body(request, found, origin),
    )


def read_response(response: Json, sent: Headers, origin: Origin) -> Came:
    """A response to a request with the headers `sent`. Raises Unusable."""
    media_type = part(response, "content").get("mimeType")
    found, has_all = headers(response, media_type, sent, exact=origin.exact)
    code = status(response, found)
    of = whose(response, code, found)
    told = found, error(response), of, header(found, "Host") is not None
    if code is None:
        return Came(*told)
    body = answer_body(response, code, found, origin)
    reason = text(response.get("statusText"))
    came = Response(code, reason, found, body.data, body.whole, has_all)
    return Came(*told, came, body)


def _names_host(request: Json) -> bool:
    """Whether a header names the host, as in every request (RFC 9112, 3.2; RFC 9113, 8.3.1)."""
    listed = request.get("headers")
    named = (each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()
    return any(text(each.get("name")).lower() in HOST for each in named)


def _place(request: Json, origin: Origin) -> re.Match[str]:
    """Where the operation is in the URL of a request. Raises Unusable where it is not."""
    match = operation_in(url(request))
    if match is None:
        raise Unusable("of other operations")
    method = text(request.get("method")).upper()
    if method == "OPTIONS":
        raise Unusable("that ask what a browser may send (OPTIONS)")
    if method not in ("POST", "GET"):
        raise Unusable("with another method")
    if origin.exact:
        return match
    ids = [unquote(match[name]) for name in ("project", "provider")]
    if any(is_mask(each, origin.ids) for each in ids):
        raise Unusable("with a URL from which something was taken out")
    if any(map(is_parameter, ids)):
        raise Unusable("with a URL that names a parameter instead of its value")
    return match
