"""Encodings in which a target may repeat a secret.

Those that write a character by itself are undone by a codec: percent-encoding, the escapes of JSON
and Python, HTML entities, quoted-printable. Those that write bytes in groups, base64 and
hexadecimal, have a handful of spellings for a text, wherever in a longer one it stands.
"""

from __future__ import annotations

import base64
import html
import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass

SHORTEST = 6
"""Shorter secrets, and spellings, are not looked for: they would be found by chance."""


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoding of single characters: the marks that show it, its units, what a unit means."""

    marks: tuple[str, ...]
    units: re.Pattern[str]
    meaning: Callable[[str], str]

    def may_occur(self, text: str) -> bool:
        """Whether one of the marks, which all begin alike, is in a text."""
        return self.marks[0][0] in text and any(mark in text for mark in self.marks)

    def decode(self, text: str) -> str:
        """The text with its units decoded."""
        return self.units.sub(lambda unit: self.meaning(unit[0]), text)

    def decode_with_places(self, text: str) -> tuple[str, array[int]]:
        """The decoded text, and for each of its places, its end too, the place in `text`."""
        pieces: list[str] = []
        places = array("I")
        end = 0
        for unit in self.units.finditer(text):
            meaning = self.meaning(unit[0])
            pieces += [text[end : unit.start()], meaning]
            places.extend(range(end, unit.start()))
            places.extend([unit.start()] * len(meaning))
            end = unit.end()
        pieces.append(text[end:])
        places.extend(range(end, len(text) + 1))
        return "".join(pieces), places


def _percent(unit: str) -> str:
    return chr(int(unit[1:], 16))


def _escape(unit: str) -> str:
    return chr(int(unit[2:], 16)) if len(unit) > 2 else unit[1]


def _entity(unit: str) -> str:
    meaning = html.unescape(unit)
    return meaning if len(meaning) == 1 else unit


def _quoted(unit: str) -> str:
    return "" if unit.endswith("\n") else chr(int(unit[1:], 16))


PERCENT = Codec(("%",), re.compile("%[0-9A-Fa-f]{2}"), _percent)
ESCAPES = Codec(
    ("\\u", "\\x", "\\/", "\\\\"),
    re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[\"'\\/])"),
    _escape,
)
ESCAPED_QUOTES = Codec(("\\",), ESCAPES.units, _escape)
"""The same, for secrets that hold quotes: else `\\"`, which is common, is no reason to decode."""
ENTITIES = Codec(
    ("&",), re.compile("&(?:#[0-9]{1,7};?|#[xX][0-9A-Fa-f]{1,6};?|[A-Za-z]{2,8};)"), _entity
)
QUOTED_PRINTABLE = Codec(
    ("=3D", "=3d", "=\n", "=\r\n"), re.compile("=(?:[0-9A-Fa-f]{2}|\r?\n)"), _quoted
)


def codecs_for(secrets: str) -> tuple[Codec, ...]:
    """The codecs that may hide one of the characters of `secrets`."""
    escapes = ESCAPED_QUOTES if set(secrets) & set("\"'\\") else ESCAPES
    return PERCENT, escapes, ENTITIES, QUOTED_PRINTABLE


def spellings(secret: str) -> list[tuple[str, float]]:
    """The secret plain, in hexadecimal and in base64, with the characters that each needs a byte.

    Base64 stands for the secret alone and within a longer text, as far as it is the same there.
    """
    raw = secret.encode("utf-8", "replace")
    found = {secret: 1.0, raw.hex(): 2.0, raw.hex().upper(): 2.0}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        found.setdefault(encode(raw).decode(), 4 / 3)
        for before in range(3):
            padded = encode(bytes(before) + raw).decode().rstrip("=")
            same = padded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
            if len(same) >= SHORTEST:
                found.setdefault(same, 4 / 3)
    return list(found.items())
