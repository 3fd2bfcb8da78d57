"""An entry of a HAR file, in the dialects that browsers, proxies and libraries write.

Tools differ in what they leave out. What is not there is not known: it is never taken for empty.
A field of another type than HAR 1.2 gives it is taken for left out, but for URL, method and status.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from conformance.model import Failure, Headers, TransportFailure, header
from conformance.recorded import hiding
from conformance.recorded.json_stream import read
from conformance.recorded.taken_out import has_variable, is_redacted

Json = Mapping[str, Any]


class Unusable(ValueError):
    """An entry that cannot be judged; the message says why, in words that continue "skipped"."""


def part(value: Any, name: str) -> Json:
    """The object called `name` in an object; an empty one where there is none."""
    return as_object(as_object(value).get(name))


def as_object(value: Any) -> Json:
    """A JSON object; an empty one where the value is none."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """A text; an empty one where the value is none."""
    return value if isinstance(value, str) else ""


def number(value: Any) -> float | None:
    """A finite number; None where the value is none, or is beyond any double."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def headers(
    holder: Json, media_type: Any, sent: Headers = (), *, exact: bool
) -> tuple[Headers, bool]:
    """The headers of a request or a response, without the pseudo-headers of HTTP/2, and whether
    none may be missing.

    An odd or redacted one is left out, and so is one with a variable in it, unless this suite wrote
    it (`exact`), which has placeholders. Where none were recorded, the media type that stands
    beside the body stands in; where others were, and it speaks of JSON, then the list lacks one.
    What a response with a Host, which only requests have (RFC 9110, 7.2), shares with its request,
    whose headers are `sent`, is a copy of that, and left out.
    """
    listed = holder.get("headers")
    if isinstance(listed, dict):
        listed = [{"name": name, "value": value} for name, value in listed.items()]
    found: list[tuple[str, str]] = []
    whole = isinstance(listed, list) and bool(listed)
    for each in listed if isinstance(listed, list) else ():
        record = each if isinstance(each, dict) else {}
        name, value = text(record.get("name")).strip(), record.get("value")
        if not isinstance(value, str) and (amount := number(value)) is not None:
            value = str(int(amount) if amount.is_integer() else value)
        fields = _fields(name, value, exact=exact) if isinstance(value, str) else None
        whole = whole and fields is not None
        found += fields or ()
    if sent and header(found, "Host") is not None:
        found, whole = [pair for pair in found if pair not in sent], False
        listed = found
    if "json" in text(media_type).lower() and not header(found, "Content-Type"):
        whole = False
        found = [pair for pair in found if pair[0].lower() != "content-type"]
        if not listed:
            found.append(("Content-Type", text(media_type)))
    return _the_same(tuple(found)), whole


@lru_cache(maxsize=1024)
def _fields(name: str, value: str, *, exact: bool) -> Headers | None:
    """A header as it is sent: what Chrome's protocol joins by newlines is several.

    None where it is none, or is not as it was sent.
    """
    if not name or is_redacted(value) or (has_variable(value) and not exact):
        return None
    return () if name[0] == ":" else tuple((name, line.strip()) for line in value.split("\n"))


@lru_cache(maxsize=256)
def _the_same(found: Headers) -> Headers:
    """One object for headers that recur: comparing an object with itself is no work."""
    return found


def with_cookies(request: Json, found: Headers) -> Headers:
    """The headers of a request, with its cookies, which some writers list beside them alone."""
    listed = request.get("cookies")
    if header(found, "Cookie") is not None or not isinstance(listed, list):
        return found
    cookies = [each for each in listed if isinstance(each, dict) and text(each.get("value"))]
    pairs = "; ".join(f"{text(each.get('name'))}={each['value']}" for each in cookies)
    return _the_same((*found, ("Cookie", pairs))) if pairs else found


SIGNED = re.compile(r"x-([a-z]+-)?(date|content-sha256)", re.IGNORECASE)
"""Headers that signatures with an access key cover, as `X-Sdk-Date`."""


