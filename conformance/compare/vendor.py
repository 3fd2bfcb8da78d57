"""The vendor's document: its version, its references, and the parts of one operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Final
from urllib.parse import unquote

from conformance.compare.files import other_file
from conformance.compare.model import Inconclusive
from conformance.compare.pointers import escaped, unescaped
from conformance.compare.source import Source
from conformance.errors import UsageError

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LATER_METHODS: Final = (*METHODS, "query")
"""Those of OpenAPI 3.2. What it has under `additionalOperations` cannot be a POST."""
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
        """The value under a name or an index, where there is one."""
        if isinstance(self.value, dict) and step in self.value:
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

    `unread` grows by why a path item could not be read from another file.
    """

    source: Source
    unread: list[UsageError] = field(default_factory=list)

    @cached_property
    def version(self) -> Version:
        """The version of OpenAPI. Raises UsageError where it is none of those known here."""
        document = self.source.document
        told = document.get("openapi", document.get("swagger"))
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

        Other files are read as far as `other_file` reads them. Raises UsageError for those that
        it does not, Inconclusive for what is no pointer.
        """
        if not isinstance(node.value, dict) or "$ref" not in node.value:
            return None
        reference = node.value["$ref"]
        if not isinstance(reference, str):
            raise Inconclusive(node.pointer, "a reference is not a text; correct it")
        file, _, inner = reference.partition("#")
        _, beginning, _ = self.source.located(node.pointer)
        if file:
            beginning = other_file(self.source, file, node.pointer)
        if not (inner.startswith("/") or (beginning and not inner)):
            problem = f"the reference to {reference[:80]} is no JSON pointer; write it as one"
            raise Inconclusive(node.pointer, problem)
        return beginning + unquote(inner)

    def follow(self, node: Node) -> Node:
        """What a node stands for, once its references are followed. Raises Inconclusive."""
        start = node.pointer
        for _ in range(LONGEST_CHAIN):
            pointer = self.target(node)
            if pointer is None:
                return node
            node = self.at(pointer, node.pointer)
        raise Inconclusive(start, "the references lead in a circle; correct them")

    def operations(self) -> Iterator[tuple[str, str, Node]]:
        """Every method, path and path item, references followed. Raises UsageError."""
        for path, item in self.root.object("paths").items():
            try:
                item = self.follow(item)
            except Inconclusive:
                continue
            except UsageError as error:
                self.unread.append(error)
                continue
            if isinstance(item.value, dict):
                for method in LATER_METHODS if self.version is Version.V32 else METHODS:
                    if isinstance(item.value.get(method), dict):
                        yield method, path, item


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; `schema` is None where the document says nothing about its value."""

    name: str
    where: str
    required: bool
    node: Node
    schema: Node | None


Media = Mapping[str, Node | None]
"""The schema of each media type; None where the document gives none."""


@dataclass(frozen=True)
class Body:
    """What a request or an answer may carry; not known where a reference was not followed."""

    node: Node
    media: Media
    is_known: bool = True


@dataclass(frozen=True)
class Operation:
    """One operation, in terms that the versions share.

    `troubles` grows by what could not be read when a part is asked for.
    """

    vendor: Vendor
    method: str
    path: str
    item: Node
    node: Node
    troubles: list[Inconclusive] = field(default_factory=list)

    @property
    def is_v2(self) -> bool:
        """Whether the document is of version 2.0, which has another layout."""
        return self.vendor.version is Version.V2

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters; those of the operation come before those of its path. Raises."""
        found: dict[tuple[str, str], Parameter] = {}
        for node in [*self.node.list("parameters"), *self.item.list("parameters")]:
            try:
                real = self.vendor.follow(node)
            except Inconclusive as trouble:
                self.troubles.append(trouble)
                continue
            if not isinstance(real.value, dict):
                raise UsageError(f"{real.pointer} is not an object; correct the document")
            name, where = real.text("name"), real.text("in")
            required = real.value.get("required") is True
            known = name.lower() if where == "header" else name
            found.setdefault(
                (where, known), Parameter(name, where, required, real, self._schema(real))
            )
        return tuple(found.values())

    def _schema(self, parameter: Node) -> Node | None:
        if self.is_v2 and parameter.text("in") != "body":
            return parameter
        if (schema := parameter.child("schema")) is not None:
            return schema
        content = parameter.object("content")
        first = next(iter(content.values()), None)
        return first.child("schema") if first else None

    @cached_property
    def body(self) -> Body | None:
        """The body of a request, or None where the operation takes none. Raises."""
        if not self.is_v2:
            node = self.node.child("requestBody")
            return None if node is None else self._content(self.vendor.follow(node))
        for parameter in self.parameters:
            if parameter.where == "body":
                types = self._types("consumes")
                return Body(parameter.node, dict.fromkeys(types, parameter.schema))
        fields = [parameter for parameter in self.parameters if parameter.where == "formData"]
        if not fields:
            return None
        types = self._types("consumes", "application/x-www-form-urlencoded")
        return Body(fields[0].node, dict.fromkeys(types))

    @cached_property
    def answers(self) -> Mapping[str, Body]:
        """The answers by their status, `default`, or range such as 4XX. Raises."""
        found: dict[str, Body] = {}
        for status, node in self.node.object("responses").items():
            if status.startswith("x-"):
                continue
            try:
                body = self._answer(self.vendor.follow(node))
            except Inconclusive as trouble:
                self.troubles.append(trouble)
                body = Body(node, {}, is_known=False)
            found[status.upper() if status != "default" else status] = body
        return found

    def _answer(self, real: Node) -> Body:
        if not self.is_v2:
            return self._content(real)
        schema = real.child("schema")
        if schema is None:
            return Body(real, {})
        return Body(real, dict.fromkeys(self._types("produces"), schema))

    def _content(self, real: Node) -> Body:
        media = {name: self.vendor.follow(node) for name, node in real.object("content").items()}
        for node in media.values():
            if self.vendor.version is Version.V32 and node.child("itemSchema") is not None:
                problem = "itemSchema is not compared; describe the whole body by a schema"
                raise Inconclusive(node.pointer, problem)
        return Body(real, {name.lower(): node.child("schema") for name, node in media.items()})

    def _types(self, name: str, otherwise: str = "application/json") -> list[str]:
        own = self.node.child(name) or self.vendor.root.child(name)
        listed = own.value if own is not None and isinstance(own.value, list) else []
        return [kind.lower() for kind in listed if isinstance(kind, str)] or [otherwise]

    @cached_property
    def security(self) -> Node | None:
        """The alternatives of authentication, or None where nothing is said."""
        return self.node.child("security") or self.vendor.root.child("security")
