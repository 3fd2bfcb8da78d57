"""One operation of a vendor's document, in terms that the versions of OpenAPI share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from conformance.compare.model import Inconclusive
from conformance.compare.vendor import Node, Vendor, Version
from conformance.errors import UsageError
from conformance.lazily import lazily

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LATER_METHODS: Final = (*METHODS, "query")
"""Those of OpenAPI 3.2. What it has under `additionalOperations` cannot be a POST."""
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
"""What a body with fields of a form is, whatever else `consumes` says for other operations."""


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
    """What a request or a response may carry; not known where a reference was not followed."""

    node: Node
    media: Media
    is_known: bool = True


@dataclass(frozen=True)
class Operation:
    """One operation, in terms that the versions share.

    `items` are its path item and those that this refers to: beside a reference there may be
    parameters, servers and methods as well (OpenAPI 3.0.3, Path Item Object). `troubles` grows by
    what could not be read when a part is asked for.
    """

    vendor: Vendor
    method: str
    path: str
    items: tuple[Node, ...]
    node: Node
    troubles: list[Inconclusive] = field(default_factory=list)

    @property
    def is_v2(self) -> bool:
        """Whether the document is of version 2.0, which has another layout."""
        return self.vendor.version is Version.V2

    @lazily
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters; those of the operation come before those of its path. Raises."""
        found: dict[tuple[str, str], Parameter] = {}
        levels = (self.node, *self.items)
        for node in [node for level in levels for node in level.list("parameters")]:
            try:
                real = self.vendor.follow(node)
            except Inconclusive as trouble:
                self.troubles.append(trouble)
                continue
            if not isinstance(real.value, dict):
                raise UsageError(f"{real.pointer} is not an object; correct the document")
            name, where = real.text("name"), real.text("in")
            told = real.child("required")
            required = told.value if told is not None else False
            if not isinstance(required, bool):
                problem = f"`required` is {required!r:.40}, which is neither true nor false"
                self.troubles.append(Inconclusive(f"{real.pointer}/required", problem))
            required = required is True
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

    @lazily
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
        types = [kind for kind in self._types("consumes") if kind.partition(";")[0] in FORMS]
        return Body(fields[0].node, dict.fromkeys(types or FORMS[:1]))

    @lazily
    def answers(self) -> Mapping[str, Body]:
        """The responses by their status, `default`, or range such as 4XX. Raises."""
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
        is_file = self.vendor.follow(schema).text("type") == "file"  # any bytes (2.0, Response)
        return Body(real, dict.fromkeys(self._types("produces"), None if is_file else schema))

    def _content(self, real: Node) -> Body:
        media = {name: self.vendor.follow(node) for name, node in real.object("content").items()}
        for node in media.values():
            if self.vendor.version is Version.V32 and node.child("itemSchema") is not None:
                problem = "itemSchema is not compared; describe the whole body by a schema"
                raise Inconclusive(node.pointer, problem)
        return Body(real, {name.lower(): node.child("schema") for name, node in media.items()})

    def _types(self, name: str) -> list[str]:
        own = self.node.child(name) or self.vendor.root.child(name)
        listed = own.value if own is not None and isinstance(own.value, list) else []
        return [kind.lower() for kind in listed if isinstance(kind, str)] or ["application/json"]

    @lazily
    def security(self) -> Node | None:
        """The alternatives of authentication, or None where nothing is said."""
        return self.node.child("security") or self.vendor.root.child("security")


def operations(vendor: Vendor) -> Iterator[Operation]:
    """Every operation, references of path items followed. Raises UsageError."""
    methods = LATER_METHODS if vendor.version is Version.V32 else METHODS
    for path, item in vendor.root.object("paths").items():
        items: list[Node] = []
        troubles: list[Inconclusive] = []
        try:
            items.extend(vendor.chain(item))
        except Inconclusive as trouble:
            troubles.append(trouble)
            vendor.unread.append(trouble)
        for method in methods:
            nodes = [node for each in items if (node := each.child(method)) is not None]
            if nodes and isinstance(nodes[0].value, dict):
                yield Operation(vendor, method, path, tuple(items), nodes[0], [*troubles])
