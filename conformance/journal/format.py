"""How requests, answers and exchanges are written down: one JSON object a line.

Bodies that are UTF-8 stand as text, others in base64, so that a file can be read by people and
still gives back every byte.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar

import msgspec

from conformance.limits import Limits, bounded
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    Fixtures,
    Headers,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Token,
    Tolerances,
    TransportFailure,
)

Record = dict[str, Any]
Known = TypeVar("Known", Fixtures, JournalHeader, JournalFooter)


class BadRecord(ValueError):
    """A line that is none of ours; the message says what is wrong with it."""


def to_line(record: Record) -> bytes:
    """A record as one line of JSON, ending in a newline."""
    return json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> Record:
    """The record in a line. Raises BadRecord."""
    try:
        record = json.loads(bounded(line))
    except ValueError as error:
        raise BadRecord(f"no JSON object: {error}") from None
    if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
        raise BadRecord("no record: it has no `kind`")
    return record


def body_to_record(body: bytes) -> str | Record:
    """A body as text, or as base64 where it is no UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def body_from_record(record: str | Mapping[str, str]) -> bytes:
    """The body that `body_to_record` wrote."""
    if isinstance(record, str):
        return record.encode("utf-8")
    return base64.b64decode(record["base64"], validate=True)


def text_from_record(value: Any) -> str:
    """A value that has to be a string. Raises BadRecord."""
    if not isinstance(value, str):
        raise BadRecord(f"a {type(value).__name__} where a string belongs")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise BadRecord("something else where a number belongs")
    return float(value)


def _typed(value: Known) -> Known:
    """The value, if its fields are of the types that its class says. Raises BadRecord."""
    try:
        return msgspec.convert(asdict(value), type(value))
    except msgspec.ValidationError as error:
        raise BadRecord(str(error)) from None


def _headers(record: Any) -> Headers:
    return tuple((text_from_record(name), text_from_record(value)) for name, value in record)


def request_to_record(request: Request) -> Record:
    """A request as JSON."""
    return {
        "method": request.method,
        "url": request.url,
        "headers": request.headers,
        "body": body_to_record(request.body),
    }


def request_from_record(record: Record) -> Request:
    """The request in a record."""
    method, url = text_from_record(record["method"]), text_from_record(record["url"])
    return Request(method, url, _headers(record["headers"]), body_from_record(record["body"]))


def exchange_to_record(exchange: Exchange) -> Record:
    """An exchange as JSON."""
    response, failure = exchange.response, exchange.failure
    return {
        "kind": "exchange",
        "id": exchange.id,
        "retry_of": exchange.retry_of,
        "started": exchange.started,
        "duration": exchange.duration,
        "request": request_to_record(exchange.request),
        "response": response
        and {
            "status": response.status,
            "reason": response.reason,
            "headers": response.headers,
            "body": body_to_record(response.body),
        },
        "failure": failure and {"kind": failure.kind.name, "detail": failure.detail},
    }


def _response(record: Record) -> Response:
    body, status = body_from_record(record["body"]), record["status"]
    if type(status) is not int:
        raise BadRecord("a status that is no whole number")
    reason = text_from_record(record["reason"])
    return Response(status, reason, _headers(record["headers"]), body)


def exchange_from_record(record: Record) -> Exchange:
    """The exchange in a record."""
    response, failure = record["response"], record["failure"]
    return Exchange(
        id=text_from_record(record["id"]),
        request=request_from_record(record["request"]),
        response=None if response is None else _response(response),
        failure=None
        if failure is None
        else TransportFailure(Failure[failure["kind"]], text_from_record(failure["detail"])),
        started=_number(record["started"]),
        duration=_number(record["duration"]),
        retry_of=None if record["retry_of"] is None else text_from_record(record["retry_of"]),
    )


def fixtures_to_record(fixtures: Fixtures) -> Record:
    """Fixtures as JSON; of the tokens, only which were given."""
    return {**asdict(fixtures), "tokens": sorted(token.value for token in fixtures.tokens)}


def fixtures_from_record(record: Record) -> Fixtures:
    """The fixtures in a record."""
    tokens = frozenset(Token(token) for token in record["tokens"])
    resources = tuple(record["resources"])
    return _typed(Fixtures(**{**record, "resources": resources, "tokens": tokens}))


def header_to_record(header: JournalHeader) -> Record:
    """A journal's header as JSON."""
    record = {**asdict(header), "fixtures": fixtures_to_record(header.fixtures)}
    return {"kind": "header", **record}


def header_from_record(record: Record) -> JournalHeader:
    """The header in a record."""
    values = {name: value for name, value in record.items() if name != "kind"}
    values["fixtures"] = fixtures_from_record(values["fixtures"])
    values["tolerances"] = Tolerances(**values["tolerances"])
    values["limits"] = Limits(**values.get("limits", {}))
    values["only"] = tuple(values["only"])
    values["started_at"] = _number(values["started_at"])
    return _typed(JournalHeader(**values))


def footer_to_record(footer: JournalFooter) -> Record:
    """A journal's footer as JSON."""
    return {"kind": "footer", **asdict(footer), "ending": footer.ending.name}


def footer_from_record(record: Record) -> JournalFooter:
    """The footer in a record."""
    return _typed(
        JournalFooter(
            ending=Ending[record["ending"]],
            finished_at=_number(record["finished_at"]),
            requests=Spent(**record["requests"]),
            executions=Spent(**record["executions"]),
            unsent=tuple(record["unsent"]),
            renewals=tuple(_number(at) for at in record.get("renewals", ())),
            fresh=tuple(_number(at) for at in record.get("fresh", ())),
        )
    )
