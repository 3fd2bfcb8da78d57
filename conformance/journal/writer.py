"""The journal: the exchanges of a run, appended to disk as they complete."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from conformance.errors import UsageError
from conformance.journal.format import (
    BadRecord,
    Record,
    exchange_from_record,
    exchange_to_record,
    footer_from_record,
    footer_to_record,
    from_line,
    header_from_record,
    header_to_record,
    to_line,
)
from conformance.model import Exchange, Journal, JournalFooter, JournalHeader

BAD_LINE = (BadRecord, KeyError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What reading a damaged line may raise."""


class JournalWriter:
    """Appends to `journal.ndjson`: a header, a `plan` line for each plan that is saved, a `sent`
    line before each request, each exchange when it completed, and a footer.

    It locks the file, so that a directory never holds two runs at once. `past` continues the
    journal of a run that was killed, behind its last whole line.
    """

    def __init__(self, path: Path, header: JournalHeader, past: Past | None = None) -> None:
        self._path = path
        try:
            self._file = _locked(path, past)
        except BlockingIOError:
            raise UsageError(
                f"{path}: another run is writing to it; wait for its end, or give another "
                "--report-dir"
            ) from None
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; give another --report-dir") from None
        if past is None:
            self._write(header_to_record(header))
        else:
            past.renewals.append(time.time())
            self._write({"kind": "resumed", "at": past.renewals[-1]})

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def planned(self, digest: str) -> None:
        """Note the SHA-256 of a plan that is about to be saved."""
        self._write({"kind": "plan", "sha256": digest})

    def sent(self, exchange_id: str, digest: str, *, may_execute: bool) -> None:
        """Note that a request is about to be sent, on the disk itself where it may execute."""
        self._write({"kind": "sent", "id": exchange_id, "request": digest})
        if may_execute:
            os.fdatasync(self._file)

    def renewed(self, at: float, *, is_rejected: bool) -> None:
        """Note that from then on, in epoch seconds, the good token is another, and why."""
        self._write({"kind": "renewed", "at": at, "rejected": is_rejected})

    def completed(self, exchange: Exchange) -> None:
        """Note an exchange."""
        self._write(exchange_to_record(exchange))

    def ended(self, footer: JournalFooter) -> None:
        """Note how the run ended."""
        self._write(footer_to_record(footer))

    def _write(self, record: Record) -> None:
        line = memoryview(to_line(record))
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError as error:
            raise UsageError(
                f"{self._path}: {error.strerror}; make room, then go on with --resume "
                f"{self._path.parent}"
            ) from None


def _locked(path: Path, past: Past | None) -> int:
    """The file, locked, and empty or as long as `past` goes. Raises OSError."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        os.fchmod(file, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if past and os.fstat(file).st_size != past.total_bytes:
            raise BlockingIOError  # it went on between the reading and the lock
        os.ftruncate(file, past.whole_bytes if past else 0)
    except BaseException:
        os.close(file)  # and with it the lock
        raise
    return file


@dataclass(slots=True)
class Past:
    """What the journal of a run that has not come to its end holds.

    `sent` has the digest of each request by the id of its exchange, `plans` the digests of the
    plans it may have been saved with, `renewals` when the good token may have changed, and `fresh`
    when it did because it was rejected. Behind `whole_bytes` there may be a torn line; the file had
    `total_bytes` when it was read.
    """

    header: JournalHeader
    exchanges: list[Exchange] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    plans: set[str] = field(default_factory=set)
    renewals: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    whole_bytes: int = 0
    total_bytes: int = 0
    footer: JournalFooter | None = None

    @property
    def lost(self) -> dict[str, str]:
        """The requests that were noted as sent, and whose exchange is missing."""
        known = {exchange.id for exchange in self.exchanges}
        return {name: digest for name, digest in self.sent.items() if name not in known}


def read_past(path: Path) -> Past:
    """The journal of a run that may have been killed: a torn last line is left out.

    Raises UsageError for one that cannot be read, or is no journal.
    """
    past: Past | None = None
    size = path.stat().st_size if path.is_file() else 0
    for line, record in _records(path, tolerant=True):
        try:
            if past is None:
                past = Past(header_from_record(record), total_bytes=size)
            match record["kind"]:
                case "plan":
                    past.plans.add(str(record["sha256"]))
                case "sent":
                    past.sent[str(record["id"])] = str(record["request"])
                case "exchange":
                    past.exchanges.append(exchange_from_record(record))
                case "footer":
                    past.footer = footer_from_record(record)
                case "resumed" | "renewed":
                    past.footer = None
                    past.renewals.append(float(record["at"]))
                    if record.get("rejected"):
                        past.fresh.append(past.renewals[-1])
        except BAD_LINE as error:
            raise UsageError(f"{path}: not the journal of a run ({error})") from None
        past.whole_bytes += len(line)
    if past is None:
        raise UsageError(f"{path}: nothing was sent in that run; run it anew")
    return past


def read_journal(path: Path) -> Journal:
    """The journal in a file. Raises UsageError for one that cannot be read or is not whole."""
    header: JournalHeader | None = None
    footer: JournalFooter | None = None
    exchanges: list[Exchange] = []
    for number, (_, record) in enumerate(_records(path), 1):
        try:
            match record["kind"]:
                case "header":
                    header = header_from_record(record)
                case "exchange":
                    exchanges.append(exchange_from_record(record))
                case "footer":
                    footer = footer_from_record(record)
        except BAD_LINE as error:
            raise UsageError(f"{path}: line {number} is no journal line ({error})") from None
    if header is None or footer is None:
        raise UsageError(f"{path}: the journal has no {'header' if header is None else 'footer'}")
    return Journal(header, tuple(exchanges), footer)


def _records(path: Path, *, tolerant: bool = False) -> Iterator[tuple[bytes, Record]]:
    """The lines of a journal with their records; `tolerant` ends at a line without its end."""
    number = 0
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):  # noqa: B007  (named in the error)
                if tolerant and not line.endswith(b"\n"):
                    return
                yield line, from_line(line)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give a readable journal") from None
    except BAD_LINE as error:
        raise UsageError(f"{path}: line {number} is no journal line ({error})") from None
