"""Finds secrets in foreign text: whole or in parts, in upper or lower case, plain or encoded.

The steps of `encodings.py` make views of a text, one step behind another, and each view is looked
through as it is and without all that is no letter and no digit. What is found in a view is replaced
where it comes from in the text.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from conformance.credentials.claims import Claims
from conformance.credentials.encodings import BETWEEN, SHORTEST, Places, ascii_of
from conformance.credentials.views import (
    Room,
    Steps,
    decoded,
    located,
    segments,
    views,
    views_of_segment,
)

SHORTEST_PART = 12
"""Shorter parts of a secret are left: they would be found by chance, and tell little."""
BLOCK = SHORTEST
"""A part is looked for by blocks of so many characters; each part that counts holds one."""
MANY = 200
"""Where more texts than that are looked for, one pass over the places is faster than many."""
PLACING = 5
"""Steps that cost as much as finding out where what a step made comes from."""
MOST_PARTS = 2000
"""Parts of secrets in one text that are replaced each by itself."""
_CUT_ESCAPE = re.compile(r"\\(?=[\"\\/bfnrtu])|\\u[0-9A-Fa-f]{0,3}(?=[0-9A-Fa-f])")
"""An escape of JSON up to a place within it: what follows goes on with it."""
_ESCAPED = frozenset('"\\/bfnrtu0123456789abcdefABCDEF')
_UNQUOTED = re.compile(r"[A-Za-z0-9](?:[^\"]*[A-Za-z0-9])?")
"""A piece of a stretch with separators in it that can be replaced and leave quotes in place."""
_LETTER_OR_DIGIT = re.compile(f"[A-Za-z0-9{BETWEEN}]")
_LETTERS = bytes(range(0x61, 0x7B))
_BARE = bytes.maketrans(_LETTERS.upper(), _LETTERS)
_SEPARATORS = bytes(
    code for code in range(256) if code > 127 or not (chr(code).isalnum() or chr(code) == BETWEEN)
)


def bare(text: str) -> str:
    """The letters and digits of a text, in lower case, and what stands between stretches of it."""
    return ascii_of(text).translate(_BARE, _SEPARATORS).decode("ascii")


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


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a view that is a secret, a loose one with separators in it.

    `rest` stands for all but the first of its pieces.
    """

    start: int
    end: int
    replacement: str
    rest: str
    is_loose: bool = False


Stretch = tuple[int, int, str]
"""Where a text is to be replaced from, to where, and by what."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a view comes from: what stands at `offset` in a text. A loose one left some out."""

    text: str
    offset: int
    places: Places | None
    is_loose: bool

    def in_text(self, found: Found) -> Iterator[Stretch]:
        """A stretch of the view as stretches of the text.

        None cuts an escape of JSON in two, or takes a quote away that stands between characters.
        """
        text, start, end = self.text, found.start, found.end
        if self.places is not None:
            start, end = self.places[0][start], self.places[1][end - 1]
        start, end = start + self.offset, end + self.offset
        spans = [(start, end)]
        if (self.is_loose or found.is_loose) and '"' in text[start:end]:
            spans = [piece.span() for piece in _UNQUOTED.finditer(text, start, end)]
        replacement = found.replacement
        for first, last in spans:
            yield _before_escape(text, first), _behind_escape(text, last), replacement
            replacement = found.rest


