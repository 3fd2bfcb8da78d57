"""`exchanges.har`: the exchanges of a run as an HTTP Archive 1.2, for browsers and proxies."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import IO, Any
from urllib.parse import parse_qsl

import msgspec

from conformance import __version__
from conformance.model import Exchange, Headers, Request, Response, header, header_values
from conformance.report.evidence import exchange_named
from conformance.report.model import Report
from conformance.text import encodable, rfc3339, seconds, without_login

HTTP = "HTTP/1.1"
NOT_RECORDED = "The recording does not have this body."
COMMENT = (
    "Secrets stand as placeholders such as {{token}}, and a literal pair of braces as {{open}}."
)
UNKNOWN = -1
"""What stands for a size, or a time, that is not known."""
_escaping = json.JSONEncoder(separators=(",", ":")).encode


def write_har(report: Report, file: IO[str]) -> None:
    """Write the exchanges as HAR, in the order in which they completed.

    They are written one after the other: all of them may be too much to hold.
    """
    log = {
        "version": "1.2",
        "creator": {"name": "csbs-conformance", "version": __version__},
        "browser": {"name": "", "version": ""},
        "comment": COMMENT,
        "entries": [],
    }
    before, end, after = json.dumps({"log": log}, indent=4).rpartition("]")
    file.write(before)
    separator = ""
    for exchange, comment in _entries(report):
        file.write(f"{separator}\n{_in_lines(_entry(exchange, comment))}")
        separator = ","
    file.write(f"\n{' ' * 8}" if separator else "")
    file.write(f"{end}{after}\n")


def _in_lines(entry: Mapping[str, Any]) -> str:
    """An entry, at its place in the archive, with a line for each of its parts."""
    parts = (f"{' ' * 16}{_encode(name)}: {_encode(part)}" for name, part in entry.items())
    lines = ",\n".join(parts)
    return f"{' ' * 12}{{\n{lines}\n{' ' * 12}}}"


def _encode(part: Any) -> str:
    """A part as JSON in ASCII, in which nothing steers a terminal."""
    text = msgspec.json.encode(part, enc_hook=str)  # a placeholder is a str of its own kind
    return text.decode("ascii") if text.isascii() else _escaping(part)


def _entries(report: Report) -> Iterator[tuple[Exchange, str]]:
    """The exchanges, and behind them those that deleted what the run created, with comments."""
    for exchange in report.exchanges:
        yield exchange, _comment(exchange)
    for each in report.deletions or ():
        if each.exchange is not None:
            yield each.exchange, encodable(f"deletion {each.id} of what {each.created_by} brought")


def _comment(exchange: Exchange) -> str:
    repeats = f", repeats {exchange.retry_of}" if exchange.retry_of else ""
    return encodable(f"exchange {exchange_named(exchange)}{repeats}")


def _entry(exchange: Exchange, comment: str) -> dict[str, Any]:
    milliseconds = round(seconds(exchange.duration) * 1000, 3)
    unknown = dict.fromkeys(("blocked", "dns", "connect", "ssl"), UNKNOWN)
    return {
        "startedDateTime": rfc3339(exchange.started),
        "time": milliseconds,
        "request": _request(exchange.request),
        "response": _response(exchange),
        "timings": {"send": 0, "wait": milliseconds, "receive": 0, **unknown},
        "cache": {},
        "comment": comment,
    }


@lru_cache(maxsize=512)
def _records(pairs: Headers) -> tuple[dict[str, str], ...]:
    """Fields as the archive has them; most messages of a run have the same."""
    return tuple({"name": encodable(name), "value": encodable(value)} for name, value in pairs)


def _request(request: Request) -> dict[str, Any]:
    url = encodable(without_login(request.url))
    query = url.partition("#")[0].partition("?")[2]
    return {
        "method": encodable(request.method),
        "url": url,
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _records(request.headers),
        "queryString": _records(tuple(parse_qsl(query, keep_blank_values=True))),
        "headersSize": UNKNOWN,
        "bodySize": len(request.body) if request.whole else UNKNOWN,
        **({"postData": _post_data(request)} if request.body else {}),
    }


def _post_data(request: Request) -> dict[str, str]:
    text, encoding = text_of(request.body)
    media_type = encodable(header(request.headers, "Content-Type") or "")
    named = {"comment": encoding} if encoding else {}
    return {"mimeType": media_type, "text": text, **named}


def text_of(body: bytes) -> tuple[str, str | None]:
    """A body as text, or in base64, and the name of that encoding."""
    try:
        return body.decode("utf-8"), None
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"


def _response(exchange: Exchange) -> dict[str, Any]:
    response = exchange.response
    if response is None:
        return _unanswered(str(exchange.failure))
    return {
        "status": response.status,
        "statusText": encodable(response.reason),
        "httpVersion": HTTP,
        "cookies": _cookies(response),
        "headers": _records(response.headers),
        "content": _content(response),
        "redirectURL": encodable(header(response.headers, "Location") or ""),
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
    }


def _unanswered(failure: str) -> dict[str, Any]:
    """Status 0 and `_error`, as browsers write it."""
    return {
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": ""},
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
        "_error": encodable(failure),
    }


def _content(response: Response) -> dict[str, Any]:
    media_type = encodable(header(response.headers, "Content-Type") or "")
    if not response.whole:
        return {"size": UNKNOWN, "mimeType": media_type, "comment": NOT_RECORDED}
    text, encoding = text_of(response.body)
    named = {"encoding": encoding} if encoding else {}
    return {"size": len(response.body), "mimeType": media_type, "text": text, **named}


def _cookies(response: Response) -> list[dict[str, str]]:
    """Names and values of the cookies set; what else they say is in the headers."""
    pairs = [value.split(";")[0] for value in header_values(response.headers, "Set-Cookie")]
    split = [pair.partition("=") for pair in pairs]
    return [
        {"name": encodable(name.strip()), "value": encodable(value.strip())}
        for name, _, value in split
    ]
