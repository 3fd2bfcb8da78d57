"""Error Codes: bodies of refusals, and what the published codes say of the moment.

The codes decide nothing by themselves; they tell an unlucky moment from a violation.
"""

from __future__ import annotations

import re
from enum import Enum

from conformance.contract.clauses import SHOULD, Source
from conformance.model import Token
from conformance.page.answer import Answer
from conformance.page.json_text import NotJson
from conformance.page.registry import Received, error_clause

ERROR_CODES = Source("Error Codes")
TRACE = re.compile(
    r"Traceback \(most recent call last\)|File \".+\", line [0-9]+|\n\s+at [^\s()]+\(|"
    r"goroutine [0-9]+ \[|Exception in thread|panicked at|stack backtrace:"
)


class Kind(Enum):
    """What a published error code says of the moment in which it was sent."""

    BUSY = "the policy or a server is busy"
    STATE = "the state of the fixture does not allow it"
    LIMIT = "a limit is reached"
    ACCOUNT = "the account may not"
    REFUSAL = "the request is refused"
    FAULT = "the server failed"

    @property
    def decides_nothing(self) -> bool:
        """Whether such an answer says nothing about the request."""
        return self not in (Kind.REFUSAL, Kind.FAULT)


PUBLISHED: dict[str, tuple[Kind, str]] = {
    "CSBS.1001": (Kind.BUSY, "The policy is executing backup."),
    "CSBS.1002": (Kind.BUSY, "resource_in_protecting"),
    "CSBS.2001": (Kind.BUSY, "item in plan is executing"),
    "CSBS.2003": (Kind.BUSY, "item in executing"),
    "CSBS.2004": (Kind.BUSY, "item in plan executing"),
    "CSBS.6004": (Kind.BUSY, "Server is already in service."),
    "CSBS.6005": (Kind.BUSY, "Server is already in service."),
    "CSBS.6015": (Kind.BUSY, "The server is restoring."),
    "CSBS.6030": (Kind.BUSY, "auto plan executing"),
    "CSBS.6031": (Kind.BUSY, "manual copy executing"),
    "CSBS.6001": (Kind.STATE, "The server has stopped."),
    "CSBS.6003": (Kind.STATE, "Resource type is not support protection."),
    "CSBS.6006": (Kind.STATE, "Server status is not allowed to protect."),
    "CSBS.6007": (Kind.STATE, "No volume attached to the server for protect."),
    "CSBS.6010": (Kind.STATE, "Volume attached to server is shareable volume."),
    "CSBS.6027": (Kind.STATE, "The AZ where the resource is located does not support backup."),
    "CSBS.6032": (Kind.STATE, "plan has no resource backup"),
    "CSBS.6033": (Kind.STATE, "Service type of volume is dss."),
    "CSBS.6061": (Kind.STATE, "volume of server in this pod does not support backup"),
    "CSBS.0001": (Kind.LIMIT, "Service over limit"),
    "CSBS.9006": (Kind.LIMIT, "Quota exceeded for resources"),
    "CSBS.9009": (Kind.ACCOUNT, "User is unverified."),
    "BackupService.4008": (Kind.ACCOUNT, "New project are not allowed to use old services."),
    "CSBS.6000": (Kind.REFUSAL, "server do not exist"),
    "CSBS.3000": (Kind.REFUSAL, "plan not found"),
    "CSBS.9001": (Kind.REFUSAL, "provider invalid"),
    "CSBS.0002": (Kind.REFUSAL, "Volume of services from different storagetype"),
    "CSBS.9998": (Kind.FAULT, "System not support"),
    "CSBS.9999": (Kind.FAULT, "failed"),
}
"""The published codes that this operation can meet, with their published messages."""


def moment(answer: Answer) -> tuple[Kind, str] | None:
    """What the published code of a refusal says of the moment; None where it says nothing of it."""
    if answer.response.status < 400:
        return None
    published = PUBLISHED.get(answer.error_code or "")
    if published is None or not published[0].decides_nothing:
        return None
    kind, message = published
    return kind, f"{kind.value}: {answer.error_code}, {message}"


@error_clause("EC.body.json", ERROR_CODES, level=SHOULD)
def error_is_json(answer: Answer) -> Received | None:
    """The body of an error is JSON and says so."""
    if isinstance(answer.json, NotJson):
        return "a JSON body", str(answer.json)
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
    return ("no stack trace", match[0].strip()) if match else None


@error_clause("EC.body.token", ERROR_CODES, level=SHOULD)
def no_token(answer: Answer) -> Received | None:
    """An error does not repeat the token."""
    texts = [value for _, value in answer.response.headers]
    texts.append(answer.response.body.decode("latin-1"))
    if any(f"{{{{{token.value}" in text for token in Token for text in texts):
        return "an answer without the token", "the token, in the body or a header"
    return None


def is_json_media_type(media_type: str) -> bool:
    """Whether a media type says that the body is JSON (RFC 8259; RFC 6839 for `+json`)."""
    return media_type == "application/json" or media_type.endswith("+json")
