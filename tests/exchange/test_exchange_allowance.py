"""A client keeps no more of all answers together than it may, and no response of a huge header."""

from __future__ import annotations

import asyncio

import pytest
from exchange_fakes import OK, SendsWhatItIsGiven

from conformance.exchange import client
from conformance.exchange.client import FIELD, Client, Connection
from conformance.model import Failure, Response, TransportFailure

Outcome = Response | TransportFailure


def answer(body: bytes, fields: int = 0) -> bytes:
    return OK + b"a:\r\n" * fields + b"Content-Length: %d\r\n\r\n" % len(body) + body


def outcomes(answers: list[bytes]) -> list[Failure | int]:
    """What one client makes of the responses, one after the other: a failure, or the bytes."""

    async def main() -> list[Outcome]:
        found = []
        async with Client(Connection(timeout=5.0), tls=False, permitted=None) as sender:
            for data in answers:
                with SendsWhatItIsGiven(data) as fake:
                    found.append(await sender.send("POST", f"{fake.url}/v1", (), b"{}"))
        return found

    return [
        outcome.kind if isinstance(outcome, TransportFailure) else len(outcome.body)
        for outcome in asyncio.run(main())
    ]


def test_a_header_of_thousands_of_fields_is_too_large() -> None:
    many = client.MOST_BYTES // FIELD + 1
    assert outcomes([answer(b"{}", 100), answer(b"{}", many)]) == [2, Failure.TOO_LARGE]


def test_small_answers_alone_are_kept_once_the_allowance_is_spent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "ALLOWANCE", 100_000)
    large, small = answer(b" " * 60_000), answer(b" " * 10_000)
    kept = outcomes([large, large, small, small, small, large])
    assert kept == [60_000, Failure.TOO_LARGE, 10_000, 10_000, 10_000, Failure.TOO_LARGE]


def test_what_was_not_kept_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ALLOWANCE", 100_000)
    over, large = answer(b" " * 200_000), answer(b" " * 60_000)
    assert outcomes([over, over, large]) == [Failure.TOO_LARGE, Failure.TOO_LARGE, 60_000]


@pytest.mark.parametrize("dear", [b"\x01" * 15_000, b'"' * 45_000, b"{{" * 11_000])
def test_what_grows_where_it_is_written_down_counts_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch, dear: bytes
) -> None:
    monkeypatch.setattr(client, "ALLOWANCE", 100_000)
    kept = outcomes([answer(dear), answer(b" " * 20_000)])
    assert kept == [len(dear), Failure.TOO_LARGE]


def test_what_is_read_side_by_side_counts_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ALLOWANCE", 100_000)
    large = answer(b" " * 60_000)

    async def main() -> list[Outcome]:
        async with Client(Connection(5.0, 8), tls=False, permitted=None) as sender:
            with SendsWhatItIsGiven(large) as fake:
                sends = [sender.send("POST", f"{fake.url}/v1", (), b"{}") for _ in range(4)]
                return await asyncio.gather(*sends)

    assert sum(isinstance(outcome, Response) for outcome in asyncio.run(main())) == 1
