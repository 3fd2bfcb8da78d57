"""Writes a converted schema without references, as deep as the contract looks.

What lies deeper, and what leads back into itself, is cut off: by `wide` every value may stand
there, so that the result allows at least what the schema does, and a proof that it allows nothing
holds for the schema; otherwise none may, so that what is drawn from it stays small.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from conformance.compare.schemas import LATER_MAPS, LISTS, ROOT

DEEPEST: Final = 8
"""Levels of a value; the contract's schemas go five levels down."""
MOST: Final = 20_000
"""Parts of the result."""
_DOWN: Final = frozenset(
    ("items", "additionalProperties", "propertyNames", "contains", "unevaluatedItems",
     "unevaluatedProperties")
)  # fmt: skip
_DEEPER_MAPS: Final = frozenset(("properties", "patternProperties"))
_BY_ANNOTATION: Final = frozenset(("unevaluatedItems", "unevaluatedProperties"))
_BY_NUMBER: Final = frozenset(("maxContains",))


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
        if inside.get(reference) == depth:
            raise Entangled("the schema refers to itself without an end")
        if reference in inside:
            self.cuts += 1
            target: Any = cut
        else:
            target = self.schema(self._target(reference), {**inside, reference: depth}, depth, cut)
        if not rest:
            return target
        return {"allOf": [target, self._keywords(rest, inside, depth, cut)]}

    def _keywords(
        self, schema: dict[str, Any], inside: Inside, depth: int, cut: bool
    ) -> dict[str, Any]:
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
        if self.wide and self.cuts > before:
            _loosen(found)
        return found

    def _target(self, reference: str) -> Any:
        """What a reference that `schemas.reference_to` wrote leads to."""
        inner: Any = self.document
        for step in unquote(reference).split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            inner = inner[int(name)] if isinstance(inner, list) else inner[name]
        return inner


def _loosen(schema: dict[str, Any]) -> None:
    """Drop what a cut branch could make stricter: the schema then allows more, never less."""
    for keyword in ("if", "then", "else", *_BY_ANNOTATION, *_BY_NUMBER):
        schema.pop(keyword, None)
    if "oneOf" in schema:
        branches = {"anyOf": schema.pop("oneOf")}
        schema["allOf"] = [*schema.get("allOf", []), branches]
