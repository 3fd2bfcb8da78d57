"""What is told of the backups that a run created: how far they are, and the life of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from conformance.contract.linked_pages import linked_pages
from conformance.page.record import Progress
from conformance.report.legend import Look
from conformance.text import counted, duration, seconds, shorten

LONGEST = 200
FAILED = "error"
LEAST = 1.5
"""The width, in hundredths, that is left for the status a backup was seen in last."""


class Stretch(Look):
    """How a stretch of a backup's life looks."""

    WAITING = "waiting", "not seen yet"
    UNDER_WAY = "under-way", "under way"
    AVAILABLE = "available", "available"
    ERROR = "error", "in error"
    OTHER = "other", "in a status that is not published"


class Piece(Struct, frozen=True):
    """A stretch of a backup's life: how it looks, its start and its width, in hundredths."""

    look: Stretch
    start: float
    width: float


class Life(Struct, frozen=True):
    """A backup from its request until it was seen last, and what stands beside it."""

    backup: Progress
    label: str
    pieces: tuple[Piece, ...]

    @property
    def is_over(self) -> bool:
        """Whether it was seen available or in error."""
        return self.backup.seconds is not None


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


def lives(backups: Sequence[Progress]) -> list[Life]:
    """The life of each backup, in the order of the executions; the longest takes all the width."""
    longest = max((seconds(each.until) for each in backups), default=0.0)
    return [Life(each, _label(each), _pieces(each, longest)) for each in backups]


def _pieces(backup: Progress, longest: float) -> tuple[Piece, ...]:
    """The stretches between the moments at which another status was seen."""
    if not longest:
        return ()
    room = 100 - LEAST
    looks = [Stretch.WAITING, *(_look(stage.status) for stage in backup.stages)]
    moments = [0.0, *(room * min(seconds(each.since) / longest, 1.0) for each in backup.stages)]
    ends = [*moments[1:], room * seconds(backup.until) / longest + LEAST]
    return tuple(
        Piece(look, round(start, 2), round(max(end - start, 0.0), 2))
        for look, start, end in zip(looks, moments, ends, strict=True)
    )


def _look(status: str) -> Stretch:
    facts = linked_pages()
    if status in facts.settled:
        return Stretch.ERROR if status == FAILED else Stretch.AVAILABLE
    return Stretch.UNDER_WAY if status in facts.statuses else Stretch.OTHER


def _label(backup: Progress) -> str:
    status = "in error" if backup.status == FAILED else backup.status
    took = f" after {duration(backup.seconds)}" if backup.seconds is not None else ""
    reason = f": {shorten(backup.reason, LONGEST)}" if backup.reason else ""
    return f"{status}{took}{reason}"
