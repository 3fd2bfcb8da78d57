"""Turns schemas of any OpenAPI version into JSON Schema 2020-12, each at the place it had.

A converted schema keeps its pointer (below `ROOT`), so that what a validator says of it leads back
to the vendor's document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from conformance.compare.keywords import (
    ABSENT_IN_V2,
    ANNOTATIONS,
    DIALECTS,
    FORMATS,
    KNOWN,
    LATER,
    LATER_MAPS,
    LATER_PLAIN,
    LATER_SINGLE,
    LISTS,
    MAPS,
    NOT_UNDERSTOOD,
    PLAIN,
    SINGLE,
)
from conformance.compare.model import Inconclusive, Obstacle
from conformance.compare.pointers import escaped, unescaped
from conformance.compare.vendor import Node, Vendor, Version

ROOT: Final = "x-vendor"


@dataclass
class Converter:
    """Converts what one schema reaches. `for_answers` decides between readOnly and writeOnly.

    `notes` grows by what was ignored, each with the pointer of the first place.
    """

    vendor: Vendor
    for_answers: bool
    obstacles: list[Obstacle] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    is_readable: bool = True
    _converted: dict[str, Any] = field(default_factory=dict)
    _waiting: list[Node] = field(default_factory=list)

    def document(self, schema: Node) -> dict[str, Any]:
        """A JSON Schema for the values of `schema`, with all that it refers to.

        What could not be understood is told by `obstacles`; where `is_readable` is false, the
        result says less than the document does.
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

    def _unreadable(self, node: Node, wanted: str) -> dict[str, Any]:
        """Note that something else stands where a schema, or a part of one, is wanted."""
        self._obstacle(node.pointer, f"this is not {wanted}; correct it")
        self.is_readable = False
        return {}

    def _note(self, told: str, node: Node) -> None:
        self.notes.setdefault(told, node.pointer)

    def _schema(self, node: Node) -> Any:
        if isinstance(node.value, bool):
            return node.value
        if not isinstance(node.value, dict):
            return self._unreadable(node, "a schema")
        found: dict[str, Any] = {}
        is_modern = self.vendor.version.is_modern
        if "$ref" in node.value:
            self._reference(node, found)
            if not is_modern:
                self._ignored(node)
                return found
        if is_modern and "$dynamicRef" in node.value:
            self._dynamic_reference(node, found)
        for keyword in node.value:
            inner = node.child(keyword)
            if inner is not None and keyword not in ("$ref", "$dynamicRef"):
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

    def _dynamic_reference(self, node: Node, found: dict[str, Any]) -> None:
        """Where only one anchor can be meant, a dynamic reference is a reference."""
        source, beginning, _ = self.vendor.source.located(node.pointer)
        pointer = source.identifiers.dynamic(str(node.value["$dynamicRef"]))
        if pointer is None or "$ref" in found:
            problem = "the keyword $dynamicRef is supported for an anchor that is there once only"
            self._obstacle(f"{node.pointer}/$dynamicRef", f"{problem}; write it as $ref")
            self.is_readable = False
            return
        self._waiting.append(self.vendor.at(beginning + pointer, node.pointer))
        found["$ref"] = reference_to(beginning + pointer)

    def _ignored(self, node: Node) -> None:
        """Say that what stands beside a reference counts for nothing, where it would restrict."""
        if node.value.keys() & (KNOWN - ANNOTATIONS - {"$ref"} | {"nullable", "x-nullable"}):
            version = self.vendor.version.value
            told = f"what stands beside `$ref` in a schema is ignored by OpenAPI {version}"
            self._note(told, node)

    def _keyword(self, keyword: str, inner: Node, found: dict[str, Any]) -> None:
        self._judge_keyword(keyword, inner)
        if keyword in PLAIN | LATER_PLAIN:
            is_remark = keyword == "format" and inner.value not in FORMATS
            if not is_remark and not (keyword == "required" and isinstance(inner.value, bool)):
                found[keyword] = inner.value
        elif keyword in SINGLE | LATER_SINGLE:
            found[keyword] = self._schema(inner)
        elif keyword in LISTS or keyword == "prefixItems":
            if not isinstance(inner.value, list):
                self._unreadable(inner, "a list")
                return
            found[keyword] = [
                self._schema(Node(f"{inner.pointer}/{place}", value))
                for place, value in enumerate(inner.value)
            ]
        elif keyword in MAPS | LATER_MAPS:
            if not isinstance(inner.value, dict):
                self._unreadable(inner, "an object")
                return
            found[keyword] = {
                name: self._schema(Node(f"{inner.pointer}/{escaped(name)}", value))
                for name, value in inner.value.items()
            }

    def _judge_keyword(self, keyword: str, inner: Node) -> None:
        """Say what of a schema is not understood, or not taken into account."""
        version = self.vendor.version
        absent = {Version.V2: ABSENT_IN_V2, Version.V30: LATER}
        if not version.is_modern and keyword.startswith("$"):
            self._note(f"`{keyword[:40]}` is no keyword of a schema and was ignored", inner)
        elif keyword == "$schema" and not str(inner.value).startswith(DIALECTS):
            problem = f"the dialect {str(inner.value)[:80]} is not supported; use that of OpenAPI"
            self._obstacle(inner.pointer, problem)
            self.is_readable = False
        elif keyword in NOT_UNDERSTOOD:
            self._obstacle(inner.pointer, f"the keyword {keyword} is not supported; leave it out")
            self.is_readable = False
        elif keyword in absent.get(version, ()):
            problem = f"OpenAPI {version.value} has no keyword {keyword}: read as in JSON Schema"
            self._obstacle(inner.pointer, f"{problem}; say it otherwise, or raise the version")
        elif keyword == "nullable" and version.is_modern and inner.value:
            self._note("`nullable` is no keyword of OpenAPI 3.1 and later, and was ignored", inner)
        elif keyword not in KNOWN and not keyword.startswith("x-"):
            self._note(f"`{keyword[:40]}` is no keyword of a schema and was ignored", inner)

    def _nullable(self, node: Node, found: dict[str, Any]) -> None:
        """`nullable` adds null to the type beside it, and means nothing without one (3.0.3)."""
        keyword = "x-nullable" if self.vendor.version is Version.V2 else "nullable"
        if node.value.get(keyword) is not True:
            return
        if isinstance(found.get("type"), str):
            found["type"] = [found["type"], "null"]
        else:
            told = "`nullable` without a `type` beside it says nothing and was ignored"
            self._note(told, node)

    def _one_way(self, node: Node, found: dict[str, Any]) -> None:
        """Take out what is for the other direction: it is neither required nor sent."""
        keyword = "writeOnly" if self.for_answers else "readOnly"
        properties = node.object("properties") if "properties" in found else {}
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
