"""JSON as RFC 8259 has it: strict where Python's reader is lenient, and safe on foreign bytes.

How deep a text may be nested is this suite's own limit (`limits.py`): Python's reader calls itself
for every level, and an interpreter allows more calls than another. So what it cannot follow, or
takes for wrong, is read once more without any such calls, one level at a time.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from msgspec import Struct, structs

from conformance.limits import LIMITS, is_deeper

Error = TypeVar("Error", bound=BaseException)
HUGE = 10**300
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SURROGATE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""An escape in a JSON text; the group is half a surrogate pair alone."""
_WHITE = re.compile(r"[ \t\n\r]*")
_END = {"[": "]", "{": "}"}


class NotJson(ValueError):
    """The bytes are no JSON text in UTF-8; the message says why."""


class NotKnown(ValueError):
    """What a text says is not known: it was not recorded as it was sent, is not decoded here, or
    readers rightly differ on it.
    """


class TooDeep(ValueError):
    """The text has more levels than are read here (RFC 8259, section 9).

    `is_list` says that the outermost value is a list.
    """

    def __init__(self, text: str) -> None:
        super().__init__("nested too deep to be read")
        self.is_list = text.lstrip(" \t\n\r").startswith("[")


class JsonText(Struct, frozen=True):
    """A parsed JSON text.

    `repeated` holds the names that stand more than once in one object (RFC 8259, section 4),
    `marked` says that it began with a byte order mark (readers may ignore it: RFC 8259, 8.1), and
    `extended` names the forms in it that are none of JSON's (see `extended_json.py`).
    """

    value: Any
    repeated: tuple[str, ...] = ()
    marked: bool = False
    extended: tuple[str, ...] = ()


