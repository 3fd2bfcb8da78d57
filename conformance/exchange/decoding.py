"""Content codings of an answer, undone within a ceiling (RFC 9110, section 8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

MOST_CODINGS = 3


class TooLarge(ValueError):
    """The decoded body is larger than the ceiling."""


def decoded(body: bytes, codings: Sequence[str], ceiling: int) -> bytes:
    """The body without its content codings, the last one applied first.

    A coding that is not known, or a body that does not follow the coding it claims, is left as it
    is. Raises TooLarge where more than `ceiling` bytes would come out.
    """
    names = [name.strip().lower() for value in codings for name in value.split(",")]
    for name in reversed(names[:MOST_CODINGS]):
        if name in ("gzip", "x-gzip", "deflate"):
            body = _inflated(body, ceiling)
    return body


def _inflated(body: bytes, ceiling: int) -> bytes:
    """The inflated body; zlib and gzip wrappers are recognised, a bare deflate stream is tried."""
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        try:
            return b"".join(_members(body, window, ceiling))
        except zlib.error:
            continue
    return body


def _members(body: bytes, window: int, ceiling: int) -> Iterator[bytes]:
    """The inflated members of a body: gzip may have several (RFC 1952, section 2.2)."""
    while body:
        inflater = zlib.decompressobj(window)
        plain = inflater.decompress(body, ceiling + 1)
        ceiling -= len(plain)
        if ceiling < 0:
            raise TooLarge("more than the ceiling once decoded")
        yield plain
        body = inflater.unused_data if inflater.eof else b""
