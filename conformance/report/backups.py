"""What is told of the backups that a run created: how far they are, and the time each took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.contract.linked_pages import linked_pages
from conformance.page.record import Progress
from conformance.text import counted, duration, shorten

LONGEST = 200
FAILED = "error"


@dataclass(frozen=True, slots=True)
class Bar:
    """A backup in a plot: what stands beside it, and its length as a share of the longest.

    `share` is from 0 to 100, and 0 where it is not known how long it took.
    """

    backup: Progress
    label: str
    share: float
    is_failed: bool


def summary(backups: Sequence[Progress]) -> str:
    """How many backups were seen, in which status, and how long the slowest took."""
    if not backups:
        return ""
    known = [name for name in linked_pages().statuses if name != FAILED]
    counts = Counter(each.status if each.status in known else _odd(each) for each in backups)
    told = [f"{number:,} {status}" for status, number in counts.items()]
    took = [each.seconds for each in backups if each.seconds is not None]
    slowest = f"; the slowest took {duration(max(took))}" if took else ""
    return f"{counted(len(backups), 'backup')} seen: {', '.join(told)}{slowest}"


def _odd(backup: Progress) -> str:
    return "in error" if backup.status == FAILED else "in another status"


def failures(backups: Sequence[Progress]) -> list[str]:
    """The backups in error, each with the reason that the target gives."""
    return [
        f"{each.backup or each.record} in error: {shorten(each.reason, LONGEST) or 'no reason'}"
        for each in backups
        if each.status == FAILED
    ]


def bars(backups: Sequence[Progress]) -> list[Bar]:
    """The backups as a plot of the time each took, in the order of the executions."""
    longest = max((each.seconds or 0.0 for each in backups), default=0.0)
    return [
        Bar(each, _label(each), _share(each.seconds, longest), each.status == FAILED)
        for each in backups
    ]


def _label(backup: Progress) -> str:
    status = "in error" if backup.status == FAILED else backup.status
    took = f" after {duration(backup.seconds)}" if backup.seconds is not None else ""
    reason = f": {shorten(backup.reason, LONGEST)}" if backup.reason else ""
    return f"{status}{took}{reason}"


def _share(seconds: float | None, longest: float) -> float:
    return round(100 * max(seconds, 0.0) / longest, 2) if seconds and longest > 0 else 0.0
