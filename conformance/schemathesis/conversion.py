"""From what Schemathesis sent and received to the exchanges that the judge knows."""

from __future__ import annotations

import sys
import time
from typing import Any

import requests
from schemathesis.core import NOT_SET
from schemathesis.transport.requests import REQUESTS_TRANSPORT

from conformance.credentials.placeholders import Secrets
from conformance.model import Failure, Request, Response, TransportFailure

FIRST_FINAL = 200
"""Statuses below are of interim answers, which `requests` takes for the last: they tell nothing."""
CASE_ID = "x-schemathesis-testcaseid"
SENT = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
FAILURES: tuple[tuple[type[Exception], Failure], ...] = (
    (requests.exceptions.SSLError, Failure.TLS),
    (requests.exceptions.ConnectTimeout, Failure.CONNECT),
    (requests.exceptions.Timeout, Failure.TIMEOUT),
    (requests.exceptions.ProxyError, Failure.CONNECT),
    (requests.exceptions.ConnectionError, Failure.CLOSED),
    (requests.exceptions.ChunkedEncodingError, Failure.CLOSED),
)


def to_be_sent(case: Any, base_url: str) -> Any:
    """A case as `requests` would send it."""
    kwargs = REQUESTS_TRANSPORT.serialize_case(case, base_url=base_url)
    return requests.Request(**{name: kwargs[name] for name in SENT if name in kwargs}).prepare()


def request_of(case: Any, sent: Any, secrets: Secrets) -> Request:
    """A request as it went out, without a secret in it.

    Left out is the name that Schemathesis gives each test case: with it no request would ever be
    the same as another. Headers are sorted: their order means nothing (RFC 9110, section 5.3), and
    depends on how Schemathesis came to send the case. The WSGI transport does not tell the body;
    it is that of the case.
    """
    body = sent.body
    if not body and case.body is not NOT_SET:
        body = to_be_sent(case, sent.url).body
    data = body.encode() if isinstance(body, str) else bytes(body or b"")
    headers = sorted(
        (_text(name), secrets.redact_header(_text(value)))
        for name, value in sent.headers.items()
        if _text(name).lower() != CASE_ID
    )
    redacted = secrets.redact(data.decode("latin-1")).encode("latin-1")
    return Request(sent.method, secrets.redact(sent.url), tuple(headers), redacted)


def response_of(response: Any, secrets: Secrets) -> Response:
    """A response, without a secret in it."""
    headers = tuple((name, value) for name, values in response.headers.items() for value in values)
    return secrets.redact_response(
        Response(response.status_code, response.message or "", headers, response.content or b"")
    )


def close_after_interim(response: Any, *_: Any, **__: Any) -> None:
    """Close the connection, or the next request would get the response that is still to come."""
    if response.status_code < FIRST_FINAL and response.raw is not None:
        response.raw.close()


def failure_now() -> TransportFailure:
    """What came instead of the response, from the exception that is being handled."""
    error = sys.exc_info()[1]
    detail = " ".join(str(error).split())[:200]
    kinds = [kind for cause, kind in FAILURES if isinstance(error, cause)]
    if "NewConnectionError" in repr(error):
        kinds = [Failure.CONNECT]
    return TransportFailure(kinds[0] if kinds else Failure.PROTOCOL, detail)


def started(duration: float) -> float:
    """When an exchange that has just ended began, in seconds since the epoch."""
    return time.time() - duration


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
