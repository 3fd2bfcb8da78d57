"""Finds secrets in foreign text: whole or in parts, plain or encoded, in upper or lower case.

Encodings of single characters are undone, one within another too, and the secrets are looked for
in what comes out; encodings of groups of bytes are looked for as they are (`encodings.py`).
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from conformance.credentials.encodings import SHORTEST, Codec, codecs_for, spellings

SHORTEST_PART = 12
"""Shorter parts of a secret are left: they would be found by chance, and tell little."""
BLOCK = SHORTEST
"""A part is looked for by blocks of so many characters; each part that counts holds one."""
MANY = 200
"""Where more texts than that are looked for, one pass over the places is faster than many."""
DEEPEST = 4
"""How many encodings, one within another, are undone."""
MOST_DECODED = 256 * 1024
"""Characters of one text that are decoded more than once."""
_CUT_ESCAPE = re.compile(r"\\(?=[\"\\/bfnrtu])|\\u[0-9A-Fa-f]{0,3}(?=[0-9A-Fa-f])")
"""An escape of JSON up to a place within it: what follows goes on with it."""
_ESCAPED = frozenset('"\\/bfnrtu0123456789abcdefABCDEF')


@dataclass(frozen=True, eq=False, slots=True)
class Needle:
    """A spelling of a secret, in lower case, of which parts of `least` characters are found."""

    text: str
    least: int
    whole: str
    part: str

    def blocks(self) -> Iterator[tuple[int, str]]:
        """Blocks with their places, so close that every part of `least` characters holds one."""
        for place in range(0, len(self.text) - BLOCK + 1, self.least - BLOCK + 1):
            yield place, self.text[place : place + BLOCK]


@dataclass
class Claims:
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


class Finder:
    """Looks for secrets in texts.

    `secrets` are placeholders by secret, with the placeholder of a part of it. `variants` are
    placeholders of what is made from a secret; of those only the whole counts. What stands in a
    text of `public` is no secret.
    """

    def __init__(
        self,
        secrets: Mapping[str, tuple[str, str]],
        variants: Mapping[str, str],
        public: Iterable[str] = (),
    ) -> None:
        self._public = "\0".join(public).lower()
        self._needles: list[Needle] = []
        self._exact: dict[str, str] = {}
        for secret, (whole, part) in secrets.items():
            self._add(secret, whole, part)
        for variant, whole in variants.items():
            for spelling, _ in spellings(variant):
                self._exact.setdefault(spelling, whole)
        self._codecs = codecs_for("".join([*secrets, *variants]))

    def _add(self, secret: str, whole: str, part: str) -> None:
        least = min(len(secret), SHORTEST_PART)
        for spelling, size in spellings(secret):
            self._exact.setdefault(spelling, whole)
            text = spelling.lower()
            if all(needle.text != text for needle in self._needles):
                least_here = min(len(text), int(least * size))
                self._needles.append(Needle(text, least_here, whole, part))

    @cached_property
    def _blocks(self) -> dict[str, list[tuple[Needle, int]]]:
        """The needles that hold a block, and where in them it is."""
        found: dict[str, list[tuple[Needle, int]]] = {}
        for needle in self._needles:
            for place, block in needle.blocks():
                found.setdefault(block, []).append((needle, place))
        return found

    @cached_property
    def _probes(self) -> list[str]:
        """Texts of which each secret, and each part of it that counts, holds at least one."""
        probes = dict.fromkeys(self._blocks)
        for spelling in map(str.lower, sorted(self._exact, key=len)):
            if not any(probe in spelling for probe in probes):
                probes[spelling] = None
        return list(probes)

    @cached_property
    def _longest_first(self) -> list[tuple[str, str]]:
        return sorted(self._exact.items(), key=lambda pair: len(pair[0]), reverse=True)

    def may_occur(self, text: str) -> bool:
        """Whether `text` deserves a close look: it does where a secret is in it."""
        return any(self._is_suspect(view) for view in self._views(text))

    def _is_suspect(self, text: str) -> bool:
        lower = text.lower()
        if len(self._probes) > MANY:
            places = range(len(lower) - BLOCK + 1)
            return any(lower[at : at + BLOCK] in self._beginnings for at in places)
        for probe in self._probes:  # noqa: SIM110  (faster than `any`, and asked of each answer)
            if probe in lower:
                return True
        return False

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(probe[:BLOCK] for probe in self._probes)

    def _views(self, text: str) -> Iterator[str]:
        """The text, and what comes out where its encodings are undone."""
        yield text
        for codec in self._codecs:  # faster than `any`, too
            if codec.may_occur(text):
                yield from (view for steps, view in self._decoded(text) if steps)
                return

    def _decoded(self, text: str) -> Iterator[tuple[tuple[Codec, ...], str]]:
        """Views with the codecs that lead to them, those with the fewest first."""
        waiting: list[tuple[tuple[Codec, ...], str]] = [((), text)]
        seen = {text}
        room = max(MOST_DECODED, len(self._codecs) * len(text))
        while waiting:
            steps, view = waiting.pop(0)
            yield steps, view
            for codec in self._codecs if len(steps) < DEEPEST else ():
                if room < len(view) or not codec.may_occur(view):
                    continue
                room -= len(view)
                decoded = codec.decode(view)
                if decoded not in seen:
                    seen.add(decoded)
                    waiting.append(((*steps, codec), decoded))

    def find(self, text: str) -> Claims:
        """Where secrets are in a text."""
        claims = Claims()
        suspects = [(steps, view) for steps, view in self._decoded(text) if self._is_suspect(view)]
        located = [_located(text, steps) for steps, _ in suspects]
        for view, places in located:
            for start, end, replacement in self._wholes(view):
                claims.claim(*_in_text(text, places, start, end), replacement)
        parts = [
            (*_in_text(text, places, start, end), needle, end - start == len(needle.text))
            for view, places in located
            for start, end, needle in self._parts(view)
        ]
        parts.sort(key=lambda part: part[0] - part[1])  # the longest first
        for start, end, needle, is_whole in parts:
            replacement = needle.whole if is_whole else needle.part
            claims.claim_rest(start, end, needle.least, replacement)
        return claims

    def _wholes(self, view: str) -> Iterator[tuple[int, int, str]]:
        for spelling, replacement in self._longest_first:
            if self._is_public(spelling):
                continue
            at = view.find(spelling)
            while at >= 0:
                yield at, at + len(spelling), replacement
                at = view.find(spelling, at + len(spelling))

    def _parts(self, view: str) -> Iterator[tuple[int, int, Needle]]:
        """Where parts of needles are in a view, each as long as it goes."""
        lower = _lower(view)
        reached: dict[tuple[Needle, int], int] = {}
        for at, block in self._hits(lower):
            for needle, place in self._blocks[block]:
                shift = at - place
                if reached.get((needle, shift), -1) > at:
                    continue
                start, end = _extended(needle.text, lower, shift, at)
                reached[needle, shift] = end
                if end - start >= needle.least and not self._is_public(lower[start:end]):
                    yield start, end, needle

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

    def _is_public(self, text: str) -> bool:
        return bool(self._public) and text.lower() in self._public


def _lower(text: str) -> str:
    """The text in lower case, each character at its place."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower()[:1] for c in text)


