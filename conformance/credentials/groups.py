"""Encodings of bytes in groups of characters: hexadecimal, base32, base64, base85.

Such a text may begin anywhere, so all of a text is decoded from each place at which a group may
begin, whatever is none of its characters is left out, and what can be read is kept.
"""

from __future__ import annotations

import binascii
import re
from array import array
from collections.abc import Callable, Iterator
from struct import pack

from msgspec import Struct

from conformance.credentials.encodings import (
    SHORTEST,
    Places,
    Step,
    ascii_of,
    marking,
    places_of,
)

BETWEEN = "\x7f"
"""Stands in a view between stretches that were decoded apart."""
_ASCII, _SPACES = rb"[\x00\t\n\r -~]", rb"\xe2[\x80\x81][\x80-\xbf]"
_PROMISING = re.compile(rb"[\x00\t\n\r -~\xe2\x80-\xbf]{%d,}" % SHORTEST)
"""Bytes of which readable text is made: most of what is decoded is noise, and told by them."""
_READABLE = re.compile(
    rb"(?:%b|%b){%d}(?:%b++|%b)*+" % (_ASCII, _SPACES, SHORTEST, _ASCII, _SPACES)
)
"""ASCII with what is invisible in UTF-16 and, of U+2000 to U+207F, in UTF-8; all behind the
shortest is taken in large bites."""


def _readable(raw: bytes) -> str:
    promising = b"\xff".join(_PROMISING.findall(raw))
    return BETWEEN.encode().join(_READABLE.findall(promising)).decode("latin-1")


def _readable_places(raw: bytes, place: Callable[[int], tuple[int, int]]) -> Places:
    """Where the characters that can be read come from; `place` says it of each byte."""
    starts, ends = array("I"), array("I")
    for run in _READABLE.finditer(raw):
        if starts:  # what stands between two
            starts.append(starts[-1])
            ends.append(ends[-1])
        for at in range(*run.span()):
            start, end = place(at)
            starts.append(start)
            ends.append(end)
    return starts, ends


class Bits(Struct, frozen=True):
    """Decodes characters of so many bits, from each at which a byte may begin."""

    marks: bytes
    bits: int
    table: bytes
    others: bytes
    decode: Callable[[bytes], bytes]
    loose: bool = True

    def view(self, text: str) -> str:
        """What can be read where all that is of the alphabet is decoded."""
        return _readable(b"\xff".join(self._decoded(ascii_of(text))))

    def _decoded(self, data: bytes) -> list[bytes]:
        digits = data.translate(self.table, self.others)
        if len(digits) * self.bits < SHORTEST * 8:
            return []
        return [self.decode(digits[first:]) for first in range(_BEGINNINGS[self.bits])]

    def places(self, text: str) -> Places:
        """Where each character of the view comes from."""
        data = ascii_of(text)
        kept = places_of(self.marks, data)
        decoded = self._decoded(data)
        length = max(map(len, decoded)) + 1
        last = len(kept) - 1

        def place(at: int) -> tuple[int, int]:
            first, byte = divmod(at, length)
            start = first + byte * 8 // self.bits
            end = first + (byte * 8 + 7) // self.bits
            return kept[min(start, last)], kept[min(end, last)] + 1

        return _readable_places(b"".join(raw.ljust(length, b"\xff") for raw in decoded), place)


_BEGINNINGS = {4: 2, 5: 8, 6: 4}
"""How many of the first characters may begin a byte, by the bits that each has."""


def _bits(alphabet: bytes, like: bytes, bits: int, decode: Callable[[bytes], bytes]) -> Bits:
    """An encoding: `like` are the digits that `decode` has for those of `alphabet`."""
    others = bytes(code for code in range(256) if code not in alphabet)
    return Bits(marking(alphabet), bits, bytes.maketrans(alphabet, like), others, decode)