def logs_in_elsewhere(request: Json, found: Headers) -> bool:
    """Whether a request may log in by something else than `X-Auth-Token`.

    That is another header with a secret, a login in the URL, or a signature: where a tool took that
    out, its date is left.
    """
    if any(value and (hiding.kind(name) or SIGNED.fullmatch(name)) for name, value in found):
        return True
    place = text(request.get("url")).partition("://")[2].partition("/")[0]
    return "@" in place


def started(entry: Json, came_with: Headers) -> float:
    """When the request was sent, in seconds since the epoch.

    Without a time, or with one that has no zone, the clock of the response has to do. Raises
    Unusable.
    """
    try:
        return _moment(read(entry.get("startedDateTime")), came_with).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        raise Unusable("without a time") from None


def _moment(written: Any, came_with: Headers) -> datetime:
    try:
        moment = datetime.fromisoformat(text(written).strip())
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is not None:
        return moment
    return parsedate_to_datetime(header(came_with, "Date") or "")


def duration(entry: Json) -> float:
    """How long the exchange took, in seconds; 0 where that is not known."""
    return max(number(read(entry.get("time"))) or 0.0, 0.0) / 1000


def connection(entry: Json) -> str:
    """The number of the connection; empty where it is not known, or was that of no network."""
    written = text(read(entry.get("connection")))
    return "" if written == "0" else written


SWITCHING_PROTOCOLS = 101
"""The one interim status that ends an exchange of HTTP (RFC 9110, 15.2)."""
CLIENT_LEFT = frozenset({460, 499})
"""What a load balancer of AWS and nginx write into their logs where the client hung up."""


def status(response: Json, came_with: Headers) -> int | None:
    """The status of a response; None where none came, or one that only announces another.

    None came where a log, which has neither a date nor a body of it, says that the client hung up.
    Raises Unusable where it is no status.
    """
    written = response.get("status")
    if written is None:
        return None
    code = number(int(written) if _is_code(written) else written)
    if code is None or not code.is_integer() or code > 999:
        raise Unusable("with a status that is none")
    is_final = code >= 200 or code == SWITCHING_PROTOCOLS
    is_bare = not part(response, "content").get("text") and header(came_with, "Date") is None
    is_of_a_log = code in CLIENT_LEFT and is_bare
    return int(code) if is_final and not is_of_a_log else None


def _is_code(written: Any) -> bool:
    """Whether a converter wrote a status as a text."""
    return isinstance(written, str) and re.fullmatch("[1-9][0-9]{2}", written) is not None


NETWORK_ERRORS = {
    Failure.REFUSED: re.compile(r"CONNECTION_REFUSED"),
    Failure.TIMEOUT: re.compile(r"TIMED_OUT|NET_TIMEOUT"),
    Failure.CLOSED: re.compile(r"CONNECTION_(RESET|CLOSED)|EMPTY_RESPONSE|NET_(RESET|INTERRUPT)"),
    Failure.PROTOCOL: re.compile(r"INVALID_HTTP_RESPONSE|HTTP2_PROTOCOL_ERROR"),
    Failure.TLS: re.compile(r"ERR_SSL_|SSL_ERROR"),
}
"""What Chrome (`net::ERR_...`) and Firefox (`NS_ERROR_...`) say where the target is to blame."""


OF_THE_CLIENT = re.compile(r"PROXY|CERT|SEC_ERROR")
"""What they say of a proxy on the way, and of certificates: a client has its own opinion on whom to
trust, may have none to show, and may see those of a proxy."""


def error(response: Json) -> str:
    """What Chrome, Playwright or a proxy says went wrong; empty where nothing did."""
    return text(response.get("_error")) or text(response.get("_failureText"))


NOT_THE_TARGETS = "without an answer, for no reason of the target's"


def failure(said: str) -> TransportFailure:
    """Why there is no response. Raises Unusable where the reason may be the client's own.

    A browser that blocks a request, or a user who leaves the page, says nothing of the target.
    """
    for kind in Failure:
        if said == kind.value or said.startswith(f"{kind.value} ("):
            return TransportFailure(kind, said[len(kind.value) + 2 : -1])
    if OF_THE_CLIENT.search(said):
        raise Unusable(NOT_THE_TARGETS)
    for kind, pattern in NETWORK_ERRORS.items():
        if match := pattern.search(said):
            return TransportFailure(kind, match[0])
    raise Unusable(NOT_THE_TARGETS)
