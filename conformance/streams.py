"""Recordings as streams of bytes: plain or gzip, told apart by how they begin."""

from __future__ import annotations

import gzip
import lzma
import sys
import zipfile
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from conformance import files
from conformance.errors import UsageError

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
IS_ENCRYPTED = 0x1
MOST_AT_ONCE = 64 * 1024 * 1024
"""Bytes that one exchange may take in a file. All that is read grows no larger than that."""
MOST_MARKS = 4_000_000
"""Commas and brackets that one exchange may have: each can become an object in memory."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
STANDARD_INPUT = Path("-")
"""How standard input is named."""
JOURNALS = (".ndjson", ".ndjson.gz")
"""How the names of journals end."""
TORN = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading a damaged gzip stream raises."""
UNPACKABLE = (
    zipfile.BadZipFile,
    NotImplementedError,
    UnicodeDecodeError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
)
"""What reading a ZIP archive raises that is damaged, or packed in a way that is not known."""


class BadArchive(ValueError):
    """A ZIP archive of which no HAR file can be read; the message says why."""


def _is_har(name: str) -> bool:
    """Whether a name in an archive is that of a HAR file, and not of what macOS keeps beside it."""
    return name.endswith(".har") and not name.rpartition("/")[2].startswith("._")


@contextmanager
def _in_archive(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The one HAR file in a ZIP archive, as Playwright writes it. Raises BadArchive."""
    try:
        with zipfile.ZipFile(file) as archive:
            found = [each for each in archive.infolist() if _is_har(each.filename)]
            if len(found) != 1 or found[0].flag_bits & IS_ENCRYPTED:
                raise BadArchive("a ZIP archive that does not hold one HAR file for all to read")
            with archive.open(found[0]) as stream:
                yield stream
    except UNPACKABLE as error:
        raise BadArchive(f"the ZIP archive cannot be read ({error})") from None


@contextmanager
def opened(path: Path, *, is_own: bool = False) -> Iterator[IO[bytes]]:
    """The bytes of a file or of standard input, without gzip or ZIP or a byte order mark.

    A file that `is_own` is about to be written: it has to be a regular one, and no link. Raises
    UsageError for a file that cannot be read. Where a gzip stream is damaged, reading it raises one
    of TORN.
    """
    try:
        with _opened(path, is_own=is_own) as file:
            begins = file.peek(4)[:4]
            with _in_archive(file) if begins == ZIP else nullcontext(file) as inner:
                stream: Any = gzip.GzipFile(fileobj=inner) if begins[:2] == GZIP else inner
                if stream.peek(3)[:3] == BOM_UTF8:
                    stream.read(3)
                yield stream
    except BadArchive as error:
        raise UsageError(f"{path}: {error}; unpack it and give the HAR file in it") from None
    except TORN as error:
        raise UsageError(f"{path}: the gzip stream is damaged ({error}); record it again") from None
    except IsADirectoryError:
        raise UsageError(f"{path}: a directory; give a file in it, as journal.ndjson") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}; give a readable file") from None


def _opened(path: Path, *, is_own: bool) -> AbstractContextManager[Any]:
    if path == STANDARD_INPUT and not is_own:
        return nullcontext(sys.stdin.buffer)
    return files.opened(path) if is_own else path.open("rb")


def begins_a_journal(head: bytes) -> bool:
    """Whether a file that begins with `head` is a journal of this suite."""
    start = head.removeprefix(BYTE_ORDER_MARK).lstrip()[:64].replace(b" ", b"")
    return start.startswith(b'{"kind":')


def marks(data: str | bytes) -> int:
    """How many values a JSON text can have, at most."""
    if isinstance(data, str):
        return data.count(",") + data.count("[") + data.count("{")
    return data.count(b",") + data.count(b"[") + data.count(b"{")
