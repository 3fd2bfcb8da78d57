"""Values as lines of a run's files, and back.

Bodies that are UTF-8 stand as text, others in base64, so that a file can be read by people and
still gives back every byte.
"""

from __future__ import annotations

import base64
from functools import lru_cache

import msgspec
from msgspec import structs

from conformance.journal.lines import (
    BadRecord,
    Base64,
    DeletingLine,
    DeletionLine,
    ExchangeLine,
    FailurePart,
    FixturesPart,
    FooterLine,
    HeaderLine,
    LimitsPart,
    Record,
    RequestPart,
    ResponsePart,
    SpentPart,
    TolerancesPart,
    to_record,
)
from conformance.limits import Limits
from conformance.model import (
    Deletion,
    Ending,
    Exchange,
    Failure,
    Fixtures,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    Tolerances,
    TransportFailure,
)
from conformance.urls import is_url

LONGEST_REMEMBERED = 8 * 1024
"""Bytes of a body of a request that is remembered."""


def body_part(body: bytes) -> str | Base64:
    """A body as text, or as base64 where it is no UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return Base64(base64.b64encode(body).decode("ascii"))


def body_of(part: str | Base64) -> bytes:
    """The body that `body_part` wrote. Raises ValueError."""
    return part.encode() if isinstance(part, str) else base64.b64decode(part.base64, validate=True)


def request_part(request: Request) -> RequestPart:
    """A request as a part of a line."""
    return RequestPart(request.method, request.url, request.headers, body_part(request.body))


def request_of(part: RequestPart) -> Request:
    """The request that `request_part` wrote. Raises ValueError."""
    body = body_of(part.body)
    make = _the_same if len(body) <= LONGEST_REMEMBERED else Request
    return make(part.method, part.url, part.headers, body)


_the_same = lru_cache(maxsize=1024)(Request)
"""One object for requests that recur: what is found out about it is found out once."""


def fixtures_to_record(fixtures: Fixtures) -> Record:
    """Fixtures as JSON; of the tokens, only which were given."""
    return to_record(fixtures_part(fixtures))


def fixtures_part(fixtures: Fixtures) -> FixturesPart:
    """The part of a line that holds fixtures."""
    given = structs.asdict(fixtures)
    if given["other_project_id"] is None:
        del given["other_project_id"]
    return FixturesPart(**given)


def fixtures_of(part: FixturesPart) -> Fixtures:
    """The fixtures that `fixtures_to_record` wrote."""
    written = msgspec.structs.asdict(part)
    return Fixtures(
        **{name: value for name, value in written.items() if value is not msgspec.UNSET}
    )


def exchange_to_record(exchange: Exchange) -> Record:
    """An exchange as JSON."""
    return to_record(exchange_line(exchange))


def exchange_line(exchange: Exchange) -> ExchangeLine:
    """The line of an exchange."""
    return ExchangeLine(
        id=exchange.id,
        retry_of=exchange.retry_of,
        probe=exchange.probe,
        started=exchange.started,
        duration=exchange.duration,
        request=request_part(exchange.request),
        response=_response_part(exchange.response),
        failure=_failure_part(exchange.failure),
    )


def deleting_to_record(deletion: Deletion) -> Record:
    """What is about to be sent to delete a record, as JSON."""
    return to_record(DeletingLine(deletion.id, deletion.record, deletion.created_by))


def deletion_to_record(exchange: Exchange) -> Record:
    """What came of it, as JSON."""
    line = DeletionLine(
        id=exchange.id,
        started=exchange.started,
        duration=exchange.duration,
        request=request_part(exchange.request),
        response=_response_part(exchange.response),
        failure=_failure_part(exchange.failure),
    )
    return to_record(line)


def _failure_part(failure: TransportFailure | None) -> FailurePart | None:
    return None if failure is None else FailurePart(failure.kind.name, failure.detail)


def _response_part(response: Response | None) -> ResponsePart | None:
    if response is None:
        return None
    body = body_part(response.body)
    return ResponsePart(
        response.status, response.reason, response.headers, body, response.undecodable
    )


def _response_of(part: ResponsePart) -> Response:
    body = body_of(part.body)
    return Response(part.status, part.reason, part.headers, body, undecodable=part.undecodable)


def exchange_of(line: ExchangeLine | DeletionLine) -> Exchange:
    """The exchange that `exchange_line` or `deletion_to_record` wrote. Raises ValueError."""
    sent, response, failure = line.request, line.response, line.failure
    if (response is None) is (failure is None):
        raise BadRecord("neither answer nor failure" if response is None else "both came")
    if not is_url(sent.url):
        raise BadRecord("the URL is none")
    return Exchange(
        line.id,
        request_of(sent),
        None if response is None else _response_of(response),
        None if failure is None else TransportFailure(_failure(failure.kind), failure.detail),
        line.started,
        line.duration,
        *(() if isinstance(line, DeletionLine) else (line.retry_of, line.probe)),
    )


def _failure(name: str) -> Failure:
    if name not in Failure.__members__:
        raise BadRecord(f"no failure is called {name[:40]!r}")
    return Failure[name]


def header_to_record(header: JournalHeader) -> Record:
    """A journal's header as JSON."""
    parts = {
        "fixtures": fixtures_part(header.fixtures),
        "tolerances": TolerancesPart(**msgspec.structs.asdict(header.tolerances)),
        "limits": LimitsPart(**msgspec.structs.asdict(header.limits)),
    }
    return to_record(HeaderLine(**{**structs.asdict(header), **parts}))


def header_of(line: HeaderLine) -> JournalHeader:
    """The header that `header_to_record` wrote. Raises BadRecord."""
    if not is_url(line.fixtures.endpoint):
        raise BadRecord("its endpoint is no URL")
    parts = {
        "fixtures": fixtures_of(line.fixtures),
        "tolerances": Tolerances(line.tolerances.clock),
        "limits": Limits(**msgspec.structs.asdict(line.limits)),
    }
    return JournalHeader(**{**msgspec.structs.asdict(line), **parts})


def footer_to_record(footer: JournalFooter) -> Record:
    """A journal's footer as JSON."""
    parts = {
        "ending": footer.ending.name,
        "requests": SpentPart(**msgspec.structs.asdict(footer.requests)),
        "executions": SpentPart(**msgspec.structs.asdict(footer.executions)),
    }
    return to_record(FooterLine(**{**structs.asdict(footer), **parts}))


def footer_of(line: FooterLine) -> JournalFooter:
    """The footer that `footer_to_record` wrote. Raises BadRecord."""
    if line.ending not in Ending.__members__:
        raise BadRecord(f"no run ends in {line.ending[:40]!r}")
    parts = {
        "ending": Ending[line.ending],
        "requests": Spent(line.requests.spent, line.requests.limit),
        "executions": Spent(line.executions.spent, line.executions.limit),
    }
    return JournalFooter(**{**msgspec.structs.asdict(line), **parts})
