"""The vendor's document: its version, its values, and what its references lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final
from urllib.parse import unquote

from conformance.compare.files import other_file
from conformance.compare.model import Inconclusive
from conformance.compare.pointers import escaped, unescaped
from conformance.compare.source import Source
from conformance.errors import UsageError
from conformance.lazily import lazily

LONGEST_CHAIN: Final = 100
"""References that lead from one to the next."""


class Version(Enum):
    """The versions of OpenAPI, as far as they differ here."""

    V2 = "2.0"
    V30 = "3.0"
    V31 = "3.1"
    V32 = "3.2"

    @property
    def is_modern(self) -> bool:
        """Whether schemas are those of JSON Schema 2020-12."""
        return self in (Version.V31, Version.V32)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the document, and its pointer there."""

    pointer: str
    value: Any

    def child(self, step: object) -> Node | None:
        """The value under a name or an index, where there is one.

        Serializers write null for what there is not; `const` alone may mean it.
        """
        is_field = isinstance(self.value, dict) and step in self.value
        if is_field and (self.value[step] is not None or step == "const"):
            return Node(f"{self.pointer}/{escaped(step)}", self.value[step])
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return Node(f"{self.pointer}/{step}", self.value[step])
        return None

    def object(self, step: str) -> dict[str, Node]:
        """The members of the object under a name; none where it is absent. Raises UsageError."""
        inner = self.child(step)
        if inner is None:
            return {}
        if not isinstance(inner.value, dict):
            raise UsageError(f"{inner.pointer} is not an object; correct the document")
        return {name: Node(f"{inner.pointer}/{escaped(name)}", inner.value[name])
                for name in inner.value}  # fmt: skip

    def list(self, step: str) -> list[Node]:
        """The items of the list under a name; none where it is absent. Raises UsageError."""
        inner = self.child(step)
        if inner is None:
            return []
        if not isinstance(inner.value, list):
            raise UsageError(f"{inner.pointer} is not a list; correct the document")
        return [Node(f"{inner.pointer}/{i}", value) for i, value in enumerate(inner.value)]

    def text(self, step: str) -> str:
        """The text under a name; empty where there is none."""
        value = self.value.get(step) if isinstance(self.value, dict) else None
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Vendor:
    """A vendor's OpenAPI document.

    `unread` grows by why the reference of a path item could not be followed, `notes` by how
    something was read, by the pointer of that.
    """

    source: Source
    unread: list[Inconclusive] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    @lazily
    def version(self) -> Version:
        """The version of OpenAPI. Raises UsageError where it is none of those known here."""
        document = self.source.document
        told = document.get("openapi") or document.get("swagger")
        text = str(told)
        if "openapi" in document and text[:3] in ("3.0", "3.1", "3.2"):
            return Version(text[:3])
        if "swagger" in document and text in ("2.0", "2"):
            return Version.V2
        found = "neither `openapi` nor `swagger`" if told is None else f"the version {text[:40]!r}"
        versions = ", ".join(version.value for version in Version)
        raise UsageError(
            f"{self.source.name} is no OpenAPI document of one of the versions {versions}: "
            f"it has {found}"
        )

    @property
    def root(self) -> Node:
        """The whole document."""
        return Node("", self.source.document)

    def at(self, pointer: str, asked_by: str) -> Node:
        """The value of a pointer that a reference at `asked_by` names. Raises Inconclusive."""
        source, beginning, rest = self.source.located(pointer)
        node = Node(beginning, source.document)
        for step in rest.split("/")[1:]:
            name = unescaped(step)
            index = isinstance(node.value, list) and name.isdecimal() and len(name) < 9
            inner = node.child(int(name) if index else name)
            if inner is None:
                told = f"#{rest}" if not beginning else f"{source.name}#{rest}"
                problem = f"the reference to {told[:80]} leads nowhere; correct it"
                raise Inconclusive(asked_by, problem)
            node = inner
        return node

    def target(self, node: Node) -> str | None:
        """The pointer that the reference of a node names, or None where it is no reference.

        Other files are read as far as `other_file` reads them. Raises Inconclusive for those that
        it does not, and for what is no pointer.
        """
        told = node.child("$ref") if isinstance(node.value, dict) else None
        if told is None:
            return None
        reference = told.value
        if not isinstance(reference, str):
            raise Inconclusive(node.pointer, "a reference is not a text; correct it")
        source, beginning, inside = self.source.located(node.pointer)
        located = None
        if self.version.is_modern:
            located = source.identifiers.located(reference, inside)
        if located is None:
            file, _, inner = reference.partition("#")
            if file:
                beginning = self._file(file, node)
                source, _, _ = self.source.located(beginning)
            inner = unquote(inner)
            anchored = source.identifiers.anchor(inner) if self.version.is_modern else None
            located = (anchored, "") if anchored is not None else ("", inner)
        resource, inner = located
        if (inner and not inner.startswith("/")) or not (beginning or resource or inner):
            problem = f"{reference[:80]} is no JSON pointer, and no anchor; write it as one"
            raise Inconclusive(node.pointer, f"the reference to {problem}")
        return beginning + self._within(node, beginning, resource, inner)

    def _file(self, name: str, node: Node) -> str:
        """How pointers into a file begin that a node refers to. Raises Inconclusive."""
        try:
            return other_file(self.source, name, node.pointer)
        except UsageError as error:
            raise Inconclusive(node.pointer, str(error)) from None

    def _within(self, node: Node, beginning: str, resource: str, inner: str) -> str:
        """The pointer of a place in a resource, a schema with an identifier.

        Where it has no such place and the whole document has, that is meant: most tools read it so.
        """
        for start in (resource, "") if resource and inner else ():
            try:
                self.at(beginning + start + inner, node.pointer)
            except Inconclusive:
                continue
            if start != resource:
                told = f"the reference to #{inner[:80]} leads nowhere from the `$id` around it"
                self.notes[node.pointer] = f"{told}; it was read from the top of the document"
            return start + inner
        return resource + inner

    def follow(self, node: Node) -> Node:
        """What a node stands for, once its references are followed. Raises Inconclusive."""
        *_, last = self.chain(node)
        return last

    def chain(self, node: Node) -> Iterator[Node]:
        """A node, and those that its references lead to in turn. Raises Inconclusive."""
        start = node.pointer
        for _ in range(LONGEST_CHAIN):
            yield node
            pointer = self.target(node)
            if pointer is None:
                return
            node = self.at(pointer, node.pointer)
        raise Inconclusive(start, "the references lead in a circle; correct them")
