"""Foreign text made harmless and readable: control characters, lone surrogates, endless values."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

LAST_MOMENT = 253_402_300_799.0
"""The end of the year 9999, the last moment that RFC 3339 can write."""
LONGEST_SPELLED_OUT = 500
"""Characters of a text that is told twice, the second time with escapes."""
CUT = "…"
"""What stands for the rest of a text that was cut."""
_LOGIN = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORMS = re.compile(r"`([^`]+)`")


class _Symbols(dict[int, str]):
    """What stands for each character, worked out when it is first met."""

    def __init__(self, kept: str) -> None:
        super().__init__((ord(character), character) for character in kept)

    def __missing__(self, code: int) -> str:
        self[code] = symbol = _symbol(code)
        return symbol


def _symbol(code: int) -> str:
    if chr(code).isprintable():
        return chr(code)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


class _Escapes(dict[int, str]):
    """How JSON may write each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        escaped = character if character.isprintable() else json.dumps(character)[1:-1]
        self[code] = escaped
        return escaped


_BLOCK, _LINE, _ESCAPES = _Symbols("\n\t"), _Symbols(""), _Escapes({0x0A: "\n"})


def visible(text: str) -> str:
    """The text with everything that does not print as a symbol; line breaks and tabs stay."""
    return text if text.isprintable() else text.translate(_BLOCK)


def visible_line(text: str) -> str:
    """Like `visible`, and line breaks and tabs as symbols too: the result is one line."""
    return text if text.isprintable() else text.translate(_LINE)


def spelled_out(text: str) -> str:
    """The text, with its escapes behind it where some other text may look the same.

    Composed characters, letters of other alphabets and those without a width differ there.
    """
    if text.isascii() or len(text) > LONGEST_SPELLED_OUT:
        return text
    escaped = "".join(c if c.isascii() or c == CUT else json.dumps(c)[1:-1] for c in text)
    return text if escaped == text else f"{text} (escaped: {escaped})"


def printable_json(text: str) -> str:
    """A JSON text with every character that does not print escaped: it says the same.

    JSON itself asks for no more than the first 32, and some of the others steer a terminal, too.
    """
    return encodable(text).translate(_ESCAPES)


def shorten(text: str, limit: int) -> str:
    """The text, cut to `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + CUT


def encodable(text: str) -> str:
    """The text with lone surrogates, which no encoding can write, replaced."""
    if text.isascii():
        return text
    try:
        text.encode()  # tells faster than a search that there are none, as nearly always
    except UnicodeEncodeError:
        return _SURROGATE.sub("�", text)
    return text


def excerpt(data: bytes, limit: int) -> str:
    """The beginning of a body, at most `limit` bytes of it, as text. Bytes that are none show."""
    if len(data) <= limit:
        return data.decode("utf-8", "backslashreplace")
    end = limit
    while end > max(limit - 3, 0) and data[end] & 0xC0 == 0x80:  # inside a character of UTF-8
        end -= 1
    return data[:end].decode("utf-8", "backslashreplace") + CUT


def without_login(url: str) -> str:
    """The URL without a user name and password in it."""
    return _LOGIN.sub(r"\1", url)


def rfc3339(moment: float) -> str:
    """A moment in seconds since the epoch, written in UTC."""
    text = datetime.fromtimestamp(seconds(moment), UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def seconds(number: float) -> float:
    """A time in seconds that any format can write: neither negative nor without an end."""
    return min(max(number, 0.0), LAST_MOMENT) if math.isfinite(number) else 0.0


def duration(span: float) -> str:
    """A time span in seconds, for people."""
    span = seconds(span)
    if span < 1:
        return f"{span * 1000:.0f} ms"
    if span < 60:
        return f"{span:.1f} s"
    minutes, rest = divmod(round(span), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def counted(number: int, thing: str) -> str:
    """`3 requests`, `1 request`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def whole_number(text: str) -> int | None:
    """The number that some decimal digits are; None for any other text, and for very many."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def named(names: Sequence[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def code_parts(statement: str) -> list[tuple[bool, str]]:
    """A statement in pieces; those that stood in backticks are marked as code."""
    pieces = _FORMS.split(statement)
    return [(bool(place % 2), piece) for place, piece in enumerate(pieces) if piece]
