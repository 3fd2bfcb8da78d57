"""Reading a text as a moment in time, whatever legal form it has."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache

ISO = re.compile(
    r"(?P<year>\d{4})(?P<dash>[-/]?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)"
    r"[Tt _]?(?P<hour>\d\d):?(?P<minute>\d\d)(:?(?P<second>\d\d)([.,](?P<fraction>\d+))?)?"
    r"(?u:\s)?(?P<offset>Z|z|UTC|GMT|[+-]\d\d(:?\d\d)?)?( [A-Z]{3,5})?( m=[+-]\d+(\.\d+)?)?",
    re.ASCII,
)
"""ISO 8601, behind it the name of a zone, and the reading of a monotonic clock as Go writes it."""
DAY_OTHERWISE = re.compile(r"(?P<day>\d{4}-?(W\d\d-?[1-7]|\d{3}))(?=T)", re.ASCII)
"""A day by its week or its number in the year (ISO 8601, 5.2.2 and 5.2.3)."""
ZONE_NAME = re.compile(r"\[[A-Za-z_]+(/[A-Za-z0-9_+-]+)*\]$")
"""The name of a time zone behind an offset (RFC 9557)."""
OF_SEVERAL_ZONES = re.compile(r"\b[ACEMP][SD]T\b")
"""Zones of North America (RFC 5322, 4.3), which elsewhere are others: Java writes CST in China."""
EPOCH = re.compile(r"(\d{10})(\d{3}|\d{6}|\d{9})?([.]\d+)?", re.ASCII)
FIRST_WORD = re.compile(r"[^\s,]+?,?[ -]", re.ASCII)
TIME_OF_DAY = re.compile(r"\d\d:\d\d", re.ASCII)
AS_PARTS = re.compile(
    r"(?P<first>\d{4}|\d{1,2})(?P<mark>[-/.年])(?P<second>\d{1,2}|[A-Za-z]{3})(?:(?P=mark)|月)"
    r"(?P<third>\d{4}|\d{1,2})日?,?[T -]?"
    r"(?P<time>\d{1,2}[:.]\d\d([:.]\d\d([.,:]\d+)?)?)"
    r"(?u:\s?)(?P<half>[AaPp]\.?[Mm]\.?)?(?u:\s?)(?P<offset>Z|UTC|GMT|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
"""A day by its three parts, as languages and databases write it, and a time of day behind it."""
MONTH_FIRST = re.compile(r"([A-Z][a-z]{2})[a-z]*\.? (\d{1,2}), (\d{4})(,? )", re.ASCII)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
OF_TWO_ORDERS = re.compile(r"^\s*(\d{1,2})/(\d{1,2})/", re.ASCII)
OF_NET = re.compile(r"/Date\((\d+)\)/", re.ASCII)
"""Milliseconds since the epoch, as .NET writes them."""
COMMON = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}")
"""The form of the page's example, read at once."""
QUARTER = 900
EARLIEST_OFFSET, LATEST_OFFSET = -12 * 3600, 14 * 3600


@lru_cache(maxsize=256)
def read_moment(text: str) -> datetime | None:
    """The moment that `text` denotes, or None where it denotes no real one.

    Without an offset in the text the result has no time zone. Read are ISO 8601 in its basic and
    extended forms, the date forms of HTTP and mail (RFC 9110 section 5.6.7), those of languages and
    databases, and seconds since the epoch, also in milli-, micro- or nanoseconds.
    """
    if COMMON.fullmatch(text):
        with suppress(ValueError):  # a leap second, or the hour 24
            return datetime.fromisoformat(text)
    text = OF_NET.sub(r"\1", ZONE_NAME.sub("", text.strip()))
    if match := DAY_OTHERWISE.match(text):
        text = _calendar_day(match["day"]) + text[match.end() :]
    if match := ISO.fullmatch(text):
        return _from_iso(match)
    if match := EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(match[1]), UTC)
    if match := AS_PARTS.fullmatch(MONTH_FIRST.sub(r"\2-\1-\3\4", text)):
        return _from_parts(match)
    if _is_in_words(text):
        try:
            moment = parsedate_to_datetime(text)
            return moment.replace(tzinfo=None) if OF_SEVERAL_ZONES.search(text) else moment
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return None


def read_moments(text: str) -> tuple[datetime, ...]:
    """All moments that `text` may denote: between slashes the month may come first or second."""
    swapped = OF_TWO_ORDERS.sub(r"\2/\1/", text, count=1)
    found = (read_moment(each) for each in (text, swapped))
    return tuple(dict.fromkeys(moment for moment in found if moment is not None))


