"""Journals of this suite read line by line: every line is checked, and none is held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Any, NoReturn

import msgspec

from conformance.errors import UsageError
from conformance.journal.format import body_from_record
from conformance.limits import LIMITS, bounded
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    Headers,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
    TransportFailure,
)
from conformance.page.oracle import EXECUTED
from conformance.streams import MOST_AT_ONCE, MOST_MARKS, TORN, marks
from conformance.urls import is_url

BAD = (ValueError, KeyError)
"""What reading a line that is none of ours raises."""


class Base64(msgspec.Struct):
    """A body that is no UTF-8."""

    base64: str


class RequestPart(msgspec.Struct):
    """The request of a line."""

    method: str
    url: str
    headers: Headers
    body: str | Base64


class ResponsePart(msgspec.Struct):
    """The answer of a line."""

    status: Annotated[int, msgspec.Meta(ge=0, le=999)]
    reason: str
    headers: Headers
    body: str | Base64


class FailurePart(msgspec.Struct):
    """What came instead of an answer."""

    kind: str
    detail: str


class ExchangeLine(msgspec.Struct):
    """An exchange; see `records.py`, which writes it."""

    id: str
    request: RequestPart
    response: ResponsePart | None
    failure: FailurePart | None
    started: float
    duration: float
    retry_of: str | None


class FooterLine(msgspec.Struct):
    """How the run ended."""

    ending: str
    finished_at: float
    requests: Spent
    executions: Spent
    unsent: tuple[str, ...]
    renewals: tuple[float, ...] = ()
    fresh: tuple[float, ...] = ()


class RenewedLine(msgspec.Struct):
    """That the good token may be another from then on."""

    at: float
    rejected: bool = False


class KindLine(msgspec.Struct):
    """What any line has."""

    kind: str


KIND = msgspec.json.Decoder(KindLine)
HEADER = msgspec.json.Decoder(JournalHeader)
EXCHANGE = msgspec.json.Decoder(ExchangeLine)
FOOTER = msgspec.json.Decoder(FooterLine)
RENEWED = msgspec.json.Decoder(RenewedLine)


class JournalReader:
    """A journal: its header at once, its exchanges one by one, and its footer behind them.

    `warnings` say what of it is missing. Whatever is wrong with it raises UsageError.
    """

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._stream = stream
        self._path = path
        self._number = 0
        self._footer: JournalFooter | None = None
        self._requests = self._executions = 0
        self._latest = 0.0
        self._renewals: list[float] = []
        self._fresh: list[float] = []
        self.warnings: list[str] = []
        line = self._line()
        try:
            if KIND.decode(bounded(line)).kind != "header":
                self._fail("the journal does not begin with its header")
            self.header = HEADER.decode(line)
            if not is_url(self.header.fixtures.endpoint):
                self._fail("its endpoint is no URL")
        except BAD as error:
            self._fail(str(error))
        if self.header.limits != LIMITS:
            self.warnings.append(
                f"written within {self.header.limits}, judged within {LIMITS}: a verdict that hangs"
                " on JSON nested deeper, or on longer numbers, may be another"
            )

    def exchanges(self) -> Iterator[Exchange]:
        """The exchanges, in the order in which they completed."""
        while line := self._line():
            try:
                exchange = self._read(line)
            except BAD as error:
                if line.endswith(b"\n"):
                    self._fail(str(error))
                self._torn()
                return
            if exchange is not None:
                yield exchange

    def footer(self, clauses: Iterator[str]) -> JournalFooter:
        """How the run ended; one that was killed leaves any of the `clauses` unsent."""
        if self._footer is not None:
            return self._footer
        self.warnings.append("the journal has no end: the run was killed, or is still under way")
        requests = Spent(self._requests, self._requests)
        executions = Spent(self._executions, self._executions)
        return JournalFooter(
            Ending.INTERRUPTED,
            self._latest,
            requests,
            executions,
            tuple(clauses),
            tuple(self._renewals),
            tuple(self._fresh),
        )

    def _read(self, line: bytes) -> Exchange | None:
        match KIND.decode(bounded(line)).kind:
            case "exchange":
                return self._noted(exchange_of(EXCHANGE.decode(line)))
            case "footer":
                self._footer = _footer_of(FOOTER.decode(line))
            case "resumed" | "renewed":
                renewed = RENEWED.decode(line)
                self._renewals.append(renewed.at)
                if renewed.rejected:
                    self._fresh.append(renewed.at)
            case "header":
                raise ValueError("a second header")
        return None

    def _noted(self, exchange: Exchange) -> Exchange:
        self._requests += 1
        response = exchange.response
        self._executions += response is not None and response.status == EXECUTED
        self._latest = max(self._latest, exchange.ended)
        return exchange

    def _line(self) -> bytes:
        try:
            line = self._stream.readline(MOST_AT_ONCE)
        except TORN:
            self._torn()
            return b""
        self._number += 1
        if len(line) >= MOST_AT_ONCE or (len(line) > 2**20 and marks(line) > MOST_MARKS):
            self._fail("it is larger than any exchange may be")
        return line

    def _torn(self) -> None:
        self.warnings.append(f"the journal is torn in line {self._number}: that line is left out")

    def _fail(self, why: str) -> NoReturn:
        why = " ".join(why.split())
        raise UsageError(f"{self._path}: line {self._number} is no journal line ({why})") from None


def exchange_of(line: ExchangeLine) -> Exchange:
    """The exchange in a line. Raises KeyError or ValueError."""
    sent, response, failure = line.request, line.response, line.failure
    if (response is None) is (failure is None):
        raise ValueError("neither answer nor failure" if response is None else "both came")
    if not is_url(sent.url):
        raise ValueError("the URL is none")
    return Exchange(
        line.id,
        Request(sent.method, sent.url, sent.headers, _body(sent.body)),
        None
        if response is None
        else Response(response.status, response.reason, response.headers, _body(response.body)),
        None if failure is None else TransportFailure(_failure(failure.kind), failure.detail),
        line.started,
        line.duration,
        line.retry_of,
    )


def _body(body: str | Base64) -> bytes:
    return body.encode() if isinstance(body, str) else body_from_record({"base64": body.base64})


def _failure(name: str) -> Failure:
    if name not in Failure.__members__:
        raise ValueError(f"no failure is called {name[:40]!r}")
    return Failure[name]


def _footer_of(line: FooterLine) -> JournalFooter:
    if line.ending not in Ending.__members__:
        raise ValueError(f"no run ends in {line.ending[:40]!r}")
    values: dict[str, Any] = {name: getattr(line, name) for name in line.__struct_fields__}
    return JournalFooter(**{**values, "ending": Ending[line.ending]})
