"""HAR files: the exchanges of the page's operation in them, and why the others are left out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

from msgspec.structs import replace

from conformance.credentials.placeholders import RECORDED_TOKEN, placeholder
from conformance.errors import UsageError
from conformance.model import Exchange, Fixtures, Token
from conformance.page.oracle import EXECUTED
from conformance.recorded.addresses import is_one_endpoint
from conformance.recorded.attached import Attached, Origin, beside, nothing_attached
from conformance.recorded.bodies import Body
from conformance.recorded.doubles import Content, Doubles
from conformance.recorded.entry import Json, Unusable, as_object, connection, duration, started
from conformance.recorded.exchanged import Entry, exchanged, paired
from conformance.recorded.hiding import look_through
from conformance.recorded.json_stream import (
    CHUNK,
    MOST_AT_ONCE,
    BadJson,
    JsonStream,
    TooLarge,
    read,
)
from conformance.recorded.messages import (
    Alike,
    Came,
    Sent,
    read_request,
    read_response,
)
from conformance.recorded.whose import (
    BY_A_PROXY,
    BY_THE_BROWSER,
    asks_for_https,
    is_answered_elsewhere,
)
from conformance.text import rfc3339

OURS = "csbs-conformance"
GOOD_TOKEN = placeholder(Token.GOOD)
TWICE = "that stand in the recording twice"
HEADERS = "without all headers; record with headers"
READ = "give HAR 1.2, plain, gzip or in a ZIP archive, or a journal of `run`"
LARGE = f"that take more than {MOST_AT_ONCE // 2**20} MB, or very many values"
MOST_TOKENS = 1000
MOST_RECENT = 65_536
"""Exchanges that are remembered to see that one stands twice, in files that overlap."""

S = TypeVar("S")
T = TypeVar("T")


@dataclass
class HarReader:
    """Reads HAR files, one after the other, as one recording.

    `fixtures` has no endpoint until the first exchange of the operation shows it, unless the user
    gave one. `skipped` counts what was left out, by why; `lacking` what of the rest was not
    recorded.
    """

    fixtures: Fixtures
    skipped: Counter[str] = field(default_factory=Counter)
    lacking: Counter[tuple[str, str]] = field(default_factory=Counter)
    _doubles: Doubles = field(default_factory=Doubles)
    _tokens: dict[str, int] = field(default_factory=dict)
    _numbered: int = 0
    _accepted: set[int] = field(default_factory=set)
    _names: set[str] = field(default_factory=set)
    _recent: deque[str] = field(default_factory=deque)
    _shows_tokens: bool = False
    _shows_hosts: bool = False
    _ours: bool = False
    _files: int = 0
    _count: int = 0
    _attached: Attached = nothing_attached
    _sent: Alike[Sent] = field(init=False)
    _came: Alike[Came] = field(init=False)

    def read(self, stream: IO[bytes], path: Path) -> Iterator[Exchange]:
        """The exchanges of the operation in a file. Raises UsageError where it is no HAR."""
        self._ours = self._shows_tokens = self._shows_hosts = False
        self._files += 1
        self._attached = beside(path)
        self._sent = Alike(self._request)
        self._came = Alike(self._response)
        yield from self._doubles.left_out(self._all(stream, path))
        self.skipped[TWICE] += self._doubles.found
        self._doubles.found = 0
        self.skipped = +self.skipped

    def _all(self, stream: IO[bytes], path: Path) -> Iterator[tuple[Exchange, Content]]:
        self._count = 0
        try:
            for entries in self._at_once(JsonStream(stream)):
                yield from self._exchanges(entries)
        except BadJson as bad:
            behind = f"{bad}, behind entry {self._count}); record it again"
            where = behind if self._count else f"{bad}); {READ}"
            raise UsageError(f"{path}: no HAR file ({where}") from None

    def _at_once(self, stream: JsonStream) -> Iterator[list[Any]]:
        """The entries, as many at once as have some hundred thousand characters together."""
        entries: list[Any] = []
        begin = stream.passed
        try:
            for entry in self._entries(stream):
                entries.append(entry)
                if stream.passed - begin >= CHUNK:
                    yield entries
                    entries, begin = [], stream.passed
        except BadJson:
            self._count += len(entries)
            raise
        yield entries

    def _entries(self, stream: JsonStream) -> Iterator[Any]:
        found = False
        for name in stream.members():
            if name != "log":
                stream.value()
                continue
            for member in stream.members():
                if member == "entries":
                    found = True
                    yield from self._each(stream)
                elif member == "creator":
                    self._ours = _is_ours(stream.value())
                else:
                    stream.value()
        stream.end()
        if not found:
            raise BadJson("it has no `entries` in a `log`")

    def _each(self, stream: JsonStream) -> Iterator[Any]:
        for _ in stream.items():
            try:
                parts = stream.parts()
                value = stream.value() if parts is None else parts
            except TooLarge:
                stream.skip()
                self.skipped[LARGE] += 1
            else:
                yield value

    def _request(self, request: Json) -> Sent:
        return read_request(request, self._origin)

    def _response(self, response: Json) -> Came:
        return read_response(response, (), self._origin)

    def _exchanges(self, entries: Iterable[Any]) -> list[tuple[Exchange, Content]]:
        """The exchanges of several entries: what takes less for all of them is done for all."""
        read_entries = list(self._each_usable(self._pair, self._counted(entries)))
        self._choose(read_entries)
        look_through((each.pair.hide, each.pair.said) for each in read_entries)
        return list(self._each_usable(self._exchange, read_entries))

    def _counted(self, entries: Iterable[Any]) -> Iterator[Json]:
        """The entries as objects; each is counted once it was taken in."""
        for entry in entries:
            yield as_object(entry)
            self._count += 1

    def _each_usable(self, work_out: Callable[[S], T], those: Iterable[S]) -> Iterator[T]:
        for each in those:
            try:
                yield work_out(each)
            except Unusable as why:
                self.skipped[str(why)] += 1

    def _pair(self, entry: Json) -> Entry:
        sent = self._sent.read(entry.get("request"))
        has_all = sent.has_all_headers and self._as_sent(sent)
        came = self._came.read(entry.get("response"))
        if came.names_host:
            response = as_object(read(entry["response"]))
            came = read_response(response, sent.headers, self._origin)
        if why := BY_THE_BROWSER if is_answered_elsewhere(entry, sent.method) else came.of:
            raise Unusable(why)
        if came.response and asks_for_https(sent.address, came.response):
            raise Unusable(BY_A_PROXY)
        pair = paired(sent, came, self._ids, ours=self._ours)
        when = started(entry, came.headers), duration(entry)
        return Entry(pair, has_all, *when, connection(entry))

    def _exchange(self, entry: Entry) -> tuple[Exchange, Content]:
        sent, came = entry.pair.sent, entry.pair.came
        if not is_one_endpoint(entry.endpoint, self.fixtures.endpoint):
            raise Unusable("of another endpoint")
        number = self._number(sent.token) if sent.has_secret else 0
        stand_in = self._stand_in(sent, came, has_all=entry.has_all_headers)
        name = self._once(entry.started, entry.pair.digest)
        told = exchanged(entry.pair, stand_in, has_all_headers=entry.has_all_headers)
        self._note("request", sent.body, all_headers=entry.has_all_headers)
        if came.response and came.body:
            self._note("response", came.body, all_headers=came.response.all_headers)
        exchange = Exchange(
            *(name, told.request, told.response, told.failure, entry.started, entry.duration),
            recording=0 if self._ours else self._files,
            token=number,
            connection=entry.connection,
        )
        return exchange, told.content

    def _note(self, what: str, body: Body, *, all_headers: bool) -> None:
        """Count what was not recorded of a request or a response."""
        if not body.whole:
            self.lacking[what, body.lack] += 1
        if not all_headers:
            self.lacking[what, HEADERS] += 1

    def _as_sent(self, sent: Sent) -> bool:
        """Whether the headers of a request are those that were sent, as far as the others show.

        Every request names its host. What a page asks of its service worker, or of a cache, does
        not.
        """
        self._shows_hosts = self._shows_hosts or sent.names_host
        return sent.names_host or not self._shows_hosts

    def _choose(self, entries: list[Entry]) -> None:
        """Keep to one endpoint: the user's, or the first of several entries that answered."""
        if entries and not self.fixtures.endpoint:
            answered = (each for each in entries if each.pair.came.response)
            first = next(answered, entries[0])
            self.fixtures = replace(self.fixtures, endpoint=first.endpoint)

    def _stand_in(self, sent: Sent, came: Came, *, has_all: bool) -> str | None:
        """What stands for the token of a request; None where the request shows all that it has.

        A token that was accepted for the user's project is a good one; whether it still was where
        it is rejected shows at the end. A missing one is missing only where the recording shows
        tokens, and the request logs in by nothing else, with all its headers: some tools take them
        out.
        """
        if self._ours:
            return None
        self._shows_tokens = self._shows_tokens or bool(sent.token)
        if has_all and sent.is_alone and self._shows_tokens and not sent.token:
            return None
        status = came.response.status if came.response else 0
        return self._known(self._number(sent.token), status, sent.place["project"])

    @property
    def _origin(self) -> Origin:
        return Origin(self._attached, self._ours, self._ids)

    @property
    def _ids(self) -> tuple[str, ...]:
        fixtures = self.fixtures
        return (fixtures.project_id or "", fixtures.plan_id or "", *fixtures.resources)

    def _known(self, token: int, status: int, project: str) -> str:
        """What stands for a token, whose number is 0 where it is not known."""
        if status == EXECUTED and project == self.fixtures.project_id:
            self._accepted.add(token)
            return GOOD_TOKEN
        return GOOD_TOKEN if token and token in self._accepted else RECORDED_TOKEN

    def _number(self, token: str) -> int:
        """The number of a token among those of the recording; 0 where it is not known."""
        if self._ours or not token:
            return 0
        if token not in self._tokens:
            self._numbered += 1
            self._tokens[token] = self._numbered
            if len(self._tokens) > MOST_TOKENS:
                self._accepted.discard(self._tokens.pop(next(iter(self._tokens))))
        return self._tokens[token]

    def _once(self, moment: float, digest: str) -> str:
        """A name for an exchange: when it was, and what. Raises Unusable the second time."""
        name = f"{rfc3339(moment)}-{digest}"
        if name in self._names:
            raise Unusable(TWICE)
        self._names.add(name)
        self._recent.append(name)
        if len(self._recent) > MOST_RECENT:
            self._names.discard(self._recent.popleft())
        return name


def _is_ours(creator: Any) -> bool:
    return isinstance(creator, dict) and creator.get("name") == OURS
