"""Serve a service on a socket with uvicorn: in the foreground, or beside a test.

This module needs starlette and uvicorn; import it only where a socket is wanted.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from conformance.emulator.asgi import App
from conformance.emulator.raw import RawService, serving_raw
from conformance.emulator.service import Service

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_TICK_SECONDS: Final = 0.1
_GRACE_SECONDS: Final = 0.02
_BACKLOG: Final = 2048
_KEEP_ALIVE_SECONDS: Final = 75


def base_url(host: str, port: int) -> str:
    """Return the URL of a host and port, an IPv6 address in brackets (RFC 3986 section 3.2.2)."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    service: Service | ASGIApp,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[int], None] | None = None,
    wait: Callable[[], object] | None = None,
) -> int | None:
    """Serve until SIGINT, SIGTERM or the end of ``wait``; call it in the main thread.

    Port 0 takes a free one. ``ready`` is called with the port when requests are answered; ``wait``
    blocks in a thread of its own. Returns the number of the signal, None after ``wait``.
    Raises OSError if the address cannot be had, OverflowError if there is no such port number.
    """
    with _listen(host, port) as listener:
        server = _Server(service, ready)
        if wait is not None:
            threading.Thread(target=server.stop_after, args=(wait,), daemon=True).start()
        server.run(sockets=[listener])
    return server.signal_number


@contextlib.contextmanager
def serving(service: Service | ASGIApp, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve from a thread for the length of a ``with``, on a free port; yields the base URL.

    Requests still in progress at the end get a moment to finish, then their connection is closed.
    A service that writes its bytes itself is served as it is, on loopback.
    """
    if isinstance(service, RawService):
        with serving_raw(service) as url:
            yield url
        return
    started = threading.Event()
    with _listen(host, 0) as listener:
        server = _Server(service, lambda _: started.set())

        def run() -> None:
            try:
                server.run(sockets=[listener])
            finally:
                started.set()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        started.wait()
        if not server.started:
            raise RuntimeError("the server did not start")
        try:
            yield base_url(host, listener.getsockname()[1])
        finally:
            server.stop()
            thread.join()


@contextlib.asynccontextmanager
async def serving_here(service: Service | ASGIApp, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve from the running event loop for the length of an ``async with``; yields the base URL.

    For a client in the same loop: the two take turns without a thread between them. A service that
    writes its bytes itself has threads all the same.
    """
    if isinstance(service, RawService):
        with serving_raw(service) as url:
            yield url
        return
    started = asyncio.Event()
    with _listen(host, 0) as listener:
        server = _Server(service, lambda _: started.set())
        task = asyncio.ensure_future(server._serve([listener]))
        task.add_done_callback(lambda _: started.set())
        await started.wait()
        try:
            if not server.started:
                raise RuntimeError("the server did not start")
            yield base_url(host, listener.getsockname()[1])
        finally:
            server.stop()
            await task


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; asyncio sets TCP_NODELAY only if it names its protocol."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """uvicorn's server, with an end that is waited for rather than polled, and a swift one."""

    def __init__(self, service: Service | ASGIApp, ready: Callable[[int], None] | None) -> None:
        """Set up a server that calls ``ready`` with its port once it answers."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        super().__init__(
            uvicorn.Config(
                App(service) if isinstance(service, Service) else service,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=_BACKLOG,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            )
        )
        self.signal_number: int | None = None
        self._ready = ready
        self._running = threading.Event()
        self._end = asyncio.Event()

    def stop(self) -> None:
        """End serving; from any thread or signal handler, at any time after the start."""
        self.should_exit = True
        self._running.wait()
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._end.set)

    def stop_after(self, wait: Callable[[], object]) -> None:
        """End serving when ``wait`` returns."""
        wait()
        self.stop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then say so."""
        self._loop = asyncio.get_running_loop()
        self._running.set()
        await super().startup(sockets)
        await self.on_tick(0)
        if sockets and self._ready is not None:
            self._ready(sockets[0].getsockname()[1])

    async def main_loop(self) -> None:
        """Keep the Date header current until the end is asked for."""
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close idle connections at once, those in use after a moment."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_GRACE_SECONDS)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGINT and SIGTERM, and remember which; other threads get no signals."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: object) -> None:
        self.signal_number = number
        self.should_exit = True
        if self._running.is_set():
            self.stop()
