"""The limits of this suite on the JSON that it reads: its own, and the same on every interpreter.

RFC 8259 leaves them to each reader (section 9), and Python's readers take theirs from the
interpreter: how deep they go depends on its version and on how many calls are under way, and how
many digits they take on a variable of the environment. A verdict may depend on none of these.
"""

from __future__ import annotations

import re
from array import array
from itertools import accumulate

from msgspec import Struct

_OPENS, _CLOSES = b"[{", b"]}"
_STEPS = bytes.maketrans(_OPENS + _CLOSES, b"\1\1\xff\xff")
_OTHERS = bytes(set(range(256)) - set(_OPENS + _CLOSES + b'"'))


class Limits(Struct, frozen=True):
    """How far the JSON text of a request or a response is followed.

    `nesting` is the number of levels that are read: of a text with more of them nothing is known.
    Widespread readers stop at 1,000 (Jackson), 512 (PHP) or 128 (serde), so that this is more than
    anybody can rely on. `digits` is the number of digits up to which a whole number has its exact
    value; one with more of them is read as a huge one.
    """

    nesting: int = 1000
    digits: int = 1000

    def __str__(self) -> str:
        return f"{self.nesting:,} levels and {self.digits:,} digits"


LIMITS = Limits()
FILE_NESTING = 100
"""Levels in a file of this suite's own. None of them has more than twelve."""


_TOML_TEXTS = re.compile(
    r""""{3}(?:[^"\\]|\\.|"(?!""))*+(?:"{3}|\\?\Z)|'{3}.*?(?:'{3}|\Z)"""
    r"""|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*'?|\#[^\n]*""",
    re.DOTALL,
)
"""Strings and comments, also those that do not end: what they hold is no structure. Nothing of a
string is tried again (`*+`), and so nothing of it is remembered: it may be long.
"""


class NestedTooDeep(ValueError):
    """A file is nested deeper than any of its kind."""


def bounded(data: bytes) -> bytes:
    """The bytes of one of this suite's own JSON files, or of a line of one, as they are.

    Raises NestedTooDeep for what has more levels than such a file has.
    """
    if is_deeper(data, FILE_NESTING):
        raise NestedTooDeep(f"it is nested more than {FILE_NESTING} levels deep")
    return data


def bounded_toml(text: str) -> str:
    """A TOML text as it is. Raises NestedTooDeep where its lists, tables or keys go deeper than
    those of any such file: a reader takes stack for each level, or time with its square.
    """
    plain = _TOML_TEXTS.sub("_", text)
    keys = re.split(r"[\n,={}\[\]]", plain)
    if nesting(plain.encode()) > FILE_NESTING or max(key.count(".") for key in keys) > FILE_NESTING:
        raise NestedTooDeep(f"it is nested more than {FILE_NESTING} levels deep")
    return text


def is_deeper(data: bytes, levels: int) -> bool:
    """Whether a JSON text has more than that many levels."""
    return data.count(b"[") + data.count(b"{") > levels and nesting(data) > levels


def nesting(data: bytes) -> int:
    """How many lists and objects of a JSON text in UTF-8 stand inside one another, at most.

    What stands in strings does not count: first the escapes go, then all but quotes and brackets;
    two quotes in a row, which begin and end a string or end one and begin the next, change nothing.
    """
    plain = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = plain.translate(None, _OTHERS).replace(b'""', b"")
    outside = b"".join(marks.split(b'"')[::2])
    return max(accumulate(array("b", outside.translate(_STEPS)), initial=0))
