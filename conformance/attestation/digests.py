"""Digests of what a statement binds: files, the lines of a journal, the suite itself."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import conformance
from conformance import __version__
from conformance.errors import UsageError
from conformance.files import opened

MOST_OF_A_LINE = 64 * 1024 * 1024
MODULUS = 2**256
NOT_THE_SUITE = frozenset({"contract/openapi.yaml"})
"""What an installed package holds and a statement names by itself."""


@dataclass(frozen=True, slots=True)
class Lines:
    """How many lines a file has, and a sum of their digests, which their order does not change.

    The file's own digest is what binds it. These only help to say what was done to it.
    """

    count: int
    sum: str


@dataclass(frozen=True, slots=True)
class Suite:
    """A version of this suite, and a digest of its files."""

    version: str
    sha256: str


def sha256_of(path: Path) -> str:
    """The digest of a file, in hexadecimal digits. Raises OSError."""
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def lines_of(path: Path, most: float = math.inf) -> Lines:
    """The lines of a file, or the first of them. Raises OSError."""
    count = total = 0
    with opened(path) as file:
        while count < most and (line := file.readline(MOST_OF_A_LINE)):
            count += 1
            total += int.from_bytes(hashlib.sha256(line).digest())
    return Lines(count, f"{total % MODULUS:064x}")


def beginning_of(path: Path, count: int) -> tuple[str, list[bytes]]:
    """The digest of the first lines of a file, and the lines behind them. Raises OSError."""
    digest, behind = hashlib.sha256(), list[bytes]()
    with opened(path) as file:
        for number in itertools.count():
            if not (line := file.readline(MOST_OF_A_LINE)):
                break
            if number < count:
                digest.update(line)
            else:
                behind.append(line)
    return digest.hexdigest(), behind


def canonical(record: Any) -> bytes:
    """A JSON value as bytes, the same ones for the same value."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def sha256(data: bytes) -> str:
    """The digest of some bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


@lru_cache(maxsize=1)
def this_suite() -> Suite:
    """The suite that is running."""
    root = Path(conformance.__file__).parent
    return Suite(__version__, digest_of_files(sources(root)))


def digest_of_files(files: Mapping[str, Path]) -> str:
    """The digest of what `sha256sum` prints for some files, in the order of their names.

    Raises UsageError for one that cannot be read.
    """
    try:
        lines = (f"{sha256_of(path)}  {name}\n" for name, path in sorted(files.items()))
        return sha256("".join(lines).encode())
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}; install the suite again") from None


def sources(package: Path) -> dict[str, Path]:
    """The files of a package by name, but for the contract and what Python compiles."""
    paths = {path.relative_to(package): path for path in package.rglob("*") if path.is_file()}
    return {
        name.as_posix(): path
        for name, path in paths.items()
        if "__pycache__" not in name.parts and name.as_posix() not in NOT_THE_SUITE
    }
