"""Texts that exploration puts into requests: by character class, by length, and near real ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from uuid import UUID

from hypothesis import strategies as st

from conformance.plan.domains.words import (
    KEYWORDS,
    LDAP,
    NUMBERS,
    OF_OBJECTS,
    PATHS,
    PATTERNS,
    TEMPLATES,
)

Texts = st.SearchStrategy[str]

LONGEST_IN_PATH = 80
"""Characters of an id in a URI: no conforming gateway refuses its length, however encoded."""
LONGEST_TOKEN = 1025

CLASSES = {
    "letters": "abcxyz",
    "hexadecimal": "0123456789abcdef",
    "digits": "0123456789",
    "capitals": "ABCDEFXYZ",
    "marks": "-_.~!#$%&()*+,/:;<=>?@[]^`{|}",
    "quotes": "\"'\\`",
    "spaces": " \t",
    "lines": "\n\r\u0085\u2028\u2029",
    "controls": "\x00\x01\x07\x08\x1b\x1f\x7f\x80\x9f",
    "latin": "àéîöüßñÿ",
    "other scripts": "αωжяאבعربहिไทย",
    "combining": "\u0301\u0308\u20dd\u0345",
    "invisible": "\u00a0\u00ad\u200b\u200d\u202e\u2066\ufeff\ufffd\ufffe\uffff",
    "cjk": "备份策略服务器カナ한글",
    "full width": "0129abfABF",
    "plane one": "\U0001f4be\U0001f600\U00010400\U0001d7d8",
    "beyond": "\U00020000\U0002a6df\U0003134a\U000e0001\U000f0000\U0010ffff",
}
"""Characters that programs treat alike, the plainest first."""
WORDS = (
    *("", "a", "0", "1", "-1", "00", "null", "true", "false", "none", "nil", "undefined", "NaN"),
    *("default", "all", "any", "self", "me", "admin", "root", "test", "latest", "new", "id", "*"),
    *("%", "_", "?", ".*", "%s", "%00", "${x}", "$(x)", "`x`", "../x", "/x", "a/b", "a,b", "a;b"),
    *("a b", "a&b=c", "<x>", "&amp;", "[]", "{}", '""', "1e5", "0x1f", "1.0", "1970-01-01", "é"),
    *("[object Object]", "-", "--", "' or ''='", "x@example.com", "http://localhost/", "policy"),
    *(*KEYWORDS, *NUMBERS, *OF_OBJECTS, *PATTERNS, *TEMPLATES, *LDAP, *PATHS),
)
BOUNDARIES = sorted({2**n + d for n in range(3, 13) for d in (-1, 0, 1)} | {100, 1000, 2000, 4000})
LENGTHS = tuple(sorted([*range(1, 10), *range(1, 41), *range(1, 41), *range(1, 301), *BOUNDARIES]))
"""Lengths in the order in which they are shrunk: the short, and those where buffers end, often."""
SMALL_UNIT = 4


def lengths(longest: int) -> st.SearchStrategy[int]:
    """Lengths from 1 to the longest."""
    return st.sampled_from([length for length in LENGTHS if length <= longest])


def texts(longest: int = max(LENGTHS), *, classes: Sequence[str] = tuple(CLASSES)) -> Texts:
    """Texts of one class of characters or two, of any length that matters."""
    units = [st.text(CLASSES[name], min_size=1, max_size=SMALL_UNIT) for name in classes]
    sizes = lengths(longest)
    some = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=SMALL_UNIT)
    shorts = st.integers(0, 6)

    @st.composite
    def drawn(draw: st.DrawFn) -> str:
        kind = draw(st.integers(0, len(units) + 5))
        if kind < len(units):
            return _repeated(draw(units[kind]), draw(sizes))
        if kind < len(units) + 2:
            return draw(st.sampled_from(WORDS))[:longest]
        # Mostly plain, with something else in it or at its ends.
        plain, odd = _repeated("a", draw(sizes)), draw(some)
        place = len(plain) if draw(st.booleans()) else min(draw(shorts), len(plain))
        return (plain[:place] + odd + plain[place:])[-longest:]

    return drawn()


def _repeated(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


def token_texts() -> Texts:
    """Tokens that were never issued: printable, as a header field must be."""
    sizes = lengths(LONGEST_TOKEN)
    names = ("letters", "hexadecimal", "digits", "capitals", "marks", "quotes")
    units = [st.text(CLASSES[name], min_size=1, max_size=SMALL_UNIT) for name in names]
    mixed = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
    words = st.sampled_from(
        [word for word in WORDS if word and word.isascii() and word == word.strip()]
    )

    @st.composite
    def drawn(draw: st.DrawFn) -> str:
        kind = draw(st.integers(0, len(units) + 3))
        if kind < len(units):
            return _repeated(draw(units[kind]), draw(sizes))
        if kind == len(units):
            return draw(words)
        if kind == len(units) + 1:  # of the form of a signed token
            return f"eyJ{draw(mixed)}.eyJ{draw(mixed)}.{draw(mixed)}"
        return draw(mixed)

    return drawn()


def _cut(real: str, start: int, end: int, more: str) -> str:
    return real[start:] if end <= start else real[start:end]


def _put_in(real: str, start: int, end: int, more: str) -> str:
    return real[:start] + (more or "0") + real[start:]


def _overwritten(real: str, start: int, end: int, more: str) -> str:
    return real[:start] + (more or "0") + real[start + len(more or "0") :]


def _beginning_then(real: str, start: int, end: int, more: str) -> str:
    return real[:start] + _repeated(more or "0", max(end - start, 1))


def _twice(real: str, start: int, end: int, more: str) -> str:
    return f"{real}{more[:1]}{real}"


def _turned(real: str, start: int, end: int, more: str) -> str:
    return real[start:] + real[:start]


NEAR: tuple[Callable[[str, int, int, str], str], ...] = (
    _cut,
    _put_in,
    _overwritten,
    _beginning_then,
    _twice,
    _turned,
)


def near(known: Sequence[str]) -> Texts:
    """Ids made of a real one: a piece of it, more than it, or it with something changed."""
    places = st.integers(0, max(map(len, known)))
    more = st.text("0123456789abcdef", max_size=2) | st.sampled_from(WORDS)
    real = st.sampled_from(list(known))
    makers = st.sampled_from(NEAR)

    @st.composite
    def drawn(draw: st.DrawFn) -> str:
        return draw(makers)(draw(real), draw(places), draw(places), draw(more))

    return drawn()


def uuids() -> Texts:
    """UUIDs of every version and variant, and of none."""
    numbers = st.integers(0, 2**128 - 1)

    def spelled(number: int, version: int, *, upper: bool) -> str:
        known = version if 1 <= version <= 8 else None
        digits = UUID(int=number).hex
        if known:
            digits = f"{digits[:12]}{known}{digits[13:16]}{'89ab'[number % 4]}{digits[17:]}"
        text = str(UUID(digits))
        return text.upper() if upper else text

    versions = st.integers(0, 9)
    return st.builds(spelled, numbers, versions, upper=st.booleans())


def identifiers(known: Sequence[str], others: Sequence[str], longest: int = 5000) -> Texts:
    """Ids that name nothing: any text, UUIDs, ids of other things, and what is near a real one.

    Spellings that a lenient reader may take for a real id are left out: they prove nothing.
    """
    options = [texts(longest), near(known), texts(longest), near(known), uuids()]
    foreign = [other for other in others if other not in known]
    if foreign:
        options.append(st.sampled_from(foreign))

    @st.composite
    def drawn(draw: st.DrawFn) -> str:
        text = draw(options[draw(st.integers(0, len(options) - 1))])
        return apart(text[:longest], known)

    return drawn()


def apart(text: str, known: Sequence[str]) -> str:
    """The text, changed where it could be taken for one that is known."""
    return f"{text}0" if any(_bare(text) == _bare(each) for each in known) else text


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()