def as_value(error: Error) -> Error:
    """An error that is kept as a value: without what it came of, which holds whoever asked."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def parse_json(data: bytes, *, first: bool = False) -> JsonText:
    """Read `data` as one JSON text; of a name that stands twice, the last or the `first` counts.

    Raises NotJson for anything else, including NaN and Infinity, and TooDeep for a text with more
    levels than `LIMITS.nesting`, unless it is wrong before it gets there.
    """
    text, marked = decoded_text(data)
    return structs.replace(read_text(text, first=first), marked=marked)


def has_lone_surrogate(data: bytes) -> bool:
    """Whether half a surrogate pair stands in a JSON text as an escape (RFC 8259, 8.2)."""
    return any(match[1] for match in _SURROGATE.finditer(data))


def decoded_text(data: bytes) -> tuple[str, bool]:
    """The text behind a byte order mark, and whether there was one. Raises NotJson."""
    try:
        return data.decode("utf-8-sig"), data.startswith(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8 at byte {error.start}") from None


def read_text(text: str, *, first: bool = False) -> JsonText:
    """Read a text that is decoded, as `parse_json` does. Raises NotJson and TooDeep."""
    repeated: tuple[str, ...] = ()
    try:
        try:
            value = _whole(_UNIQUE, text)
        except _Repeated:
            value, repeated = _with_repeated(text, first)
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at character {error.pos}") from None
    return JsonText(value, repeated)


def value_at(decoder: json.JSONDecoder, text: str, start: int) -> tuple[Any, int]:
    """The value that begins at `start` of a text, and where it ends.

    Raises JSONDecodeError for what is no JSON, TooDeep for more levels than `LIMITS.nesting`, and
    what the decoder's own functions raise.
    """
    try:
        value, end = decoder.raw_decode(text, start)
    except ValueError:
        if not is_deep(text, start, len(text)):  # it is wrong before it gets too deep
            raise
        return _level_by_level(decoder, text, start)
    except RecursionError:
        return _level_by_level(decoder, text, start)
    if end - start > LIMITS.nesting and is_deep(text, start, end):
        raise TooDeep(text)
    return value, end


def is_deep(text: str, start: int, end: int) -> bool:
    """Whether the value between two places has too many levels; most texts have few brackets."""
    brackets = text.count("[", start, end) + text.count("{", start, end)
    return brackets > LIMITS.nesting and is_deeper(text[start:end].encode(), LIMITS.nesting)


def _whole(decoder: json.JSONDecoder, text: str) -> Any:
    """The value of a text that is one value and nothing else."""
    value, end = value_at(decoder, text, _after_white(text, 0))
    if end < len(text) and (end := _after_white(text, end)) < len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


class _Level:
    """A list or an object that is being read; `name` is that of the field whose value comes."""

    def __init__(self, mark: str) -> None:
        self.end = _END[mark]
        self.name = ""
        self._items: list[Any] = []

    def begin(self, text: str, at: int) -> int:
        """Where the next value begins, behind its name in an object."""
        if self.end == "]":
            return at
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError(
                "Expecting property name enclosed in double quotes", text, at
            )
        self.name, at = _PLAIN.raw_decode(text, at)
        return _after(":", text, at)

    def add(self, value: Any) -> None:
        """Take the next value."""
        self._items.append(value if self.end == "]" else (self.name, value))

    def value(self, decoder: json.JSONDecoder) -> Any:
        """The whole list or object."""
        pairs: Any = decoder.object_pairs_hook  # None where nobody gave one
        return self._items if self.end == "]" else (pairs or dict)(self._items)


def _level_by_level(decoder: json.JSONDecoder, text: str, at: int) -> tuple[Any, int]:
    """What `value_at` says, however deep the text goes."""
    levels: list[_Level] = []
    while True:
        mark = text[at : at + 1]
        if mark in _END:
            if len(levels) == LIMITS.nesting:
                raise TooDeep(text)
            levels.append(_Level(mark))
            at = _after_white(text, at + 1)
            if text[at : at + 1] != levels[-1].end:
                at = levels[-1].begin(text, at)
                continue
            value, at = levels.pop().value(decoder), at + 1
        else:
            value, at = decoder.raw_decode(text, at)
        while levels:
            levels[-1].add(value)
            at = _after_white(text, at)
            if text[at : at + 1] != levels[-1].end:
                at = levels[-1].begin(text, _after(",", text, at))
                break
            value, at = levels.pop().value(decoder), at + 1
        else:
            return value, at


def _after(mark: str, text: str, at: int) -> int:
    """The place of what follows a comma or a colon."""
    at = _after_white(text, at)
    if text[at : at + 1] != mark:
        raise json.JSONDecodeError(f"Expecting '{mark}' delimiter", text, at)
    return _after_white(text, at + 1)


def _after_white(text: str, at: int) -> int:
    return _WHITE.match(text, at).end()  # type: ignore[union-attr]


class _Repeated(Exception):
    """A name stands more than once in an object."""


def _unique(items: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(items)
    if len(found) != len(items):
        raise _Repeated
    return found


def _with_repeated(text: str, first: bool) -> tuple[Any, tuple[str, ...]]:
    """The value of a text, and the names that stand more than once in an object of it."""
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            times = Counter(name for name, _ in items)
            repeated.extend(sorted(name for name, number in times.items() if number > 1))
        return dict(reversed(items)) if first else found

    value = _whole(_decoder(pairs), text)
    return value, tuple(dict.fromkeys(repeated))


def _whole_number(digits: str) -> int:
    """The number, or a huge one in its place where the digits are too many to convert safely."""
    return int(digits) if len(digits) <= LIMITS.digits else HUGE


def _number(text: str) -> float:
    """The number, or the largest one where it is beyond all floats."""
    value = float(text)
    return value if math.isfinite(value) else math.copysign(sys.float_info.max, value)


def _refuse(name: str) -> NoReturn:
    raise NotJson(f"{name} is not JSON")


def _decoder(pairs: Callable[[list[tuple[str, Any]]], Any]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=pairs,
        parse_int=_whole_number,
        parse_float=_number,
        parse_constant=_refuse,
    )


_UNIQUE = _decoder(_unique)
_PLAIN = json.JSONDecoder()
