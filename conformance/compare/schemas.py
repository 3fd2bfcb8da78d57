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
from conformance.compare.one_way import OF_THE_SAME, OneWay
from conformance.compare.pointers import escaped, unescaped
from conformance.compare.vendor import Node, Vendor, Version
from conformance.lazily import lazily

ROOT: Final = "x-vendor"
MOST_CONTEXTS: Final = 20_000
"""Schemas, each counted as often as it is composed into others in another way."""
NOBODY: Final[frozenset[str]] = frozenset()


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
    _waiting: list[tuple[Node, frozenset[str]]] = field(default_factory=list)
    """Schemas that are referred to, and the one-way fields of what each is a part of."""

    def document(self, schema: Node) -> dict[str, Any]:
        """A JSON Schema for the values of `schema`, with all that it refers to.

        What could not be understood is told by `obstacles`; where `is_readable` is false, the
        result says less than the document does.
        """
        self._waiting.append((schema, NOBODY))
        met: set[tuple[str, frozenset[str]]] = set()
        while self._waiting:
            node, around = self._waiting.pop()
            if (node.pointer, around) in met:
                continue
            met.add((node.pointer, around))
            if len(met) > MOST_CONTEXTS:
                self._unclear(schema.pointer, "schemas are composed in too many ways; use fewer")
                break
            found = self._schema(node, around)
            if self._converted.setdefault(node.pointer, found) != found:
                self._differs(node.pointer)
        tree: dict[str, Any] = {}
        for pointer in sorted(self._converted, key=lambda text: text.count("/")):
            if not _put(tree, pointer, self._converted[pointer]):
                self._differs(pointer)
        return {"$ref": reference_to(schema.pointer), ROOT: tree}

    @lazily
    def _one_way(self) -> OneWay:
        """Which fields are for the other direction: neither required nor sent."""
        return OneWay(self.vendor, "writeOnly" if self.for_answers else "readOnly")

    def _differs(self, pointer: str) -> None:
        told = f"requires what is {self._one_way.keyword} in one schema that it is a part of"
        self._unclear(pointer, f"this schema {told}, and not in another; write it once for each")

    def _unclear(self, pointer: str, problem: str) -> None:
        self._obstacle(pointer, problem)
        self.is_readable = False

    def _obstacle(self, pointer: str, problem: str) -> None:
        self.obstacles.append(Obstacle(self.vendor.source.place(pointer), problem))

    def _unreadable(self, node: Node, wanted: str) -> dict[str, Any]:
        """Note that something else stands where a schema, or a part of one, is wanted."""
        self._unclear(node.pointer, f"this is not {wanted}; correct it")
        return {}

    def _note(self, told: str, node: Node) -> None:
        self.notes.setdefault(told, node.pointer)

    def _schema(self, node: Node, around: frozenset[str] = NOBODY) -> Any:
        """A schema; `around` are the one-way fields of what it is a part of."""
        if isinstance(node.value, bool):
            return node.value
        if not isinstance(node.value, dict):
            return self._unreadable(node, "a schema")
        found: dict[str, Any] = {}
        is_modern = self.vendor.version.is_modern
        if "$ref" in node.value and (not is_modern or len(node.value) == 1):
            self._reference(node, around, found)
            self._ignored(node)
            return found
        composed, own = self._absent(node)
        absent = around | composed
        if "$ref" in node.value:
            self._reference(node, absent, found)
        if is_modern and "$dynamicRef" in node.value:
            self._dynamic_reference(node, absent, found)
        for keyword in node.value:
            inner = node.child(keyword)
            if inner is not None and keyword not in ("$ref", "$dynamicRef"):
                self._keyword(keyword, inner, absent if keyword in OF_THE_SAME else NOBODY, found)
        if not self.vendor.version.is_modern:
            _bounds(found)
            self._nullable(node, found)
        self._without(absent, own, found)
        return found

    def _reference(self, node: Node, absent: frozenset[str], found: dict[str, Any]) -> None:
        try:
            pointer = self.vendor.target(node)
            assert pointer is not None
            self._waiting.append((self.vendor.at(pointer, node.pointer), absent))
            found["$ref"] = reference_to(pointer)
        except Inconclusive as problem:
            self._unclear(problem.pointer, str(problem))

    def _dynamic_reference(self, node: Node, absent: frozenset[str], found: dict[str, Any]) -> None:
        """Where only one anchor can be meant, a dynamic reference is a reference."""
        source, beginning, _ = self.vendor.source.located(node.pointer)
        pointer = source.identifiers.dynamic(str(node.value["$dynamicRef"]))
        if pointer is None or "$ref" in found:
            problem = "the keyword $dynamicRef is supported for an anchor that is there once only"
            self._unclear(f"{node.pointer}/$dynamicRef", f"{problem}; write it as $ref")
            return
        self._waiting.append((self.vendor.at(beginning + pointer, node.pointer), absent))
        found["$ref"] = reference_to(beginning + pointer)

    def _ignored(self, node: Node) -> None:
        """Say that what stands beside a reference counts for nothing, where it would restrict."""
        if node.value.keys() & (KNOWN - ANNOTATIONS - {"$ref"} | {"nullable", "x-nullable"}):
            version = self.vendor.version.value
            told = f"what stands beside `$ref` in a schema is ignored by OpenAPI {version}"
            self._note(told, node)

    def _keyword(
        self, keyword: str, inner: Node, around: frozenset[str], found: dict[str, Any]
    ) -> None:
        self._judge_keyword(keyword, inner)
        if keyword in PLAIN | LATER_PLAIN:
            is_remark = keyword == "format" and inner.value not in FORMATS
            if not is_remark and not (keyword == "required" and isinstance(inner.value, bool)):
                found[keyword] = inner.value
        elif keyword in SINGLE | LATER_SINGLE:
            found[keyword] = self._schema(inner, around)
        elif keyword in LISTS or keyword == "prefixItems":
            if not isinstance(inner.value, list):
                self._unreadable(inner, "a list")
                return
            found[keyword] = [
                self._schema(Node(f"{inner.pointer}/{place}", value), around)
                for place, value in enumerate(inner.value)
            ]
        elif keyword in MAPS | LATER_MAPS:
            if not isinstance(inner.value, dict):
                self._unreadable(inner, "an object")
                return
            found[keyword] = {
                name: self._schema(Node(f"{inner.pointer}/{escaped(name)}", value), around)
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
            self._unclear(inner.pointer, problem)
        elif keyword in NOT_UNDERSTOOD:
            self._unclear(inner.pointer, f"the keyword {keyword} is not supported; leave it out")
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

    def _absent(self, node: Node) -> tuple[frozenset[str], frozenset[str]]:
        """The one-way fields of all that a schema is composed of, and those of its own."""
        ways = self._one_way
        try:
            for part, name in ways.torn(node):
                told = f"`{name[:40]}` is required here, and {ways.keyword} in an alternative only"
                self._unclear(part.pointer, f"{told}; require it in the alternatives instead")
            own = ways.fields(node)
            if any(not ways.says_so(inner) for inner in own.values()):
                told = f"`{ways.keyword}` in a part of `allOf` was read as that of the property"
                self._note(f"{told}; not every tool reads it so", node)
            return ways.names(node), frozenset(own)
        except Inconclusive as problem:
            self._unclear(problem.pointer, str(problem))
            return NOBODY, NOBODY

    def _without(self, absent: frozenset[str], own: frozenset[str], found: dict[str, Any]) -> None:
        """Take out what is for the other direction: it is neither required nor sent."""
        if own and "properties" in found:
            found["properties"] = {**found["properties"], **dict.fromkeys(own, False)}
        if absent and isinstance(found.get("required"), list):
            names = found["required"]
            found["required"] = [n for n in names if not isinstance(n, str) or n not in absent]


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


def _put(tree: dict[str, Any], pointer: str, schema: Any) -> bool:
    """Put a schema where its pointer says, unless an outer schema has it there already.

    The result says whether it stands there as it is, where that is a schema of keywords.
    """
    steps = [unescaped(step) for step in pointer.split("/")[1:]]
    inner: Any = tree
    for step in steps[:-1]:
        if isinstance(inner, list):
            inner = inner[int(step)]
        elif isinstance(inner, dict):
            inner = inner.setdefault(step, {})
        else:
            return True
    if not steps:
        return True
    last: Any = int(steps[-1]) if isinstance(inner, list) else steps[-1]
    there = inner[last] if isinstance(inner, list) else inner.setdefault(last, schema)
    return there == schema or not isinstance(there, dict)
