"""What is looked for in a text: secrets, and parts of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec import Struct

from conformance.credentials.encodings import SHORTEST
from conformance.lazily import lazily

SHORTEST_PART = 12
"""Shorter parts of a secret are left: they would be found by chance, and tell little."""
BLOCK = SHORTEST
"""A part is looked for by blocks of so many characters; each part that counts holds one."""
MANY = 200
"""Where more texts than that are looked for, one pass over the places is faster than many."""


MOST_COMPARED = 1_000_000
"""Characters of one text, seen in all its views, that are compared with those of secrets."""


class TooMuch(Exception):
    """A text that would take too long to look through; it may hold what `replacement` is for."""

    def __init__(self, replacement: str) -> None:
        super().__init__(replacement)
        self.replacement = replacement


class Effort:
    """How much may still be compared for a text: a secret with runs of one character in it fits a
    text of that character at every place, in as many ways as the run is long.
    """

    def __init__(self) -> None:
        self._left = MOST_COMPARED

    def spend(self, characters: int, replacement: str) -> None:
        """Count characters that were compared. Raises TooMuch."""
        self._left -= characters
        if self._left < 0:
            raise TooMuch(replacement)


@dataclass(frozen=True, eq=False, slots=True)
class Needle:
    """A secret in lower case, of which parts with `least` characters of their own are found.

    `own` counts the characters up to each place that stand in no public text.
    """

    text: str
    own: Sequence[int]
    least: int
    whole: str
    part: str

    def blocks(self) -> Iterator[tuple[int, str]]:
        """Blocks with their places, so close that every part of `least` characters holds one."""
        for place in range(0, len(self.text) - BLOCK + 1, self.least - BLOCK + 1):
            yield place, self.text[place : place + BLOCK]


class Found(Struct, frozen=True):
    """A stretch of a view that is a secret, a loose one with separators in it.

    `rest` stands for all but the first of its pieces.
    """

    start: int
    end: int
    replacement: str
    rest: str
    is_loose: bool = False


class Haystack:
    """What is looked for in one form of the views: as they are, or their letters and digits."""

    def __init__(self) -> None:
        self._needles: dict[str, Needle] = {}
        self._exact: dict[str, str] = {}

    def add(self, text: str, public: str, whole: str, part: str) -> None:
        """Look for a secret and its parts; `public` is what is no secret of it."""
        is_public = bytearray(len(text))
        for at in range(len(text) - BLOCK + 1 if public else 0):
            if text[at : at + BLOCK] in public:
                is_public[at : at + BLOCK] = b"\1" * BLOCK
        own = array("I", [0])
        for known in is_public:
            own.append(own[-1] + 1 - known)
        if own[-1] >= SHORTEST and text not in self._needles:
            self._needles[text] = Needle(text, own, min(own[-1], SHORTEST_PART), whole, part)

    def add_exact(self, text: str, replacement: str) -> None:
        """Look for a text in this case, and whole."""
        self._exact.setdefault(text, replacement)

    @lazily
    def _blocks(self) -> dict[str, list[tuple[Needle, int]]]:
        """The needles that hold a block, and where in them it is."""
        found: dict[str, list[tuple[Needle, int]]] = {}
        for needle in self._needles.values():
            for place, block in needle.blocks():
                found.setdefault(block, []).append((needle, place))
        return found

    @lazily
    def _probes(self) -> list[str]:
        """Texts of which each secret, and each part of it that counts, holds at least one."""
        further: dict[str, None] = {}
        for text in map(str.lower, sorted(self._exact, key=len)):
            places = range(len(text) - BLOCK + 1)
            has_block = any(text[at : at + BLOCK] in self._blocks for at in places)
            if not has_block and not any(probe in text for probe in further):
                further[text] = None
        return [*self._blocks, *further]

    @lazily
    def _beginnings(self) -> frozenset[str]:
        return frozenset(probe[:BLOCK] for probe in self._probes)

    @lazily
    def _longest_first(self) -> list[tuple[str, str]]:
        return sorted(self._exact.items(), key=lambda pair: len(pair[0]), reverse=True)

    def is_suspect(self, lower: str) -> bool:
        """Whether a text in lower case deserves a close look."""
        if len(self._probes) > MANY:
            places = range(len(lower) - BLOCK + 1)
            return any(lower[at : at + BLOCK] in self._beginnings for at in places)
        for probe in self._probes:  # noqa: SIM110  (faster than `any`, and asked of each response)
            if probe in lower:
                return True
        return False

    def wholes(self, view: str) -> Iterator[Found]:
        """Where the exact texts are, the longest first."""
        for text, replacement in self._longest_first:
            at = view.find(text)
            while at >= 0:
                yield Found(at, at + len(text), replacement, replacement)
                at = view.find(text, at + len(text))

    def parts(self, lower: str, effort: Effort) -> Iterator[Found]:
        """Where parts of needles are in a text in lower case, each as long as it goes.

        Raises TooMuch.
        """
        reached: dict[tuple[Needle, int], int] = {}
        for at, block in self._hits(lower):
            for needle, place in self._blocks[block]:
                shift = at - place
                effort.spend(1, needle.part)
                if reached.get((needle, shift), -1) > at:
                    continue
                start, end = _extended(needle.text, lower, shift, at)
                reached[needle, shift] = end
                effort.spend(end - start, needle.part)
                if needle.own[end - shift] - needle.own[start - shift] >= needle.least:
                    is_whole = end - start == len(needle.text)
                    replacement = needle.whole if is_whole else needle.part
                    yield Found(start, end, replacement, needle.part)

    def _hits(self, text: str) -> Iterator[tuple[int, str]]:
        """Where blocks are in a text."""
        if len(self._blocks) > MANY:
            for at in range(len(text) - BLOCK + 1):
                if (block := text[at : at + BLOCK]) in self._blocks:
                    yield at, block
            return
        for block in self._blocks:
            at = text.find(block)
            while at >= 0:
                yield at, block
                at = text.find(block, at + 1)


def _extended(needle: str, text: str, shift: int, at: int) -> tuple[int, int]:
    """The stretch around a block as far as text and needle, `shift` places on, are the same."""
    start, end = at, at + BLOCK
    while start > max(shift, 0) and text[start - 1] == needle[start - 1 - shift]:
        start -= 1
    last = min(len(text), shift + len(needle))
    while end < last and text[end] == needle[end - shift]:
        end += 1
    return start, end
