"""Content codings of an answer, undone within a ceiling (RFC 9110, section 8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

MOST_CODINGS, MOST_MEMBERS = 3, 100
GZIP, ZLIB, BARE = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
WRAPPERS = {"gzip": (GZIP,), "x-gzip": (GZIP,), "deflate": (ZLIB, BARE)}
"""How each coding is wrapped; some servers send a bare stream as deflate."""


class TooLarge(ValueError):
    """The decoded body is larger than the ceiling."""


def decoded(body: bytes, codings: Sequence[str], ceiling: int) -> bytes:
    """The body without its content codings, the last one applied first.

    A coding that is not known, or a body that does not follow the coding it claims, is left as it
    is. Raises TooLarge where more than `ceiling` bytes would come out.
    """
    names = [name.strip().lower() for value in codings for name in value.split(",")]
    for name in reversed(names[-MOST_CODINGS:]):
        body = _inflated(body, WRAPPERS.get(name, ()), ceiling)
    return body


def _inflated(body: bytes, wrappers: Sequence[int], ceiling: int) -> bytes:
    """The body inflated by the first wrapper that fits it as a whole, or as it is."""
    for window in wrappers:
        try:
            return b"".join(_members(body, window, ceiling))
        except zlib.error:
            continue
    return body


def _members(body: bytes, window: int, ceiling: int) -> Iterator[bytes]:
    """The inflated members of a body: gzip may have several (RFC 1952, section 2.2).

    An empty one takes a few bytes, and a reader the more time the more of them there are.
    """
    size = members = 0
    while body:
        members += 1
        if members > MOST_MEMBERS:
            raise TooLarge(f"more than {MOST_MEMBERS} compressed members")
        inflater = zlib.decompressobj(window)
        plain = inflater.decompress(body, ceiling - size + 1)
        size += len(plain)
        if size > ceiling:
            raise TooLarge(f"more than {ceiling} bytes once decoded")
        if not inflater.eof:
            raise zlib.error("the stream is torn")
        yield plain
        body = inflater.unused_data
