"""Which clauses of a schema a value gives something to judge by, worked out once for each element.

A clause counts as seen only where there was something to see: the clause on the values of a field
needs the field, and a string in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct

PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
"""The types of parsed JSON values, by their names in a schema."""
CONDITIONS = frozenset({"required", "listed", "null"})
"""Keys of `x-clauses` that are not decided by looking at the value of the element itself."""


class Element(Struct, frozen=True):
    """An element of a schema: the clauses that a value of its type reaches, and that others do."""

    types: tuple[type, ...]
    if_fits: frozenset[str]
    if_not: frozenset[str]
    fields: tuple[tuple[str, Element], ...] = ()
    items: Element | None = None
    has_parts: bool = False

    def reach(self, value: Any, found: set[str]) -> None:
        """Add to `found` the ids of the clauses that `value` reaches."""
        kind = type(value)
        if kind not in self.types:
            found |= self.if_not
            return
        found |= self.if_fits
        if kind is dict:
            for name, element in self.fields:
                if name in value:
                    inner = value[name]
                    if element.has_parts:
                        element.reach(inner, found)
                    else:
                        found |= element.if_fits if type(inner) in element.types else element.if_not
        elif kind is list and self.items is not None:
            for item in value:
                self.items.reach(item, found)


def element_of(
    schema: Mapping[str, Any],
    resolve: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    clause_id: Callable[[Any], str],
) -> Element:
    """The element that a schema of the contract describes; `resolve` follows its references."""
    schema = resolve(schema)
    clauses = schema.get("x-clauses", {})
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    properties = schema.get("properties", {})
    required = [properties[name]["x-clauses"]["required"] for name in schema.get("required", ())]
    looked_at = [entry for keyword, entry in clauses.items() if keyword not in CONDITIONS]
    of_type = [clauses["type"]] if "type" in clauses else []

    def ids(entries: Iterable[Any]) -> frozenset[str]:
        return frozenset(clause_id(entry) for entry in entries)

    return Element(
        types=tuple(kind for name in kinds for kind in PYTHON_TYPES[name]),
        if_fits=ids([*looked_at, *required]),
        if_not=ids(of_type),
        fields=tuple(
            (name, element_of(each, resolve, clause_id)) for name, each in properties.items()
        ),
        items=element_of(schema["items"], resolve, clause_id) if "items" in schema else None,
        has_parts=bool(properties) or "items" in schema,
    )
