"""A vendor's document: its file, and the other files that its references led to."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from conformance.compare.identifiers import Identifiers
from conformance.compare.model import Place
from conformance.compare.pointers import unescaped
from conformance.compare.reading import read_text
from conformance.compare.spots import MOST, Text, measure
from conformance.errors import UsageError
from conformance.lazily import lazily

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of a file."""
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FILE: Final = "/file:"
"""How a pointer begins that leads into another file; behind it stands the file's name, escaped."""


@dataclass(frozen=True)
class Source:
    """A document, and its text, which knows where in the file each of its values begins.

    `size` is the number of its bytes. `others` are the files that its references led to so far, by
    their names below its directory; without a `path` it has no such files.
    """

    name: str
    document: dict[str, Any]
    text: Text
    identifiers: Identifiers
    size: int = 0
    path: Path | None = None
    others: dict[str, Source] = field(default_factory=dict)

    @lazily
    def values(self) -> int:
        """How many values the document has."""
        return measure(self.document) or MOST

    def located(self, pointer: str) -> tuple[Source, str, str]:
        """The file of a pointer, how pointers into it begin, and what comes behind."""
        name, slash, inner = pointer.removeprefix(FILE).partition("/")
        other = self.others.get(unescaped(name)) if pointer.startswith(FILE) else None
        return (other, FILE + name, slash + inner) if other else (self, "", pointer)

    def place(self, pointer: str) -> Place:
        """The place of a pointer, or of the nearest value around it that has a line."""
        source, _, inner = self.located(pointer)
        return Place(inner, *source.text.line(inner), source.name)

    def named(self, pointer: str) -> str:
        """A pointer as people read it: with the file, where that is another."""
        source, _, inner = self.located(pointer)
        return pointer if source is self else f"{source.name}#{inner}"


def read_source(path: Path, name: str = "") -> Source:
    """The document in a file, called `name`. Raises UsageError where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        told = f"cannot read {name or path}: {error.strerror or error}; name a file"
        raise UsageError(told) from error
    return replace(parse_source(data, name or str(path)), path=path)


def parse_source(data: bytes, name: str) -> Source:
    """The document in the bytes of the file `name`. Raises UsageError."""
    if len(data) > LARGEST:
        raise UsageError(f"{name} is larger than {LARGEST >> 20} MiB; give the API of CSBS alone")
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        told = encoding.removesuffix("-sig").upper()
        raise UsageError(f"{name} is not {told} text (byte {error.start}); convert it") from error
    read = read_text(text.removeprefix("\ufeff"), name)
    if not isinstance(read.document, dict):
        raise UsageError(f"{name} is no OpenAPI document: an object is expected at its top")
    return Source(name, read.document, read, Identifiers(read.document), len(data))


def encoding_of(data: bytes) -> str:
    """The encoding of a text (YAML 1.2.2, section 5.2): UTF-8, unless its first bytes deny it."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if data[:1] == b"\0" and data[1:2] > b"\0":
        return "utf-16-be"
    if data[:1] > b"\0" and data[1:2] == b"\0":
        return "utf-16-le"
    return "utf-8-sig"
