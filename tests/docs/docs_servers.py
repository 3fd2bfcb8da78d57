"""Where the commands of a page find their target: an emulator, plain or behind TLS and a proxy."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from docs_pages import free_port
from fake_identity import Identity
from signing_gateway import Gateway

from conformance.emulator import Service, World
from conformance.emulator.app import serving

WORLD = World.default()
QUICK = replace(WORLD, settings=replace(WORLD.settings, advance_seconds=1, delete_seconds=0))
"""A world in which a backup takes a second, and its deletion none: a page waits for both."""
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def address_for(kind: str, directory: Path) -> Iterator[dict[str, str]]:
    """The variables that lead the commands of a page to a server, which is up meanwhile."""
    with ExitStack() as stack:
        if not kind:
            port = free_port()
            yield {"PORT": str(port), "CSBS_ENDPOINT": f"http://127.0.0.1:{port}"}
            return
        if kind == "identity":
            yield _with_identity(stack)
            return
        endpoint = stack.enter_context(serving(Service(QUICK)))
        if kind == "emulator":
            yield {"CSBS_ENDPOINT": endpoint}
            return
        context = tls_context(directory)
        port = stack.enter_context(relaying(tunnel_to(int(endpoint.rsplit(":", 1)[1])), context))
        proxy = stack.enter_context(relaying(proxy_tunnel))
        yield {
            "CSBS_ENDPOINT": f"https://127.0.0.1:{port}",
            "CSBS_PROXY": f"http://127.0.0.1:{proxy}",
        }


def _with_identity(stack: ExitStack) -> dict[str, str]:
    """An identity service whose catalogue has a target, which takes tokens and signatures."""
    world = WORLD.fixtures()
    endpoint = stack.enter_context(serving(Gateway()))
    catalogue = {"csbs": f"{endpoint}/v1/{world['project_id']}"}
    identity = Identity(world["project_id"], [world["token"]], catalogue)
    stack.enter_context(identity)
    return {"IDENTITY": f"{identity.url}/v3", "CSBS_ENDPOINT": endpoint}


def tls_context(directory: Path) -> ssl.SSLContext:
    """A server's context; `company-ca.pem` and `client.pem` are made in the directory."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the program openssl, which makes the certificate, is not installed")
    certificate, key = directory / "company-ca.pem", directory / "key.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=any", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    (directory / "client.pem").write_bytes(certificate.read_bytes() + key.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@contextmanager
def relaying(handler: Handler, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on a free port of loopback, in a thread of its own; yields the port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(handler, "127.0.0.1", 0, ssl=context))
    loop.set_exception_handler(lambda *_: None)  # of clients that do not trust the certificate
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def tunnel_to(port: int) -> Handler:
    """Passes everything on to a port, and back."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pass(reader, forth), _pass(back, writer))

    return handle


async def proxy_tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A proxy that makes tunnels: CONNECT, and no other method."""
    asked = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split()
    if asked[0] != "CONNECT":
        writer.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
        return
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await tunnel_to(int(asked[1].rsplit(":", 1)[1]))(reader, writer)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
