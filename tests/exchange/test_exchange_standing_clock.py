"""A run waits for a clock that seems to stand still, and for no other."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from exchange_helpers import Recording, clause, run_against

from conformance.emulator.messages import Checkpoint
from conformance.judge.verdicts import Status
from conformance.page.tables_5_to_8 import COARSE


class TellsSeconds(Recording):
    """Has a clock that is read once a second."""

    def time_text(self, moment: datetime) -> str:
        return super().time_text(moment.replace(microsecond=0))


class TellsTheFirst(Recording):
    """Has one time for all that it executes: that of the first."""

    def checkpoint_created_at(self, checkpoint: Checkpoint) -> object:
        return self.time_text(self.executed[0].created_at)


@pytest.mark.parametrize(
    ("service", "waits", "status"),
    [
        (Recording, False, Status.PASSED),
        (TellsSeconds, True, Status.PASSED),
        (TellsTheFirst, True, Status.FAILED),
    ],
)
def test_the_last_executions_wait_until_the_clock_must_have_moved(
    service: type[Recording], waits: bool, status: Status, tmp_path: Path
) -> None:
    report = run_against(service(), tmp_path)
    first, last = report.exchanges[0], report.exchanges[-1]
    assert (last.started - first.started > COARSE) is waits
    assert clause(report, "T6.created_at.own").status is status


def test_smoke_waits_for_no_clock(tmp_path: Path) -> None:
    report = run_against(TellsTheFirst(), tmp_path, profile="smoke")
    assert report.exchanges[-1].started - report.exchanges[0].started < COARSE
