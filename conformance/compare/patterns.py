"""Patterns that only a few texts match, such as `^(on|off)$`: they say what an enumeration does.

Only what all dialects of regular expressions read alike is taken for such a pattern.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MOST_WORDS: Final = 200
LONGEST: Final = 2_000
"""Characters of a pattern that is read."""
DEEPEST: Final = 20
"""Groups in groups."""
_START, _END = "start", "end"
_SPECIAL: Final = frozenset("\\^$.|?*+()[]{}")
_ODD_IN_CLASSES: Final = frozenset("[&~^")
"""What some dialects read otherwise than as itself between brackets."""
Word = tuple[str, ...]
"""Single characters, and the marks of the start and the end of a text."""


_FOREIGN: Final = re.compile(r"\\Q(?P<quoted>.*?)(?:\\E|\Z)|\\p\{XDigit\}|\\.", re.DOTALL)
_IN_JSON_SCHEMA: Final = {r"\A": "^", r"\z": "$", r"\Z": "$", r"\p{XDigit}": r"\p{AHex}"}


def translated(pattern: str) -> str:
    """A pattern, with what Java, Python and Ruby write otherwise as JSON Schema has it."""

    def one(found: re.Match[str]) -> str:
        if found["quoted"] is not None:
            return re.sub(r"[\\^$.|?*+()\[\]{}]", r"\\\g<0>", found["quoted"])
        return _IN_JSON_SCHEMA.get(found[0], found[0])

    return _FOREIGN.sub(one, pattern)


class _Other(Exception):
    """The pattern is none of these."""


@lru_cache(maxsize=64)
def words_of(pattern: str) -> tuple[str, ...] | None:
    """Every text that a pattern allows, where these are few; None where they are not known."""
    if len(pattern) > LONGEST:
        return None
    reader = _Reader(pattern)
    try:
        words = reader.choices(0)
        if not reader.is_at_end:
            return None
        return tuple(dict.fromkeys(map(_text, words)))
    except _Other:
        return None


def _text(word: Word) -> str:
    """The only text that a word matches: it is bound to both ends."""
    if len(word) < 2 or word[0] != _START or word[-1] != _END:
        raise _Other
    inner = word[1:-1]
    if any(len(each) > 1 for each in inner):
        raise _Other
    return "".join(inner)


class _Reader:
    """Reads a pattern from left to right. Raises _Other."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0

    @property
    def is_at_end(self) -> bool:
        return self.position >= len(self.pattern)

    def choices(self, depth: int) -> list[Word]:
        """What stands between two parentheses, or all: alternatives."""
        if depth > DEEPEST:
            raise _Other
        words = self._sequence(depth)
        while self._take("|"):
            words += self._sequence(depth)
        return _few(words)

    def _sequence(self, depth: int) -> list[Word]:
        words: list[Word] = [()]
        while not self.is_at_end and self._next not in "|)":
            parts = self._part(depth)
            if self._take("?"):
                parts = [*parts, ()]
            words = _few([(*word, *part) for word in words for part in parts])
        return words

    def _part(self, depth: int) -> list[Word]:
        for anchor, mark in (("^", _START), ("$", _END)):
            if self._take(anchor):
                return [(mark,)]
        if self._take("("):
            self._take("?:")
            words = self.choices(depth + 1)
            if not self._take(")"):
                raise _Other
            return words
        if self._take("["):
            return self._class()
        return [(self._character(_SPECIAL),)]

    def _class(self) -> list[Word]:
        found: list[Word] = []
        while not self._take("]"):
            first = self._character(_ODD_IN_CLASSES)
            last = self._character(_ODD_IN_CLASSES) if self._take("-") else first
            found += [(chr(code),) for code in range(ord(first), ord(last) + 1)][: MOST_WORDS + 1]
            if first > last or (first == "-" and len(found) > 1):
                raise _Other
        if not found:
            raise _Other
        return _few(found)

    def _character(self, special: frozenset[str]) -> str:
        """A character that stands for itself, or is made to by a backslash."""
        is_escaped = self._take("\\")
        if self.is_at_end:
            raise _Other
        found = self._next
        if (found.isalnum() or found == "_") if is_escaped else found in special:
            raise _Other
        self.position += 1
        return found

    @property
    def _next(self) -> str:
        return self.pattern[self.position]

    def _take(self, text: str) -> bool:
        """Go past a text where it comes next."""
        if not self.pattern.startswith(text, self.position):
            return False
        self.position += len(text)
        return True


def _few(words: list[Word]) -> list[Word]:
    if len(words) > MOST_WORDS:
        raise _Other
    return words
