"""`run --watch`: whenever a file changes, what was not kept is tested again, then the whole."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from conformance.contract.clauses import Level
from conformance.errors import UsageError
from conformance.judge.verdicts import Status
from conformance.model import Ending

if TYPE_CHECKING:
    from conformance.report.model import Report
    from conformance.run.settings import Settings

NEEDS: Final = "--watch needs watchfiles: pip install watchfiles"
PATIENCE: Final = 10.0
"""Seconds for which a target that is starting again may not respond."""
PAUSE: Final = 0.5
"""Seconds before such a target is asked again."""
LOOKS: Final = 250
"""Milliseconds between two looks at what changed."""
MOST_LOOKS: Final = 40
"""Looks after which the target is tested though files still change."""
QUIET_LOOKS: Final = 6
"""Looks in a row that have shown no more changes before the target is tested, for 1.5 seconds.

Servers that restart by themselves look once a second, and respond as before until then.
"""
WRITTEN: Final = (".log", ".pid", ".db", ".sqlite", ".sqlite3", "-journal", "-wal", "-shm", ".tmp")
"""How names end of files that a server writes while it serves: no change of those is its code's."""
FAILED: Final = "failed"
"""The directory in that of the reports for the runs on what was not kept."""
Test = Callable[["Settings"], "Report"]
"""Runs with some settings, and writes the reports."""


def changes(paths: tuple[Path, ...], own: Path) -> Iterator[object]:
    """One for each change of a file from now on, none for what is written by a run.

    Below `own` this suite writes. Raises UsageError.
    """
    try:
        from watchfiles import Change, DefaultFilter, watch
    except ImportError:
        raise UsageError(NEEDS) from None
    for path in paths:
        if not path.exists():
            raise UsageError(f"--watch {path}: there is no such file or directory")
    usual, own = DefaultFilter(), own.resolve()

    def is_watched(change: Change, path: str) -> bool:
        is_written = path.endswith(WRITTEN) or Path(path).resolve().is_relative_to(own)
        return usual(change, path) and not is_written

    found = watch(*paths, watch_filter=is_watched, yield_on_timeout=True, rust_timeout=LOOKS)
    next(found)  # it begins to look only now
    return settled(found)


def settled(looks: Iterator[Collection[object]]) -> Iterator[Collection[object]]:
    """One for all changes that follow each other; `looks` has what changed between two looks."""
    for changed in filter(None, looks):
        quiet = 0
        for more in islice(looks, MOST_LOOKS):
            quiet = 0 if more else quiet + 1
            if quiet == QUIET_LOOKS:
                break
        yield changed


@dataclass
class Watching:
    """Passes over a target that somebody works on; one line for each run."""

    settings: Settings
    test: Test
    last: Report | None = None

    def follow(self, moments: Iterable[object]) -> int:
        """Test now and at each of these moments, until a signal comes; the exit code."""
        from conformance.report.model import INTERRUPTED

        code = 0
        for _ in chain([None], moments):
            code = self._pass()
            if code in INTERRUPTED:
                break
        return code

    def _pass(self) -> int:
        """What was not kept, then the whole."""
        from conformance.report.model import INTERRUPTED

        if self.last is not None and (only := self.last.judgement.not_kept):
            where = self.settings.report_dir / FAILED
            report = self._patiently(replace(self.settings, only=only, report_dir=where))
            say("what was not kept", report, self.last)
            if report.exit_code in INTERRUPTED:
                return report.exit_code
        report = self._patiently(self.settings)
        say("the whole", report, self.last)
        self.last = report
        return report.exit_code

    def _patiently(self, settings: Settings) -> Report:
        """A run; once more where nothing responds, as while a server starts again."""
        give_up = time.monotonic() + PATIENCE
        report = self.test(settings)
        while report.footer.ending is Ending.UNREACHED and time.monotonic() < give_up:
            time.sleep(PAUSE)
            report = self.test(settings)
        return report


def say(what: str, report: Report, before: Report | None) -> None:
    """One line: when, the verdict, what was tested, and what changed."""
    from conformance.report.labels import sign, verdict_label

    shown = sign(verdict_label(report), sys.stdout.encoding)
    verdict = report.judgement.verdict.value
    told = "; ".join([f"{what}: {verdict}", *differences(report, before)])
    click.echo(f"{datetime.now():%H:%M:%S}  {shown} {told}")


def differences(report: Report, before: Report | None) -> Iterator[str]:
    """What changed since an earlier report; without one, what is broken."""
    from conformance.gate.change import ChangeKind, change_of
    from conformance.text import named

    if before is None:
        for told, level in (("failed", Level.MUST), ("warnings", Level.SHOULD)):
            if broken := [each.clause.id for each in report.judgement.failed(level)]:
                yield f"{told}: {named(broken)}"
        return
    old = {each.clause.id: each.status for each in before.judgement.clauses}
    tested = [each for each in report.judgement.clauses if each.clause.id in old]
    changed = [(change_of(old[each.clause.id], each.status), each.clause.id) for each in tested]
    for kind in ChangeKind:
        if names := [name for found, name in changed if found is kind]:
            yield f"{kind.value}: {named(names)}"
    failed = [each.clause.id for each in report.judgement.failed(Level.MUST)]
    if still := [name for name in failed if old.get(name) is Status.FAILED]:
        yield f"still failed: {named(still)}"
