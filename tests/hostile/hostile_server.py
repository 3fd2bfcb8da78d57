"""Targets that misbehave, one function each, behind real sockets.

A behaviour is a function that holds one conversation; its docstring says what is hostile about it.
`@behaviour` puts it into the register, with what a run against it may end in.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType

from conformance.emulator import Request, Response, Service, World

HEAD_END = b"\r\n\r\n"
AT_ONCE = struct.pack("ii", 1, 0)
INCONCLUSIVE, VIOLATES, CONFORMS = 3, 1, 0
PROMPT = ("--profile", "smoke")
"""What a run is told where no response is waited for."""
QUICK = (*PROMPT, "--timeout", "1", "--time-limit", "8")
"""What a run is told where many are."""
DEFAULTS: tuple[str, ...] = ()
"""Nothing: the run keeps the default timeout of 10 s and the default time limit of 300 s."""

Context = Callable[[], ssl.SSLContext]


@dataclass(frozen=True)
class Behaviour:
    """What a target does, and how it is tested.

    `codes` are the exit codes a run against it may end in, `options` what the run is told. It
    `takes` about that many seconds, which orders the runs, and is killed when it does not end.
    `sees` is false where no request can arrive.
    """

    talk: Callable[[Talk], None]
    codes: tuple[int, ...]
    options: tuple[str, ...] = QUICK
    takes: float = 2.0
    killed_after: float = 300.0
    scheme: str = "http"
    host: str = "127.0.0.1"
    tls: Context | None = None
    listens: bool = True
    sees: bool = True

    @property
    def name(self) -> str:
        """How tests and tables call it."""
        return self.talk.__name__

    @property
    def theme(self) -> str:
        """The module it stands in."""
        return self.talk.__module__.removeprefix("hostile_")

    @property
    def hostility(self) -> str:
        """What is hostile about it, in a sentence."""
        return self.talk.__doc__ or ""


REGISTER: dict[str, Behaviour] = {}


def behaviour(
    *codes: int,
    options: tuple[str, ...] = QUICK,
    takes: float = 2.0,
    killed_after: float = 300.0,
    scheme: str = "http",
    host: str = "127.0.0.1",
    tls: Context | None = None,
    listens: bool = True,
    sees: bool = True,
) -> Callable[[Callable[[Talk], None]], Callable[[Talk], None]]:
    """Put a conversation into the register; the fields are those of `Behaviour`."""

    def register(talk: Callable[[Talk], None]) -> Callable[[Talk], None]:
        found = Behaviour(
            talk, codes, options, takes, killed_after, scheme, host, tls, listens, sees
        )
        assert found.name not in REGISTER, found.name
        assert found.hostility, found.name
        REGISTER[found.name] = found
        return talk

    return register


class Target:
    """A behaviour at the end of a URL, with a thread for each connection."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.stopping = threading.Event()
        self.heard = 0
        self.connections: list[socket.socket] = []
        self._lock = threading.Lock()
        self._address = (behaviour.host, 0)
        self._listener: socket.socket | None = None
        self._stranger: socket.socket | None = None

    @cached_property
    def service(self) -> Service:
        """The reference implementation, for what this target does right."""
        return Service(World.default())

    @cached_property
    def elsewhere(self) -> int:
        """The port of another host, which nobody should visit."""
        self._stranger = socket.create_server((self.behaviour.host, 0))
        return int(self._stranger.getsockname()[1])

    @property
    def was_left(self) -> bool:
        """Whether somebody visited the other host."""
        if self._stranger is None:
            return False
        self._stranger.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self._stranger.accept()[0].close()
            return True
        return False

    @property
    def url(self) -> str:
        """The endpoint."""
        host = f"[{self._address[0]}]" if ":" in self._address[0] else self._address[0]
        return f"{self.behaviour.scheme}://{host}:{self._address[1]}"

    def __enter__(self) -> Target:
        self.listen()
        if not self.behaviour.listens:
            self.stop_listening()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self.stop_listening()
        for connection in (*self.connections, *filter(None, [self._stranger])):
            connection.close()

    def listen(self) -> None:
        """Take connections, on the same port as before if there was one."""
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        listener = socket.create_server(self._address, family=family, backlog=128)
        self._address = listener.getsockname()[:2]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def stop_listening(self) -> None:
        """Refuse connections from now on."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def hear(self) -> int:
        """Count a request; its number."""
        with self._lock:
            self.heard += 1
            return self.heard

    def handle(self, request: Request) -> Response:
        """The right response."""
        with self._lock:
            return self.service.handle(request)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.connections.append(connection)
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.behaviour.tls is None:
                self.behaviour.talk(Talk(self, connection))
                return
            with self.behaviour.tls().wrap_socket(connection, server_side=True) as secured:
                self.behaviour.talk(Talk(self, secured))


class Talk:
    """One connection to a target, from its side. `number` is that of the latest request."""

    def __init__(self, target: Target, connection: socket.socket) -> None:
        self.target = target
        self.connection = connection
        self.number = 0

    def requests(self) -> Iterator[Request]:
        """The requests on this connection, as they come."""
        while (request := self.read()) is not None:
            yield request

    def read(self) -> Request | None:
        """One request; None where the other side has closed."""
        data = bytearray()
        while HEAD_END not in data:
            if not (chunk := self.connection.recv(65536)):
                return None
            data += chunk
        head, _, body = bytes(data).partition(HEAD_END)
        lines = head.decode("latin-1").split("\r\n")
        fields = [line.partition(":") for line in lines[1:]]
        method, path, _ = lines[0].split(" ", 2)
        request = Request(method, path, tuple((n, v.strip()) for n, _, v in fields))
        announced = int(request.header("Content-Length") or 0)
        while len(body) < announced:
            body += self.connection.recv(65536)
        self.number = self.target.hear()
        return Request(method, path, request.headers, body)

    def send(self, *data: bytes) -> None:
        """Send bytes."""
        self.connection.sendall(b"".join(data))

    def drip(self, data: bytes) -> None:
        """Send one byte a second."""
        for byte in data:
            self.send(bytes([byte]))
            if not self.wait(1.0):
                return

    def flood(self, data: bytes) -> None:
        """Send the same bytes without an end, with a breath between: all share one machine."""
        while self.wait(0.001):
            self.send(data)

    def right(self, request: Request) -> Response:
        """The right response to a request."""
        return self.target.handle(request)

    def wait(self, seconds: float | None = None) -> bool:
        """Do nothing for some seconds, or until the target stops; whether it goes on."""
        return not self.target.stopping.wait(seconds)

    def reset(self) -> None:
        """Break the connection off with a reset rather than close it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self.connection.close()


def head(
    status: int = 200,
    *fields: tuple[str, str],
    reason: str = "Said",
    length: int | None = None,
    kind: str = "application/json",
) -> bytes:
    """The head of a response, with a Content-Length where a `length` is given."""
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Type: {kind}"]
    lines += [f"{name}: {value}" for name, value in fields]
    lines += [] if length is None else [f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")


def whole(
    body: bytes,
    status: int = 200,
    *fields: tuple[str, str],
    reason: str = "Said",
    kind: str = "application/json",
) -> bytes:
    """A whole response."""
    return head(status, *fields, reason=reason, length=len(body), kind=kind) + body


def wire(response: Response, *fields: tuple[str, str]) -> bytes:
    """A response of the reference as it is sent, with more header fields."""
    given = [pair for pair in response.headers if pair[0].lower() != "content-type"]
    return whole(response.body, response.status, *given, *fields)
