"""Applications on a loopback port, for the length of a `with`."""

from __future__ import annotations

import inspect
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

Application = Callable[..., Any]
"""A WSGI application (PEP 3333) or an ASGI one (version 2 or 3)."""
LOOPBACK = "127.0.0.1"
_TICK = 0.005


@contextmanager
def served(application: Application) -> Iterator[str]:
    """Serve an application from a thread; yields its URL.

    Raises RuntimeError where the application does not start.
    """
    serve = _served_asgi if is_asgi(application) else _served_wsgi
    with serve(application) as url:
        yield url


def is_asgi(application: Application) -> bool:
    """Whether an application is ASGI, by what calling it takes or returns.

    ASGI 3 is a coroutine function of three arguments, ASGI 2 a class or function of one; WSGI takes
    two.
    """
    call = application
    if not inspect.isroutine(application) and not inspect.isclass(application):
        call = type(application).__call__.__get__(application)
    if inspect.iscoroutinefunction(call):
        return True
    try:
        inspect.signature(call).bind("environ", "start_response")
    except TypeError:
        return True
    return False


@contextmanager
def _served_asgi(application: Application) -> Iterator[str]:
    import uvicorn

    config = uvicorn.Config(
        application, log_config=None, access_log=False, log_level="critical", ws="none"
    )
    server = uvicorn.Server(config)
    # asyncio sends answers without delay only on a socket that names its protocol.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()

        def run() -> None:
            with suppress(SystemExit):  # how uvicorn says that the application did not start
                server.run(sockets=[listener])

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        while thread.is_alive() and not server.started:
            time.sleep(_TICK)
        if not server.started:
            raise RuntimeError("the ASGI application did not start")
        try:
            yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def _served_wsgi(application: Application) -> Iterator[str]:
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        disable_nagle_algorithm = True

        def log(self, type: str, message: str, *args: Any) -> None:
            """Log nothing: the journal has it all."""

    server = make_server(LOOPBACK, 0, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
