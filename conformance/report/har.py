"""`exchanges.har`: the exchanges of a run as an HTTP Archive 1.2, for browsers and proxies."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from conformance import __version__
from conformance.model import Exchange, Headers, Request, Response, header, header_values
from conformance.report.evidence import exchange_named
from conformance.report.model import Report
from conformance.text import encodable, rfc3339, seconds, without_login

if TYPE_CHECKING:
    import harfile

HTTP = "HTTP/1.1"
NOT_RECORDED = "The recording does not have this body."
COMMENT = (
    "Secrets stand as placeholders such as {{token}}, and a literal pair of braces as {{open}}."
)


def write_har(report: Report, file: IO[str]) -> None:
    """Write the exchanges as HAR, in the order in which they completed.

    They are written one after the other: all of them may be too much to hold.
    """
    import harfile

    creator = harfile.Creator(name="csbs-conformance", version=__version__)
    with harfile.HarFile(file, creator=creator, comment=COMMENT) as archive:
        for exchange, comment in _entries(report):
            milliseconds = round(seconds(exchange.duration) * 1000, 3)
            archive.add_entry(
                startedDateTime=rfc3339(exchange.started),
                time=milliseconds,
                request=_request(exchange.request),
                response=_response(exchange),
                timings=harfile.Timings(send=0, wait=milliseconds, receive=0),
                comment=comment,
            )
    file.write("\n")


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


def _records(pairs: Headers) -> list[harfile.Record]:
    import harfile

    return [harfile.Record(name=encodable(name), value=encodable(value)) for name, value in pairs]


def _request(request: Request) -> harfile.Request:
    import harfile

    url = encodable(without_login(request.url))
    query = url.partition("#")[0].partition("?")[2]
    return harfile.Request(
        method=encodable(request.method),
        url=url,
        httpVersion=HTTP,
        headers=_records(request.headers),
        queryString=_records(tuple(parse_qsl(query, keep_blank_values=True))),
        postData=_post_data(request),
        bodySize=len(request.body) if request.whole else -1,
    )


def _post_data(request: Request) -> harfile.PostData | None:
    import harfile

    if not request.body:
        return None
    text, encoding = text_of(request.body)
    media_type = encodable(header(request.headers, "Content-Type") or "")
    return harfile.PostData(mimeType=media_type, text=text, comment=encoding)


def text_of(body: bytes) -> tuple[str, str | None]:
    """A body as text, or in base64, and the name of that encoding."""
    try:
        return body.decode("utf-8"), None
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"


def _response(exchange: Exchange) -> harfile.Response:
    response = exchange.response
    if response is None:
        return _unanswered(str(exchange.failure))
    import harfile

    text, encoding = text_of(response.body)
    media_type = encodable(header(response.headers, "Content-Type") or "")
    content = harfile.Content(size=-1, mimeType=media_type, comment=NOT_RECORDED)
    if response.whole:
        content = harfile.Content(
            size=len(response.body), mimeType=media_type, text=text, encoding=encoding
        )
    return harfile.Response(
        status=response.status,
        statusText=encodable(response.reason),
        httpVersion=HTTP,
        cookies=_cookies(response),
        headers=_records(response.headers),
        content=content,
        redirectURL=encodable(header(response.headers, "Location") or ""),
    )


def _cookies(response: Response) -> list[harfile.Cookie]:
    """Names and values of the cookies set; what else they say is in the headers."""
    import harfile

    pairs = [value.split(";")[0] for value in header_values(response.headers, "Set-Cookie")]
    split = [pair.partition("=") for pair in pairs]
    return [
        harfile.Cookie(name=encodable(name.strip()), value=encodable(value.strip()))
        for name, _, value in split
    ]


@lru_cache(maxsize=64)
def _unanswered(failure: str) -> harfile.Response:
    """Status 0 and `_error`, as browsers write it."""
    import harfile

    class Unanswered(harfile.Response):
        def asdict(self) -> dict[str, Any]:
            return {**super().asdict(), "_error": encodable(failure)}

    return Unanswered(status=0, statusText="", httpVersion="")
