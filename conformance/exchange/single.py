"""Sends one request outside the plan of a run, and lets no secret come back in what is read."""

from __future__ import annotations

from conformance.clock import CLOCK, Clock
from conformance.credentials.placeholders import Secrets
from conformance.exchange.client import Carrier
from conformance.model import Exchange, Request, Response, TransportFailure


async def exchanged(
    client: Carrier, request: Request, secrets: Secrets, clock: Clock = CLOCK, name: str = ""
) -> Exchange:
    """The exchange, called `name`, that a request comes to; it is sent once, whatever comes back.

    Raises UsageError for a request that the client may not send.
    """
    headers, body = secrets.reveal_request(request)
    secrets = secrets.and_signature(headers)
    started = clock.now()
    outcome = await client.send(request.method, request.url, headers, body)
    span = max(0.0, clock.now() - started)
    if isinstance(outcome, Response):
        return Exchange(name, request, secrets.redact_response(outcome), None, started, span)
    failure = TransportFailure(outcome.kind, secrets.redact(outcome.detail))
    return Exchange(name, request, None, failure, started, span)
