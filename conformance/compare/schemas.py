"""Turns schemas of any OpenAPI version into JSON Schema 2020-12, each at the place it had.

A converted schema keeps its pointer (below `ROOT`), so that what a validator says of it leads back
to the vendor's document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from conformance.compare.keywords import (
    ABSENT_IN_V2,
    ANNOTATIONS,
    DIALECTS,
    KNOWN,
    LATER,
    LATER_MAPS,
    LATER_PLAIN,
    LATER_SINGLE,
    LISTS,
    MAPS,
    NOT_MONOTONE,
    NOT_UNDERSTOOD,
    PLAIN,
    SHAPING,
    SINGLE,
    UNEVALUATED,
)
from conformance.compare.model import Inconclusive, Obstacle
from conformance.compare.one_way import OF_THE_SAME, OneWay
from conformance.compare.patterns import translated
from conformance.compare.pointers import put
from conformance.compare.usable import check_keyword, example_ids
from conformance.compare.vendor import Node, Vendor, Version
from conformance.lazily import lazily

ROOT: Final = "x-vendor"
MOST_CONTEXTS: Final = 20_000
"""Schemas, each counted as often as it is composed into others in another way."""
NOBODY: Final[frozenset[str]] = frozenset()


class Around(NamedTuple):
    """What a schema is a part of: the one-way fields of that.

    Where it `is_firm` it may allow less if the schema allows more, so that nothing can be said of
    it while a part of the schema is not known.
    """

    absent: frozenset[str] = NOBODY
    is_firm: bool = False


@dataclass
class Converter:
    """Converts what one schema reaches. `for_answers` decides between readOnly and writeOnly.

    What cannot be read allows everything where `wide`, and otherwise nothing; `unread` grows by it.
    `notes` grows by what was ignored, each with the pointer of the first place.
    """

    vendor: Vendor
    for_answers: bool
    wide: bool = True
    obstacles: list[Obstacle] = field(default_factory=list)
    unread: list[Obstacle] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    is_readable: bool = True
    _converted: dict[str, Any] = field(default_factory=dict)
    _waiting: list[tuple[Node, Around]] = field(default_factory=list)
    """Schemas that are referred to, and what each is a part of."""

    def document(self, schema: Node) -> dict[str, Any]:
        """A JSON Schema for the values of `schema`, with all that it refers to.

        What could not be understood is told by `obstacles`; where `is_readable` is false, the
        result says less than the document does.
        """
        self._waiting.append((schema, Around()))
        met: set[tuple[str, Around]] = set()
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
            if not put(tree, pointer, self._converted[pointer]):
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

    def _unknown(self, problem: Inconclusive, *, is_firm: bool) -> None:
        """Note a part that cannot be read: it may restrict, and says nothing that is known."""
        if is_firm:
            self._unclear(problem.pointer, str(problem))
        else:
            place = self.vendor.source.place(problem.pointer)
            self.unread.append(Obstacle(place, str(problem)))

    def _as_little(self, found: dict[str, Any], unread: Sequence[str] = ()) -> dict[str, Any]:
        """What is left of a schema of which a part cannot be read.

        A pattern in a request that cannot be read is the form of something, if not of the page's.
        """
        if self.wide:
            return found
        if unread == ["pattern"] and not self.for_answers:
            return {**found, "not": {"anyOf": [found.get("not", False), {"enum": example_ids()}]}}
        return {"not": {}}

    def _note(self, told: str, node: Node) -> None:
        self.notes.setdefault(told, node.pointer)

    def _schema(self, node: Node, around: Around) -> Any:
        """A schema that is a part of others."""
        if isinstance(node.value, bool):
            return node.value
        if not isinstance(node.value, dict):
            problem = Inconclusive(node.pointer, "this is not a schema; correct it")
            self._unknown(problem, is_firm=around.is_firm)
            return self._as_little({})
        found: dict[str, Any] = {}
        is_modern = self.vendor.version.is_modern
        is_reference = node.child("$ref") is not None and (not is_modern or len(node.value) == 1)
        composed, own = (NOBODY, NOBODY) if is_reference else self._absent(node)
        absent = around.absent | composed
        unread: list[str] = []
        is_firm = around.is_firm or not UNEVALUATED.isdisjoint(node.value)
        for keyword in ("$ref",) if is_reference else node.value:
            try:
                self._keyword(keyword, node, Around(absent, is_firm), found)
            except Inconclusive as problem:
                self._unknown(problem, is_firm=is_firm or keyword in SHAPING)
                unread.append(keyword)
        if is_reference:
            self._ignored(node)
        elif not is_modern:
            _bounds(found)
            self._nullable(node, found)
        self._without(absent, own, found)
        return self._as_little(found, unread) if unread else found

    def _reference(self, node: Node, around: Around, found: dict[str, Any]) -> None:
        pointer = self.vendor.target(node)
        assert pointer is not None
        self._waiting.append((self.vendor.at(pointer, node.pointer), around))
        found["$ref"] = reference_to(pointer)

    def _dynamic_reference(self, node: Node, around: Around, found: dict[str, Any]) -> None:
        """Where only one anchor can be meant, a dynamic reference is a reference."""
        source, beginning, _ = self.vendor.source.located(node.pointer)
        pointer = source.identifiers.dynamic(str(node.value["$dynamicRef"]))
        if pointer is None or node.child("$ref") is not None:
            problem = "the keyword $dynamicRef is supported for an anchor that is there once only"
            raise Inconclusive(f"{node.pointer}/$dynamicRef", f"{problem}; write it as $ref")
        self._waiting.append((self.vendor.at(beginning + pointer, node.pointer), around))
        found["$ref"] = reference_to(beginning + pointer)

    def _ignored(self, node: Node) -> None:
        """Say that what stands beside a reference counts for nothing, where it would restrict."""
        if node.value.keys() & (KNOWN - ANNOTATIONS - {"$ref"} | {"nullable", "x-nullable"}):
            version = self.vendor.version.value
            told = f"what stands beside `$ref` in a schema is ignored by OpenAPI {version}"
            self._note(told, node)

    def _keyword(self, keyword: str, node: Node, around: Around, found: dict[str, Any]) -> None:
        """Convert one keyword of a schema. Raises Inconclusive where it cannot be read."""
        inner = node.child(keyword)
        version = self.vendor.version
        if keyword == "type" and inner is None and version.is_modern:
            problem = "null is no type; leave it out, or write `'null'`"
            raise Inconclusive(f"{node.pointer}/type", problem)
        if inner is None or (self._is_later(keyword, inner) and self.wide):
            return
        if keyword == "pattern" and isinstance(inner.value, str):
            inner = Node(inner.pointer, translated(inner.value))
        self._judge_keyword(keyword, inner)
        restricts = check_keyword(keyword, inner, is_modern=version.is_modern)
        part = Around(
            around.absent if keyword in OF_THE_SAME else NOBODY,
            around.is_firm or keyword in NOT_MONOTONE,
        )
        if keyword == "$ref":
            self._reference(node, around, found)
        elif keyword == "$dynamicRef" and version.is_modern:
            self._dynamic_reference(node, around, found)
        elif keyword in PLAIN | LATER_PLAIN and restricts:
            found[keyword] = inner.value
        elif keyword in SINGLE | LATER_SINGLE:
            found[keyword] = self._schema(inner, part)
        elif keyword in LISTS or keyword == "prefixItems":
            found[keyword] = [self._schema(each, part) for each in node.list(keyword)]
        elif keyword in MAPS | LATER_MAPS:
            found[keyword] = {
                name: self._schema(each, part) for name, each in node.object(keyword).items()
            }

    def _is_later(self, keyword: str, inner: Node) -> bool:
        """Whether only a later version has a keyword: some tools read it, and others do not."""
        version = self.vendor.version
        absent = {Version.V2: ABSENT_IN_V2, Version.V30: LATER}.get(version, ())
        if keyword not in absent or keyword.startswith("$"):
            return False
        problem = f"OpenAPI {version.value} has no keyword {keyword}, and not every tool ignores it"
        problem = f"{problem}; say it otherwise, or raise the version"
        self._unknown(Inconclusive(inner.pointer, problem), is_firm=False)
        return True

    def _judge_keyword(self, keyword: str, inner: Node) -> None:
        """Say what of a schema is not taken into account. Raises Inconclusive."""
        is_modern = self.vendor.version.is_modern
        if not is_modern and keyword.startswith("$") and keyword != "$ref":
            self._note(f"`{keyword[:40]}` is no keyword of a schema and was ignored", inner)
        elif keyword == "$schema" and not str(inner.value).startswith(DIALECTS):
            problem = f"the dialect {str(inner.value)[:80]} is not supported; use that of OpenAPI"
            self._unclear(inner.pointer, problem)
        elif keyword in NOT_UNDERSTOOD:
            problem = f"the keyword {keyword} is not supported; leave it out"
            raise Inconclusive(inner.pointer, problem)
        elif keyword == "nullable" and is_modern and inner.value:
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
        if "required" in found:
            found["required"] = [n for n in dict.fromkeys(found["required"]) if n not in absent]


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
