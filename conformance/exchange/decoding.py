"""Content codings of a response, undone within a limit (RFC 9110, section 8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

MOST_CODINGS = 5
"""Codings on top of each other that are undone; curl undoes as many."""
MOST_MEMBERS = 100
"""Compressed members of one body that are undone."""
GZIP, ZLIB, BARE = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
WRAPPERS = {"gzip": (GZIP,), "x-gzip": (GZIP,), "deflate": (ZLIB, BARE)}
"""How each coding is wrapped; some servers send a bare stream as deflate."""


class TooLarge(ValueError):
    """The decoded body is larger than the ceiling."""


class Undecodable(ValueError):
    """The body does not follow the codings it claims, or one of them is not known here."""


def decoded(body: bytes, codings: Sequence[str], ceiling: int) -> bytes:
    """The body without its content codings, the last one undone first.

    Raises Undecodable, and TooLarge where more than `ceiling` bytes would come out.
    """
    listed = [name.strip().lower() for value in codings for name in value.split(",")]
    names = [name for name in listed if name not in ("", "identity")]
    if len(names) > MOST_CODINGS:
        raise Undecodable(f"a body in {len(names)} content codings")
    for name in reversed(names):
        body = _inflated(body, name, ceiling)
    return body


def _inflated(body: bytes, coding: str, ceiling: int) -> bytes:
    """The body inflated by the first wrapper of its coding that fits it as a whole."""
    for window in WRAPPERS.get(coding, ()):
        try:
            return b"".join(_members(body, window, ceiling))
        except zlib.error:
            continue
    if coding not in WRAPPERS:  # its name stands in the header, secrets taken out
        raise Undecodable("a content coding that is not known")
    raise Undecodable(f"a body that cannot be decoded from {coding}")


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
