"""How connections are made: over each address of a name, and through proxies to TLS targets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
import trustme
from exchange_fakes import KEPT_OPEN, ClosesAtOnce, Fake, SendsWhatItIsGiven
from exchange_helpers import free_port

from conformance.exchange import dialing
from conformance.exchange.client import Client, Connection
from conformance.exchange.wire import PIECE
from conformance.model import Failure, Response, TransportFailure

LOGIN = b"Proxy-Authorization: Basic dXM6cEBzcw=="


def send(url: str, connection: Connection) -> Response | TransportFailure:
    async def main() -> Response | TransportFailure:
        tls = url.startswith("https:")
        async with Client(connection, tls=tls, permitted=None) as client:
            outcomes = [await client.send("POST", f"{url}/v1", (), b"{}") for _ in range(2)]
            return outcomes[-1]

    return asyncio.run(main())


class Tunnel(Fake):
    """A proxy that connects to wherever it is asked to, and passes on what both sides say."""

    opened = b"HTTP/1.1 200 Go\r\nX-Via: me\r\n\r\n"

    def read_request(self, connection: socket.socket) -> bytes:
        request = super().read_request(connection)
        if request.startswith(b"CONNECT "):
            host, _, port = request.split()[1].rpartition(b":")
            with socket.create_connection((host.decode(), int(port))) as beyond:
                connection.sendall(self.opened)
                back = threading.Thread(target=passed_on, args=(beyond, connection), daemon=True)
                back.start()
                passed_on(connection, beyond)
                back.join()
        return b""


def passed_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that proxies are trusted by, and whose certificate is in a file."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return made


def context_of(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_target_with_tls_is_reached_through_a_proxy(
    scheme: str, authority: trustme.CA, tmp_path: Path
) -> None:
    tls = context_of(authority) if scheme == "https" else None
    with Fake(context_of(authority)) as target, Tunnel(tls) as proxy:
        login = proxy.url.replace("://", "://us:p%40ss@")
        connection = Connection(timeout=5.0, proxy=login, ca_bundle=tmp_path / "ca.pem")
        host = target.url.removeprefix("https://").encode()
        outcome = send(target.url, connection)
    assert isinstance(outcome, Response), outcome
    assert outcome.status == 200
    assert [request.split(b"\r\n")[0] for request in target.requests] == [b"POST /v1 HTTP/1.1"] * 2
    assert [LOGIN in request for request in proxy.requests] == [True, True]
    assert proxy.requests[0].startswith(b"CONNECT %s HTTP/1.1\r\nHost: %s\r\n" % (host, host))
    assert not any(b"Proxy" in request for request in target.requests)


def test_a_proxy_learns_its_login_from_requests_to_targets_without_tls() -> None:
    with Fake() as proxy:
        login = proxy.url.replace("://", "://us:p%40ss@")
        assert isinstance(send("http://target.invalid", Connection(5.0, proxy=login)), Response)
    assert all(LOGIN in request for request in proxy.requests)


@pytest.mark.parametrize("reply", [b"407 Log in", b"403 No", b"302 Elsewhere"])
def test_a_proxy_that_opens_no_tunnel_is_told(reply: bytes) -> None:
    class Refuses(Fake):
        def answer(self, connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % reply)

    with Refuses() as proxy:
        outcome = send("https://target.invalid", Connection(5.0, proxy=proxy.url))
    kind = Failure.PROXY if reply.startswith(b"407") else Failure.CONNECT
    assert outcome == TransportFailure(kind, reply.decode())


@pytest.mark.parametrize("reply", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 101 Go\r\n\r\n"])
def test_a_proxy_that_does_not_respond_with_http_is_told_and_no_request_was_sent(
    reply: bytes,
) -> None:
    with SendsWhatItIsGiven(reply) as proxy:
        outcome = send("https://target.invalid", Connection(5.0, proxy=proxy.url))
    assert isinstance(outcome, TransportFailure)
    assert outcome.kind is Failure.PROXY


@pytest.mark.parametrize("padding", [0, PIECE])
def test_nothing_that_a_proxy_says_is_taken_for_the_response_of_a_target_with_tls(
    padding: int, authority: trustme.CA, tmp_path: Path
) -> None:
    class Forges(Tunnel):
        opened = (b"HTTP/1.1 200 Go\r\nX: ".ljust(padding - 4, b"x")) + b"\r\n\r\n" + KEPT_OPEN

    with Fake(context_of(authority)) as target, Forges() as proxy:
        connection = Connection(5.0, proxy=proxy.url, ca_bundle=tmp_path / "ca.pem")
        outcome = send(target.url, connection)
    assert isinstance(outcome, TransportFailure)
    assert outcome.kind is Failure.CONNECT
    assert not target.requests


def test_a_target_that_makes_no_tls_session_is_not_blamed_on_the_proxy() -> None:
    with ClosesAtOnce() as target, Tunnel() as proxy:
        outcome = send(target.url.replace("http:", "https:"), Connection(5.0, proxy=proxy.url))
    assert isinstance(outcome, TransportFailure)
    assert outcome.kind is Failure.CONNECT
    assert outcome.detail != "NotConnected"


def test_a_target_with_a_wrong_certificate_is_not_blamed_on_its_https_proxy(
    authority: trustme.CA, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with Fake(context_of(authority)) as target, Tunnel(context_of(authority)) as proxy:
        connection = Connection(5.0, proxy=proxy.url, ca_bundle=tmp_path / "other.pem")
        outcome = send(target.url, connection)
    assert isinstance(outcome, TransportFailure)
    assert outcome.kind is Failure.TLS


def test_a_proxy_with_a_wrong_certificate_is_told() -> None:
    with Fake(context_of(trustme.CA())) as proxy:
        outcome = send("https://target.invalid", Connection(5.0, proxy=proxy.url))
    assert isinstance(outcome, TransportFailure)
    assert outcome.kind is Failure.PROXY


def test_a_407_of_a_target_behind_a_tunnel_is_its_response(
    authority: trustme.CA, tmp_path: Path
) -> None:
    class Executes(Fake):
        def answer(self, connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.1 407 Done\r\nContent-Length: 0\r\n\r\n")

    with Executes(context_of(authority)) as target, Tunnel() as proxy:
        connection = Connection(5.0, proxy=proxy.url, ca_bundle=tmp_path / "ca.pem")
        outcome = send(target.url, connection)
    assert isinstance(outcome, Response)
    assert outcome.status == 407


def test_a_server_with_tls_is_asked_for_http_1_1(authority: trustme.CA, tmp_path: Path) -> None:
    class Negotiates(Fake):
        def converse(self, connection: socket.socket) -> None:
            assert isinstance(connection, ssl.SSLSocket)
            chosen.append(connection.selected_alpn_protocol())
            super().converse(connection)

    chosen: list[str | None] = []
    context = context_of(authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with Negotiates(context) as target:
        send(target.url, Connection(5.0, ca_bundle=tmp_path / "ca.pem"))
    assert chosen == ["http/1.1", "http/1.1"]


def test_a_connection_that_is_made_too_late_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = dialing._tried
    made: list[socket.socket] = []

    async def made_too_late(family: int, where: Any) -> socket.socket:
        made.append(await tried(family, where))
        exchanges[0].cancel()
        return made[-1]

    async def main() -> None:
        async with Client(Connection(5.0), tls=False, permitted=None) as client:
            exchange = asyncio.ensure_future(client.send("POST", f"{fake.url}/v1", (), b"{}"))
            exchanges.append(exchange)
            with pytest.raises(asyncio.CancelledError):
                await exchange

    exchanges: list[asyncio.Future[Response | TransportFailure]] = []
    monkeypatch.setattr(dialing, "_tried", made_too_late)
    with Fake() as fake:
        asyncio.run(main())
    assert [each.fileno() for each in made] == [-1]


def named(monkeypatch: pytest.MonkeyPatch, *ports: int) -> str:
    """A URL whose host has as many addresses, told apart by their ports."""
    asked = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host != "several.example":
            return asked(host, port, *args, **options)
        if options.get("flags"):
            raise socket.gaierror
        tcp = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*tcp, ("127.0.0.1", each)) for each in ports]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return "http://several.example"


def test_another_address_of_a_name_is_tried_where_one_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Fake() as fake:
        port = int(fake.url.rpartition(":")[2])
        outcome = send(named(monkeypatch, free_port(), port), Connection(timeout=5.0))
    assert isinstance(outcome, Response)


def test_another_address_of_a_name_is_tried_where_one_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried, silent = dialing._tried, free_port()

    async def silent_at_first(family: int, where: Any) -> socket.socket:
        if where[1] == silent:
            await asyncio.Event().wait()
        return await tried(family, where)

    monkeypatch.setattr(dialing, "_tried", silent_at_first)
    monkeypatch.setattr(dialing, "BETWEEN", 0.001)
    with Fake() as fake:
        port = int(fake.url.rpartition(":")[2])
        outcome = send(named(monkeypatch, silent, port), Connection(timeout=5.0))
    assert isinstance(outcome, Response)


def test_a_name_all_of_whose_addresses_refuse_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = send(named(monkeypatch, free_port(), free_port()), Connection(timeout=5.0))
    assert isinstance(outcome, TransportFailure)
    assert outcome.kind is Failure.REFUSED
