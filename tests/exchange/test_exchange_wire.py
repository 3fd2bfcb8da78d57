"""Each row of the page on the wire, tried: what is refused, what is read, and as what."""

from __future__ import annotations

import asyncio
import gzip
import re
import socket
import zlib
from pathlib import Path

import pytest
from exchange_fakes import Fake, SendsWhatItIsGiven

from conformance.exchange.client import Client, Connection
from conformance.model import Failure, Response, TransportFailure
from conformance.page.answer import json_of
from conformance.page.json_text import JsonText, NotJson, TooDeep

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "wire.md"
OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = b"Content-Length: 8\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
JSON = b'{"a": 1}'
CHUNKS = b"8\r\n" + JSON + b"\r\n0\r\n\r\n"

REFUSED = {
    "two different values of `Content-Length`": OK + LENGTH + b"Content-Length: 9\r\n\r\n" + JSON,
    "`Content-Length: 0x8`": OK + b"Content-Length: 0x8\r\n\r\n" + JSON,
    "`Content-Length: -8`": OK + b"Content-Length: -8\r\n\r\n" + JSON,
    "an empty `Content-Length`": OK + b"Content-Length: \r\n\r\n" + JSON,
    "a body shorter than its `Content-Length`": OK + b"Content-Length: 9\r\n\r\n" + JSON,
    "a chunk size that is no number": OK + CHUNKED + b"\r\nz" + CHUNKS[1:],
    "a chunk that is longer than its size": OK + CHUNKED + b"\r\n8\r\n" + JSON + b"xx0\r\n\r\n",
    "chunk lines that end in LF alone": OK + CHUNKED + b"\r\n" + CHUNKS.replace(b"\r", b""),
    "`Transfer-Encoding: identity`": OK + LENGTH + b"Transfer-Encoding: identity\r\n\r\n" + JSON,
    "`Transfer-Encoding: gzip, chunked`": (
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKS
    ),
    "`Transfer-Encoding: chunked` twice": OK + CHUNKED + CHUNKED + b"\r\n" + CHUNKS,
    "chunks without a last one": OK + CHUNKED + b"\r\n" + CHUNKS[:-5],
    "chunked, and no chunks": OK + LENGTH + CHUNKED + b"\r\n" + JSON,
    "a line without a colon in the header": OK + LENGTH + b"garbage\r\n\r\n" + JSON,
    "a space in the name of a field": OK + LENGTH + b"X A: b\r\n\r\n" + JSON,
    "a zero byte in the value of a field": OK + LENGTH + b"X: a\0b\r\n\r\n" + JSON,
    "another control character in the value of a field": OK + LENGTH + b"X: \x01\r\n\r\n" + JSON,
    "a delete character in the value of a field": OK + LENGTH + b"X: \x7f\r\n\r\n" + JSON,
    "a first line of the header that is indented": OK + b" X: a\r\n" + LENGTH + b"\r\n" + JSON,
    "no status line": JSON,
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n" + LENGTH + b"\r\n" + JSON,
    **{
        f"`HTTP/{version}` in the status line": (
            f"HTTP/{version} 200 OK\r\n".encode() + LENGTH + b"\r\n" + JSON
        )
        for version in ("0.9", "1.2", "2.0", "3.7")
    },
}
READ = {
    "the same `Content-Length` twice": OK + LENGTH + LENGTH + b"\r\n" + JSON,
    "`Content-Length: 8, 8`": OK + b"Content-Length: 8, 8\r\n\r\n" + JSON,
    "`Content-Length` beside chunks": OK + b"Content-Length: 3\r\n" + CHUNKED + b"\r\n" + CHUNKS,
    "a space behind a chunk size": OK + CHUNKED + b"\r\n8 " + CHUNKS[1:],
    "a control character in a chunk extension": OK + CHUNKED + b"\r\n8;a\x01" + CHUNKS[1:],
    "header lines that end in LF alone": (OK + LENGTH + b"\r\n").replace(b"\r", b"") + JSON,
    "a header line that goes on in the next one": OK + LENGTH + b"X: a\r\n b\r\n\r\n" + JSON,
    "more bytes than `Content-Length` says": OK + LENGTH + b"\r\n" + JSON + b"xx",
    "a response without a length": OK + b"\r\n" + JSON,
    "a status line without a reason": b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n" + JSON,
    "204 with a body": b"HTTP/1.1 204 No Content\r\n" + LENGTH + b"\r\n" + JSON,
}
SIX_TIMES = JSON
for _ in range(6):
    SIX_TIMES = gzip.compress(SIX_TIMES)
