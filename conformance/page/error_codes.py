"""Error Codes: bodies of refusals, and what the published codes say of the moment.

The codes decide nothing by themselves; they tell an unlucky moment from a violation.
"""

from __future__ import annotations

import re
from enum import Enum

from conformance.contract.clauses import SHOULD, Source
from conformance.model import Response, Token
from conformance.page.answer import Answer, NotReached, error_code
from conformance.page.json_text import NotJson
from conformance.page.registry import Received, error_clause

ERROR_CODES = Source("Error Codes")
TRACE = re.compile(
    r"Traceback \(most recent call last\)|File \"[^\"\n]+\", line [0-9]+|\n[^\S\n]+at [^\s()]+\(|"
    r"\n[^\S\n]+at (?:async )?[^\s()]+ \((?:<anonymous>|[^\s()]+:[0-9]+:[0-9]+)\)|"
    r"goroutine [0-9]+ \[|Exception in thread|panicked at|stack backtrace:"
)
"""What only a stack trace says. No part of it may begin again within itself: a body is long."""


class CodeKind(Enum):
    """What a published error code says of the moment in which it was sent."""

    BUSY = "the policy or a server is busy"
    STATE = "the state of the fixture does not allow it"
    LIMIT = "a limit is reached"
    ACCOUNT = "the account may not"
    REFUSAL = "the request is refused"
    FAULT = "the server failed"

    @property
    def decides_nothing(self) -> bool:
        """Whether such a response says nothing about the request."""
        return self not in (CodeKind.REFUSAL, CodeKind.FAULT)


PUBLISHED: dict[str, tuple[CodeKind, str]] = {
    "CSBS.1001": (CodeKind.BUSY, "The policy is executing backup."),
    "CSBS.1002": (CodeKind.BUSY, "resource_in_protecting"),
    "CSBS.2001": (CodeKind.BUSY, "item in plan is executing"),
    "CSBS.2003": (CodeKind.BUSY, "item in executing"),
    "CSBS.2004": (CodeKind.BUSY, "item in plan executing"),
    "CSBS.6004": (CodeKind.BUSY, "Server is already in service."),
    "CSBS.6005": (CodeKind.BUSY, "Server is already in service."),
    "CSBS.6015": (CodeKind.BUSY, "The server is restoring."),
    "CSBS.6030": (CodeKind.BUSY, "auto plan executing"),
    "CSBS.6031": (CodeKind.BUSY, "manual copy executing"),
    "CSBS.6001": (CodeKind.STATE, "The server has stopped."),
    "CSBS.6003": (CodeKind.STATE, "Resource type is not support protection."),
    "CSBS.6006": (CodeKind.STATE, "Server status is not allowed to protect."),
    "CSBS.6007": (CodeKind.STATE, "No volume attached to the server for protect."),
    "CSBS.6010": (CodeKind.STATE, "Volume attached to server is shareable volume."),
    "CSBS.6027": (CodeKind.STATE, "The AZ where the resource is located does not support backup."),
    "CSBS.6032": (CodeKind.STATE, "plan has no resource backup"),
    "CSBS.6033": (CodeKind.STATE, "Service type of volume is dss."),
    "CSBS.6061": (CodeKind.STATE, "volume of server in this pod does not support backup"),
    "CSBS.0001": (CodeKind.LIMIT, "Service over limit"),
    "CSBS.9006": (CodeKind.LIMIT, "Quota exceeded for resources"),
    "CSBS.9009": (CodeKind.ACCOUNT, "User is unverified."),
    "BackupService.4008": (CodeKind.ACCOUNT, "New project are not allowed to use old services."),
    "CSBS.6000": (CodeKind.REFUSAL, "server do not exist"),
    "CSBS.3000": (CodeKind.REFUSAL, "plan not found"),
    "CSBS.9001": (CodeKind.REFUSAL, "provider invalid"),
    "CSBS.0002": (CodeKind.REFUSAL, "Volume of services from different storagetype"),
    "CSBS.9998": (CodeKind.FAULT, "System not support"),
    "CSBS.9999": (CodeKind.FAULT, "failed"),
}
"""The published codes that this operation can meet, with their published messages."""
REASONS = {
    code: (kind, f"{kind.value}: {code}, {message}")
    for code, (kind, message) in PUBLISHED.items()
    if kind.decides_nothing
}
"""What those say that decide nothing."""


OF_THE_REQUEST = frozenset({405, 406, 411, 413, 414, 415, 417, 431})
"""Statuses that say themselves what is wrong with a request, whatever code comes with them: its
method, size or media type, or what it accepts (RFC 9110, 15.5; RFC 6585, 5)."""


def published_reason(response: Response) -> tuple[CodeKind, str] | None:
    """What the published code of a refusal says of the moment; None where it says nothing of it."""
    if response.status < 400 or response.status in OF_THE_REQUEST:
        return None
    return REASONS.get(error_code(response) or "")


@error_clause("EC.body.json", ERROR_CODES, level=SHOULD)
def error_is_json(answer: Answer) -> Received | None:
    """The body of an error is JSON and says so."""
    if isinstance(answer.json, NotJson):
        return "a JSON body", str(answer.json)
    if not answer.response.whole:
        raise NotReached
    if not is_json_media_type(answer.media_type):
        return "Content-Type: application/json", answer.media_type or "no Content-Type"
    return None


@error_clause("EC.body.trace", ERROR_CODES, level=SHOULD)
def no_trace(answer: Answer) -> Received | None:
    """The body of an error shows no stack trace."""
    text = answer.response.body.decode("utf-8", "replace")
    for escape, character in (("\\n", "\n"), ("\\t", "\t"), ('\\"', '"')):  # as JSON has them
        text = text.replace(escape, character)
    match = TRACE.search(text)
    if not match and not answer.response.whole:
        raise NotReached
    return ("no stack trace", match[0].strip()) if match else None


TOKEN_MARKS = tuple(f"{{{{{token.value}" for token in Token)
"""How what stands for a token, or for what is made of it, begins."""


@error_clause("EC.body.token", ERROR_CODES, level=SHOULD)
def no_token(answer: Answer) -> Received | None:
    """An error does not repeat the token."""
    texts = [value for _, value in answer.response.headers]
    told = "\n".join([*texts, answer.response.body.decode("latin-1")])
    if any(mark in told for mark in TOKEN_MARKS):
        return "an answer without the token", "the token, in the body or a header"
    if not (answer.response.all_headers and answer.response.whole):
        raise NotReached
    return None


def is_json_media_type(media_type: str) -> bool:
    """Whether a media type says that the body is JSON (RFC 8259; RFC 6839 for `+json`)."""
    return media_type == "application/json" or media_type.endswith("+json")
