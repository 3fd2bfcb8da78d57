"""Trust: a certificate counts only where the user's bundle, or the user, vouches for it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import h11
import pytest
from exchange_fakes import KEPT_OPEN, Fake

from conformance.exchange.client import Client, Connection
from conformance.model import Failure, Response, TransportFailure
from conformance.urls import address_of


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate and its key."""

    certificate: Path
    key: Path

    @property
    def both(self) -> Path:
        """Certificate and key in one file, as --client-cert takes them."""
        path = self.certificate.with_suffix(".both.pem")
        path.write_bytes(self.certificate.read_bytes() + self.key.read_bytes())
        return path

    def server_context(self, client: Certificate | None = None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        if client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client.certificate)
        return context


def make_certificate(directory: Path, name: str, subject: str) -> Certificate:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the program openssl, which makes the certificates, is not installed")
    made = Certificate(directory / f"{name}.pem", directory / f"{name}.key")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *(
                "-nodes",
                "-days",
                "2",
                "-subj",
                f"/CN={name}",
                "-addext",
                f"subjectAltName={subject}",
            ),
            *("-keyout", str(made.key), "-out", str(made.certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture(scope="module")
def loopback(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), "loopback", "IP:127.0.0.1")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"), "elsewhere", "DNS:elsewhere.example")


def send(url: str, connection: Connection) -> Response | TransportFailure:
    async def main() -> Response | TransportFailure:
        async with Client(connection, tls=True, permitted=None) as client:
            return await client.send("POST", f"{url}/v1", (), b"{}")

    return asyncio.run(main())


def failure(outcome: Response | TransportFailure) -> Failure | None:
    return outcome.kind if isinstance(outcome, TransportFailure) else None


def test_a_self_signed_certificate_is_a_tls_failure(loopback: Certificate) -> None:
    with Fake(loopback.server_context()) as fake:
        assert failure(send(fake.url, Connection(timeout=5))) is Failure.TLS
        assert not fake.requests


def test_a_bundle_that_holds_the_certificate_vouches_for_it(loopback: Certificate) -> None:
    with Fake(loopback.server_context()) as fake:
        outcome = send(fake.url, Connection(timeout=5, ca_bundle=loopback.certificate))
    assert failure(outcome) is None


def test_a_bundle_vouches_for_no_other_certificate(
    loopback: Certificate, elsewhere: Certificate
) -> None:
    with Fake(loopback.server_context()) as fake:
        outcome = send(fake.url, Connection(timeout=5, ca_bundle=elsewhere.certificate))
    assert failure(outcome) is Failure.TLS


def test_a_certificate_for_another_name_is_a_tls_failure(elsewhere: Certificate) -> None:
    with Fake(elsewhere.server_context()) as fake:
        outcome = send(fake.url, Connection(timeout=5, ca_bundle=elsewhere.certificate))
    assert failure(outcome) is Failure.TLS


@pytest.mark.process
@pytest.mark.parametrize("name", ["loopback", "elsewhere"])
@pytest.mark.process
def test_insecure_takes_any_certificate(name: str, request: pytest.FixtureRequest) -> None:
    certificate: Certificate = request.getfixturevalue(name)
    with Fake(certificate.server_context()) as fake:
        assert failure(send(fake.url, Connection(timeout=5, insecure=True))) is None


def test_a_server_without_tls_is_a_tls_failure() -> None:
    with Fake() as fake:
        url = fake.url.replace("http:", "https:")
        assert failure(send(url, Connection(timeout=1))) in (Failure.TLS, Failure.TIMEOUT)


def test_a_client_certificate_is_shown_to_a_server_that_asks(
    loopback: Certificate, elsewhere: Certificate
) -> None:
    trusting = Connection(timeout=5, ca_bundle=loopback.certificate)
    showing = Connection(timeout=5, ca_bundle=loopback.certificate, client_cert=elsewhere.both)
    with Fake(loopback.server_context(client=elsewhere)) as fake:
        assert failure(send(fake.url, trusting)) in (Failure.TLS, Failure.CLOSED)
        assert failure(send(fake.url, showing)) is None


@pytest.mark.process
def test_nobody_is_asked_for_the_password_of_a_key(elsewhere: Certificate) -> None:
    made = elsewhere.certificate.with_suffix(".encrypted.pem")
    sealing = ["openssl", "pkey", "-aes128", "-passout", "pass:secret", "-in", str(elsewhere.key)]
    sealed = subprocess.run(sealing, check=True, capture_output=True).stdout
    made.write_bytes(elsewhere.certificate.read_bytes() + sealed)
    script = (
        "from conformance.exchange.client import Client, Connection\n"
        f"try: Client(Connection(5.0, client_cert={str(made)!r}), tls=True, permitted=None)\n"
        "except OSError: print('refused')"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, input="secret\n", text=True, capture_output=True, start_new_session=True
    )
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_a_tls_session_that_ends_at_any_moment_is_not_used_again(loopback: Certificate) -> None:
    class BreaksTheSession(Fake):
        def converse(self, connection: socket.socket) -> None:
            if self.read_request(connection):
                connection.sendall(KEPT_OPEN)
                may_break.wait(5)
                with socket.socket(fileno=os.dup(connection.fileno())) as below:
                    below.sendall(b"no record of TLS")
                self.stopping.wait()

    async def main() -> bool:
        trusting = Connection(timeout=5, ca_bundle=loopback.certificate)
        async with Client(trusting, tls=True, permitted=None) as client:
            line = await client._dialer.dial(address_of(fake.url))
            await line.send(h11.Request(method="GET", target="/", headers=[("Host", "h")]))
            await line.head()
            async for _ in line.pieces():
                pass
            assert line.rest()
            may_break.set()
            while not line.wire._has_ended:  # at each turn of the event loop
                assert line.is_usable in (True, False)
                await asyncio.sleep(0)
            return line.is_usable

    may_break = threading.Event()
    with BreaksTheSession(loopback.server_context()) as fake:
        assert not asyncio.run(main())
