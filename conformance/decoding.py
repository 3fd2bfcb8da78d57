"""Content codings of a response, undone within limits (RFC 9110, section 8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Sequence

from msgspec.structs import replace

from conformance.model import Response, header_values

MOST_CODINGS = 5
"""Codings on top of each other that are undone; curl undoes as many."""
MOST_MEMBERS = 100
"""Compressed members of one body that are undone."""
SLICE = 64 * 1024
"""Bytes that come out of one coding before others have their turn."""
GZIP, ZLIB, BARE = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
WRAPPERS = {"gzip": (GZIP,), "x-gzip": (GZIP,), "deflate": (ZLIB, BARE)}
"""How each coding is wrapped; some servers send a bare stream as deflate."""

Undoing = Generator[None, None, bytes]
"""The work on a body: it stops at each `next` for something else, and returns the body."""


class TooLarge(ValueError):
    """The decoded body is larger than the limit."""


class Undecodable(ValueError):
    """The body does not follow the codings it claims, or one of them is not known here."""


def decoded(body: bytes, codings: Sequence[str], limit: int) -> bytes:
    """The body without its content codings, the last one undone first.

    Raises Undecodable, and TooLarge where more than `limit` bytes would come out.
    """
    work = undoing(body, codings, limit)
    while True:
        try:
            next(work)
        except StopIteration as done:
            whole: bytes = done.value
            return whole


def unpacked(response: Response, limit: int) -> Response:
    """The response with its content codings undone, or with why they cannot be.

    Raises TooLarge where more than `limit` bytes would come out.
    """
    codings = header_values(response.headers, "Content-Encoding")
    try:
        return replace(response, body=decoded(response.body, codings, limit))
    except Undecodable as error:
        return replace(response, undecodable=str(error))


def undoing(body: bytes, codings: Sequence[str], limit: int) -> Undoing:
    """The work that `decoded` does, in slices; it raises what that raises."""
    listed = [name.strip().lower() for value in codings for name in value.split(",")]
    names = [name for name in listed if name not in ("", "identity")]
    if len(names) > MOST_CODINGS:
        raise Undecodable(f"a body in {len(names)} content codings")
    for name in reversed(names):
        body = yield from _inflated(body, name, limit)
    return body


def _inflated(body: bytes, coding: str, limit: int) -> Undoing:
    """The body inflated by the first wrapper of its coding that fits it as a whole."""
    for window in WRAPPERS.get(coding, ()):
        try:
            return (yield from _members(body, window, limit))
        except zlib.error:
            continue
    if coding not in WRAPPERS:  # its name stands in the header, secrets taken out
        raise Undecodable("a content coding that is not known")
    raise Undecodable(f"a body that cannot be decoded from {coding}")


def _members(body: bytes, window: int, limit: int) -> Undoing:
    """The inflated members of a body: gzip may have several (RFC 1952, section 2.2).

    An empty one takes a few bytes, and a reader the more time the more of them there are.
    """
    plain = bytearray()
    members = 0
    while body:
        members += 1
        if members > MOST_MEMBERS:
            raise TooLarge(f"more than {MOST_MEMBERS} compressed members")
        inflater = zlib.decompressobj(window)
        while not inflater.eof:
            piece = inflater.decompress(body, SLICE)
            body = inflater.unconsumed_tail
            plain += piece
            if len(plain) > limit:
                raise TooLarge(f"more than {limit} bytes once decoded")
            if not piece and not body and not inflater.eof:
                raise zlib.error("the stream is torn")
            yield
        body = inflater.unused_data
    return bytes(plain)
