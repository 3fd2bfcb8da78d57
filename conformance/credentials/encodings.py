"""Steps that a reader could take to find a secret in a text, each with the way back.

A step makes a view of a text: it decodes what is encoded in it, or deletes what separates its
characters. Encodings of single characters (percent, escapes, entities, quoted-printable) are undone
where they stand. Encodings of bytes in groups of characters are in `groups.py`.
"""

from __future__ import annotations

import binascii
import html
import re
from array import array
from collections.abc import Callable, Container
from functools import lru_cache
from itertools import compress
from typing import Protocol

from msgspec import Struct

SHORTEST = 6
"""Shorter secrets are not looked for: they would be found by chance."""
Places = tuple["array[int]", "array[int]"]
"""For each character of a view, where in the text what it was made of begins and ends."""


class Step(Protocol):
    """One way to see a text otherwise. A `loose` one leaves out what stands in between."""

    @property
    def loose(self) -> bool:
        """Whether it leaves characters out."""

    def view(self, text: str) -> str:
        """What comes out; empty where that is nothing new."""

    def places(self, text: str) -> Places:
        """Where each character of the view comes from."""


class Units(Struct, frozen=True):
    """Decodes units, each of which is written by itself, such as `%41`."""

    marks: str
    units: re.Pattern[str]
    meaning: Callable[[str], str]
    loose: bool = False

    def view(self, text: str) -> str:
        """The text with its units decoded; each has one of the `marks`."""
        if not any(map(text.__contains__, self.marks)) or not self.units.search(text):
            return ""
        return self.units.sub(lambda unit: self.meaning(unit[0]), text)

    def places(self, text: str) -> Places:
        """Where each character of the view comes from."""
        starts, ends = array("I"), array("I")
        end = 0
        for unit in self.units.finditer(text):
            starts.extend(range(end, unit.start()))
            ends.extend(range(end + 1, unit.start() + 1))
            length = len(self.meaning(unit[0]))
            starts.extend([unit.start()] * length)
            ends.extend([unit.end()] * length)
            end = unit.end()
        starts.extend(range(end, len(text)))
        ends.extend(range(end + 1, len(text) + 1))
        return starts, ends


@lru_cache(maxsize=4096)
def _character(unit: str) -> str:
    """What an encoded character means."""
    mark, rest = unit[0], unit[1:]
    if mark == "&":
        meaning = html.unescape(unit)
        return meaning if len(meaning) == 1 else unit
    if mark == "\\":
        if rest in _CONTROLS:
            return _CONTROLS[rest]
        if rest[0] in "uUx":
            code = int(rest[1:].strip("{}"), 16)
            return chr(code) if code < 0x110000 else unit
        return chr(int(rest, 8)) if rest.isdigit() else rest
    return "" if rest.endswith("\n") else chr(int(rest, 16))


_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@lru_cache(maxsize=4096)
def _shifted(unit: str) -> str:
    """What a stretch of base64 in UTF-7 means (RFC 2152)."""
    inner = unit[1:].removesuffix("-")
    if not inner:
        return "+"
    raw = binascii.a2b_base64(inner + "A" * (-len(inner) % 4))
    return raw[: len(inner) * 6 // 16 * 2].decode("utf-16-be", "replace")


CHARACTERS = Units(
    "%\\&",
    re.compile(
        r"""%[0-9A-Fa-f]{2}
        |\\(?:u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}
            |[0-7]{2,3}|["'\\/bfnrtv])
        |&(?:\#[0-9]{1,7};?|\#[xX][0-9A-Fa-f]{1,6};?|[A-Za-z]{2,31};)""",
        re.VERBOSE,
    ),
    _character,
)
"""Percent-encoding, escapes of JSON, C and Python, HTML entities."""
QUOTED = Units("=", re.compile(r"=(?:[0-9A-Fa-f]{2}|\r?\n)"), _character)
"""Quoted-printable, by itself: in a query, `=` before such digits means no more than itself."""
UTF7 = Units("+", re.compile(r"\+(?:[A-Za-z0-9+/]{3,}-?|-)"), _shifted)


class Run(Struct, frozen=True):
    """Takes one of the stretches that were decoded apart."""

    start: int
    end: int
    loose: bool = False

    def view(self, text: str) -> str:
        """The stretch."""
        return text[self.start : self.end]

    def places(self, text: str) -> Places:
        """Where each character of the view comes from."""
        places = range(self.start, self.end)
        return array("I", places), array("I", (at + 1 for at in places))


class Joined(Struct, frozen=True):
    """Deletes white space, control characters and all that is not ASCII, as in UTF-16."""

    loose: bool = True

    def view(self, text: str) -> str:
        """The text without what cannot be seen; empty where nothing hangs on that."""
        data = ascii_of(text)
        is_hidden = bool(data.translate(None, _PLAIN))
        return data.translate(None, _UNSEEN).decode("ascii") if is_hidden else ""

    def places(self, text: str) -> Places:
        """Where each character of the view comes from."""
        starts = array("I", places_of(_SEEN, ascii_of(text)))
        return starts, array("I", (at + 1 for at in starts))


_UNSEEN = bytes([*range(0x21), *range(0x7F, 0x100)])
_PLAIN = bytes({*b"\t\n\r", *range(0x20, 0x7F)}.difference(b"%\\&=+"))
"""What nothing hangs on that cannot be seen: the rest may be encoded, or invisible itself."""


def marking(codes: Container[int]) -> bytes:
    """A table for `bytes.translate` that has ones for these codes and zeros for others."""
    return bytes(code in codes for code in range(256))


def places_of(marks: bytes, data: bytes) -> list[int]:
    """The places in `data` of the codes that `marks` has."""
    return list(compress(range(len(data)), data.translate(marks)))


_SEEN = marking(range(0x21, 0x7F))
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def ascii_of(text: str) -> bytes:
    """The text in ASCII, each character at its place, with zeros for others."""
    return (text if text.isascii() else _NOT_ASCII.sub("\0", text)).encode("ascii")
