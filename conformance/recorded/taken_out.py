"""What stands in a recording for something else: a mask, or a variable that was not filled in."""

from __future__ import annotations

import re

WORDS = "redacted", "removed", "masked", "filtered", "sanitized", "scrubbed", "hidden", "secret"
TAKEN_OUT = (
    *("***", "•••", "xxxxxx"),
    *(mark + word for mark in "[<(" for word in WORDS),
    *(f"redacted{mark}" for mark in "]>)"),
)
"""What sanitizers put in the place of what they take out, in lower case."""
WORD = r"(?:redacted|masked|scrubbed|obfuscated|(?:anonymi|saniti)[sz]ed)"
MASK = re.compile(
    r"([\u2580-\u25ff]|\\u25[89a-f][0-9a-f])\1\1"
    rf"|(?:^|\")[^\w\"]*{WORD}[^\w\"]*(?:\"|$)"
    rf"|(?<![\w-])[\w-]{{16,}}+(?:[.:~$|][\w-]*+){{0,4}}?[.:~$|]{WORD}(?![\w-])"
    rf"|(?<![\w-]){WORD}(?:[.:~$|][\w-]*+){{0,4}}?[.:~$|][\w-]{{16}}"
)
"""Blocks in a row, and words of sanitizers that are all of a text or of a JSON string, or a part of
a token, such as the signature behind header and claims.
"""
IN_CAPITALS = re.compile(r"(?<![A-Za-z0-9])REDACTED(?![A-Za-z0-9])")
"""A word that nobody writes so but to say that something was taken out, within a text too."""


HINTS = (
    *("***", "•••", "xxxxxx", "\\u25", "redact", "mask", "scrub", "obfusc", "anonymi", "saniti"),
    *("removed", "filtered", "hidden", "secret"),
)
BLOCK = re.compile("[\u2580-\u25ff]")
"""A text without a block, and without any of the hints, has nothing of the above."""


def is_redacted(value: str) -> bool:
    """Whether something was taken out of a text."""
    lower = value.lower()
    has_block = not lower.isascii() and BLOCK.search(lower) is not None
    if not has_block and not any(map(lower.__contains__, HINTS)):
        return False
    if any(mark in lower for mark in TAKEN_OUT) or MASK.search(lower):
        return True
    return IN_CAPITALS.search(value) is not None


VARIABLE = re.compile(
    r"\{\{\{?\s*[A-Za-z_$][\w.$ -]*\}\}|\$\{[A-Za-z_][\w.]*\}|<<[A-Za-z_]\w*>>|\{%[^{}]{1,200}%\}"
)
"""A variable of an API client, in whose place it sent something else: of Postman, Bruno and
Insomnia, of JMeter, of Hoppscotch, and a tag of Insomnia."""
OF_A_PATH = re.compile(r"\{\w+\}|:[A-Za-z_]\w*|<\w+>")
"""A parameter that a log leaves in a path instead of its value."""


def has_variable(value: str) -> bool:
    """Whether a tool wrote down a variable in the place of what it sent."""
    return VARIABLE.search(value) is not None


def is_parameter(segment: str) -> bool:
    """Whether a segment of a path names a parameter, or has a variable in it."""
    return OF_A_PATH.fullmatch(segment) is not None or has_variable(segment)
