"""A target behind TLS: its certificate is checked unless the user says otherwise."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cli_helpers import TOKENS, Counting, command, report_of, target_options

from conformance.emulator import Request, Service


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the program openssl, which makes the certificate, is not installed")
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=any", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(path), "-out", str(path.with_suffix(".crt"))),
        ],
        check=True,
        capture_output=True,
    )
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


@contextmanager
def serving_over_tls(service: Service, certificate: Path) -> Iterator[str]:
    """A service behind TLS, for the length of a `with`; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = tuple(self.headers.items())
            answer = service.handle(Request(self.command, self.path, headers, body))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None: ...

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    ("options", "code"),
    [([], 3), (["--ca-bundle", "CERTIFICATE"], 0), (["--insecure"], 0)],
)
def test_a_self_signed_certificate_needs_a_bundle_or_insecure(
    options: list[str], code: int, certificate: Path, tmp_path: Path
) -> None:
    given = [str(certificate) if option == "CERTIFICATE" else option for option in options]
    service = Counting()
    with serving_over_tls(service, certificate) as endpoint:
        arguments = ("run", "--profile", "smoke", *given, *target_options(endpoint))
        done = command(*arguments, cwd=tmp_path, env=TOKENS)
    assert done.code == code, done.out
    assert bool(service.seen) == (code == 0)
    report = report_of(tmp_path / "reports" / "latest")
    assert any("--insecure" in warning for warning in report["warnings"]) == (
        "--insecure" in options
    )


def test_a_certificate_that_is_not_trusted_is_named_as_the_reason(
    certificate: Path, tmp_path: Path
) -> None:
    with serving_over_tls(Counting(), certificate) as endpoint:
        arguments = ("run", "--quiet", *target_options(endpoint))
        done = command(*arguments, cwd=tmp_path, env=TOKENS)
    assert done.code == 3
    assert "certificate" in done.out.lower()
