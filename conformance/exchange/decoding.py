"""Content codings of an answer, undone within a ceiling (RFC 9110, section 8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

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
        inflater = zlib.decompressobj(window)
        try:
            plain = inflater.decompress(body, ceiling + 1)
        except zlib.error:
            continue
        if len(plain) > ceiling:
            raise TooLarge(f"more than {ceiling} bytes once decoded")
        return plain
    return body
