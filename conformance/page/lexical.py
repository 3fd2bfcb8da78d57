"""What in a body many readers fail on, whatever it stands for: so that one failure shows for all.

Numbers within strings do not count.
"""

from __future__ import annotations

import re
from enum import StrEnum

from conformance.page.json_text import JsonText, NotJson, NotKnown, TooDeep


class Oddity(StrEnum):
    """What many readers fail on."""

    NUMBER = "no integer of 64 bits"
    ZERO = "a zero byte, or its escape"
    ASTRAL = "a character beyond 16 bits"
    BYTES = "bytes that are no UTF-8"
    FORM = "what RFC 8259 does not have"


STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"')
NUMBER = re.compile(rb"[0-9][.eE]|[0-9]{19}")
ASTRAL = re.compile(rb"[\xf0-\xf4]")
ASTRAL_ESCAPED = re.compile(rb"\\u[dD][89abAB]")


def oddities(body: bytes, read: JsonText | NotJson | TooDeep | NotKnown) -> frozenset[Oddity]:
    """What in a body many readers fail on; `read` is what it reads as."""
    is_other = isinstance(read, NotJson) or (isinstance(read, JsonText) and bool(read.extended))
    is_ascii = body.isascii()  # a cheap question, which spares most bodies the dear ones
    found = {
        Oddity.FORM: is_other and bool(body),  # none at all is often not read
        Oddity.BYTES: not (is_ascii or _is_text(body)),
        Oddity.ZERO: b"\0" in body or rb"\u0000" in body,
        Oddity.ASTRAL: not (is_ascii or ASTRAL.search(body) is None) or _has_escaped_astral(body),
        Oddity.NUMBER: NUMBER.search(b" ".join(STRING.sub(b"", body).split())) is not None,
    }
    return frozenset(oddity for oddity, is_there in found.items() if is_there)


def _has_escaped_astral(body: bytes) -> bool:
    return rb"\u" in body and ASTRAL_ESCAPED.search(body) is not None


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
