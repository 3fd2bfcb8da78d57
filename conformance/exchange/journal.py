"""The journal: the exchanges of a run, appended to disk as they complete."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from conformance.errors import UsageError
from conformance.model import Exchange, Journal, JournalFooter, JournalHeader
from conformance.records import (
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


class JournalWriter:
    """Appends to `journal.ndjson`: a header, a `sent` line before each request that may execute
    the policy, each exchange when it completed, and a footer.
    """

    def __init__(self, path: Path, header: JournalHeader) -> None:
        flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND
        try:
            self._file = os.open(path, flags, 0o600)
            os.fchmod(self._file, 0o600)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; give another --report-dir") from None
        self._path = path
        self._write(header_to_record(header))

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def sent(self, exchange_id: str, digest: str, *, may_execute: bool) -> None:
        """Note that a request is about to be sent, on the disk itself where it may execute."""
        self._write({"kind": "sent", "id": exchange_id, "request": digest})
        if may_execute:
            os.fdatasync(self._file)

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
                f"{self._path}: {error.strerror}; make room or give another --report-dir"
            ) from None


def read_journal(path: Path) -> Journal:
    """The journal in a file. Raises UsageError for one that cannot be read or is not whole."""
    header: JournalHeader | None = None
    footer: JournalFooter | None = None
    exchanges: list[Exchange] = []
    number = 0
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):  # noqa: B007  (named in the error)
                record = from_line(line)
                match record["kind"]:
                    case "header":
                        header = header_from_record(record)
                    case "exchange":
                        exchanges.append(exchange_from_record(record))
                    case "footer":
                        footer = footer_from_record(record)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give a readable journal") from None
    except (BadRecord, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise UsageError(f"{path}: line {number} is no journal line ({error})") from None
    if header is None or footer is None:
        raise UsageError(f"{path}: the journal has no {'header' if header is None else 'footer'}")
    return Journal(header, tuple(exchanges), footer)
