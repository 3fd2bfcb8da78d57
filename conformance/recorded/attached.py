"""Bodies that stand beside a HAR file, as Playwright writes them (`content: "attach"`)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path
from typing import NamedTuple

from conformance.streams import STANDARD_INPUT, UNPACKABLE

MOST_BODY = 4 * 1024 * 1024
"""Bytes of a body that are looked at, as in a run."""
NAME = re.compile(r"(?P<digest>[0-9a-f]{40})(\.\w+)?")

Attached = Callable[[str], bytes | None]
"""The body of the name that an entry gives; None where there is none. One byte more than is looked
at says that it is larger."""


class Origin(NamedTuple):
    """What is known of a recording as a whole.

    `exact` says that this suite wrote it, byte for byte, and `ids` are those that the user knows.
    """

    attached: Attached
    exact: bool
    ids: tuple[str, ...]


def nothing_attached(_: str) -> None:
    """No body stands anywhere else."""


def beside(path: Path) -> Attached:
    """The bodies in the directory of a file, or in it where it is a ZIP archive.

    The name is the digest of what the file must hold: a recording cannot lead to any other file.
    """
    if path == STANDARD_INPUT:
        return nothing_attached
    archived = path.is_file() and zipfile.is_zipfile(path)  # a pipe is read but once

    def read(name: str) -> bytes | None:
        match = NAME.fullmatch(name)
        if match is None:
            return None
        try:
            data = _in_archive(path, name) if archived else _in_directory(path.parent / name)
        except (OSError, KeyError, RuntimeError, *UNPACKABLE):
            return None
        is_it = len(data) > MOST_BODY or sha1(data, usedforsecurity=False).hexdigest() == match[1]
        return data if is_it else None

    return read


def _in_archive(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
        return stream.read(MOST_BODY + 1)


def _in_directory(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as stream:
        return stream.read(MOST_BODY + 1)