BARE = zlib.compressobj(wbits=-zlib.MAX_WBITS)
NOT_DECODED = {
    "gzip claimed, and plain": ("gzip", JSON),
    "gzip whose end is missing": ("gzip", gzip.compress(JSON)[:-8]),
    "gzip with something behind it": ("gzip", gzip.compress(JSON) + b"x"),
    "gzip called deflate": ("deflate", gzip.compress(JSON)),
    "a coding that nobody knows": ("utf-8", JSON),
    "more than five codings": (", ".join(["gzip"] * 6), SIX_TIMES),
}
DECODED = {
    "gzip in two members": ("gzip", gzip.compress(JSON[:3]) + gzip.compress(JSON[3:])),
    "deflate without its wrapper": ("deflate", BARE.compress(JSON) + BARE.flush()),
    "`x-gzip`, in any case": ("X-GZip", gzip.compress(JSON)),
    "gzip upon deflate": ("deflate, gzip", gzip.compress(zlib.compress(JSON))),
}
IS_JSON = {
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a name that stands twice": b'{"a": 1, "a": 2}',
    "half a surrogate pair as an escape": b'"\\ud800"',
    "a number beyond all floats": b"1e999",
}
NO_JSON = {
    "text behind the JSON": b"{}x",
    "two JSON texts": b"{}\n{}",
    "NaN": b"[NaN]",
    "Infinity": b"[-Infinity]",
    "single quotes": b"{'a': 1}",
    "a comment": b"{} // all",
    "a trailing comma": b"[1,]",
    "a control character in a string": b'"\t"',
    "Latin-1": b'"\xe9"',
    "half a surrogate pair in bytes": b'"\xed\xa0\x80"',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "white space of another kind": "\u00a0{}".encode(),
    "digits that are not ASCII": "[\u0661]".encode(),
}
OTHER = {"more than 1,000 levels", "a charset in the media type"}


def sent(data: bytes) -> Response | TransportFailure:
    """What a client makes of these bytes."""

    async def ask() -> Response | TransportFailure:
        async with Client(Connection(timeout=5.0), tls=False, permitted=None) as client:
            return await client.send("POST", f"{fake.url}/v1", (), b"{}")

    with SendsWhatItIsGiven(data) as fake:
        return asyncio.run(ask())


def answer(body: bytes, *headers: bytes) -> Response:
    """The response with that body."""
    lines = [OK, b"Content-Length: %d\r\n" % len(body), *(each + b"\r\n" for each in headers)]
    outcome = sent(b"".join(lines) + b"\r\n" + body)
    assert isinstance(outcome, Response)
    return outcome


@pytest.mark.parametrize("row", REFUSED)
def test_what_other_clients_refuse_is_refused(row: str) -> None:
    outcome = sent(REFUSED[row])
    assert isinstance(outcome, TransportFailure)
    assert outcome.kind in (Failure.PROTOCOL, Failure.CLOSED)


@pytest.mark.parametrize("row", READ)
def test_what_is_odd_and_can_be_read_is_read(row: str) -> None:
    outcome = sent(READ[row])
    assert isinstance(outcome, Response)
    expected = (204, b"") if row.startswith("204") else (200, JSON)
    assert (outcome.status, outcome.body) == expected


@pytest.mark.parametrize("row", NOT_DECODED)
def test_what_a_coding_does_not_decode_is_kept_as_it_came_and_is_no_json(row: str) -> None:
    coding, body = NOT_DECODED[row]
    response = answer(body, f"Content-Encoding: {coding}".encode())
    assert response.undecodable
    assert response.body == body
    assert isinstance(json_of(response), NotJson)


@pytest.mark.parametrize("row", DECODED)
def test_what_a_coding_decodes_is_decoded(row: str) -> None:
    coding, body = DECODED[row]
    response = answer(body, f"Content-Encoding: {coding}".encode())
    assert (response.body, response.undecodable) == (JSON, "")


@pytest.mark.parametrize("row", IS_JSON)
def test_what_is_json_is_read(row: str) -> None:
    assert isinstance(json_of(answer(IS_JSON[row])), JsonText)


@pytest.mark.parametrize("row", NO_JSON)
def test_what_is_no_json_is_not_read(row: str) -> None:
    assert isinstance(json_of(answer(NO_JSON[row])), NotJson)


def test_what_is_too_deep_is_unknown_and_a_charset_means_nothing() -> None:
    assert isinstance(json_of(answer(b"[" * 1001 + b"]" * 1001)), TooDeep)
    response = answer('"é"'.encode(), b"Content-Type: application/json; charset=iso-8859-1")
    assert json_of(response) == JsonText("é")


def test_the_page_has_the_rows_that_are_tried() -> None:
    rows = re.findall(r"^\| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = [row for row in rows if row != "what comes"]
    tried = {*REFUSED, *READ, *NOT_DECODED, *DECODED, *IS_JSON, *NO_JSON, *OTHER}
    assert sorted(told) == sorted(tried)


class SendsMoreThanItSaid(Fake):
    """Puts something behind its first response, and keeps the connection."""

    def __init__(self, surplus: bytes) -> None:
        super().__init__()
        self.surplus = surplus

    def converse(self, connection: socket.socket) -> None:
        while self.read_request(connection):
            surplus = self.surplus if len(self.requests) == 1 else b""
            connection.sendall(OK + LENGTH + b"\r\n" + JSON + surplus)


@pytest.mark.parametrize("surplus", [b"xx", b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"])
def test_what_comes_behind_a_response_is_never_taken_for_the_next(surplus: bytes) -> None:
    async def thrice() -> list[Response | TransportFailure]:
        async with Client(Connection(timeout=5.0), tls=False, permitted=None) as client:
            url = f"{fake.url}/v1"
            return [await client.send("POST", url, (), b"{}") for _ in range(3)]

    with SendsMoreThanItSaid(surplus) as fake:
        outcomes = asyncio.run(thrice())
    assert [outcome for outcome in outcomes if not isinstance(outcome, Response)] == []
    assert {outcome.status for outcome in outcomes if isinstance(outcome, Response)} == {200}
