"""A JSON text read value by value, without holding more than one of them.

The values themselves are read by the decoder of the standard library, which knows where one ends
and says where a text is wrong, within the limits of `limits.py`. (A streaming parser was tried:
ijson builds the path to every level, and 100,000 of them took more memory than there was.)

Of the objects of a long list, most of which say again what others said, the members can be had as
they are written. msgspec takes an object apart eight times as fast as it is read, but has to be
told where it ends: that is guessed by what stood between those before, and then is either right or
no JSON.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import IO, Any, NoReturn

import msgspec
from msgspec import Raw

from conformance.limits import LIMITS
from conformance.page.json_text import is_deep, value_at
from conformance.streams import marks

CHUNK = 256 * 1024
WHITE = re.compile(r"[ \t\n\r]*")
BEHIND_A_NUMBER = 3
"""Characters that show that a number ends: behind `1` there may come `e+9`."""
MOST_AT_ONCE = 16 * 1024 * 1024
"""Characters that a value may have: each may take four bytes, in more than one place."""
MOST_MARKS = 500_000
"""Commas and brackets that half a value may have: each can become an object in memory."""
MOST_SKIPPED = 128 * 1024 * 1024
"""Characters that are skipped of a value: a packed file may have any number of them."""
MANY = 1024 * 1024
"""Characters from which on it is counted what they hold."""
LONGEST_TOKEN = 16
"""An error this close to the end of what was read may be but a value cut in two."""
LONGEST_NAME = 40
"""Characters of a name that a message shows."""
MOST_SEAMS = 4
LONGEST_SEAM = 200
MOST_MISSES = 16
"""How often in a row the end of an object is guessed in vain, before no more is."""
_FIRST_NAME = re.compile(r'\{\s*"[^"\\]*"')
_MEMBERS = msgspec.json.Decoder(dict[str, Raw])
_BRACKET_OR_STRING = re.compile(r'["\[\]{}]')
_ESCAPES_OR_END = re.compile(r'(?:\\.){1,999}|"', re.DOTALL)


class BadJson(ValueError):
    """The text is no JSON, or no JSON that is read here; the message says where and why."""


class TooLarge(BadJson):
    """The value that begins here is larger than is looked at; it can be skipped."""


def _refuse(name: str) -> NoReturn:
    raise BadJson(f"there is {name}, which is not JSON")


def _whole_number(digits: str) -> int:
    if len(digits) > LIMITS.digits:
        raise BadJson(f"a number has more than {LIMITS.digits:,} digits")
    return int(digits)


_DECODER = json.JSONDecoder(parse_int=_whole_number, parse_constant=_refuse)


def read(member: Any) -> Any:
    """The value of a member that may have been left as it is written. Raises BadJson."""
    if not isinstance(member, Raw):
        return member
    written = bytes(member)
    if len(written) <= LIMITS.digits:  # no number in it is too long
        try:
            return msgspec.json.decode(written)
        except (msgspec.DecodeError, RecursionError):
            pass  # it is stricter than RFC 8259 where numbers are huge or escapes no character
    try:
        return value_at(_DECODER, written.decode(), 0)[0]
    except ValueError as error:
        raise BadJson(str(error)) from None


class JsonStream:
    """A position in a JSON text that comes as a stream of bytes: UTF-8, or UTF-16 that says so.

    Whatever is wrong raises BadJson.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decode: Callable[[bytes, bool], str] | None = None
        self._text = ""
        self._at = 0
        self._before = 0
        self._ended = False
        self._seams: tuple[str, ...] = ()
        self._behind: int | None = None
        self._misses = 0

    @property
    def passed(self) -> int:
        """How many characters were passed."""
        return self._before + self._at

    def members(self) -> Iterator[str]:
        """The names in the object that begins here; read each value before asking for the next.

        A duplicate key is refused: what stood under it first was given out already.
        """
        known: set[str] = set()
        self._take("{")
        if self._next() == "}":
            self._at += 1
            return
        while True:
            if self._next() != '"':
                self._fail("expected a name")
            name = self.value()
            if name in known:
                self._fail(f"duplicate key {name[:LONGEST_NAME]!r}")
            known.add(name)
            self._take(":")
            yield name
            if not self._goes_on("}"):
                return

    def items(self) -> Iterator[None]:
        """Stops before each item of the list that begins here; read it before going on."""
        self._take("[")
        self._behind = None
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield None
            if not self._goes_on("]"):
                return

    def value(self) -> Any:
        """The value that begins here. Raises TooLarge, and stays before it then."""
        self._next()
        while True:
            try:
                value, end = value_at(_DECODER, self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._may_be_cut(error):
                    self._fail(error.msg, error.pos)
            except ValueError as error:
                self._fail(str(error))
            else:
                if end + BEHIND_A_NUMBER <= len(self._text) or self._ended:
                    self._at = self._behind = end
                    return value
            left = self._text[self._at :]
            if len(left) > MOST_AT_ONCE or (len(left) > MANY and marks(left) > MOST_MARKS):
                raise TooLarge("a value is larger than any exchange may be")
            self._read(min(len(left), MOST_AT_ONCE + 1 - len(left)))

    def parts(self) -> dict[str, Raw] | None:
        """The members of the object that begins here, as they are written, for `read`.

        None, and the object is still to be read, where it does not show how long that is.
        """
        if self._misses > MOST_MISSES:
            return None
        self._next()
        self._learn()
        end = self._seam() + 1
        if not end and self._seams and not self._ended:
            self._read(CHUNK)
            end = self._seam() + 1
        text, start = self._text, self._at
        self._misses += 1
        if not end or is_deep(text, start, end):
            return None
        try:
            members = _MEMBERS.decode(text[start:end])
        except (msgspec.DecodeError, RecursionError):
            return None
        self._at, self._misses = end, 0
        return members

    def _seam(self) -> int:
        """Where the next of the known seams begins; -1 where there is none."""
        nearest, end = -1, len(self._text)
        for seam in self._seams:
            if (found := self._text.find(seam, self._at, end)) >= 0:
                nearest = end = found
        return nearest

    def _learn(self) -> None:
        """Remember what stands between the value before and the name that begins this one."""
        if self._behind is None:
            return
        begin = _FIRST_NAME.match(self._text, self._at)
        if begin is None or begin.end() - self._behind > LONGEST_SEAM:
            return
        seam = self._text[self._behind - 1 : begin.end()]
        self._behind = None
        if seam not in self._seams:
            self._seams = (*self._seams, seam)[-MOST_SEAMS:]

    def skip(self) -> None:
        """Go past the text, list or object that begins here; nothing is made of it."""
        depth, is_inside = 0, False
        most = self._before + self._at + MOST_SKIPPED
        while self._before + self._at < most:
            pattern = _ESCAPES_OR_END if is_inside else _BRACKET_OR_STRING
            match = pattern.search(self._text, self._at)
            if match is None:
                is_cut = is_inside and self._text.endswith("\\")
                self._at = len(self._text) - is_cut
                self._read(CHUNK)
                continue
            self._at, mark = match.end(), match[0]
            if mark == '"':
                is_inside = not is_inside
            elif not is_inside:
                depth += 1 if mark in "[{" else -1
            if not is_inside and depth <= 0:
                return
        self._fail("a value is larger than is skipped")

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self._next():
            self._fail("something follows the end")

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        if self._ended:
            return False
        at_end = error.pos >= len(self._text) - LONGEST_TOKEN
        return at_end or error.msg.startswith("Unterminated string")

    def _goes_on(self, end: str) -> bool:
        mark = self._next()
        if mark not in (",", end) or not mark:
            self._fail(f"expected , or {end}")
        self._at += 1
        return mark == ","

    def _take(self, mark: str) -> None:
        if self._next() != mark:
            self._fail(f"expected {mark}")
        self._at += 1

    def _next(self) -> str:
        """The character that begins what follows; empty at the end."""
        if (
            mark := self._text[self._at : self._at + 1]
        ) > " ":  # most often there is no white space
            return mark
        gap = 0
        while True:
            start, self._at = self._at, WHITE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            gap += self._at - start
            if gap > MOST_AT_ONCE:
                self._fail("nothing but white space")
            if self._ended:
                return ""
            self._read(CHUNK)

    def _read(self, size: int) -> None:
        """Read on, at least `size` bytes, so that a long value is not read over and over."""
        left, self._behind = self._text[self._at :], None
        if self._ended:
            self._fail("the text ends too early", len(self._text))
        self._before += self._at
        data = self._stream.read(max(size, CHUNK))
        self._ended = not data
        if self._decode is None:
            wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            self._decode = codecs.getincrementaldecoder("utf-16" if wide else "utf-8-sig")().decode
        try:
            self._text, self._at = left + self._decode(data, self._ended), 0
        except UnicodeDecodeError as error:
            self._text, self._at = left, 0
            self._fail(f"no UTF-8 ({error.reason})", len(left) + error.start)

    def _fail(self, why: str, at: int | None = None) -> NoReturn:
        place = self._before + (self._at if at is None else at)
        why = " ".join(why.split())
        raise BadJson(f"character {place}: {why[:1].lower()}{why[1:]}") from None
