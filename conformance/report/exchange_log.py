"""The log of exchanges at the end of the page: which are shown, and what of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from conformance.judge.verdicts import Status
from conformance.model import Exchange, Headers, Request, Response
from conformance.report.labels import Label, label_in
from conformance.report.model import Report
from conformance.text import counted, duration, excerpt, shorten, without_login

NOT_RECORDED = "a body that was not recorded"
IN_PART = "the body as far as it is known, as it was masked or written anew"
LONGEST_LOG = 1000
"""Exchanges that are shown, at most; those that broke a clause come before others."""
LONGEST_BODY = 2048
LONGEST_VALUE = 1000
MOST_FIELDS = 100
GIST = 120
_OWN_ID = re.compile(r"x[0-9]{1,9}")
"""An id as a run of this suite gives it."""


class Message(Struct, frozen=True):
    """A request or a response as the page shows it."""

    start: str
    headers: Headers
    body: str
    size: int


class LogEntry(Struct, frozen=True):
    """An exchange as the page shows it. `answered` is the first digit of the status, or `none`.

    `is_failed` is whether a clause that it broke counts.
    """

    anchor: str
    id: str
    retry_of: str
    probe: str
    gist: str
    answered: str
    outcome: str
    took: str
    broke: tuple[str, ...]
    is_failed: bool
    request: Message
    response: Message | None


class ExchangeLog:
    """The exchanges of a run that the page shows."""

    def __init__(self, report: Report) -> None:
        self.total = report.judged
        self._broke: dict[str, dict[str, Label]] = {}
        for verdict in report.judgement.clauses:
            if verdict.status is Status.FAILED:
                for finding in verdict.evidence:
                    broken = self._broke.setdefault(finding.exchange.id, {})
                    broken[verdict.clause.id] = label_in(report, verdict)
        self._shown = self._chosen(report)
        self._usual_url = _most_common([exchange.request.url for _, exchange in self._shown])
        self._places: dict[str, int] = {}
        for place, exchange in self._shown:
            self._places.setdefault(exchange.id, place)

    @property
    def shown(self) -> Sequence[Exchange]:
        """The exchanges that are shown, in their order."""
        return [exchange for _, exchange in self._shown]

    def _chosen(self, report: Report) -> list[tuple[int, Exchange]]:
        numbered = list(enumerate(report.exchanges, 1))
        if len(numbered) <= LONGEST_LOG:
            return numbered
        # The sort is stable: exchanges that broke something first, then the rest in their order.
        first = sorted(numbered, key=lambda pair: pair[1].id not in self._broke)[:LONGEST_LOG]
        return sorted(first, key=lambda pair: pair[0])

    @property
    def hidden(self) -> int:
        """How many exchanges are not shown."""
        return self.total - len(self._shown)

    @property
    def has_broken(self) -> bool:
        """Whether any exchange shown broke a clause."""
        return any(exchange.id in self._broke for _, exchange in self._shown)

    def broken_by(self, exchange: Exchange) -> tuple[str, ...]:
        """The clauses that an exchange broke."""
        return tuple(self._broke.get(exchange.id, ()))

    def has_failed(self, exchange: Exchange) -> bool:
        """Whether it broke a clause that counts, and not only such as warn or are excused."""
        return Label.FAILED in self._broke.get(exchange.id, {}).values()

    @property
    def answered(self) -> list[tuple[str, int]]:
        """The classes of responses that came, each with how many exchanges shown it has."""
        return sorted(Counter(_answered(exchange) for _, exchange in self._shown).items())

    def href(self, exchange_id: str) -> str:
        """A link to an exchange, empty where it is not shown."""
        place = self._places.get(exchange_id)
        return f"#{self._anchor(exchange_id, place)}" if place else ""

    def _anchor(self, exchange_id: str, place: int) -> str:
        """The id of an exchange where it can be an anchor, else its place in the journal."""
        is_own = _OWN_ID.fullmatch(exchange_id) and self._places[exchange_id] == place
        return exchange_id if is_own else f"exchange-{place}"

    def __iter__(self) -> Iterator[LogEntry]:
        return (self._entry(place, exchange) for place, exchange in self._shown)

    def _entry(self, place: int, exchange: Exchange) -> LogEntry:
        request, response = exchange.request, exchange.response
        url = without_login(request.url)
        return LogEntry(
            anchor=self._anchor(exchange.id, place),
            id=exchange.id,
            retry_of=exchange.retry_of or "",
            probe=shorten(exchange.probe or "", GIST),
            gist=self._gist(exchange),
            answered=_answered(exchange),
            outcome=shorten(exchange.outcome, GIST),
            took=duration(exchange.duration),
            broke=self.broken_by(exchange),
            is_failed=self.has_failed(exchange),
            request=_message(f"{request.method} {url}", request),
            response=_answer(response) if response else None,
        )

    def _gist(self, exchange: Exchange) -> str:
        """What tells this request from the others: its body, or its method and path."""
        request = exchange.request
        if request.method == "POST" and request.url == self._usual_url:
            return excerpt(request.body, GIST) or ("no body" if request.whole else NOT_RECORDED)
        return shorten(f"{request.method} {_path(without_login(request.url))}", GIST)


def _message(start: str, message: Request | Response) -> Message:
    body = message.body
    said = excerpt(body, LONGEST_BODY)
    if not message.whole:
        said = f"{IN_PART}: {said}" if body else NOT_RECORDED
    return Message(shorten(start, LONGEST_VALUE), _cut(message.headers), said, len(body))


@lru_cache(maxsize=512)
def _cut(headers: Headers) -> Headers:
    """The fields that are shown; most messages of a run have the same."""
    shown = headers[:MOST_FIELDS]
    cut = tuple((shorten(name, GIST), shorten(value, LONGEST_VALUE)) for name, value in shown)
    if more := len(headers) - len(shown):
        cut += (("…", f"and {counted(more, 'field')} more"),)
    return cut


def _answer(response: Response) -> Message:
    return _message(f"{response.status} {response.reason}".strip(), response)


def _answered(exchange: Exchange) -> str:
    return str(exchange.response.status)[:1] if exchange.response else "none"


def _most_common(urls: list[str]) -> str:
    return Counter(urls).most_common(1)[0][0] if urls else ""


def _path(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"/{rest.partition('/')[2]}" if separator else scheme
