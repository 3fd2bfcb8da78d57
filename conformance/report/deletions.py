"""What the reports say of the checkpoints that a run created, and of what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct, structs

from conformance.backups.fates import Fate, Outcome
from conformance.model import Fixtures, Request
from conformance.page.backups import is_addressable, is_deletable, record_url
from conformance.page.record import ListedRecord
from conformance.plan.drafting import Drafts
from conformance.report.curl import curl_command
from conformance.report.model import INTERRUPTED, Report

UNSENDABLE = "no request can carry its id; delete it by hand"
ELSEWHERE = "a request for another project brought it; whether it is yours is for you to decide"
CUT_OFF = "not tried before the interruption"


class Leftover(Struct, frozen=True):
    """A checkpoint that is not deleted, why, and the command that would delete it.

    The command is empty where no request can delete it.
    """

    record: str
    why: str
    command: str


def title(report: Report) -> str:
    """What stands over the list of checkpoints: how many there are, and what became of them."""
    if report.deletions is None:
        return f"Checkpoints created ({len(report.judgement.executions):,})"
    return f"Checkpoints: {summary(report.outcomes)}"


def summary(outcomes: Sequence[Outcome]) -> str:
    """How many checkpoints there are, and what became of them; empty where there is none."""
    if not outcomes:
        return ""
    counts = Counter(each.fate for each in outcomes)
    told = [f"{counts[fate]:,} {fate.value}" for fate in Fate if counts[fate]]
    return ", ".join([f"{len(outcomes):,} created", *told])


def leftovers(report: Report) -> list[Leftover]:
    """What was to be deleted and is not."""
    return [leftover(report.header.fixtures, _explained(report, each)) for each in report.left]


def _explained(report: Report, outcome: Outcome) -> Outcome:
    """What became of a checkpoint, and where nothing was tried, why that was so."""
    if outcome.why:
        return outcome
    return structs.replace(outcome, why=CUT_OFF if report.exit_code in INTERRUPTED else ELSEWHERE)


def leftover(fixtures: Fixtures, outcome: Outcome) -> Leftover:
    """A checkpoint that is not deleted, with the command that would delete it."""
    return _kept(fixtures, outcome.record, outcome.why or CUT_OFF)


def surplus_title(number: int) -> str:
    """What stands over the checkpoints that came up besides."""
    return f"Came up besides ({number:,}), perhaps somebody else's: for you to decide"


def surplus(fixtures: Fixtures, records: Sequence[ListedRecord]) -> list[Leftover]:
    """What came up besides, with the commands that would delete it: the user decides."""
    return [_kept(fixtures, each.id, _born(each)) for each in records]


def _born(record: ListedRecord) -> str:
    return f"created at {record.created_at}" if record.created_at else "created at an unknown time"


def _kept(fixtures: Fixtures, record: str, why: str) -> Leftover:
    if not (is_deletable(record) and is_addressable(fixtures)):
        return Leftover(record, UNSENDABLE, "")
    headers = Drafts(fixtures, 0).request(method="GET").headers
    command = curl_command(Request("DELETE", record_url(fixtures, record), headers))
    return Leftover(record, why, command)