def _hexadecimal(digits: bytes) -> bytes:
    return binascii.unhexlify(digits[: len(digits) // 2 * 2])


def _thirty_two(digits: bytes) -> bytes:
    spare = -len(digits) * 5 % 8
    return (int(digits, 32) << spare).to_bytes((len(digits) * 5 + spare) // 8, "big")


def _sixty_four(digits: bytes) -> bytes:
    return binascii.a2b_base64(digits + b"A" * (-len(digits) % 4))


class Eighty5(Struct, frozen=True):
    """Decodes base85, four bytes in five characters, from each character on.

    Only what may be text is decoded: at least four groups in a row with a first character as that
    of text has it, in ASCII or in UTF-16, and what is left of a group behind them.
    """

    table: bytes
    loose: bool = True

    def view(self, text: str) -> str:
        """What can be read where all that may be text is decoded."""
        return _readable(b"\xff".join([raw for raw, *_ in self._runs(ascii_of(text))]))

    def _runs(self, data: bytes) -> Iterator[tuple[bytes, int, int]]:
        """What runs of groups mean, and where among the digits each begins and ends."""
        digits = data.translate(self.table, _INVISIBLE)
        for first in range(5 if len(digits) >= 5 * LEAST_GROUPS else 0):
            for run in _GROUPS_OF_TEXT.finditer(digits[first::5]):
                start, end = (first + 5 * at for at in run.span())
                yield from _run(digits, start, end)

    def places(self, text: str) -> Places:
        """Where each character of the view comes from."""
        data = ascii_of(text)
        kept = places_of(_VISIBLE, data)
        raw = bytearray()
        groups: list[tuple[int, int]] = []
        for run, start, end in self._runs(data):
            raw += run + b"\xff"
            for at in range(start, start + (len(run) // 4 + 1) * 5, 5):
                groups += [(kept[at], kept[min(at + 5, end) - 1] + 1)] * 4 if at < end else [(0, 0)]
            del groups[len(raw) :]
        return _readable_places(bytes(raw), groups.__getitem__)


_VISIBLE = marking(range(0x21, 0x7F))
_INVISIBLE = bytes([*range(0x21), *range(0x80, 0x100)])
"""What is left out, but for the mark between texts, behind which a group begins anew."""
LEAST_GROUPS = 4
_GROUPS_OF_TEXT = re.compile(rb"[\x00\x02-\x04\x0a-\x28]{%d,}" % LEAST_GROUPS)
_POWERS = 85**4, 85**3, 85**2, 85


def _run(digits: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """What whole groups in a row mean, with what is left of one behind them."""
    while start < end:
        mark = digits.find(b"\xff", start, end)
        groups = ((min(end, len(digits)) if mark < 0 else mark) - start) // 5
        behind = start + 5 * groups
        if groups >= LEAST_GROUPS:
            whole = _fours(digits[start:behind])
            for length, rest in _rests(digits[behind : behind + 5].partition(b"\xff")[0]):
                yield whole + rest, start, behind + length
        start = behind + 5


def _fours(groups: bytes) -> bytes:
    """The bytes of groups of base85."""
    columns = (groups[at::5] for at in range(5))
    p, q, r, s = _POWERS
    values = [a * p + b * q + c * r + d * s + e for a, b, c, d, e in zip(*columns, strict=True)]
    if max(values) < 1 << 32:
        return pack(f">{len(values)}I", *values)
    return b"".join(_four(groups[at : at + 5]) for at in range(0, len(groups), 5))


def _four(group: bytes) -> bytes:
    """The bytes of a group of base85; what is none comes out as what cannot be read."""
    a, b, c, d, e = group
    value = a * _POWERS[0] + b * _POWERS[1] + c * _POWERS[2] + d * _POWERS[3] + e
    return value.to_bytes(4, "big") if value < 1 << 32 else b"\xff\xff\xff\xff"


def _rests(group: bytes) -> Iterator[tuple[int, bytes]]:
    """What a last group may mean; where others follow, it may end at any of its characters."""
    for length in range(2, 5) if len(group) == 5 else (len(group),):
        yield length, _four((group[:length] + b"\x54" * 5)[:5])[: max(length - 1, 0)]


_DIGITS = b"0123456789"
_SMALL = b"abcdefghijklmnopqrstuvwxyz"
_LARGE = _SMALL.upper()
_32 = _DIGITS + b"abcdefghijklmnopqrstuv"
_OF_GIT = _DIGITS + _LARGE + _SMALL + b"!#$%&()*+-;<=>?@^_`{|}~"
_OF_ADOBE = bytes(range(0x21, 0x76))


def _eighty_five(alphabet: bytes) -> Eighty5:
    return Eighty5(bytes(alphabet.find(code) % 256 for code in range(256)))


GROUPS: tuple[Step, ...] = (
    _bits(_DIGITS + b"abcdefABCDEF", _DIGITS + b"abcdefabcdef", 4, _hexadecimal),
    _bits(_LARGE + _SMALL + b"234567", _32[:26] * 2 + _32[26:], 5, _thirty_two),
    _bits(_32 + _LARGE[:22], _32 + _32[10:], 5, _thirty_two),
    _bits(_LARGE + _SMALL + _DIGITS + b"+/-_", _LARGE + _SMALL + _DIGITS + b"+/+/", 6, _sixty_four),
    _eighty_five(_OF_GIT),
    _eighty_five(_OF_ADOBE),
)
"""Base16, base32, base32hex, base64 and base64url (RFC 4648), base85 of Git and of Adobe."""
