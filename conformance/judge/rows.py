"""Requests in a row that break a clause together: the fewest, where they did so more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from conformance.judge.verdicts import Finding
from conformance.model import Exchange

LONGEST_ROW = 12
"""Requests in a row that are looked at: more are no short explanation."""
A_HAIR = 1e-6
"""Seconds that rounding may make of a moment that is one."""
MOST_ENDS = 64
"""Exchanges that break the clause that are looked at: the latest ones."""


class Asked(NamedTuple):
    """What was sent, and whether what was sent before it was still under way."""

    request: str
    is_beside: bool


Row = tuple[Asked, ...]


def shortest_row(
    exchanges: Sequence[Exchange], breaking: Mapping[str, Finding]
) -> tuple[Exchange, ...]:
    """The latest of the shortest rows of exchanges that break a clause each time they are sent.

    A row is what was sent in direct succession, repetitions aside; it has two exchanges at least,
    and was sent twice at least, with its last request in between and kept: the target has not
    changed for good. Its last exchange is the one that breaks the clause; a row with the earlier
    one that this contradicts goes first. Empty where there is none.
    """
    sent = sorted(exchanges, key=lambda each: each.started)
    sent = [each for each in sent if each.retry_of is None or each.id in breaking]
    rows = list(_rows(sent, breaking))
    whole = [row for row in rows if _is_whole(row, breaking[row[-1].id].against)]
    return next(iter(whole or rows), ())


def _is_whole(row: Sequence[Exchange], against: str) -> bool:
    """Whether a row has the exchange that its last one contradicts, if it contradicts any."""
    return not against or any(each.id == against for each in row)


def _rows(
    sent: Sequence[Exchange], breaking: Mapping[str, Finding]
) -> Iterator[tuple[Exchange, ...]]:
    """The rows that break a clause, the shortest first, the latest of those first."""
    asked = _asked(sent)
    kept: defaultdict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(sent):
        if each.id not in breaking:
            kept[each.asked].append(place)
    ends = [place for place, each in enumerate(sent) if each.id in breaking][-MOST_ENDS:]
    for length in range(2, LONGEST_ROW + 1):
        places = _ends_of_rows(asked, length)
        for end in (each for each in reversed(ends) if each >= length - 1):
            same = places[_row(asked, end, length)]
            is_passing = any(same[0] < place < same[-1] for place in kept[sent[end].asked])
            if is_passing and all(sent[place].id in breaking for place in same):
                yield tuple(sent[end - length + 1 : end + 1])


def _asked(sent: Sequence[Exchange]) -> list[Asked]:
    before = [None, *sent]
    return [
        Asked(each.asked, earlier is not None and each.started < earlier.ended - A_HAIR)
        for earlier, each in zip(before, sent, strict=False)
    ]


def _ends_of_rows(asked: Sequence[Asked], length: int) -> Mapping[Row, Sequence[int]]:
    """Where each row of a length was sent: the places of its last requests."""
    ends: defaultdict[Row, list[int]] = defaultdict(list)
    for end in range(length - 1, len(asked)):
        ends[_row(asked, end, length)].append(end)
    return ends


def _row(asked: Sequence[Asked], end: int, length: int) -> Row:
    """The row that ends at a place; what is beside its first request does not count."""
    first = asked[end - length + 1]
    return (first._replace(is_beside=False), *asked[end - length + 2 : end + 1])
