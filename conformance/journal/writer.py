"""The journal: the exchanges of a run, appended to disk as they complete."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from types import TracebackType

from conformance.clock import CLOCK, Clock
from conformance.errors import UsageError
from conformance.files import opened_to_append
from conformance.journal.format import (
    deleting_to_record,
    deletion_to_record,
    exchange_line,
    footer_to_record,
    header_to_record,
)
from conformance.journal.lines import (
    Part,
    PlanLine,
    Record,
    RenewedLine,
    ResumedLine,
    SentLine,
    to_line,
)
from conformance.journal.reader import Past
from conformance.model import Deletion, Exchange, JournalFooter, JournalHeader
from conformance.streams import opened

CHUNK = 2**20


class JournalWriter:
    """Appends to `journal.ndjson`: a header, a `plan` line for each plan that is saved, a `sent`
    line before each request, each exchange when it completed, and a footer. What is deleted
    afterwards stands behind it.

    It locks the file, so that a directory never holds two runs at once. `past` continues the
    journal of a run behind its last whole line; the run itself goes on where it `resumes`.
    """

    def __init__(
        self,
        path: Path,
        header: JournalHeader,
        past: Past | None = None,
        clock: Clock = CLOCK,
        *,
        resumes: bool = True,
    ) -> None:
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
        elif resumes:
            past.renewals.append(clock.now())
            self._write(ResumedLine(at=past.renewals[-1]))

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
        self._write(PlanLine(sha256=digest))

    def sent(self, exchange_id: str, digest: str, *, may_execute: bool) -> None:
        """Note that a request is about to be sent, on the disk itself where it may execute."""
        self._write(SentLine(id=exchange_id, request=digest))
        if may_execute:
            os.fdatasync(self._file)

    def renewed(self, at: float, *, is_rejected: bool) -> None:
        """Note that from then on, in epoch seconds, the good token is another, and why."""
        self._write(RenewedLine(at=at, rejected=is_rejected))

    def completed(self, exchange: Exchange) -> None:
        """Note an exchange."""
        self._write(exchange_line(exchange))

    def deleting(self, deletion: Deletion) -> None:
        """Note, on the disk itself, what is about to be sent to delete a record."""
        self._write(deleting_to_record(deletion))
        os.fdatasync(self._file)

    def deleted(self, exchange: Exchange) -> None:
        """Note what came of it."""
        self._write(deletion_to_record(exchange))

    def ended(self, footer: JournalFooter) -> None:
        """Note how the run ended."""
        self._write(footer_to_record(footer))

    def _write(self, part: Part | Record) -> None:
        line = memoryview(to_line(part))
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
    file = _opened_locked(path)
    try:
        if past and os.fstat(file).st_size != past.total_bytes:
            raise BlockingIOError  # it went on between the reading and the lock
        if past and past.is_packed:
            return _unpacked(path, past.whole_bytes, file)
        os.ftruncate(file, past.whole_bytes if past else 0)
    except BaseException:
        os.close(file)  # and with it the lock
        raise
    return file


def _opened_locked(path: Path) -> int:
    file = opened_to_append(path)
    try:
        os.fchmod(file, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(file)
        raise
    return file


def _unpacked(path: Path, length: int, packed: int) -> int:
    """A file with the first bytes of a gzip stream, locked as that was, in its place."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(descriptor)
    file = _opened_locked(Path(temporary))
    try:
        with opened(path, is_own=True) as stream:
            while length and (data := stream.read(min(length, CHUNK))):
                length -= os.write(file, data)
        os.replace(temporary, path)
    except BaseException:
        os.close(file)
        Path(temporary).unlink(missing_ok=True)
        raise
    os.close(packed)
    return file