def _from_parts(match: re.Match[str]) -> datetime | None:
    """The moment of a day that is written by its parts."""
    hour, minute, second, fraction = (*re.split("[:.,]", match["time"], maxsplit=3), "0", "0")[:4]
    half = (match["half"] or "").lower()
    if half and not 1 <= int(hour) <= 12:
        return None
    hours = int(hour) % 12 + 12 * half.startswith("p") if half else int(hour)
    try:
        return datetime(
            *_day_of(match), hours, int(minute), int(second), int(fraction[:6].ljust(6, "0")),
            tzinfo=_offset(match["offset"]),
        )  # fmt: skip
    except ValueError:
        return None


def _day_of(match: re.Match[str]) -> tuple[int, int, int]:
    """The year, month and day of a day by its parts. Raises ValueError for an unknown month.

    Of two numbers between slashes the first is the month beside half a day, as in the United
    States, and where no other can be.
    """
    parts = [match["first"], match["second"], match["third"]]
    if len(parts[0]) == 4:
        year, month, day = parts
    elif match["mark"] == "/" and (match["half"] or int(parts[1]) > len(MONTHS)):
        month, day, year = parts
    else:
        day, month, year = parts
    number = int(month) if month.isdigit() else MONTHS.index(month.lower()) + 1
    return int(year) + (2000 if len(year) < 4 else 0), number, int(day)


def _is_in_words(text: str) -> bool:
    """Whether a text is one line with a word or number first, and a time of day behind it."""
    first = FIRST_WORD.match(text)
    is_one_line = "\n" not in text
    return bool(first and is_one_line and TIME_OF_DAY.search(text, first.end()))


def _calendar_day(text: str) -> str:
    """A day as year, month and day; unchanged where there is no such day."""
    form = "%G-W%V-%u" if "W" in text else "%Y-%j"
    plain = text.replace("-", "")
    spelled = f"{plain[:4]}-{plain[4:7]}-{plain[7:]}" if "W" in text else f"{plain[:4]}-{plain[4:]}"
    try:
        day = datetime.strptime(spelled, form)
        year = day.isocalendar().year if "W" in text else day.year
        return day.strftime("%Y-%m-%d") if year == int(plain[:4]) else text
    except ValueError:
        return text


def _from_iso(match: re.Match[str]) -> datetime | None:
    hour, second = int(match["hour"]), int(match["second"] or 0)
    over = timedelta()
    if second == 60:
        second, over = 59, timedelta(seconds=1)
    if hour == 24 and match["minute"] == "00" and second == 0:
        hour, over = 0, timedelta(days=1)
    try:
        moment = datetime(
            int(match["year"]), int(match["month"]), int(match["day"]),
            hour, int(match["minute"]), second,
            int((match["fraction"] or "0")[:6].ljust(6, "0")),
            tzinfo=_offset(match["offset"]),
        )  # fmt: skip
        return moment + over
    except (ValueError, OverflowError):
        return None


def _offset(text: str | None) -> timezone | None:
    """The time zone of an offset. Raises ValueError for one that no clock can have."""
    if text is None:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if minutes > 59:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def distance(moment: datetime, earliest: float, latest: float) -> float:
    """Seconds between `moment` and the interval of epoch seconds from `earliest` to `latest`.

    A moment without a time zone is taken in the legal UTC offset, a whole number of quarter hours
    from -12:00 to +14:00, that brings it closest.
    """
    if moment.tzinfo is not None:
        return _outside(moment.timestamp(), earliest, latest)
    as_utc = moment.replace(tzinfo=UTC).timestamp()
    nearest = round((as_utc - latest) / QUARTER) * QUARTER
    if EARLIEST_OFFSET <= nearest <= LATEST_OFFSET and earliest <= as_utc - nearest <= latest:
        return 0.0
    offsets = range(nearest - QUARTER, nearest + QUARTER + 1, QUARTER)
    legal = [min(max(offset, EARLIEST_OFFSET), LATEST_OFFSET) for offset in offsets]
    return min(_outside(as_utc - offset, earliest, latest) for offset in legal)


def apart(one: datetime, other: datetime) -> float:
    """Seconds between two moments that one target wrote.

    If only one has a time zone, the other is taken in the legal UTC offset that brings it closest.
    """
    if (one.tzinfo is None) is (other.tzinfo is None):
        return abs((one - other).total_seconds())
    aware, naive = (other, one) if one.tzinfo is None else (one, other)
    return distance(naive, aware.timestamp(), aware.timestamp())


def _outside(value: float, earliest: float, latest: float) -> float:
    if earliest <= value <= latest:
        return 0.0
    return earliest - value if value < earliest else value - latest
