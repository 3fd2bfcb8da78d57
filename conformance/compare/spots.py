"""Where the values of a document begin: numbers in the shape of the document, without pointers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from conformance.compare.pointers import unescaped

DEEPEST: Final = 200
"""Levels of objects and lists."""
MOST: Final = 1_000_000
"""Values in a document, with those that aliases repeat."""
COLUMNS: Final = 1 << 26
"""A spot is a line times this, and a column."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an object or a list begins, and where its members do, in their order.

    A member is the number of a spot, or a Spot where it has members of its own; a repeated one
    shares the list of its anchor's members.
    """

    begins: int
    members: list[int | Spot]


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it was read: its value, where the parts of that begin, and notes on the text."""

    document: Any
    begins: int | Spot
    notes: tuple[str, ...] = ()

    def line(self, pointer: str) -> tuple[int, int]:
        """Line and column, from 1, of a JSON pointer, or of the nearest value around it.

        A member of an object begins with its name. Both are 0 where they are not known.
        """
        value, spot = self.document, self.begins
        for step in pointer.split("/")[1:]:
            place = _place(value, unescaped(step))
            if place is None or isinstance(spot, int) or place >= len(spot.members):
                break
            spot = spot.members[place]
            value = value[int(step)] if isinstance(value, list) else value[unescaped(step)]
        begins = spot if isinstance(spot, int) else spot.begins
        return divmod(begins, COLUMNS) if begins else (0, 0)


def measure(document: Any) -> int | None:
    """How many values a document has, or None where that, or its depth, is beyond the limits."""
    level, count = [document], 0
    for _ in range(DEEPEST):
        count += len(level)
        if not level or count > MOST:
            break
        level = [child for value in level for child in _children(value)]
    return None if level else count


def _place(value: Any, step: str) -> int | None:
    """Which member of a value a step leads to."""
    if isinstance(value, dict) and step in value:
        return list(value).index(step)
    if isinstance(value, list) and step.isdecimal() and len(step) < 9 and int(step) < len(value):
        return int(step)
    return None


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