def _located(text: str, steps: Sequence[Codec]) -> tuple[str, array[int] | None]:
    """The view that codecs lead to, with the place in the text of each of its places."""
    places: array[int] | None = None
    for codec in steps:
        text, inner = codec.decode_with_places(text)
        places = inner if places is None else array("I", (places[at] for at in inner))
    return text, places


def _in_text(text: str, places: array[int] | None, start: int, end: int) -> tuple[int, int]:
    """A stretch of a view as one of the text, which cuts no escape of JSON in two."""
    if places is not None:
        return places[start], places[end]
    if text[start] in _ESCAPED:
        cuts = (_CUT_ESCAPE.match(text, at) for at in range(max(0, start - 5), start))
        for cut in cuts:
            if cut and cut.end() == start and _backslashes(text, cut.start() + 1) % 2:
                return cut.start(), _behind_escape(text, end)
    return start, _behind_escape(text, end)


def _behind_escape(text: str, end: int) -> int:
    """The end of a stretch, behind the character that a backslash at its end escapes."""
    is_cut = text[end - 1] == "\\" and end < len(text) and _backslashes(text, end) % 2
    return end + 1 if is_cut else end


def _backslashes(text: str, end: int) -> int:
    """How many backslashes in a row stand before a place."""
    start = end
    while start and text[start - 1] == "\\":
        start -= 1
    return end - start


def _extended(needle: str, text: str, shift: int, at: int) -> tuple[int, int]:
    """The stretch around a block as far as text and needle, `shift` places on, are the same."""
    start, end = at, at + BLOCK
    while start > max(shift, 0) and text[start - 1] == needle[start - 1 - shift]:
        start -= 1
    last = min(len(text), shift + len(needle))
    while end < last and text[end] == needle[end - shift]:
        end += 1
    return start, end
