"""Journals read line by line, by one reader for every command: all is checked, and none is held.

A torn end, that is a last line without its newline or a gzip stream that ends early, is forgiven
where a run goes on, and nowhere else.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NoReturn

from msgspec import Struct, structs

from conformance.errors import UsageError
from conformance.journal.format import exchange_of, footer_of, header_of
from conformance.journal.lines import (
    JOURNAL_LINE,
    AnyLine,
    BadRecord,
    DeletingLine,
    DeletionLine,
    ExchangeLine,
    FooterLine,
    HeaderLine,
    PlanLine,
    RenewedLine,
    ResumedLine,
    SentLine,
    decoded,
    reason,
)
from conformance.journal.seen import Ids
from conformance.limits import LIMITS
from conformance.model import (
    Deletion,
    Ending,
    Exchange,
    Journal,
    JournalFooter,
    JournalHeader,
    Spent,
)
from conformance.page.executed import is_spent
from conformance.streams import MOST_AT_ONCE, MOST_MARKS, marks, opened

AT_ONCE = 256 * 1024
"""Bytes of lines that are read at once."""


class NothingSent(UsageError):
    """A journal without a line: the run was lost before it sent anything."""


class JournalReader:
    """A journal: its header at once, its exchanges one by one, and its footer behind them.

    Whatever is wrong with it raises UsageError, which names the line. `forgiving` leaves a torn end
    out. `warnings` say what is missing. `sent` is how many requests were noted as sent, and `lost`
    has the digests of those whose exchange has not come, by its id; `plans` are the digests of the
    plans that the run may have been saved with, `renewals` when the good token may have changed,
    and `fresh` when it did because it was rejected. `deletions` by their ids may stand anywhere
    behind the header, also behind the footer. `whole_bytes` is how far whole lines go from where
    the stream began.
    """

    def __init__(self, stream: IO[bytes], path: Path, *, forgiving: bool = False) -> None:
        self.sent = 0
        self.lost: dict[str, str] = {}
        self.plans: set[str] = set()
        self.renewals: list[float] = []
        self.fresh: list[float] = []
        self.deletions: dict[str, Deletion] = {}
        self.whole_bytes = 0
        self.warnings: list[str] = []
        self._stream = stream
        self._path = path
        self._is_forgiving = forgiving
        self._number = 0
        self._ids = Ids()
        self._footer: JournalFooter | None = None
        self._requests = self._executions = 0
        self._latest = 0.0
        self.header = self._read_header()
        if self.header.limits != LIMITS:
            self.warnings.append(
                f"written within {self.header.limits}, judged within {LIMITS}: a verdict that hangs"
                " on JSON nested deeper, or on longer numbers, may be another"
            )

    def exchanges(self) -> Iterator[Exchange]:
        """The exchanges, in the order in which they completed.

        Some are read at once: to read many, and then to judge many, takes a processor less time
        than to do each in turn.
        """
        read: list[Exchange] = []
        begin = self.whole_bytes
        while data := self._read_line():
            try:
                exchange = self._take(decoded(data, JOURNAL_LINE))
            except ValueError as error:
                self._refuse(reason(error))
            if exchange is not None:
                read.append(exchange)
            if self.whole_bytes - begin >= AT_ONCE:
                yield from read
                read, begin = [], self.whole_bytes
        yield from read

    @property
    def ended(self) -> JournalFooter | None:
        """How the run ended, where the journal has it; known once the exchanges were read."""
        return self._footer

    def footer(self, clauses: Iterable[str]) -> JournalFooter:
        """How the run ended; one that was killed leaves any of the `clauses` unsent."""
        if self._footer is not None:
            return self._footer
        self.warnings.append("the journal has no end: the run was killed, or is still under way")
        return JournalFooter(
            Ending.INTERRUPTED,
            self._latest,
            Spent(self._requests, self._requests),
            Spent(self._executions, self._executions),
            tuple(clauses),
            tuple(self.renewals),
            tuple(self.fresh),
        )

    def _read_header(self) -> JournalHeader:
        data = self._read_line()
        if not data:
            raise NothingSent(f"{self._path}: nothing was sent in that run; run it anew")
        try:
            line = decoded(data, JOURNAL_LINE)
            if not isinstance(line, HeaderLine):
                raise BadRecord("the journal does not begin with its header")
            return header_of(line)
        except ValueError as error:
            self._refuse(reason(error))

    def _take(self, line: AnyLine) -> Exchange | None:
        """Take in a line behind the header. Raises BadRecord where it cannot stand there."""
        may_follow = (DeletingLine, DeletionLine, ResumedLine)
        if self._footer is not None and not isinstance(line, may_follow):
            raise BadRecord("it stands behind the footer of a run that did not go on")
        match line:
            case ExchangeLine():
                return self._exchange(line)
            case SentLine():
                self._note_sent(line)
            case PlanLine():
                self.plans.add(line.sha256)
            case DeletingLine() | DeletionLine():
                self._deletion(line)
            case ResumedLine():
                self._footer = None
                self.renewals.append(line.at)
            case RenewedLine():
                self.renewals.append(line.at)
                if line.rejected:
                    self.fresh.append(line.at)
            case FooterLine():
                self._footer = footer_of(line)
            case HeaderLine():
                raise BadRecord("a second header")
        return None

    def _deletion(self, line: DeletingLine | DeletionLine) -> None:
        """Note that something was to be deleted, or what came of it. Raises BadRecord."""
        noted = self.deletions.get(line.id)
        if isinstance(line, DeletingLine):
            if noted is not None:
                raise BadRecord("a second deletion with that id")
            if line.created_by not in self._ids:
                raise BadRecord("it deletes what no exchange before it brought")
            noted = Deletion(line.id, line.record, line.created_by)
        elif noted is None or noted.exchange is not None:
            raise BadRecord("it was not noted before as about to be sent")
        else:
            noted = structs.replace(noted, exchange=exchange_of(line))
        self.deletions[line.id] = noted

    def _note_sent(self, line: SentLine) -> None:
        if line.id in self.lost or line.id in self._ids:
            raise BadRecord("a request with that id stands before it")
        if self._ids and not self.sent:
            raise BadRecord("the exchanges before it were not noted as sent")
        self.sent += 1
        self.lost[line.id] = line.request

    def _exchange(self, line: ExchangeLine) -> Exchange:
        if line.retry_of is not None and line.retry_of not in self._ids:
            raise BadRecord("it repeats an exchange that does not stand before it")
        if not self._ids.add(line.id):
            raise BadRecord("a second exchange with that id")
        if self.sent and self.lost.pop(line.id, None) is None:
            raise BadRecord("its request was not noted as sent")
        exchange = exchange_of(line)
        self._requests += 1
        self._executions += exchange.request.method != "GET" and is_spent(exchange)
        self._latest = max(self._latest, exchange.ended)
        return exchange

    def _read_line(self) -> bytes:
        """The next line, empty at the end."""
        self._number += 1
        try:
            line = self._stream.readline(MOST_AT_ONCE)
        except EOFError:  # a gzip stream that ends early
            return self._torn()
        if len(line) >= MOST_AT_ONCE or (len(line) > 2**20 and marks(line) > MOST_MARKS):
            self._refuse("it is larger than any exchange may be")
        if line and not line.endswith(b"\n"):
            return self._torn()
        self.whole_bytes += len(line)
        return line

    def _torn(self) -> bytes:
        if self._is_forgiving:
            return b""
        raise UsageError(
            f"{self._path}: line {self._number} is torn: the file ends within it; finish the run "
            f"with csbs-conformance run --resume {self._path.parent}, or cut that line off"
        )

    def _refuse(self, why: str) -> NoReturn:
        raise UsageError(f"{self._path}: line {self._number} is no journal line ({why})") from None


class Past(Struct, frozen=True):
    """What the journal of a run that goes on holds, in the words of its reader.

    The file had `total_bytes` when it was read; it `is_packed` where it is a gzip stream. `ended`
    says how the run ended, where it did.
    """

    header: JournalHeader
    exchanges: list[Exchange]
    sent: int
    lost: dict[str, str]
    plans: set[str]
    renewals: list[float]
    fresh: list[float]
    whole_bytes: int
    total_bytes: int
    is_packed: bool
    ended: JournalFooter | None
    deletions: list[Deletion]


def read_past(path: Path) -> Past:
    """The journal of a run that may have been killed: a torn end is left out.

    Raises UsageError for one that cannot be read, or is no journal; NothingSent where it is empty.
    """
    with opened(path, is_own=True) as stream:
        total_bytes = path.stat().st_size
        mark = stream.tell()  # a byte order mark, which is read over
        reader = JournalReader(stream, path, forgiving=True)
        return Past(
            header=reader.header,
            exchanges=list(reader.exchanges()),
            sent=reader.sent,
            lost=reader.lost,
            plans=reader.plans,
            renewals=reader.renewals,
            fresh=reader.fresh,
            whole_bytes=mark + reader.whole_bytes,
            total_bytes=total_bytes,
            is_packed=isinstance(stream, gzip.GzipFile),
            ended=reader.ended,
            deletions=list(reader.deletions.values()),
        )


def read_journal(path: Path, clauses: Iterable[str] = ()) -> Journal:
    """The journal in a file; one of a run that was killed leaves any of the `clauses` unsent.

    Raises UsageError for one that cannot be read, or is no journal.
    """
    with opened(path) as stream:
        reader = JournalReader(stream, path)
        exchanges = tuple(reader.exchanges())
        footer = reader.footer(clauses)
        return Journal(reader.header, exchanges, footer, tuple(reader.deletions.values()))
