"""One request over HTTP: every way a server can misbehave ends in a response or a named failure."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Sequence

import pytest
from exchange_fakes import (
    OK,
    AnswersNothing,
    AnswersWithoutReadingTheBody,
    BodyShorterThanAnnounced,
    ChunkedBodyWithoutAnEnd,
    ClosesAtOnce,
    ClosesIdleConnections,
    ClosesWithoutAnAnswer,
    EarlyHints103,
    EndlessBody,
    EndlessHead,
    Fake,
    KeepsTheConnection,
    NotEvenText,
    NotHttp,
    OneByteASecond,
    OneHintAfterAnother,
    RedirectsElsewhere,
    ResetsTheConnection,
    SendsWhatItIsGiven,
    SetsACookie,
    SpeaksHttp10,
    SwitchesProtocols,
    TakesWhatOneReadBringsForAll,
)
from exchange_helpers import free_port
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import examples

from conformance.exchange.client import MOST_BYTES, Client, Connection
from conformance.exchange.wire import PACKET, PACKETS
from conformance.model import Failure, Response, TransportFailure, header, header_values

Outcome = Response | TransportFailure
HEADERS = (("X-Auth-Token", "any"), ("Content-Type", "application/json"))


def with_client(work: Callable[[Client], Awaitable[Outcome]], connection: Connection) -> Outcome:
    async def main() -> Outcome:
        async with Client(connection, tls=False, permitted=None) as client:
            return await work(client)

    return asyncio.run(main())


def send(
    url: str,
    connection: Connection | None = None,
    body: bytes = b"{}",
    headers: Sequence[tuple[str, str]] = HEADERS,
) -> Outcome:
    return with_client(
        lambda client: client.send("POST", f"{url}/v1", headers, body),
        connection or Connection(timeout=5.0),
    )


def kind_of(outcome: Outcome) -> Failure | None:
    return outcome.kind if isinstance(outcome, TransportFailure) else None


@pytest.mark.parametrize(
    ("server", "failure"),
    [
        (ClosesAtOnce, Failure.CLOSED),
        (ClosesWithoutAnAnswer, Failure.CLOSED),
        (ResetsTheConnection, Failure.CLOSED),
        (BodyShorterThanAnnounced, Failure.CLOSED),
        (ChunkedBodyWithoutAnEnd, Failure.CLOSED),
        (NotHttp, Failure.PROTOCOL),
        (NotEvenText, Failure.PROTOCOL),
        (EndlessHead, Failure.PROTOCOL),
        (EndlessBody, Failure.TOO_LARGE),
    ],
)
def test_a_failure_is_named_for_what_the_server_did(
    server: Callable[[], Fake], failure: Failure
) -> None:
    with server() as fake:
        assert kind_of(send(fake.url)) is failure


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        (HEADERS, {b"Host", b"Content-Length"}),
        ((), {b"Host", b"Content-Length"}),
        (((HEADERS[0]), ("accept", "a/b")), {b"Host", b"Content-Length"}),
        ((("x-auth-token", "any"), ("accept", "a/b")), {b"host", b"content-length"}),
    ],
    ids=["as most clients write them", "none", "mixed", "in small letters"],
)
def test_the_names_that_http_asks_for_are_written_as_the_others_are(
    headers: Sequence[tuple[str, str]], own: set[bytes]
) -> None:
    with KeepsTheConnection() as fake:
        assert isinstance(send(fake.url, headers=headers), Response)
    head = fake.requests[0].partition(b"\r\n\r\n")[0]
    names = {line.partition(b":")[0] for line in head.split(b"\r\n")[1:]}
    assert names == own | {name.encode() for name, _ in headers}


@pytest.mark.parametrize("server", [AnswersNothing, OneByteASecond, OneHintAfterAnother])
def test_a_deadline_holds_for_the_exchange_as_a_whole(server: Callable[[], Fake]) -> None:
    with server() as fake:
        outcome = send(fake.url, Connection(timeout=1.2))
    assert outcome == TransportFailure(Failure.TIMEOUT, "1.2 s")


def test_a_server_does_not_choose_its_failure_by_its_words() -> None:
    with SendsWhatItIsGiven(b"the connection was closed\r\n\r\n") as fake:
        assert kind_of(send(fake.url)) is Failure.PROTOCOL


def test_a_refused_connection_is_told() -> None:
    assert kind_of(send(f"http://127.0.0.1:{free_port()}")) is Failure.REFUSED


def test_a_name_that_does_not_resolve_is_told() -> None:
    assert kind_of(send("http://no-such-host.invalid")) is Failure.NAME


@pytest.mark.parametrize("url", ["http://127.0.0.1:0", "http://x..y", "http://\x7f/", "http://[:"])
def test_a_url_that_cannot_be_sent_to_is_a_failure(url: str) -> None:
    assert kind_of(send(url)) is not None


def test_early_hints_are_not_the_answer() -> None:
    with EarlyHints103() as fake:
        outcome = send(fake.url)
    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.body) == (200, b"{}")
    assert header(outcome.headers, "Link") is None


def test_switching_protocols_ends_the_exchange() -> None:
    with SwitchesProtocols() as fake:
        outcome = send(fake.url, Connection(timeout=2.0))
    assert isinstance(outcome, TransportFailure) or outcome.status == 101


def test_an_answer_that_ends_with_the_connection_is_an_answer() -> None:
    with SpeaksHttp10() as fake:
        outcome = send(fake.url)
    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.body) == (200, b"{}")


def test_a_redirect_is_recorded_and_not_followed() -> None:
    with RedirectsElsewhere() as fake:
        outcome = send(fake.url)
        requests = list(fake.requests)
    assert isinstance(outcome, Response)
    assert outcome.status == 307
    assert str(header(outcome.headers, "Location")).endswith("/elsewhere")
    assert len(requests) == 1


def test_an_answer_that_does_not_wait_for_the_body_is_an_answer() -> None:
    with AnswersWithoutReadingTheBody() as fake:
        outcome = send(fake.url, body=b"x" * 100_000)
    assert isinstance(outcome, Response)
    assert outcome.status == 413


def test_a_compressed_answer_is_decoded_and_its_headers_are_kept() -> None:
    body = gzip.compress(b'{"a": 1}')
    head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    with SendsWhatItIsGiven(head + body) as fake:
        outcome = send(fake.url)
    assert isinstance(outcome, Response)
    assert outcome.body == b'{"a": 1}'
    assert header(outcome.headers, "content-encoding") == "gzip"


@pytest.mark.parametrize("coding", [b"identity", b"gzip"])
def test_an_answer_over_the_limit_is_too_large_however_it_travels(coding: bytes) -> None:
    plain = bytes(MOST_BYTES + 1)
    body = gzip.compress(plain) if coding == b"gzip" else plain
    head = OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding, len(body))
    with SendsWhatItIsGiven(head + body) as fake:
        assert kind_of(send(fake.url)) is Failure.TOO_LARGE


def test_an_answer_at_the_limit_is_kept() -> None:
    head = OK + b"Content-Length: %d\r\n\r\n" % MOST_BYTES
    with SendsWhatItIsGiven(head + bytes(MOST_BYTES)) as fake:
        outcome = send(fake.url)
    assert isinstance(outcome, Response)
    assert len(outcome.body) == MOST_BYTES


def test_repeated_headers_and_bytes_beyond_ascii_are_kept() -> None:
    answer = OK + b"X-Note: caf\xe9\r\nX-Note: two\r\nContent-Length: 0\r\n\r\n"
    with SendsWhatItIsGiven(answer) as fake:
        outcome = send(fake.url)
    assert isinstance(outcome, Response)
    assert header_values(outcome.headers, "x-note") == ["caf\xe9", "two"]


@settings(database=None, deadline=None, max_examples=examples(60))
@given(data=st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: OK + tail))
def test_no_bytes_from_a_server_raise(data: bytes) -> None:
    with SendsWhatItIsGiven(data) as fake:
        outcome = send(fake.url)
    assert isinstance(outcome, Response | TransportFailure)
    if isinstance(outcome, TransportFailure):
        assert len(str(outcome).splitlines()) == 1


def test_no_cookie_is_sent_back() -> None:
    async def twice(client: Client) -> Outcome:
        await client.send("POST", f"{fake.url}/v1", HEADERS, b"{}")
        return await client.send("POST", f"{fake.url}/v1", HEADERS, b"{}")

    with SetsACookie() as fake:
        with_client(twice, Connection(timeout=5.0))
        assert len(fake.requests) == 2
        assert not any(b"cookie" in request.lower() for request in fake.requests)


def test_headers_and_body_go_over_the_wire_as_they_are_given() -> None:
    body = b"\x00\xff{"
    with Fake() as fake:
        send(fake.url, body=body, headers=(("X-Auth-Token", "a b"), ("x-other", "")))
        (request,) = fake.requests
    head, _, sent = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1 HTTP/1.1\r\n")
    assert b"\r\nX-Auth-Token: a b\r\n" in head
    assert b"\r\nx-other: " in head
    assert sent == body


@pytest.mark.parametrize("size", [100, 4096])
def test_what_a_packet_does_not_hold_comes_a_moment_later(size: int) -> None:
    with TakesWhatOneReadBringsForAll() as server:
        for _ in range(5):  # a server that is held up reads two of them at once
            assert isinstance(send(server.url, body=b" " * size), Response)
    read = min(server.requests, key=len)
    assert len(read) <= PACKET
    assert read.endswith(b" " * size) is (size < PACKET)


def test_packets_come_one_by_one_on_a_connection_that_was_used_before() -> None:
    async def often(client: Client) -> Outcome:
        for _ in range(5):
            await client.send("POST", server.url, HEADERS, b"{}")
        return await client.send("POST", server.url, HEADERS, b" " * 4096)

    with KeepsTheConnection() as server:
        with_client(often, Connection(timeout=5.0))
        assert server.reads[-1] >= PACKETS


def test_an_empty_body_is_announced_as_empty() -> None:
    with Fake() as fake:
        send(fake.url, body=b"")
        (request,) = fake.requests
    assert b"content-length: 0" in request.lower()


def test_a_server_that_closes_idle_connections_loses_one_request_at_most() -> None:
    async def several(client: Client) -> Outcome:
        for _ in range(6):
            outcomes.append(await client.send("POST", f"{fake.url}/v1", HEADERS, b"{}"))
        return outcomes[-1]

    outcomes: list[Outcome] = []
    with ClosesIdleConnections() as fake:
        with_client(several, Connection(timeout=5.0))
    lost = [kind_of(outcome) for outcome in outcomes if isinstance(outcome, TransportFailure)]
    assert lost == [Failure.CLOSED]


def test_one_lost_connection_does_not_disturb_the_requests_under_way() -> None:
    async def side_by_side(client: Client) -> Outcome:
        url = f"{good.url}/v1"
        sending = [client.send("POST", url, HEADERS, b"{}") for _ in range(5)]
        lost = client.send("POST", f"{bad.url}/v1", HEADERS, b"{}")
        outcomes.extend(await asyncio.gather(*sending, lost))
        outcomes.append(await client.send("POST", url, HEADERS, b"{}"))
        return outcomes[-1]

    outcomes: list[Outcome] = []
    with Fake() as good, ClosesWithoutAnAnswer() as bad:
        with_client(side_by_side, Connection(timeout=5.0))
    assert [kind_of(o) for o in outcomes] == [None] * 5 + [Failure.CLOSED, None]


def test_a_proxy_is_asked_instead_of_the_target() -> None:
    with Fake() as proxy:
        outcome = send("http://target.invalid", Connection(timeout=5.0, proxy=proxy.url))
        (request,) = proxy.requests
    assert isinstance(outcome, Response)
    assert request.startswith(b"POST http://target.invalid/v1 HTTP/1.1\r\n")


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Fake() as proxy, Fake() as target:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        send(target.url)
        assert not proxy.requests
        assert len(target.requests) == 1
