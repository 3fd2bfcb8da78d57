"""The contract's schemas with one clause broken: what a vendor's answer must not fit.

For each clause that a keyword of the contract decides there is a schema of the values that break
this clause and keep the rest, and a looser one of all values that break it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.contract.schema import ClauseSchema, clause_id

ITEM: Final = 0
"""The step of a path into a list."""
_TYPES: Final = ("null", "boolean", "number", "string", "array", "object")
_REMARKS: Final = frozenset(("description", "x-clauses"))
Path = tuple[str | int, ...]
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Breakable:
    """A clause, the keyword that decides it, and the spot of a value where it is decided.

    `element` is the contract's schema of that spot.
    """

    clause: str
    keyword: str
    path: Path
    element: Schema = field(repr=False, compare=False, default_factory=dict)


def inlined(schema: ClauseSchema, element: Schema) -> dict[str, Any]:
    """A schema of the contract without references and remarks; the contract's have no cycles."""
    element = schema.resolve(element)
    found = {key: value for key, value in element.items() if key not in _REMARKS}
    if "properties" in found:
        inner = found["properties"]
        found["properties"] = {name: inlined(schema, inner[name]) for name in inner}
    if "items" in found:
        found["items"] = inlined(schema, found["items"])
    return found


def breakables(schema: ClauseSchema, element: Schema, path: Path = ()) -> Iterator[Breakable]:
    """The clauses that a schema of the contract decides, the outer ones first."""
    reference, element = element, schema.resolve(element)
    entries = dict(element.get("x-clauses", {}))
    if reference is not element:
        entries |= reference.get("x-clauses", {})
    for keyword, entry in entries.items():
        if keyword not in ("listed", "null"):
            yield Breakable(clause_id(entry), keyword, path, element)
    for name, inner in element.get("properties", {}).items():
        yield from breakables(schema, inner, (*path, name))
    if "items" in element:
        yield from breakables(schema, element["items"], (*path, ITEM))


def broken(schema: dict[str, Any], path: Path, keyword: str) -> dict[str, Any]:
    """`schema` (inlined) with `keyword` broken at `path`, and everything else kept."""
    if not path:
        return _unlike(schema, keyword)
    step, rest = path[0], path[1:]
    if step == ITEM:
        inner = broken(schema["items"], rest, keyword)
        return {**schema, "items": inner, "minItems": 1, "maxItems": 1}
    names = schema.get("required", [])
    if keyword == "required" and not rest:
        properties = {**schema["properties"], step: False}
        return {**schema, "properties": properties, "required": [n for n in names if n != step]}
    inner = broken(schema["properties"][step], rest, keyword)
    properties = {**schema["properties"], step: inner}
    return {**schema, "properties": properties, "required": list(dict.fromkeys([*names, step]))}


def broken_somehow(schema: dict[str, Any], path: Path, keyword: str) -> dict[str, Any]:
    """A schema of all values in which `keyword` is broken at `path`, whatever else they are."""
    if not path:
        return _unlike(schema, keyword)
    step, rest = path[0], path[1:]
    if step == ITEM:
        inner = broken_somehow(schema["items"], rest, keyword)
        return {"type": "array", "contains": inner}
    if keyword == "required" and not rest:
        return {"type": "object", "properties": {step: False}}
    inner = broken_somehow(schema["properties"][step], rest, keyword)
    return {"type": "object", "required": [step], "properties": {step: inner}}


def _unlike(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    """A schema of the values that break one keyword, and are of the right type otherwise."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    match keyword:
        case "type":
            return {"type": [kind for kind in _TYPES if kind not in kinds]}
        case "enum":
            return {"type": kinds, "not": {"enum": schema["enum"]}}
        case "const":
            return {"type": kinds, "not": {"const": schema["const"]}}
        case "minLength":
            return {"type": kinds, "maxLength": schema["minLength"] - 1}
        case "minItems":
            return {"type": kinds, "maxItems": schema["minItems"] - 1}
        case _:
            raise ValueError(f"the contract has a clause on {keyword}, which nothing breaks")
