"""Recordings as streams of bytes: plain or gzip, told apart by how they begin."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from conformance.errors import UsageError

GZIP = b"\x1f\x8b"
MOST_AT_ONCE = 64 * 1024 * 1024
"""Bytes that one exchange may take in a file. All that is read grows no larger than that."""
MOST_MARKS = 4_000_000
"""Commas and brackets that one exchange may have: each can become an object in memory."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
JOURNALS = (".ndjson", ".ndjson.gz")
"""How the names of journals end."""
TORN = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a damaged gzip stream raises."""


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, without gzip. Raises UsageError for a file that cannot be read.

    Where a gzip stream is damaged, reading it raises one of TORN.
    """
    try:
        with path.open("rb") as file:
            is_gzip = file.peek(2)[:2] == GZIP
            yield gzip.GzipFile(fileobj=file) if is_gzip else file  # type: ignore[misc]
    except TORN as error:
        raise UsageError(f"{path}: the gzip stream is damaged ({error}); record it again") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}; give a readable file") from None


def begins_a_journal(head: bytes) -> bool:
    """Whether a file that begins with `head` is a journal of this suite."""
    start = head.removeprefix(BYTE_ORDER_MARK).lstrip()[:64].replace(b" ", b"")
    return start.startswith(b'{"kind":')


def marks(data: str | bytes) -> int:
    """How many values a JSON text can have, at most."""
    if isinstance(data, str):
        return data.count(",") + data.count("[") + data.count("{")
    return data.count(b",") + data.count(b"[") + data.count(b"{")
