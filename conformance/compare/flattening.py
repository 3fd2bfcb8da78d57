"""Writes a converted schema without references, as deep as the contract looks.

What lies deeper, and what leads back into itself, is cut off: by `wide` every value may stand
there, so that the result allows at least what the schema does, and a proof that it allows nothing
holds for the schema; otherwise none may, so that what is drawn from it stays small. A pattern that
a few texts match becomes an enumeration of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from conformance.compare.keywords import LATER_MAPS, LISTS
from conformance.compare.patterns import words_of
from conformance.compare.pointers import unescaped
from conformance.compare.schemas import ROOT

DEEPEST: Final = 8
"""Levels of a value; the contract's schemas go five levels down."""
MOST: Final = 20_000
"""Parts of the result."""
_DOWN: Final = frozenset(
    ("items", "additionalProperties", "propertyNames", "contains", "unevaluatedItems",
     "unevaluatedProperties")
)  # fmt: skip
_DEEPER_MAPS: Final = frozenset(("properties", "patternProperties"))
_DROPPED: Final = ("if", "then", "else", "unevaluatedItems", "unevaluatedProperties", "maxContains")
_NOT_MONOTONE: Final = frozenset((*_DROPPED, "oneOf"))
"""Keywords by which a schema may allow less where a part of it allows more. Where one of them has a
part that was cut off, a schema is loosened; below a `not`, where it has to allow less, it allows
nothing."""

Inside = Mapping[str, int]
"""The references by which a part is reached, and how deep in a value each was met."""


class Entangled(Exception):
    """A schema whose references lead nowhere, or to far too much."""


def flattened(document: dict[str, Any], *, wide: bool) -> Any:
    """The schema of `document` without references. Raises Entangled."""
    flat = _Flattener(document, wide)
    own = {key: value for key, value in document.items() if key != ROOT}
    try:
        return flat.schema(own, {}, 0, wide)
    except RecursionError:
        raise Entangled("the schema is nested too deep to be compared") from None


class _Flattener:
    def __init__(self, document: dict[str, Any], wide: bool) -> None:
        self.document = document
        self.wide = wide
        self.parts = 0
        self.cuts = 0

    def schema(self, schema: Any, inside: Inside, depth: int, cut: bool) -> Any:
        """`schema` flat; `inside` are the references it is reached by, `cut` ends a branch."""
        self.parts += 1
        if self.parts > MOST:
            raise Entangled("the schema refers to the same parts too often to be compared")
        if not isinstance(schema, dict):
            return schema
        if depth > DEEPEST:
            self.cuts += 1
            return cut
        reference = schema.get("$ref")
        rest = {key: value for key, value in schema.items() if key not in ("$ref", "$defs")}
        if reference is None:
            return self._keywords(rest, inside, depth, cut)
        if rest:  # in one place, so that `unevaluatedProperties` sees what the reference names
            every = [{"$ref": reference}, *rest.get("allOf", ())]
            return self._keywords({**rest, "allOf": every}, inside, depth, cut)
        if inside.get(reference) == depth:
            raise Entangled("the schema refers to itself without an end")
        if reference in inside:
            self.cuts += 1
            return cut
        return self.schema(self._target(reference), {**inside, reference: depth}, depth, cut)

    def _keywords(self, schema: dict[str, Any], inside: Inside, depth: int, cut: bool) -> Any:
        before = self.cuts
        found: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword in LISTS or keyword == "prefixItems":
                level = depth + (keyword == "prefixItems")
                found[keyword] = [self.schema(each, inside, level, cut) for each in value]
            elif keyword == "not":
                found[keyword] = self.schema(value, inside, depth, not cut)
            elif keyword in _DOWN:
                found[keyword] = self.schema(value, inside, depth + 1, cut)
            elif keyword in _DEEPER_MAPS:
                found[keyword] = {
                    name: self.schema(each, inside, depth + 1, cut) for name, each in value.items()
                }
            elif keyword in LATER_MAPS:
                found[keyword] = {
                    name: self.schema(each, inside, depth, cut) for name, each in value.items()
                }
            elif keyword in ("if", "then", "else"):
                found[keyword] = self.schema(value, inside, depth, cut)
            else:
                found[keyword] = value
        words = words_of(found["pattern"]) if isinstance(found.get("pattern"), str) else None
        if words is not None:
            del found["pattern"]
            named = {"anyOf": [{"not": {"type": "string"}}, {"enum": list(words)}]}
            found["allOf"] = [*found.get("allOf", ()), named]
        if not self.wide or self.cuts == before or found.keys().isdisjoint(_NOT_MONOTONE):
            return found
        return _loosened(found) if cut else False

    def _target(self, reference: str) -> Any:
        """What a reference that `schemas.reference_to` wrote leads to."""
        inner: Any = self.document
        for step in unquote(reference).split("/")[1:]:
            name = unescaped(step)
            inner = inner[int(name)] if isinstance(inner, list) else inner[name]
        return inner


def _loosened(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without what a cut branch could make stricter: it allows more, never less."""
    kept = {key: value for key, value in schema.items() if key not in _DROPPED}
    if "oneOf" in kept:
        branches = {"anyOf": kept.pop("oneOf")}
        kept["allOf"] = [*kept.get("allOf", []), branches]
    return kept
