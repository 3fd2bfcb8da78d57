"""Fields that are for one direction only: readOnly is in no request, writeOnly in no response.

A value keeps all schemas that its own is composed of by `allOf`, references followed. What one of
them says of a field holds for the field, and so for what the others require.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from conformance.compare.keywords import LISTS
from conformance.compare.model import Inconclusive
from conformance.compare.vendor import Node, Vendor

OF_THE_SAME: Final = LISTS | {"then", "else", "dependentSchemas"}
"""Keywords whose schemas are of the same value as the one that they stand in."""
MOST_PARTS: Final = 1000


@dataclass
class OneWay:
    """Finds the fields that have a keyword, `readOnly` or `writeOnly`."""

    vendor: Vendor
    keyword: str
    _parts: dict[tuple[str, bool], tuple[Node, ...]] = field(default_factory=dict)

    def says(self, node: Node) -> bool:
        """Whether a schema, or a part of it, is one-way. Raises Inconclusive."""
        return any(part.value.get(self.keyword) is True for part in self.parts(node))

    def says_so(self, node: Node) -> bool:
        """Whether that stands in the schema, or in one that it refers to."""
        with suppress(Inconclusive):
            told = (each.child(self.keyword) for each in self.vendor.chain(node))
            return any(each is not None and each.value is True for each in told)
        return False

    def names(self, node: Node) -> frozenset[str]:
        """The fields that are one-way by a schema, or by a part of it. Raises Inconclusive."""
        return self._all_fields(self.parts(node))

    def fields(self, node: Node) -> dict[str, Node]:
        """Those of the fields of a schema itself that are one-way. Raises Inconclusive."""
        fields = members(node, "properties").items()
        return {name: inner for name, inner in fields if self.says(inner)}

    def torn(self, node: Node) -> Iterator[tuple[Node, str]]:
        """What parts of a schema require, each with the part, and an alternative alone has one-way.

        The others need it, and this one must not have it. Raises Inconclusive.
        """
        absent = self._all_fields(self.parts(node, deep=True)) - self.names(node)
        for part in self.parts(node) if absent else ():
            yield from ((part, name) for name in required(part) if name in absent)

    def parts(self, node: Node, *, deep: bool = False) -> tuple[Node, ...]:
        """A schema, and those that it is composed of by `allOf`; `deep` adds its alternatives.

        Raises Inconclusive.
        """
        node = self._meant(node)
        key = node.pointer, deep
        if key not in self._parts:
            found: dict[str, Node] = {}
            waiting = [node]
            while waiting:
                each = waiting.pop()
                if each.pointer not in found and isinstance(each.value, dict):
                    found[each.pointer] = each
                    waiting += self._inner(each, deep=deep)
                if len(found) > MOST_PARTS:
                    problem = f"the schema is composed of more than {MOST_PARTS} others"
                    raise Inconclusive(node.pointer, f"{problem}; compose it of fewer")
            self._parts[key] = tuple(found.values())
        return self._parts[key]

    def _all_fields(self, parts: tuple[Node, ...]) -> frozenset[str]:
        return frozenset(name for part in parts for name in self.fields(part))

    def _meant(self, node: Node) -> Node:
        """A schema, or what it refers to where it says nothing itself.

        A reference that leads nowhere, or in a circle, is told of where it is converted.
        """
        with suppress(Inconclusive):
            for each in self.vendor.chain(node):
                node = each
                has_more = isinstance(each.value, dict) and len(each.value) > 1
                if self.vendor.version.is_modern and has_more:
                    break
        return node

    def _inner(self, node: Node, *, deep: bool) -> Iterator[Node]:
        """The schemas in a schema, and behind its reference, that are of the same value."""
        with suppress(Inconclusive):
            if (pointer := self.vendor.target(node)) is not None:
                yield self._meant(self.vendor.at(pointer, node.pointer))
        for keyword in OF_THE_SAME if deep else ("allOf",):
            inner = node.child(keyword)
            if keyword == "dependentSchemas":
                every = list(members(node, keyword).values())
            elif inner is not None and isinstance(inner.value, list):
                every = node.list(keyword)
            else:
                every = [inner] if inner is not None else []
            yield from map(self._meant, every)


def members(node: Node, keyword: str) -> dict[str, Node]:
    """The schemas in an object under a keyword; none where there is no object."""
    inner = node.child(keyword)
    return node.object(keyword) if inner is not None and isinstance(inner.value, dict) else {}


def required(node: Node) -> list[str]:
    """The fields that a schema requires."""
    names = node.value.get("required")
    return [each for each in names if isinstance(each, str)] if isinstance(names, list) else []
