"""Turns schemas of any OpenAPI version into JSON Schema 2020-12, each at the place it had.

A converted schema keeps its pointer (below `ROOT`), so that what a validator says of it leads back
to the vendor's document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from conformance.compare.model import Inconclusive, Obstacle
from conformance.compare.pointers import escaped, unescaped
from conformance.compare.vendor import Node, Vendor, Version
from conformance.errors import UsageError

ROOT: Final = "x-vendor"
PLAIN: Final = frozenset(
    [
        "type",
        "enum",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "required",
        "format",
    ]
)
LATER_PLAIN: Final = frozenset(["const", "minContains", "maxContains", "dependentRequired"])
SINGLE: Final = frozenset(("items", "additionalProperties", "not"))
LATER_SINGLE: Final = frozenset(
    ["propertyNames", "contains", "if", "then", "else", "unevaluatedItems", "unevaluatedProperties"]
)
LISTS: Final = frozenset(("allOf", "anyOf", "oneOf"))
MAPS: Final = frozenset(("properties",))
LATER_MAPS: Final = frozenset(("patternProperties", "dependentSchemas", "$defs"))
NOT_UNDERSTOOD: Final = frozenset(
    [
        "$id",
        "$anchor",
        "$dynamicRef",
        "$dynamicAnchor",
        "$recursiveRef",
        "$recursiveAnchor",
        "$schema",
    ]
)
LATER: Final = LATER_PLAIN | LATER_SINGLE | LATER_MAPS | {"prefixItems"}
ABSENT_IN_V2: Final = LATER | {"anyOf", "oneOf", "not"}
FORMATS: Final = frozenset(
    [
        "date-time",
        "date",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uuid",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
        "regex",
    ]
)
"""Formats that restrict a value; the others are remarks."""
ANNOTATIONS: Final = frozenset(
    [
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "xml",
        "externalDocs",
        "discriminator",
        "nullable",
        "$comment",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "name",
        "in",
        "allowEmptyValue",
        "collectionFormat",
        "style",
        "explode",
        "allowReserved",
        "schema",
        "content",
    ]
)


@dataclass
class Converter:
    """Converts what one schema reaches. `for_answers` decides between readOnly and writeOnly."""

    vendor: Vendor
    for_answers: bool
    obstacles: list[Obstacle] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    is_readable: bool = True
    _converted: dict[str, Any] = field(default_factory=dict)
    _waiting: list[Node] = field(default_factory=list)

    def document(self, schema: Node) -> dict[str, Any]:
        """A JSON Schema for the values of `schema`, with all that it refers to.

        What could not be understood is told by `obstacles`; where `is_readable` is false, the
        result says less than the document does. Raises UsageError where a schema is no schema.
        """
        self._waiting.append(schema)
        while self._waiting:
            node = self._waiting.pop()
            if node.pointer not in self._converted:
                self._converted[node.pointer] = self._schema(node)
        tree: dict[str, Any] = {}
        for pointer in sorted(self._converted, key=lambda text: text.count("/")):
            _put(tree, pointer, self._converted[pointer])
        return {"$ref": reference_to(schema.pointer), ROOT: tree}

    def _obstacle(self, pointer: str, problem: str) -> None:
        self.obstacles.append(Obstacle(self.vendor.source.place(pointer), problem))

    def _schema(self, node: Node) -> Any:
        if isinstance(node.value, bool):
            return node.value
        if not isinstance(node.value, dict):
            raise UsageError(f"{node.pointer} is not a schema; correct the document")
        found: dict[str, Any] = {}
        if "$ref" in node.value:
            self._reference(node, found)
            if not self.vendor.version.is_modern:
                return found
        for keyword in node.value:
            inner = node.child(keyword)
            if inner is not None and keyword != "$ref":
                self._keyword(keyword, inner, found)
        if not self.vendor.version.is_modern:
            _bounds(found)
            self._nullable(node, found)
        self._one_way(node, found)
        return found

    def _reference(self, node: Node, found: dict[str, Any]) -> None:
        try:
            pointer = self.vendor.target(node)
            assert pointer is not None
            self._waiting.append(self.vendor.at(pointer, node.pointer))
            found["$ref"] = reference_to(pointer)
        except Inconclusive as problem:
            self._obstacle(problem.pointer, str(problem))
            self.is_readable = False

    def _keyword(self, keyword: str, inner: Node, found: dict[str, Any]) -> None:
        self._judge_keyword(keyword, inner)
        if keyword == "items" and isinstance(inner.value, list):
            raise UsageError(f"{inner.pointer} is not a schema; correct the document")
        if keyword in PLAIN | LATER_PLAIN:
            is_remark = keyword == "format" and inner.value not in FORMATS
            if not is_remark and not (keyword == "required" and isinstance(inner.value, bool)):
                found[keyword] = inner.value
        elif keyword in SINGLE | LATER_SINGLE:
            found[keyword] = self._schema(inner)
        elif keyword in LISTS or keyword == "prefixItems":
            if not isinstance(inner.value, list):
                raise UsageError(f"{inner.pointer} is not a list; correct the document")
            found[keyword] = [
                self._schema(Node(f"{inner.pointer}/{place}", value))
                for place, value in enumerate(inner.value)
            ]
        elif keyword in MAPS | LATER_MAPS:
            if not isinstance(inner.value, dict):
                raise UsageError(f"{inner.pointer} is not an object; correct the document")
            found[keyword] = {
                name: self._schema(Node(f"{inner.pointer}/{escaped(name)}", value))
                for name, value in inner.value.items()
            }

    def _judge_keyword(self, keyword: str, inner: Node) -> None:
        """Say what of a schema is not understood, or not taken into account."""
        version = self.vendor.version
        absent = {Version.V2: ABSENT_IN_V2, Version.V30: LATER}
        if keyword in NOT_UNDERSTOOD:
            self._obstacle(inner.pointer, f"the keyword {keyword} is not supported; leave it out")
            self.is_readable = False
        elif keyword in absent.get(version, ()):
            problem = f"OpenAPI {version.value} has no keyword {keyword}: read as in JSON Schema"
            self._obstacle(inner.pointer, f"{problem}; say it otherwise, or raise the version")
        elif keyword == "nullable" and version.is_modern and inner.value:
            self.notes.add("`nullable` is no keyword of OpenAPI 3.1 and later, and was ignored")
        elif keyword not in _KNOWN and not keyword.startswith("x-"):
            self.notes.add(f"`{keyword[:40]}` is no keyword of a schema and was ignored")

    def _nullable(self, node: Node, found: dict[str, Any]) -> None:
        """`nullable` adds null to the type beside it, and means nothing without one (3.0.3)."""
        keyword = "x-nullable" if self.vendor.version is Version.V2 else "nullable"
        if node.value.get(keyword) is not True:
            return
        if isinstance(found.get("type"), str):
            found["type"] = [found["type"], "null"]
        else:
            self.notes.add("`nullable` without a `type` beside it says nothing and was ignored")

    def _one_way(self, node: Node, found: dict[str, Any]) -> None:
        """Take out what is for the other direction: it is neither required nor sent."""
        keyword = "writeOnly" if self.for_answers else "readOnly"
        properties = node.object("properties")
        absent = [name for name, inner in properties.items() if self._is(keyword, inner)]
        if not absent:
            return
        found["properties"] = {**found["properties"], **dict.fromkeys(absent, False)}
        if isinstance(found.get("required"), list):
            found["required"] = [name for name in found["required"] if name not in absent]

    def _is(self, keyword: str, node: Node) -> bool:
        try:
            real = self.vendor.follow(node)
        except Inconclusive:
            return False
        return isinstance(real.value, dict) and real.value.get(keyword) is True


_KNOWN: Final = PLAIN | SINGLE | LISTS | MAPS | LATER | NOT_UNDERSTOOD | ANNOTATIONS | {"$ref"}


def reference_to(pointer: str) -> str:
    """The reference to a pointer of the vendor's document, in a converted one."""
    return f"#/{ROOT}{quote(pointer, safe='/~!$&*+,;=:@')}"


def _bounds(found: dict[str, Any]) -> None:
    """A bound that a boolean makes exclusive becomes an exclusive bound."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        is_exclusive = found.get(exclusive)
        if isinstance(is_exclusive, bool):
            del found[exclusive]
        if is_exclusive is True and bound in found:
            found[exclusive] = found.pop(bound)


def _put(tree: dict[str, Any], pointer: str, schema: Any) -> None:
    """Put a schema where its pointer says, unless an outer schema has it there already."""
    steps = [unescaped(step) for step in pointer.split("/")[1:]]
    inner: Any = tree
    for step in steps[:-1]:
        if isinstance(inner, list):
            inner = inner[int(step)]
        elif isinstance(inner, dict):
            inner = inner.setdefault(step, {})
        else:
            return
    if isinstance(inner, dict) and steps:
        inner.setdefault(steps[-1], schema)
