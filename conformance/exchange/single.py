"""Sends one request outside the plan of a run, and lets no secret come back in what is read."""

from __future__ import annotations

from collections.abc import Callable

from conformance.clock import CLOCK, Clock
from conformance.credentials.placeholders import Secrets
from conformance.exchange.client import Carrier
from conformance.model import Exchange, Request, Response, TransportFailure


async def exchanged(
    client: Carrier, request: Request, secrets: Callable[[], Secrets], clock: Clock = CLOCK
) -> Exchange:
    """The exchange, without an id, that a request comes to; it is sent once, whatever comes back.

    `secrets` gives those of the moment: the response may repeat a token that was taken anew while
    it was awaited. Raises UsageError for a request that the client may not send.
    """
    headers, body = secrets().reveal_request(request)
    started, began = clock.now(), clock.monotonic()
    outcome = await client.send(request.method, request.url, headers, body)
    duration = clock.monotonic() - began
    known = secrets().and_signature(headers)
    if isinstance(outcome, Response):
        return Exchange("", request, known.redact_response(outcome), None, started, duration)
    failure = TransportFailure(outcome.kind, known.redact(outcome.detail))
    return Exchange("", request, None, failure, started, duration)
