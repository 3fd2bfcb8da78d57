"""The files that references of a vendor's document lead to: below its directory, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import unquote, urlsplit

from conformance.compare.pointers import escaped
from conformance.compare.source import FILE, LARGEST, Source, read_source
from conformance.compare.spots import MOST
from conformance.errors import UsageError

MOST_FILES: Final = 2000
REMEDY: Final = "bundle the document into one file first"


def other_file(source: Source, reference: str, pointer: str) -> str:
    """How pointers into the file of a reference at `pointer` begin; it is read once.

    The name is relative to the file that the reference stands in. Raises UsageError where it
    leads to no file below the directory of `source`, or to more than is read.
    """
    asking, _, _ = source.located(pointer)
    told = f"the reference to {reference[:80]!r}"
    if source.path is None or asking.path is None or not _is_relative(reference):
        raise UsageError(f"{told} is not followed: nothing is fetched; {REMEDY}")
    if source.document.get("$self") or asking.document.get("$self"):
        raise UsageError(f"{told} is no file name, as `$self` says; {REMEDY}")
    name, path = _below(source.path, asking.path.parent / unquote(reference), told)
    if path == source.path.resolve():
        return ""
    if name not in source.others:
        source.others[name] = _read(source, path, source.path.parent / name, told)
    return f"{FILE}{escaped(name)}"


def _is_relative(reference: str) -> bool:
    """Whether a reference is a name of a file rather than a URL."""
    try:
        parts = urlsplit(reference)
    except ValueError:
        return False
    return not (parts.scheme or parts.netloc or parts.query)


def _below(document: Path, named: Path, told: str) -> tuple[str, Path]:
    """A file's name below the directory of a document, links followed, and its real path."""
    try:
        path = named.resolve()
        name = path.relative_to(document.parent.resolve()).as_posix()
        is_file = path.is_file()
    except ValueError:
        raise UsageError(f"{told} is not below {document.parent}; {REMEDY}") from None
    except (OSError, RuntimeError):  # a name too long, links that lead in a circle
        _unreadable(told)
    if not is_file:
        _unreadable(told)
    return name, path


def _unreadable(told: str) -> NoReturn:
    raise UsageError(f"{told} leads to no file that can be read; correct it") from None


def _read(source: Source, path: Path, name: Path, told: str) -> Source:
    """A file, as far as all files together keep the limits of one."""
    if len(source.others) >= MOST_FILES:
        raise UsageError(
            f"{told} leads to one file more than the {MOST_FILES:,} that are read; {REMEDY}"
        )
    found = read_source(path, str(name))
    every = (source, *source.others.values(), found)
    if sum(each.size for each in every) > LARGEST or sum(each.values for each in every) > MOST:
        raise UsageError(
            f"{told} is not followed: the files together are too large; give the API of CSBS alone"
        )
    return found
