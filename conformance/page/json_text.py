"""JSON as RFC 8259 has it: strict where Python's reader is lenient, and safe on foreign bytes."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

LONGEST_NUMBER = 1000
HUGE = 10**300
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class NotJson(ValueError):
    """The bytes are no JSON text in UTF-8; the message says why."""


class TooDeep(ValueError):
    """The text is nested deeper than this reader, and RFC 8259 section 9, need go.

    `is_list` says that the outermost value is a list.
    """

    def __init__(self, text: str) -> None:
        super().__init__("nested too deep to be read")
        self.is_list = text.lstrip().startswith("[")


@dataclass(frozen=True, slots=True)
class JsonText:
    """A parsed JSON text.

    `repeated` holds the names that stand more than once in one object (RFC 8259, section 4),
    `marked` says that it began with a byte order mark (readers may ignore it: RFC 8259, 8.1).
    """

    value: Any
    repeated: tuple[str, ...] = ()
    marked: bool = False


def parse_json(data: bytes, *, first: bool = False) -> JsonText:
    """Read `data` as one JSON text; of a name that stands twice, the last or the `first` counts.

    Raises NotJson for anything else, including NaN and Infinity, and TooDeep for a nesting that
    could not be followed.
    """
    marked = data.startswith(BYTE_ORDER_MARK)
    repeated: tuple[str, ...] = ()
    try:
        text = data.decode("utf-8-sig")
        try:
            value = _UNIQUE.decode(text)
        except _Repeated:
            value, repeated = _with_repeated(text, first)
    except UnicodeDecodeError as error:
        raise NotJson(f"not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise TooDeep(text) from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at character {error.pos}") from None
    return JsonText(value, repeated, marked)


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

    return _decoder(pairs).decode(text), tuple(repeated)


def _whole_number(digits: str) -> int:
    """The number, or a huge one in its place where the digits are too many to convert safely."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else HUGE


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
