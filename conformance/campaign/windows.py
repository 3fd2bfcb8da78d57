"""Windows of time in which the targets of a group may be tested: every day, in UTC.

A run begins only where it ends within the window, whatever its target does: how long it may take is
known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from conformance.errors import UsageError
from conformance.text import shorten, visible_line

WRITTEN: Final = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})", re.ASCII)
DAY: Final = 24 * 60
"""Minutes of a day."""


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of the day from which on, and up to which; it may go past midnight."""

    opens: int
    closes: int

    @property
    def length(self) -> float:
        """In seconds."""
        return 60.0 * ((self.closes - self.opens) % DAY or DAY)

    def room(self, now: datetime) -> float:
        """Seconds until it closes; 0 where it is closed."""
        since = (_seconds(now) - 60 * self.opens) % (60 * DAY)
        return max(self.length - since, 0.0)

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)} UTC"


def window(text: str) -> Window:
    """A window as it is written: 22:00-06:00. Raises UsageError for what is none."""
    match = WRITTEN.fullmatch(text)
    hours = [int(each) for each in match.groups()] if match else [99] * 4
    opens, closes = 60 * hours[0] + hours[1], 60 * hours[2] + hours[3]
    if max(hours[1], hours[3]) > 59 or opens >= DAY or closes > DAY:
        shown = visible_line(shorten(text, 40))
        raise UsageError(f"{shown} is no window; write one such as 22:00-06:00, in UTC")
    return Window(opens, closes)


def room_in(windows: Sequence[Window], now: datetime) -> float:
    """Seconds until the last of those windows closes that are open; without any, for ever."""
    return max((each.room(now) for each in windows), default=float("inf"))


def utc_now() -> datetime:
    """What time it is."""
    return datetime.now(UTC)


def _seconds(moment: datetime) -> float:
    return 3600 * moment.hour + 60 * moment.minute + moment.second + moment.microsecond / 1e6


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
