"""Files that others may have written, opened so that none of them can hang or flood who reads it;
and files that are written all or nothing, for their owner only.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import IO

MIB = 1024 * 1024
MOST_OF_A_KEY = MOST_OF_A_CONFIG = MIB
MOST_OF_A_CAMPAIGN, MOST_OF_A_PLAN, MOST_OF_A_REPORT = 16 * MIB, 64 * MIB, 64 * MIB
MOST_OF_A_MATRIX = 1024 * MIB
"""Bytes of a file of that kind, which is read at once."""


def opened(path: Path, *, follows: bool = False) -> BufferedReader:
    """A regular file, open to be read; where it `follows`, a link to one is as good.

    Files that a user keeps may stand behind links, as those of Kubernetes do; those in a directory
    that goes from hand to hand may not. Raises OSError for anything else, and waits for nothing.
    """
    return os.fdopen(_regular(path, os.O_RDONLY, follows=follows), "rb")


def opened_to_append(path: Path) -> int:
    """The descriptor of a file of its own name, made for its owner only where it is not there.

    Raises OSError for a link or anything else: what stands behind it is not ours to write to.
    """
    file = _regular(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, follows=False)
    if os.fstat(file).st_nlink > 1:
        os.close(file)
        raise OSError(errno.EMLINK, "it is a hard link", str(path))
    return file


def _regular(path: Path, flags: int, *, follows: bool) -> int:
    if not follows:
        flags |= os.O_NOFOLLOW
    try:
        file = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP and path.is_symlink():
            raise OSError(errno.ELOOP, "it is a symbolic link", str(path)) from None
        if error.errno == errno.ENXIO:  # a pipe that nobody reads
            raise OSError(errno.ENXIO, "it is no regular file", str(path)) from None
        raise
    mode = os.fstat(file).st_mode
    if not stat.S_ISREG(mode):
        os.close(file)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return file


def read_file(path: Path, most: int, *, follows: bool = True) -> bytes:
    """The bytes of a regular file, which has no more than `most`. Raises OSError."""
    with opened(path, follows=follows) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most // MIB} MiB", str(path))
    return data


def read_text(path: Path, most: int) -> str:
    """The text of a regular file in UTF-8. Raises OSError, and ValueError for another encoding."""
    return read_file(path, most).decode("utf-8-sig")


def replace_file(path: Path, write: Callable[[IO[str]], None]) -> Path:
    """Write a file all or nothing: a reader sees the old one or the new one, never a part."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            write(file)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def replace_text(path: Path, text: str) -> Path:
    """Write a text as a file, all or nothing."""

    def write(file: IO[str]) -> None:
        file.write(text)

    return replace_file(path, write)
