"""What a front shows while a run is under way."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.backups.fates import Outcome
from conformance.judge.run import Judge
from conformance.model import Exchange
from conformance.plan.planner import Plan
from conformance.run.settings import Settings


@dataclass
class Watcher:
    """Is told how a run goes on, to show it; this one shows nothing."""

    def announce(self, settings: Settings, plan: Plan) -> None:
        """Say what is about to be sent, and its limits."""

    def exchanged(self, exchange: Exchange, judge: Judge) -> None:
        """Show that an exchange completed."""

    def following(self, settled: int, records: int) -> None:
        """Show how many of the records that the run created are available or in error."""

    def deleting(self, records: int) -> None:
        """Show that what the run created is about to be deleted."""

    def settled(self, outcome: Outcome) -> None:
        """Show what became of a record that the run created."""

    def close(self) -> None:
        """Show no more."""
