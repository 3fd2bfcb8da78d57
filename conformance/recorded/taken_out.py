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
    r"\{\{[^{}]{1,200}\}\}|\$\{[^{}]{1,200}\}|<<[^<>\"]{1,200}>>|\{%[^{}]{1,200}%\}"
)
"""A variable of an API client, in whose place it sent something else: of Postman, Bruno and
Insomnia, of JMeter, SoapUI and Yaak, of Hoppscotch, and a tag of Insomnia."""
NAME = r"[^\W\d][\w :-]{0,60}"


def _quoted(pattern: str) -> re.Pattern[str]:
    """A pattern that is all of a JSON string."""
    return re.compile(f'"(?:{pattern})"')


HIDDEN = _quoted(rf"(?!0)(\w)(?:-?\1){{3,63}}|\[\s?{NAME}\]|<\s?{NAME}>|__{NAME}__")
"""One character in a row, though not so many that they fill a large body; words in brackets, or
between underscores."""
ZEROS = _quoted("0(?:-?0){3,63}")
"""What stands for an id that was taken out, and what a program writes that forgot it."""
SHORTENED = _quoted(r"[\w-]*(?:\.{3}|\u2026|\\u2026)[\w-]*|[*?]|[^\w\s{}\[\]\"\\]{2,}")
"""A text of which only the ends are left, and signs without a letter."""
PARAMETER = _quoted(rf"[#@]?\{{\s?{NAME}\}}|%{NAME}%|%\({NAME}\)s|[:$][^\W\d][\w-]*")
"""The name of what is to be put there, as templates and logs of routes write it."""
CONSTANT = re.compile(r"[A-Z]+(?:_[A-Z]+)*")
"""Such a name as it is written in an environment."""


def has_variable(text: str) -> bool:
    """Whether a tool wrote down a variable in the place of what it sent."""
    return VARIABLE.search(text) is not None


def has_hidden(text: str, ids: tuple[str, ...]) -> bool:
    """Whether a value in a JSON text is a mask, and none of the ids that the user knows."""
    return _has(HIDDEN, text, ids)


def has_stand_in(text: str, ids: tuple[str, ...]) -> bool:
    """Whether a value in a JSON text is a mask or a variable, if nobody vouches for the text."""
    rules = (VARIABLE, SHORTENED, PARAMETER)
    return any(rule.search(text) for rule in rules) or _has(ZEROS, text, ids)


def _has(rule: re.Pattern[str], text: str, ids: tuple[str, ...]) -> bool:
    return any(match[0][1:-1] not in ids for match in rule.finditer(text))


def is_mask(value: str, ids: tuple[str, ...]) -> bool:
    """Whether something was taken out of a value, of which nothing may be left."""
    if value in ids:
        return False
    quoted = f'"{value}"'
    rules = (HIDDEN, SHORTENED, ZEROS)
    return any(rule.fullmatch(quoted) for rule in rules) or is_redacted(value)


def is_variable(value: str) -> bool:
    """Whether a value names what is to be put there."""
    return has_variable(value) or PARAMETER.fullmatch(f'"{value}"') is not None


def is_parameter(segment: str) -> bool:
    """Whether a segment of a path names what is to be put there."""
    return is_variable(segment) or CONSTANT.fullmatch(segment) is not None
