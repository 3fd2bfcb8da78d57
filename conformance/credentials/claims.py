"""Stretches of a text that are to be replaced."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from msgspec import Struct, field


class Claims(Struct):
    """Stretches of a text that are to be replaced; none overlaps another."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    replacements: list[str] = field(default_factory=list)

    def claim(self, start: int, end: int, replacement: str) -> bool:
        """Add a stretch, unless a part of it is claimed."""
        place = bisect_left(self.ends, start + 1)
        if place < len(self.starts) and self.starts[place] < end:
            return False
        self.starts.insert(place, start)
        self.ends.insert(place, end)
        self.replacements.insert(place, replacement)
        return True

    def claim_rest(self, start: int, end: int, least: int, replacement: str) -> None:
        """Add what is not claimed of a stretch, where `least` characters are left of it."""
        place = bisect_left(self.ends, start + 1)
        taken = []
        while place < len(self.starts) and self.starts[place] < end:
            taken.append((self.starts[place], self.ends[place]))
            place += 1
        for first, last in [*taken, (end, end)]:
            if first - start >= least:
                self.claim(start, first, replacement)
            start = max(start, last)

    def apply(self, text: str, keep: Callable[[str], str]) -> str:
        """The text with its claimed stretches replaced, and `keep` applied to all others."""
        pieces: list[str] = []
        done = 0
        for start, end, replacement in zip(self.starts, self.ends, self.replacements, strict=True):
            pieces += [keep(text[done:start]), replacement]
            done = end
        return "".join([*pieces, keep(text[done:])])
