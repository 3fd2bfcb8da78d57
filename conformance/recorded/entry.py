"""An entry of a HAR file, in the dialects that browsers and proxies write, as an exchange.

Tools differ in what they leave out. What is not there is not known: it is never taken for empty.
"""

from __future__ import annotations

import base64
import math
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from conformance.model import Failure, Headers, Response, TransportFailure, header

MOST_BODY = 4 * 1024 * 1024
"""Bytes of a body that are looked at, as in a run."""
BODILESS = frozenset({204, 304})


class Unusable(ValueError):
    """An entry that cannot be judged; the message says why, in words that continue "skipped"."""


class Pair(msgspec.Struct):
    """A header."""

    name: str
    value: str | float | bool | None = ""


class PostData(msgspec.Struct):
    """The body of a request."""

    text: str | None = None
    encoding: str | None = None
    comment: str | None = None


class RequestPart(msgspec.Struct):
    """The request of an entry."""

    method: str
    url: str
    headers: list[Pair] = []
    postData: PostData | None = None
    bodySize: float | None = None


class Content(msgspec.Struct):
    """The body of an answer."""

    text: str | None = None
    encoding: str | None = None
    size: float | None = None
    comment: str | None = None


class ResponsePart(msgspec.Struct):
    """The answer of an entry."""

    status: Annotated[int, msgspec.Meta(ge=0, le=999)]
    statusText: str | None = ""
    headers: list[Pair] = []
    content: Content | None = None
    error: str | None = msgspec.field(default=None, name="_error")


class Entry(msgspec.Struct):
    """What is read of an entry; other fields, such as those that begin with `_`, may be anything.

    `worker` and `cache` say that the answer came from the browser itself.
    """

    startedDateTime: str
    request: RequestPart
    response: ResponsePart | None = None
    time: float | None = None
    comment: str | None = None
    worker: Any = msgspec.field(default=None, name="_fetchedViaServiceWorker")
    cache: Any = msgspec.field(default=None, name="_fromCache")


def read_entry(value: Any) -> Entry:
    """The entry in a parsed JSON value. Raises Unusable."""
    try:
        entry: Entry = msgspec.convert(value, Entry)
    except (msgspec.ValidationError, RecursionError):
        raise Unusable("with a field of another type than HAR 1.2 gives it") from None
    if entry.worker or entry.cache:
        raise Unusable("answered by the browser itself")
    return entry


def pairs(headers: list[Pair]) -> Headers:
    """Headers as they are sent, without the pseudo-headers of HTTP/2."""
    return _the_same(
        tuple(
            (pair.name, "" if pair.value is None else str(pair.value))
            for pair in headers
            if pair.name and pair.name[0] != ":"
        )
    )


@lru_cache(maxsize=256)
def _the_same(headers: Headers) -> Headers:
    """One object for headers that recur: comparing an object with itself is no work."""
    return headers


def started(entry: Entry, answer_headers: Headers) -> float:
    """When the request was sent, in seconds since the epoch.

    A time without a zone is nobody's; then the clock of the answer has to do. Raises Unusable.
    """
    try:
        moment = datetime.fromisoformat(entry.startedDateTime.strip())
        if moment.tzinfo is None:
            moment = parsedate_to_datetime(header(answer_headers, "Date") or "")
        return moment.timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        raise Unusable("without a time") from None


def duration(entry: Entry) -> float:
    """How long the exchange took, in seconds."""
    milliseconds = entry.time or 0.0
    return max(milliseconds, 0.0) / 1000 if math.isfinite(milliseconds) else 0.0


def request_body(part: RequestPart, headers: Headers) -> bytes:
    """The body of a request. Raises Unusable where it was not recorded, or not as a whole."""
    announced = _announced(part.bodySize, headers)
    data = part.postData
    if data is None or data.text is None:
        if announced == 0 and data is None:
            return b""
        raise Unusable("without the body of the request")
    body = _decoded(data.text, data.encoding or data.comment)
    if announced is not None and announced > max(len(body), len(data.text)):
        raise Unusable("without the body of the request")
    if len(body) > MOST_BODY:
        raise Unusable("with more than is looked at")
    return body


def answer(part: ResponsePart, headers: Headers) -> Response:
    """The answer; its body counts as a whole only where nothing speaks against it."""
    body, whole = _answer_body(part, headers)
    return Response(part.status, part.statusText or "", headers, body, whole)


def _answer_body(part: ResponsePart, headers: Headers) -> tuple[bytes, bool]:
    content = part.content or Content()
    if content.text is None:
        return b"", part.status in BODILESS or header(headers, "Content-Length") == "0"
    body = _decoded(content.text, content.encoding)
    if len(body) > MOST_BODY:
        return b"", False
    size = content.size if content.size is not None else -1.0
    if not body:
        return b"", size <= 0 and header(headers, "Content-Length") in (None, "0")
    return body, not content.comment and size <= len(body)


def _announced(size: float | None, headers: Headers) -> float | None:
    """How many bytes a request says its body has, where it does."""
    length = header(headers, "Content-Length") or ""
    if length.isascii() and length.isdigit() and len(length) < 16:
        return float(length)
    return size if size is not None and size >= 0 else None


def _decoded(text: str, encoding: str | None) -> bytes:
    if encoding == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            raise Unusable("with a body that is not the base64 it says it is") from None
    return text.encode("utf-8", "replace")


NETWORK_ERRORS = {
    Failure.REFUSED: re.compile(r"CONNECTION_REFUSED"),
    Failure.TIMEOUT: re.compile(r"TIMED_OUT|NET_TIMEOUT"),
    Failure.CLOSED: re.compile(r"CONNECTION_(RESET|CLOSED)|EMPTY_RESPONSE|NET_(RESET|INTERRUPT)"),
    Failure.PROTOCOL: re.compile(r"INVALID_HTTP_RESPONSE|HTTP2_PROTOCOL_ERROR"),
    Failure.TLS: re.compile(r"ERR_(SSL|CERT)_|SEC_ERROR|SSL_ERROR"),
}
"""What Chrome (`net::ERR_...`) and Firefox (`NS_ERROR_...`) say where the target is to blame."""


def failure(error: str | None) -> TransportFailure:
    """Why there is no answer. Raises Unusable where the reason may be the client's own.

    A browser that blocks a request, or a user who leaves the page, says nothing of the target.
    """
    said = error or ""
    for kind in Failure:
        if said == kind.value or said.startswith(f"{kind.value} ("):
            return TransportFailure(kind, said[len(kind.value) + 2 : -1])
    for kind, pattern in NETWORK_ERRORS.items():
        if match := pattern.search(said):
            return TransportFailure(kind, match[0])
    raise Unusable("without an answer, for no reason of the target's")
