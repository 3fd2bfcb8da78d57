"""What may stand in the way of every request to a target, and what the user can do about it."""

from __future__ import annotations

from enum import Enum

from conformance.credentials.placeholders import placeholder
from conformance.model import Exchange, Failure, Request, Response, Token, header_values
from conformance.page.answer import error_code, json_of
from conformance.page.json_text import NotJson


class Hindrance(Enum):
    """A hindrance; the value is what to do about it."""

    NAME = "correct the host in --endpoint"
    REFUSED = "start the target, or correct the port in --endpoint"
    CONNECT = "correct --endpoint or --proxy"
    PROXY = "start the proxy, or correct --proxy (its address, user and password)"
    TLS = "correct the scheme of --endpoint, or give --ca-bundle"
    SILENT = "raise --timeout, or find out why the target, or a --proxy, does not respond"
    CLOSED = (
        "find out why the target, or a --proxy, closes connections, or correct the scheme of "
        "--endpoint"
    )
    PROTOCOL = (
        "the server at --endpoint, or a --proxy, does not speak HTTP/1.1; correct the scheme or "
        "the port"
    )
    TOKEN = (
        "the target rejects the token (of --token-env, --token-file, --token-command or "
        "--os-cloud); give a new one"
    )
    KEYS = (
        "the target rejects the signature made with the access key and secret key (AK/SK of "
        "--ak-env and --sk-env); give keys that it knows"
    )
    PERMISSION = "the token in --token-env lacks the permission, or is not for --project-id"
    PATH = "--endpoint has the wrong base path, or --project-id or --plan-id does not exist"
    OBJECT = "--project-id or --plan-id does not exist"
    POLICY = "--plan-id is not the id of a policy"
    SERVER = "--resource is not the id of a server"
    PROVIDER = "the target does not know --provider-id"
    STORAGE = "the --resource servers cannot be backed up together"
    THROTTLED = "the target asks for fewer requests; lower --rate, or try again later"
    ELSEWHERE = "the target redirects elsewhere; give the final address as --endpoint"
    OTHER_API = "the server at --endpoint is not this API: it responded with 200 and no JSON"


OF_FAILURES = {
    Failure.NAME: Hindrance.NAME,
    Failure.REFUSED: Hindrance.REFUSED,
    Failure.CONNECT: Hindrance.CONNECT,
    Failure.PROXY: Hindrance.PROXY,
    Failure.TLS: Hindrance.TLS,
    Failure.TIMEOUT: Hindrance.SILENT,
    Failure.CLOSED: Hindrance.CLOSED,
    Failure.PROTOCOL: Hindrance.PROTOCOL,
}
OF_CODES = {
    "CSBS.3000": Hindrance.POLICY,
    "CSBS.6000": Hindrance.SERVER,
    "CSBS.9001": Hindrance.PROVIDER,
    "CSBS.0002": Hindrance.STORAGE,
}
OF_STATUSES = {
    401: Hindrance.TOKEN,
    403: Hindrance.PERMISSION,
    404: Hindrance.PATH,
    429: Hindrance.THROTTLED,
}
OBJECT_STATUSES = frozenset({401, 403, 404})
"""Statuses that a wrong fixture explains."""


def hindrance(exchange: Exchange) -> Hindrance | None:
    """What an exchange says would stand in the way of every request like it."""
    response = exchange.response
    if response is None:
        return OF_FAILURES.get(exchange.failure.kind) if exchange.failure else None
    if 300 <= response.status < 400:
        return Hindrance.ELSEWHERE
    is_json = response.undecodable or not isinstance(json_of(response), NotJson)
    if response.status == 200 and not is_json:
        return Hindrance.OTHER_API
    is_refusal = response.status >= 400
    met = (_by_code(response) if is_refusal else None) or OF_STATUSES.get(response.status)
    return Hindrance.KEYS if met is Hindrance.TOKEN and is_signed(exchange.request) else met


def is_signed(request: Request) -> bool:
    """Whether a request carries a signature in the place of a token."""
    return placeholder(Token.SIGNATURE) in header_values(request.headers, "Authorization")


def _by_code(response: Response) -> Hindrance | None:
    return OF_CODES.get(error_code(response) or "")


def wrong_fixture(response: Response | None) -> Hindrance | None:
    """Which fixture a refusal of a valid request may speak of; None where it speaks of none."""
    if response is None:
        return None
    by_code = _by_code(response)
    if by_code is not None or response.status not in OBJECT_STATUSES:
        return by_code
    return OF_STATUSES[response.status]
