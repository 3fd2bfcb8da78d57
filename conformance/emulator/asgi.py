"""A service as an ASGI application.

This module needs starlette; import it only where a socket is wanted.
"""

import asyncio
from contextlib import aclosing
from typing import cast
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope, Send

from conformance.emulator.messages import Request, Response
from conformance.emulator.service import Service


class App:
    """The ASGI application around a service.

    It reads at most one byte more than the service's ``max_body_bytes``: enough for the service
    to refuse the body.
    """

    def __init__(self, service: Service) -> None:
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3, ``http`` scope)."""
        try:
            body = await self._read_body(HttpRequest(scope, receive))
        except ClientDisconnect:
            return
        response = self.service.handle(_request(scope, body))
        if response.delay:
            await asyncio.sleep(response.delay)
        if response.hang_up:
            await _hang_up(receive)
        else:
            await _send(response, send)

    async def _read_body(self, request: HttpRequest) -> bytes:
        enough = self.service.max_body_bytes + 1
        body = bytearray()
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) >= enough:
                    break
        return bytes(body[:enough])


def _request(scope: Scope, body: bytes) -> Request:
    target = scope["raw_path"].decode("latin-1")
    if not target.startswith("/"):  # absolute form, RFC 9112 section 3.2.2
        target = urlsplit(target).path or "/"
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("latin-1")
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
    )
    return Request(scope["method"], target, headers, body)


async def _send(response: Response, send: Send) -> None:
    """Send the response, or as much of its body as ``cut_after`` leaves; the server then closes."""
    headers = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in response.headers]
    framing = {b"content-length", b"transfer-encoding"}
    if not any(name.lower() in framing for name, _ in headers):
        headers.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    whole = response.cut_after is None
    body = response.body[: response.cut_after]
    await send({"type": "http.response.body", "body": body, "more_body": not whole})


async def _hang_up(receive: Receive) -> None:
    """Abort the connection; ASGI has no word for it, so uvicorn's transport is asked."""
    cycle = getattr(receive, "__self__")  # noqa: B009
    cast(asyncio.Transport, cycle.transport).abort()
    await receive()
