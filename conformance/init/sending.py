"""Sends one request of `init`, and lets no secret come back in what is read from it."""

from __future__ import annotations

import time

from conformance.credentials.placeholders import Secrets
from conformance.exchange.client import Client
from conformance.model import Exchange, Request, Response, TransportFailure


async def exchanged(client: Client, request: Request, secrets: Secrets) -> Exchange:
    """The exchange that a request comes to; it is sent once, whatever comes back."""
    headers, body = secrets.reveal_request(request)
    secrets = secrets.and_signature(headers)
    started = time.time()
    outcome = await client.send(request.method, request.url, headers, body)
    span = max(0.0, time.time() - started)
    if isinstance(outcome, Response):
        return Exchange("", request, secrets.redact_response(outcome), None, started, span)
    failure = TransportFailure(outcome.kind, secrets.redact(outcome.detail))
    return Exchange("", request, None, failure, started, span)
