"""The lines of a run's files: one JSON object each, declared once for who writes and who reads.

A field that is not declared here is refused: who does not know it cannot say what it means.
"""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from conformance.limits import LIMITS, NestedTooDeep, bounded
from conformance.model import Headers, Token
from conformance.text import shorten, visible_line
from conformance.typed_json import decoder_of

Record = dict[str, Any]
Read = TypeVar("Read")
LONGEST_REASON = 200
_SURROGATE = b"\\ud"


class BadRecord(ValueError):
    """A line that is none of ours; the message says in one line what is wrong with it."""


class Part(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A part of a line."""


class Line(Part, tag_field="kind"):
    """A line. Its `kind` says which."""


class Base64(Part):
    """A body that is no UTF-8."""

    base64: str


class RequestPart(Part):
    """A request."""

    method: str
    url: str
    headers: Headers
    body: str | Base64


class ResponsePart(Part, omit_defaults=True):
    """A response. Faulty targets send statuses that no document lists; three digits they have.

    `undecodable` stands only where there is something to say.
    """

    status: Annotated[int, msgspec.Meta(ge=0, le=999)]
    reason: str
    headers: Headers
    body: str | Base64
    undecodable: str = ""


class FailurePart(Part):
    """What came instead of a response: the name of a `Failure`."""

    kind: str
    detail: str


class FixturesPart(Part):
    """Fixtures; of the tokens, only which were given. Of another project only where one was."""

    endpoint: str
    provider_id: str
    project_id: str | None = None
    plan_id: str | None = None
    resources: tuple[str, ...] = ()
    tokens: frozenset[Token] = frozenset()
    complete: bool = True
    other_project_id: str | msgspec.UnsetType = msgspec.UNSET


class TolerancesPart(Part):
    """How much a target may differ."""

    clock: float


class LimitsPart(Part):
    """How far JSON was followed by whoever wrote the journal."""

    nesting: int = LIMITS.nesting
    digits: int = LIMITS.digits


class SpentPart(Part):
    """How much of a budget was used."""

    spent: int
    limit: int = msgspec.field(name="ceiling")  # the name that journals have had from the first


class HeaderLine(Line, tag="header"):
    """What the journal is about; the first line, and no other."""

    suite: str
    contract: str
    fixtures: FixturesPart
    profile: str
    seed: int
    started_at: float
    tolerances: TolerancesPart
    only: tuple[str, ...] = ()
    max_requests: int = 0
    max_executions: int = 0
    limits: LimitsPart = msgspec.field(default_factory=LimitsPart)


class PlanLine(Line, tag="plan"):
    """The digest of a plan that was about to be saved."""

    sha256: str


class SentLine(Line, tag="sent"):
    """That a request was about to be sent: the id of its exchange, and its digest."""

    id: str
    request: str


class ExchangeLine(Line, tag="exchange", kw_only=True):
    """An exchange that completed. Older journals have no `probe`."""

    id: str
    retry_of: str | None
    probe: str | None = None
    started: float
    duration: float
    request: RequestPart
    response: ResponsePart | None
    failure: FailurePart | None


class DeletingLine(Line, tag="deleting"):
    """That a request about the record of an execution was about to be sent, to delete it.

    It has the id of the record, and that of the exchange that brought it.
    """

    id: str
    record: str
    created_by: str


class DeletionLine(Line, tag="deletion", kw_only=True):
    """What came of it."""

    id: str
    started: float
    duration: float
    request: RequestPart
    response: ResponsePart | None
    failure: FailurePart | None


class ResumedLine(Line, tag="resumed"):
    """That the run went on, from then on perhaps with another good token."""

    at: float


class RenewedLine(Line, tag="renewed"):
    """That the good token is another from then on, and whether because it was rejected."""

    at: float
    rejected: bool = False


class FooterLine(Line, tag="footer"):
    """How the run ended: the name of an `Ending`, and what was spent.

    Older journals do not say which limits would have been enough.
    """

    ending: str
    finished_at: float
    requests: SpentPart
    executions: SpentPart
    unsent: tuple[str, ...]
    renewals: tuple[float, ...] = ()
    fresh: tuple[float, ...] = ()
    enough: int = 0
    enough_requests: int = 0
    enough_time: int = 0


AnyLine = (
    HeaderLine
    | PlanLine
    | SentLine
    | ExchangeLine
    | DeletingLine
    | DeletionLine
    | ResumedLine
    | RenewedLine
    | FooterLine
)
_DELETE = b"\x7f"
"""The one character of ASCII that does not print and that JSON need not escape."""
_written_slowly = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
JOURNAL_LINE: msgspec.json.Decoder[AnyLine] = decoder_of(AnyLine)


def to_record(part: Part) -> Record:
    """A line or a part of one as JSON; what has no order is sorted."""
    record: Record = msgspec.to_builtins(part, order="deterministic")
    return record


def to_line(line: Part | Record) -> bytes:
    """A line, or its record, as JSON in ASCII that prints, ending in a newline."""
    order: Literal["deterministic"] | None = None if isinstance(line, dict) else "deterministic"
    try:
        # A placeholder is a str of its own kind.
        written = msgspec.json.encode(line, enc_hook=str, order=order)
    except UnicodeEncodeError:  # half a surrogate pair
        written = b""
    if written and written.isascii() and _DELETE not in written:
        return written + b"\n"
    record = line if isinstance(line, dict) else to_record(line)
    return _written_slowly(record).encode() + b"\n"


def decoded(line: bytes, decoder: msgspec.json.Decoder[Read]) -> Read:
    """What a line holds. Raises BadRecord."""
    try:
        return decoder.decode(line)  # no line that it takes is nested deeply
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decoded_again(line, decoder)


def _decoded_again(line: bytes, decoder: msgspec.json.Decoder[Read]) -> Read:
    """The same for a line that is wrong, to say why, or that has a lone surrogate."""
    try:
        return decoder.decode(bounded(line))
    except (msgspec.ValidationError, NestedTooDeep) as error:
        raise BadRecord(reason(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if not line.strip():
            raise BadRecord("it is empty") from None
        if _SURROGATE not in line.lower():
            raise BadRecord(reason(error)) from None
    return _decoded_slowly(line, decoder)


def _decoded_slowly(line: bytes, decoder: msgspec.json.Decoder[Read]) -> Read:
    """The same for a line with a lone surrogate, which the decoder does not read."""
    try:
        value = json.loads(line, parse_constant=_no_number, parse_float=_finite)
        found: Read = msgspec.convert(value, decoder.type)
        return found
    except ValueError as error:
        raise BadRecord(reason(error)) from None


def _no_number(text: str) -> Any:
    raise BadRecord(f"{text} is no number")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def reason(error: Exception) -> str:
    """What is wrong with a line, as a text of one line."""
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    return shorten(visible_line(" ".join(str(error).split())), LONGEST_REASON)
