"""What is shown while a run is under way: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

from conformance.backups.fates import Outcome
from conformance.contract.clauses import Level
from conformance.judge.run import Judge
from conformance.model import Exchange
from conformance.plan.planner import Plan
from conformance.report.evidence import exchange_named
from conformance.report.labels import Label
from conformance.run.settings import Settings
from conformance.run.watcher import Watcher
from conformance.text import counted, duration, shorten, visible_line

__all__ = ["LiveWatcher", "PlainWatcher", "VerboseWatcher", "Watcher", "make_watcher"]
LONGEST: Final = 300
"""Characters of a line on an exchange, whose reason phrase may be long."""


def make_watcher(*, quiet: bool, verbose: bool = False) -> Watcher:
    """The watcher that suits the output, and how much of it is wanted."""
    if verbose:
        return VerboseWatcher()
    if quiet:
        return Watcher()
    return LiveWatcher() if sys.stderr.isatty() else PlainWatcher()


def announcement(settings: Settings, plan: Plan) -> str:
    """What is about to be sent, in one line."""
    return (
        f"testing {settings.fixtures.endpoint}: about {len(plan.probes)} requests (at most "
        f"{settings.limit}), at most {settings.execution_limit} executions of the policy"
    )


def of_deletion(records: int) -> str:
    """What is about to be deleted, in one line."""
    return f"deleting what the run created: {counted(records, 'checkpoint')}"


def of_following(records: int) -> str:
    """What is followed, in one line."""
    return f"following what the run created: {counted(records, 'checkpoint')}"


class PlainWatcher(Watcher):
    """Says what is about to be sent."""

    is_following = False

    def announce(self, settings: Settings, plan: Plan) -> None:
        """Say what is about to be sent, and its limits."""
        self._say(announcement(settings, plan))

    def following(self, settled: int, records: int) -> None:
        """Say, once, that the records are followed."""
        if not self.is_following:
            self._say(of_following(records))
        self.is_following = True

    def deleting(self, records: int) -> None:
        """Say what is about to be deleted."""
        self._say(of_deletion(records))

    def _say(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


class VerboseWatcher(PlainWatcher):
    """Says what is about to be sent, and each exchange with the clauses that it breaks."""

    def __init__(self) -> None:
        self._broken: dict[str, int] = {}

    def exchanged(self, exchange: Exchange, judge: Judge) -> None:
        """Say what was sent, what came, and which clauses were seen broken by it."""
        now = {name: tally.broken for name, tally in judge.seen.tallies.items() if tally.broken}
        broken = [name for name, times in now.items() if times > self._broken.get(name, 0)]
        self._broken = now
        self._say(in_a_line(exchange, broken))


def in_a_line(exchange: Exchange, broken: Sequence[str]) -> str:
    """An exchange that broke these clauses, in one line that steers no terminal."""
    again = f", again after {exchange.retry_of}" if exchange.retry_of else ""
    is_unicode = (sys.stderr.encoding or "").lower().startswith("utf")
    sign = Label.FAILED.symbol if is_unicode else Label.FAILED.plain
    breaks = f"  {sign} {', '.join(broken)}" if broken else ""
    told = f"{exchange_named(exchange)}{again}: {exchange.outcome} ({duration(exchange.duration)})"
    return visible_line(shorten(told, LONGEST)) + breaks


class LiveWatcher(Watcher):
    """Shows how far a run is, and how many clauses are broken so far."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(
            *columns, console=Console(stderr=True, highlight=False), transient=True
        )
        self._task: Any = None
        self.is_following = False

    def announce(self, settings: Settings, plan: Plan) -> None:
        """Say what is about to be sent, and show a bar for it."""
        self._progress.console.print(announcement(settings, plan), markup=False)
        self._progress.start()
        self._task = self._progress.add_task("sent", total=len(plan.probes))

    def exchanged(self, exchange: Exchange, judge: Judge) -> None:
        """Move the bar, while it is one of requests."""
        if self.is_following:
            return
        broken = sum(
            tally.broken > 0 and judge.clauses[clause_id].level is Level.MUST
            for clause_id, tally in judge.seen.tallies.items()
        )
        what = f"{broken} clauses broken" if broken else "sent"
        self._progress.update(self._task, advance=1, description=what)

    def following(self, settled: int, records: int) -> None:
        """Show a bar of records instead of requests, and move it."""
        if not self.is_following:
            self._progress.console.print(of_following(records), markup=False)
            if self._task is not None:
                self._progress.remove_task(self._task)
            self._task = self._progress.add_task("available or in error", total=records)
        self.is_following = True
        self._progress.update(self._task, completed=settled)

    def deleting(self, records: int) -> None:
        """Say what is about to be deleted, and show a bar for it."""
        self._progress.console.print(of_deletion(records), markup=False)
        self._progress.start()
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task("deleted", total=records)

    def settled(self, outcome: Outcome) -> None:
        """Move the bar."""
        self._progress.update(self._task, advance=1)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()
