"""What costs a reader time and a sender nothing is bounded, response by response."""

from __future__ import annotations

import asyncio

import pytest
from exchange_fakes import OK, SendsWhatItIsGiven

from conformance.exchange.client import MOST_BYTES, MOST_PIECES, Client, Connection
from conformance.exchange.wire import HEAD
from conformance.model import Failure, Response, TransportFailure

INTERIM = b"HTTP/1.1 100 \r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
RIGHT = OK + b"Content-Length: 2\r\n\r\n{}"


def outcome(data: bytes) -> Response | TransportFailure:
    async def main() -> Response | TransportFailure:
        async with Client(Connection(timeout=20.0), tls=False, permitted=None) as sender:
            with SendsWhatItIsGiven(data) as fake:
                return await sender.send("POST", f"{fake.url}/v1", (), b"{}")

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (INTERIM * (HEAD // len(INTERIM) + 1) + RIGHT, "as they were sent"),
        (CHUNKED + b"1\r\nx\r\n" * (MOST_PIECES + 1) + b"0\r\n\r\n", "pieces"),
        (CHUNKED + (b"1;x=" + b"y" * 60_000 + b"\r\n{\r\n") * 50 + b"0\r\n\r\n", "as they were"),
    ],
    ids=["interim responses", "chunks of one byte", "extensions of chunks"],
)
def test_what_is_dear_to_read_is_too_large(data: bytes, said: str) -> None:
    failed = outcome(data)
    assert isinstance(failed, TransportFailure)
    assert failed.kind is Failure.TOO_LARGE
    assert said in failed.detail


@pytest.mark.parametrize(
    "data",
    [
        INTERIM * 1000 + RIGHT,
        CHUNKED + b"1\r\n{\r\n1;x=y\r\n}\r\n0\r\nTrailer: x\r\n\r\n",
        CHUNKED + b"1\r\n \r\n" * 5000 + b"2\r\n{}\r\n0\r\n\r\n",
        OK + b"Content-Length: %d\r\n\r\n" % (MOST_BYTES - 1) + b" " * (MOST_BYTES - 1),
        CHUNKED + b"1000\r\n%b\r\n" % (b" " * 4096) * 255 + b"0\r\n\r\n",
    ],
    ids=["hints", "an extension and a trailer", "small chunks", "a large body", "many chunks"],
)
def test_what_servers_send_at_times_is_read(data: bytes) -> None:
    answered = outcome(data)
    assert isinstance(answered, Response), answered
    assert answered.status == 200
