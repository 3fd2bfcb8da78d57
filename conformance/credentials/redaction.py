"""Finds secrets in foreign text: whole or in parts, in upper or lower case, plain or encoded.

The steps of `encodings.py` make views of a text, one step behind another, and each view is looked
through as it is and without all that is no letter and no digit. What is found in a view is replaced
where it comes from in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, structs

from conformance.credentials.claims import Claims
from conformance.credentials.encodings import Places, ascii_of, marking, places_of
from conformance.credentials.groups import BETWEEN
from conformance.credentials.needles import SHORTEST_PART, Effort, Found, Haystack, TooMuch
from conformance.credentials.views import (
    Room,
    Steps,
    all_decoded,
    decoded,
    located,
    segments,
    views,
    views_of_segment,
)

PLACING = 5
"""Steps that cost as much as finding out where what a step made comes from."""
LONGEST_REMEMBERED, MOST_REMEMBERED = 4096, 512
"""Characters of a text that is remembered, and texts that are."""
MOST_PARTS = 2000
"""Parts of secrets in one text that are replaced each by itself."""
APART = "|"
"""Stands between texts that are looked through together: no character is encoded across it."""
_CUT_ESCAPE = re.compile(r"\\(?=[\"\\/bfnrtu])|\\u[0-9A-Fa-f]{0,3}(?=[0-9A-Fa-f])")
"""An escape of JSON up to a place within it: what follows goes on with it."""
_ESCAPED = frozenset('"\\/bfnrtu0123456789abcdefABCDEF')
_UNQUOTED = re.compile(r"[A-Za-z0-9](?:[^\"]*[A-Za-z0-9])?")
"""A piece of a stretch with separators in it that can be replaced and leave quotes in place."""
_LETTERS = bytes(range(0x61, 0x7B))
_BARE = bytes.maketrans(_LETTERS.upper(), _LETTERS)
_SEPARATORS = bytes(
    code for code in range(256) if code > 127 or not (chr(code).isalnum() or chr(code) == BETWEEN)
)
_KEPT = marking(set(range(256)).difference(_SEPARATORS))


def bare(text: str) -> str:
    """The letters and digits of a text, in lower case, and what stands between stretches of it."""
    return ascii_of(text).translate(_BARE, _SEPARATORS).decode("ascii")


Stretch = tuple[int, int, str]
"""Where a text is to be replaced from, to where, and by what."""


class Seen(Struct, frozen=True):
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
        self._remembered: dict[str, bool] = {}
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
        """Whether `text` deserves a close look: it does where a secret is in it.

        Short texts are remembered: a target says the same of many requests.
        """
        if len(text) > LONGEST_REMEMBERED:
            return self._may_occur([text], Room(text))
        if text not in self._remembered:
            self._remember({text: self._may_occur([text], Room(text))})
        return self._remembered[text]

    def look_through(self, texts: Iterable[str]) -> None:
        """Look through many texts at once: where there is nothing in all of them together, there is
        nothing in any. Otherwise `may_occur` looks at each.
        """
        new = [text for text in dict.fromkeys(texts) if self._is_new(text)]
        room = Room("".join(new))
        if len(new) < 2 or self._may_occur(new, room) or room.is_used_up:
            return
        self._remember(dict.fromkeys(new, False))

    def _is_new(self, text: str) -> bool:
        return len(text) <= LONGEST_REMEMBERED and text not in self._remembered

    def _remember(self, may_occur: Mapping[str, bool]) -> None:
        if len(self._remembered) + len(may_occur) > MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered.update(may_occur)

    def _may_occur(self, texts: Sequence[str], room: Room) -> bool:
        if any(self._is_suspect(view) for _, view in views(APART.join(texts), room)):
            return True
        return self._is_suspect(all_decoded(texts, room))

    def _is_suspect(self, view: str) -> bool:
        return self._plain.is_suspect(view.lower()) or self._bare.is_suspect(bare(view))

    def find(self, text: str) -> Claims:
        """Where secrets are in a text.

        Where they are too many, or too deep, to be told apart at little cost, that is all of it.
        """
        try:
            return self._find(text)
        except TooMuch as too_much:
            return Claims([0], [len(text)], [too_much.replacement])

    def _find(self, text: str) -> Claims:
        claims = Claims()
        parts: list[Stretch] = []
        room, effort = Room(text), Effort()
        for offset, piece, steps, view in self._suspects(text, room):
            wholes, found = list(self._plain.wholes(view)), list(self._parts(view, effort))
            if not wholes and not found:
                continue
            is_dear = bool(steps) and not room.take(piece, PLACING * len(steps))
            if is_dear or len(parts) > MOST_PARTS:
                raise TooMuch((wholes or found)[0].replacement)
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

    def _parts(self, view: str, effort: Effort) -> Iterator[Found]:
        """Where parts of secrets are in a view, and in its letters and digits alone."""
        yield from self._plain.parts(_lower(view), effort)
        if self._bare.is_suspect(letters := bare(view)):
            kept = places_of(_KEPT, ascii_of(view))
            for found in self._bare.parts(letters, effort):
                start, end = kept[found.start], kept[found.end - 1] + 1
                yield structs.replace(found, start=start, end=end, is_loose=True)


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
