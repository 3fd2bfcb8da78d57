"""Requests handed to a service in this very process, without a connection between."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from email.utils import formatdate
from http import HTTPStatus

from conformance.clock import Clock
from conformance.decoding import unpacked
from conformance.emulator.messages import Headers
from conformance.emulator.messages import Request as ServiceRequest
from conformance.emulator.messages import Response as ServiceResponse
from conformance.emulator.service import Service
from conformance.exchange.client import MOST_BYTES, Carrier
from conformance.model import Failure, Response, TransportFailure

ENDPOINT = "http://127.0.0.1"
"""Where every service is that requests are handed to: one plan serves all of them."""
TURNS = 2
"""Turns of the event loop that a message is under way, so that messages can overtake each other."""
WITHOUT_CONTENT = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class DirectClient(Carrier):
    """Carries requests to `service`, and back what a client on a socket would have got of it."""

    def __init__(self, service: Service, clock: Clock, timeout: float) -> None:
        self._service = service
        self._clock = clock
        self._timeout = timeout

    async def send(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        *,
        patience: float = math.inf,
        times: float = 1.0,
    ) -> Response | TransportFailure:
        """The response to a request, or what a client on a socket would have met instead."""
        request = ServiceRequest(
            method,
            url.removeprefix(ENDPOINT),
            _received(headers, body),
            body[: self._service.max_body_bytes + 1],
        )
        timeout = min(self._timeout * times, patience)
        try:
            async with asyncio.timeout(timeout):
                await _under_way()
                answer = self._answer(request)
                await asyncio.sleep(answer.delay)
                await _under_way()
        except TimeoutError:
            return TransportFailure(Failure.TIMEOUT, f"{timeout:g} s")
        if answer.hang_up:
            return TransportFailure(Failure.CLOSED, "closed without a response")
        if answer.cut_after is not None and answer.cut_after < len(answer.body):
            return TransportFailure(Failure.CLOSED, "closed within the body")
        return self._sent(answer)

    def _answer(self, request: ServiceRequest) -> ServiceResponse:
        """What the service says; its server says 500 where it raises anything."""
        try:
            return self._service.handle(request)
        except Exception:
            text = (("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close"))
            return ServiceResponse(500, text, b"Internal Server Error")

    def _sent(self, answer: ServiceResponse) -> Response:
        """The response with what a server adds to it, as a client reads it."""
        body = b"" if answer.status in WITHOUT_CONTENT else answer.body
        headers = (("date", formatdate(self._clock.now(), usegmt=True)), *answer.headers)
        if not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in headers):
            headers = (*headers, ("content-length", str(len(body))))
        reason = HTTPStatus(answer.status).phrase
        return unpacked(Response(answer.status, reason, headers, body), MOST_BYTES)


def _received(headers: Sequence[tuple[str, str]], body: bytes) -> Headers:
    """The header of a request with what a client adds to it, as a server reads it."""
    own = (("host", ENDPOINT.rpartition("/")[2]), ("content-length", str(len(body))))
    return (*own, *((name.lower(), value.strip(" \t")) for name, value in headers))


async def _under_way() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
