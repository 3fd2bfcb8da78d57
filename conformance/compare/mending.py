"""The change to one schema of a vendor's document by which a difference goes away.

A change is told only where it was tried: with it, the document no longer allows the witness of a
response, or no longer refuses that of a request for the same reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Final

from conformance.compare.holding import Path, Refusal, VendorSchema
from conformance.compare.model import Inconclusive
from conformance.compare.pointers import unescaped
from conformance.compare.schemas import Converter
from conformance.compare.vendor import Node, Vendor, Version
from conformance.errors import UsageError

REMOVED: Final = None
RESTRICTIONS: Final = frozenset(
    ("pattern", "format", "enum", "const", "minLength", "maxLength", "minItems", "maxItems",
     "uniqueItems", "minProperties", "maxProperties", "minimum", "maximum", "multipleOf",
     "additionalProperties", "unevaluatedProperties", "dependentRequired")
)  # fmt: skip
"""Keywords of a schema that allows a request as soon as one of them is gone."""


@dataclass(frozen=True, slots=True)
class Change:
    """Other fields for the object at a pointer of the document; REMOVED takes one out."""

    pointer: str
    fields: Mapping[str, Any]


def narrowing(
    schema: VendorSchema, path: Path, keyword: str, element: Mapping[str, Any], witness: Any
) -> Change | None:
    """The change by which a vendor's schema refuses a witness, as `keyword` of the contract does.

    `element` is the contract's schema of the spot `path`, where the witness is wrong. None where no
    single change of the vendor's schema of that spot does it.
    """
    spot = schema.exact_spot(path)
    node = schema.exact_spot(path[:-1]) if keyword == "required" else spot
    if spot is None or node is None or not isinstance(node.value, dict) or schema.spots is None:
        return None
    own, version = node.value, schema.spots.vendor.version
    match keyword:
        case "required":
            told = own.get("required")
            fields = {"required": [*(told if isinstance(told, list) else ()), path[-1]]}
        case "type":
            fields = {**_beside(element, own, version), **_type(element["type"], own, version)}
        case "enum":
            kept = [value for value in own.get("enum", ()) if value in element["enum"]]
            fields = {"enum": kept or element["enum"]}
        case "const":
            fields = _const(element["const"], version)
        case _:
            fields = {keyword: element[keyword]}
    change = Change(node.pointer, fields)
    changed = _changed(schema, change)
    return change if changed is not None and not changed.accepts(witness) else None


def widening(schema: VendorSchema, refusal: Refusal, kind: str, witness: Any) -> Change | None:
    """The change by which a vendor's schema no longer refuses a request for the same reason.

    `kind` is the type that the contract has for what is refused; it may be empty.
    """
    pointer, _, keyword = refusal.pointer.rpartition("/")
    if schema.spots is None or keyword != refusal.keyword:
        return None
    vendor = schema.spots.vendor
    node = vendor.at(pointer, pointer)
    fields: dict[str, Any]
    if keyword == "required" and isinstance(node.value.get("required"), list):
        rest = [name for name in node.value["required"] if name not in refusal.names]
        fields = {"required": rest or REMOVED}
    elif keyword == "type" and kind:
        fields = {"type": kind, **({"items": {"type": "string"}} if kind == "array" else {})}
    elif keyword in RESTRICTIONS:
        fields = {keyword: REMOVED}
    else:
        return None
    change = Change(pointer, fields)
    changed = _changed(schema, change)
    if changed is None or any(r.pointer == refusal.pointer for r in changed.refusals(witness)):
        return None
    return change


def _const(value: Any, version: Version) -> dict[str, Any]:
    return {"const": value} if version.is_modern else {"enum": [value]}


def _beside(element: Mapping[str, Any], own: Mapping[str, Any], version: Version) -> dict[str, Any]:
    """What the contract says of a value besides its type, and the document does not."""
    told = {name: element[name] for name in ("enum", "minLength", "minItems") if name in element}
    told |= _const(element["const"], version) if "const" in element else {}
    return {name: value for name, value in told.items() if name not in own}


def _type(kinds: str | list[str], own: Mapping[str, Any], version: Version) -> dict[str, Any]:
    """A type, and whether null is one too, in the words of a version."""
    if version.is_modern:
        return {"type": kinds}
    names = [kinds] if isinstance(kinds, str) else kinds
    (plain,) = (name for name in names if name != "null")
    nullable = "x-nullable" if version is Version.V2 else "nullable"
    if "null" in names or nullable in own:
        return {"type": plain, nullable: "null" in names}
    return {"type": plain}


def _changed(schema: VendorSchema, change: Change) -> VendorSchema | None:
    """The vendor's schema as it is in a changed document; None where it cannot be changed."""
    converter = schema.spots
    if converter is None:
        return None
    source, beginning, inside = converter.vendor.source.located(change.pointer)
    document = with_fields(source.document, inside, change.fields)
    if beginning or document is None:
        return None
    vendor = Vendor(replace(source, document=document))
    try:
        again = Converter(vendor, converter.for_answers, converter.wide)
        node: Node = vendor.at(schema.pointer, schema.pointer)
        found = VendorSchema(schema.pointer, again.document(node), again)
        found.check()
    except (Inconclusive, UsageError):
        return None
    return found if again.is_readable else None


def with_fields(document: Any, pointer: str, fields: Mapping[str, Any]) -> Any:
    """A document with other fields in the object at a pointer; only what is around it is copied."""
    top = copy(document)
    inner = top
    for step in pointer.split("/")[1:]:
        place: Any = int(step) if isinstance(inner, list) else unescaped(step)
        inner[place] = copy(inner[place])
        inner = inner[place]
    if not isinstance(inner, dict):
        return None
    for name, value in fields.items():
        if value is REMOVED:
            inner.pop(name, None)
        else:
            inner[name] = value
    return top
