"""What in a body many readers fail on, whatever it stands for: so that one failure shows for all.

Strings are held to stand for themselves; where numbers are looked for they are left out.
"""

from __future__ import annotations

import re

from conformance.page.json_text import JsonText, NotJson, NotKnown, TooDeep

NUMBER, CHARACTER, FORM = "a number", "a character", "no JSON"
"""No integer of 64 bits; a character beyond 16 bits, zero, or what is none; and what RFC 8259 does
not have."""
STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"')
ODD_NUMBER = re.compile(rb"[0-9][.eE]|[0-9]{19}")
ODD_CHARACTER = re.compile(rb"[\xf0-\xf4]|\\u0000|\x00|\\u[dD][89abAB]")


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def oddities(body: bytes, read: JsonText | NotJson | TooDeep | NotKnown) -> frozenset[str]:
    """What in a body many readers fail on; `read` is what it reads as."""
    found = set()
    is_other = isinstance(read, NotJson) or (isinstance(read, JsonText) and read.extended)
    if is_other and body:  # none at all is often not read
        found.add(FORM)
    if ODD_CHARACTER.search(body) or not _is_text(body):
        found.add(CHARACTER)
    if ODD_NUMBER.search(STRING.sub(b"", body)):
        found.add(NUMBER)
    return frozenset(found)
