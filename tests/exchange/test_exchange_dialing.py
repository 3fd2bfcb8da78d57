"""How connections are made: over each address of a name, and through proxies to TLS targets."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
import trustme
from exchange_fakes import Fake
from exchange_helpers import free_port

from conformance.exchange import dialing
from conformance.exchange.client import Client, Connection
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

    def read_request(self, connection: socket.socket) -> bytes:
        request = super().read_request(connection)
        if request.startswith(b"CONNECT "):
            host, _, port = request.split()[1].rpartition(b":")
            with socket.create_connection((host.decode(), int(port))) as beyond:
                connection.sendall(b"HTTP/1.1 200 Go\r\nX-Via: me\r\n\r\n")
                back = threading.Thread(target=passed_on, args=(beyond, connection), daemon=True)
                back.start()
                passed_on(connection, beyond)
                back.join()
        return b""


def passed_on(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        return


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
