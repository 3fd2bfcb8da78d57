"""Servers on loopback sockets; the name of each says what is wrong with it."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import struct
import threading
from types import TracebackType
from typing import Self

HEAD_END = b"\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
KEPT_OPEN = OK + b"Content-Length: 2\r\n\r\n{}"
EMPTY_ANSWER = OK + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}"


class Fake:
    """Holds a conversation on every connection, each in a thread of its own."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.stopping = threading.Event()
        self.connections: list[socket.socket] = []
        self.requests: list[bytes] = []
        self.reads: list[int] = []
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def url(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self.connections:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections.append(connection)
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                self.converse(connection)

    def converse(self, connection: socket.socket) -> None:
        """Read one request and answer it; the connection is closed afterwards."""
        if self.read_request(connection):
            self.answer(connection)

    def read_request(self, connection: socket.socket) -> bytes:
        """One request, head and body; empty when there is none."""
        data, reads = b"", 0
        while HEAD_END not in data:
            chunk = connection.recv(65536)
            if not chunk:
                return b""
            data, reads = data + chunk, reads + 1
        head, _, body = data.partition(HEAD_END)
        announced = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                announced = int(line.partition(b":")[2])
        while len(body) < announced:
            body, reads = body + connection.recv(65536), reads + 1
        self.reads.append(reads)
        self.requests.append(head + HEAD_END + body)
        return self.requests[-1]

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(EMPTY_ANSWER)


class TakesWhatOneReadBringsForAll(Fake):
    def converse(self, connection: socket.socket) -> None:
        self.requests.append(connection.recv(65536))
        connection.sendall(EMPTY_ANSWER)
        connection.recv(65536)


class KeepsTheConnection(Fake):
    def converse(self, connection: socket.socket) -> None:
        while self.read_request(connection):
            connection.sendall(KEPT_OPEN)


class AnswersNothing(Fake):
    def answer(self, connection: socket.socket) -> None:
        self.stopping.wait()


class ClosesAtOnce(Fake):
    def converse(self, connection: socket.socket) -> None:
        pass


class ClosesWithoutAnAnswer(Fake):
    def answer(self, connection: socket.socket) -> None:
        pass


class ResetsTheConnection(Fake):
    def answer(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class OneByteASecond(Fake):
    def answer(self, connection: socket.socket) -> None:
        for byte in EMPTY_ANSWER:
            connection.sendall(bytes([byte]))
            if self.stopping.wait(1):
                break


class OneHintAfterAnother(Fake):
    def answer(self, connection: socket.socket) -> None:
        while not self.stopping.wait(0.05):
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")


class BodyShorterThanAnnounced(Fake):
    def answer(self, connection: socket.socket) -> None:
        connection.sendall(OK + b"Content-Length: 100\r\n\r\n{}")


class ChunkedBodyWithoutAnEnd(Fake):
    def answer(self, connection: socket.socket) -> None:
        connection.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")


class NotHttp(Fake):
    def answer(self, connection: socket.socket) -> None:
        connection.sendall(b"220 mail.example ESMTP ready\r\n\r\n")


class NotEvenText(Fake):
    def answer(self, connection: socket.socket) -> None:
        connection.sendall(bytes(range(256)))


class EndlessBody(Fake):
    def answer(self, connection: socket.socket) -> None:
        connection.sendall(OK + b"Connection: close\r\n\r\n")
        while not self.stopping.is_set():
            connection.sendall(b"x" * 65536)


class EndlessHead(Fake):
    def answer(self, connection: socket.socket) -> None:
        connection.sendall(OK)
        for number in itertools.count():
            if self.stopping.is_set():
                break
            connection.sendall(b"X-Number: %d\r\n" % number * 100)


class EarlyHints103(Fake):
    def answer(self, connection: socket.socket) -> None:
        hint = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
        connection.sendall(hint + hint + EMPTY_ANSWER)


class SwitchesProtocols(Fake):
    def answer(self, connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n"
        )


class SpeaksHttp10(Fake):
    def answer(self, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n{}")


class RedirectsElsewhere(Fake):
    def answer(self, connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 307 Temporary Redirect\r\n"
            b"Location: %s/elsewhere\r\nContent-Length: 0\r\n\r\n" % self.url.encode()
        )


class SetsACookie(Fake):
    def converse(self, connection: socket.socket) -> None:
        while self.read_request(connection):
            connection.sendall(OK + b"Set-Cookie: a=b; Path=/\r\nContent-Length: 2\r\n\r\n{}")


class AnswersWithoutReadingTheBody(Fake):
    def converse(self, connection: socket.socket) -> None:
        connection.recv(1024)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        self.stopping.wait()


class ClosesIdleConnections(Fake):
    """Promises to keep a connection open, and closes it when it is used again."""

    def converse(self, connection: socket.socket) -> None:
        if self.read_request(connection):
            connection.sendall(KEPT_OPEN)
            self.read_request(connection)


class SendsWhatItIsGiven(Fake):
    """Sends prepared bytes and closes."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data

    def answer(self, connection: socket.socket) -> None:
        connection.sendall(self.data)
