"""A small HTTP/1.1 server over plain sockets, every byte of whose answers a subclass can choose."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from io import BufferedReader
from itertools import count
from typing import BinaryIO

from conformance.emulator.messages import Headers, Request, Response
from conformance.emulator.service import Service


class RawService(Service):
    """A service that writes its answers itself, one thread for each connection."""

    http_version = "HTTP/1.1"
    idle_seconds: float | None = None
    """How long a connection may be idle behind a response; a first request may take its time."""

    def converse(self, connection: socket.socket) -> None:
        """Answer the requests of one connection, until either side closes it."""
        with connection, connection.makefile("rb") as source, suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for answers in count(1):
                head = read_head(source)
                if head is None:
                    return
                length = int(head.header("Content-Length") or 0)
                self.exchange(connection, head, partial(source.read, length))
                if not self.stays_open(answers):
                    return
                self.wait(connection, source)

    def wait(self, connection: socket.socket, source: BufferedReader) -> None:
        """Wait for the first byte of the next request. Raises TimeoutError."""
        connection.settimeout(self.idle_seconds)
        source.peek(1)
        connection.settimeout(None)

    def exchange(
        self, connection: socket.socket, head: Request, read_body: Callable[[], bytes]
    ) -> None:
        """Read the body of a request, and answer it."""
        response = self.respond(replace(head, body=read_body()))
        time.sleep(response.delay)
        self.write(connection, response)

    def respond(self, request: Request) -> Response:
        """Answer one request; several threads call this at once."""
        return self.handle(request)

    def stays_open(self, answers: int) -> bool:
        """Whether the connection is kept after that many responses."""
        return True

    def write(self, connection: socket.socket, response: Response) -> None:
        """Send one response."""
        connection.sendall(self.head(response) + response.body)

    def head(self, response: Response) -> bytes:
        """Return the status line and the header, with the empty line after it."""
        lines = [self.status_line(response.status)]
        lines += [self.header_line(name, value) for name, value in self.all_headers(response)]
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")

    def status_line(self, status: int) -> str:
        """Return the status line (RFC 9112 section 4)."""
        return f"{self.http_version} {status} {HTTPStatus(status).phrase}"

    def header_line(self, name: str, value: str) -> str:
        """Return one line of the header."""
        return f"{name}: {value}"

    def all_headers(self, response: Response) -> Headers:
        """Return the fields of the response, with those of the server."""
        date = formatdate(self.clock().timestamp(), usegmt=True)
        return (("Date", date), *response.headers, *self.framing(response))

    def framing(self, response: Response) -> Headers:
        """Return the fields that say where the body ends."""
        return (("Content-Length", str(len(response.body))),)


def read_head(source: BinaryIO) -> Request | None:
    """Read a request as far as its body; None where there is no more."""
    parts = source.readline().decode("latin-1").split()
    if len(parts) != 3:
        return None
    headers = []
    while (line := source.readline().decode("latin-1").strip(" \t\r\n")) != "":
        name, _, value = line.partition(":")
        headers.append((name, value.strip(" \t")))
    return Request(parts[0], parts[1], tuple(headers))


@contextmanager
def serving_raw(service: RawService) -> Iterator[str]:
    """Serve on a free loopback port for the length of a ``with``; yields the base URL."""
    stopping = threading.Event()
    connections: list[socket.socket] = []

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            if stopping.is_set():
                connection.close()
                return
            connections.append(connection)
            threading.Thread(target=service.converse, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        address = listener.getsockname()
        try:
            yield f"http://127.0.0.1:{address[1]}"
        finally:
            stopping.set()
            socket.create_connection(address).close()
            thread.join()
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