class Haystack:
    """What is looked for in one form of the views: as they are, or their letters and digits."""

    def __init__(self) -> None:
        self._needles: list[Needle] = []
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
        if own[-1] >= SHORTEST and all(needle.text != text for needle in self._needles):
            self._needles.append(Needle(text, own, min(own[-1], SHORTEST_PART), whole, part))

    def add_exact(self, text: str, replacement: str) -> None:
        """Look for a text in this case, and whole."""
        self._exact.setdefault(text, replacement)

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
        for text in map(str.lower, sorted(self._exact, key=len)):
            if not any(probe in text for probe in probes):
                probes[text] = None
        return list(probes)

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(probe[:BLOCK] for probe in self._probes)

    @cached_property
    def _longest_first(self) -> list[tuple[str, str]]:
        return sorted(self._exact.items(), key=lambda pair: len(pair[0]), reverse=True)

    def is_suspect(self, lower: str) -> bool:
        """Whether a text in lower case deserves a close look."""
        if len(self._probes) > MANY:
            places = range(len(lower) - BLOCK + 1)
            return any(lower[at : at + BLOCK] in self._beginnings for at in places)
        for probe in self._probes:  # noqa: SIM110  (faster than `any`, and asked of each answer)
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

    def parts(self, lower: str) -> Iterator[Found]:
        """Where parts of needles are in a text in lower case, each as long as it goes."""
        reached: dict[tuple[Needle, int], int] = {}
        for at, block in self._hits(lower):
            for needle, place in self._blocks[block]:
                shift = at - place
                if reached.get((needle, shift), -1) > at:
                    continue
                start, end = _extended(needle.text, lower, shift, at)
                reached[needle, shift] = end
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
        public = tuple(public)
        known, known_bare = "\0".join(public).lower(), "\0".join(map(bare, public))
        self._plain, self._bare = Haystack(), Haystack()
        for secret, (whole, part) in secrets.items():
            if secret.lower() not in known:
                self._plain.add_exact(secret, whole)
            self._plain.add(secret.lower(), known, whole, part)
            if len(letters := bare(secret)) >= SHORTEST_PART:
                self._bare.add(letters, known_bare, whole, part)
        for variant, whole in variants.items():
            if variant.lower() not in known:
                self._plain.add_exact(variant, whole)

    def may_occur(self, text: str) -> bool:
        """Whether `text` deserves a close look: it does where a secret is in it."""
        room = Room(text)
        if any(self._is_suspect(view) for _, view in views(text, room)):
            return True
        found = [decoded(segment, room) for _, segment in segments(text)]
        return self._is_suspect(BETWEEN.join(filter(None, found)))

    def _is_suspect(self, view: str) -> bool:
        return self._plain.is_suspect(view.lower()) or self._bare.is_suspect(bare(view))

    def find(self, text: str) -> Claims:
        """Where secrets are in a text.

        Where they are too many, or too deep, to be told apart at little cost, that is all of it.
        """
        claims = Claims()
        parts: list[Stretch] = []
        room = Room(text)
        for offset, piece, steps, view in self._suspects(text, room):
            wholes, found = list(self._plain.wholes(view)), list(self._parts(view))
            if not wholes and not found:
                continue
            is_dear = bool(steps) and not room.take(piece, PLACING * len(steps))
            if is_dear or len(parts) > MOST_PARTS:
                return Claims([0], [len(text)], [(wholes or found)[0].replacement])
            seen = Seen(text, offset, located(piece, steps), any(step.loose for step in steps))
            for each in wholes:
                for start, end, replacement in seen.in_text(each):
                    claims.claim(start, end, replacement)
            parts += (stretch for each in found for stretch in seen.in_text(each))
        parts.sort(key=lambda part: part[0] - part[1])  # the longest first
        for start, end, replacement in parts:
            claims.claim_rest(start, end, min(end - start, SHORTEST_PART), replacement)
        return claims

    def _suspects(self, text: str, room: Room) -> Iterator[tuple[int, str, Steps, str]]:
        """Views that deserve a close look, with what they are views of and where that stands."""
        for steps, view in views(text, room):
            if self._is_suspect(view):
                yield 0, text, steps, view
        for offset, segment in segments(text):
            if self._is_suspect(decoded(segment, room)):
                for steps, view in views_of_segment(segment, room):
                    if self._is_suspect(view):
                        yield offset, segment, steps, view

    def _parts(self, view: str) -> Iterator[Found]:
        """Where parts of secrets are in a view, and in its letters and digits alone."""
        yield from self._plain.parts(_lower(view))
        if self._bare.is_suspect(letters := bare(view)):
            kept = [match.start() for match in _LETTER_OR_DIGIT.finditer(view)]
            for found in self._bare.parts(letters):
                start, end = kept[found.start], kept[found.end - 1] + 1
                yield replace(found, start=start, end=end, is_loose=True)


def _lower(view: str) -> str:
    """The text in lower case, each character at its place."""
    lower = view.lower()
    return lower if len(lower) == len(view) else "".join(c.lower()[:1] for c in view)


def _before_escape(text: str, start: int) -> int:
    """The start of a stretch, before the escape that it would cut in two."""
    if text[start] in _ESCAPED:
        for cut in (_CUT_ESCAPE.match(text, at) for at in range(max(0, start - 5), start)):
            if cut and cut.end() == start and _backslashes(text, cut.start() + 1) % 2:
                return cut.start()
    return start


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
