"""Deletes what a run created, once it has ended: at its end, or whenever somebody asks for it.

The journal is the truth: it says what the run's requests brought, and what of that was deleted.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from conformance.backups.client import BackupsClient
from conformance.backups.deleting import Deleter
from conformance.backups.fates import Fate, Outcome, outcomes
from conformance.clock import CLOCK, Clock
from conformance.contract import load_contract
from conformance.contract.linked_pages import linked_pages
from conformance.errors import UsageError
from conformance.exchange.sender import Pace
from conformance.journal.lines import BadRecord
from conformance.journal.reader import Past, read_past
from conformance.journal.trust import check_trusted
from conformance.journal.writer import JournalWriter
from conformance.lazily import lazily
from conformance.login.renewal import Renewal
from conformance.model import Deletion
from conformance.page.backup_list import BackupList
from conformance.page.backups import own_records
from conformance.page.oracle import Oracle
from conformance.page.permitted_backups import PermittedBackups
from conformance.page.record import ListedRecord
from conformance.report.model import INTERRUPTED, Report, with_leftovers
from conformance.run.connecting import client_for
from conformance.run.interruption import interruptible
from conformance.run.resumption import JOURNAL, journal_in
from conformance.run.settings import Settings
from conformance.run.watcher import Watcher
from conformance.text import visible_line


class Leftovers(Struct, frozen=True, dict=True):
    """What the journal of a run says that it created: each record with the exchange it came by."""

    past: Past
    records: dict[str, str]

    @lazily
    def surplus(self) -> tuple[ListedRecord, ...]:
        """What came up in the list of backups during the run, and no response of it brought.

        It may be somebody else's, and is never deleted.
        """
        oracle = Oracle(load_contract(), self.past.header.fixtures)
        return BackupList.read(self.past.exchanges, oracle).surplus

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each record so far."""
        return outcomes(self.records, self.past.deletions)

    @property
    def left(self) -> list[str]:
        """The records that are not deleted."""
        return [each.record for each in self.outcomes if each.fate is Fate.LEFT]


def leftovers(directory: Path) -> Leftovers:
    """What the run in a directory created. Raises UsageError for a journal that is of no run."""
    path = journal_in(directory)
    past = read_past(path)
    if not past.header.fixtures.complete or (past.exchanges and not past.sent):
        raise UsageError(f"{path}: not of `run`, which notes what it sends; nothing is deleted")
    for exchange in past.exchanges:
        try:
            check_trusted(exchange.request, past.header.fixtures)
        except BadRecord as error:
            told = f"{exchange.id} is nothing that a run sends: {error}"
            raise UsageError(f"{path}: {visible_line(told)}; nothing is deleted") from None
    return Leftovers(past, own_records(past.exchanges, past.header.fixtures))


async def clean_up(
    found: Leftovers, settings: Settings, watcher: Watcher, clock: Clock = CLOCK
) -> tuple[list[Deletion], int | None]:
    """Delete what is left; all deletions of the run, and the exit code of a signal that cut it off.

    The journal is locked meanwhile. Raises UsageError where it cannot be written, or went on.
    """
    past = found.past
    if not found.left:
        return past.deletions, None
    path = settings.report_dir / JOURNAL
    permitted = PermittedBackups(settings.fixtures, frozenset(found.records))
    pace = Pace(linked_pages().at_once, settings.rate, settings.time_limit)
    renew = Renewal(settings.source) if settings.source else None
    with JournalWriter(path, past.header, past, clock, resumes=False) as journal:
        async with client_for(settings, permitted) as carrier:
            client = BackupsClient(
                carrier, settings.fixtures, settings.secrets, pace, renew, clock=clock
            )
            deleter = Deleter(client, journal, found.records, past.deletions, watcher.settled)
            watcher.deleting(len(found.left))
            with interruptible() as interruption:
                task = asyncio.ensure_future(deleter.delete())
                interruption.tasks.append(task)
                try:
                    await task
                except asyncio.CancelledError:
                    if interruption.exit_code is None:
                        raise
    return deleter.deletions, interruption.exit_code


async def cleaned_up(
    report: Report, settings: Settings, watcher: Watcher, clock: Clock = CLOCK
) -> Report:
    """The report of a run, once what the run created is deleted; one that was interrupted is left
    as it is.
    """
    if report.exit_code in INTERRUPTED:
        return report
    found = leftovers(settings.report_dir)
    deletions, signal = await clean_up(found, settings, watcher, clock)
    report = replace(report, deletions=tuple(deletions))
    code = with_leftovers(report.exit_code, report.left) if signal is None else signal
    return replace(report, exit_code=code)
