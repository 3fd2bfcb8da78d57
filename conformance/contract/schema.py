"""One generic judge for everything a JSON Schema can say, in requests and responses alike.

The contract names, beside each element, the clause that each keyword decides (`x-clauses`). This
module turns a validation error into the breach of exactly that clause, and says which clauses an
instance reaches, so that a clause counts as seen only where there was something to see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import jsonschema_rs
from msgspec import Struct

from conformance.contract.reach import Element, element_of
from conformance.lazily import lazily

Schema = Mapping[str, Any]

TYPE_NAMES = {
    "string": "a string",
    "boolean": "a boolean",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
DEEPEST = 8
"""Levels of a value that are looked at; the schemas go five levels down."""
WINDOW, FULLY_TOLD = 100, 2000
"""Items of a list that are looked at together, and after which the first wrong ones suffice."""
LONGEST, SHOWN = 500, 10
"""Characters of a string, and fields of no name in the contract, that are looked at."""


class SchemaBreach(Struct, frozen=True):
    """One clause that a value breaks: where, what was expected and what stands there."""

    clause: str
    path: str
    expected: str
    received: str


class ClauseSchema:
    """A schema of the contract with the clauses beside its elements."""

    def __init__(self, document: Schema, name: str) -> None:
        """Take the schema `name` of the OpenAPI `document`'s components."""
        self._components: Schema = document["components"]
        self._root: Schema = self._components["schemas"][name]
        self._name = name

    @lazily
    def _validator(self) -> Any:
        schemas = {"schemas": self._components["schemas"]}
        reference = {"$ref": f"#/components/schemas/{self._name}", "components": schemas}
        return jsonschema_rs.Draft202012Validator(reference)

    def breaches(self, instance: Any) -> list[SchemaBreach]:
        """Every clause that `instance` (parsed JSON) breaks, one a value: the type speaks first."""
        if self._is_valid(instance):
            return []
        found: dict[tuple[Any, ...], SchemaBreach] = {}
        for start in range(0, max(_longest_list(instance), 1), WINDOW):
            if found and start >= FULLY_TOLD:
                break
            for error in self._validator.iter_errors(self._part(instance, start)):
                place, breach = self._breach(error, start)
                if start and not any(isinstance(step, int) for step in place):
                    continue  # outside the lists, and told with the first items
                if place not in found or error.schema_path[-1] == "type":
                    found[place] = breach
        return list(found.values())

    @lazily
    def _names(self) -> Mapping[str, None]:
        """The names of all fields that the contract knows, in its order."""
        schemas = self._components["schemas"].values()
        return dict.fromkeys(name for schema in schemas for name in schema.get("properties", {}))

    def _part(self, value: Any, start: int, depth: int = DEEPEST) -> Any:
        """What the validator needs of a value to tell what is wrong with some items of its lists.

        It tells every error with a copy of what the error is about, so a large value goes to it
        in parts. Strings and fields that the contract does not know are cut.
        """
        match value:
            case str():
                return _encodable(value[:LONGEST])
            case list():
                items = value[start : start + WINDOW] if depth else ()
                return [self._part(item, start, depth - 1) for item in items]
            case dict():
                names = self._looked_at(value) if depth else ()
                return {_encodable(n): self._part(value[n], start, depth - 1) for n in names}
            case _:
                return value

    def _looked_at(self, value: Mapping[str, Any]) -> Iterable[str]:
        """The fields of an object that are looked at, each once: the first, and those known."""
        if len(value) <= SHOWN:
            return value
        return dict.fromkeys((*islice(value, SHOWN), *(n for n in self._names if n in value)))

    def _is_valid(self, instance: Any) -> bool:
        try:
            return bool(self._validator.is_valid(instance))
        except ValueError:  # a lone surrogate, or nested deeper than the validator goes
            return bool(self._validator.is_valid(_encodable(instance)))

    def _breach(self, error: Any, start: int) -> tuple[tuple[Any, ...], SchemaBreach]:
        *location, keyword = error.schema_path
        element: Any = {"components": self._components}
        for step in location:
            element = element[step]
        place = tuple(s + start if isinstance(s, int) else s for s in error.instance_path)
        if keyword == "required":
            missing = error.kind.property
            place += (missing,)
            element = element["properties"][missing]
            received = "no such field"
        else:
            received = excerpt(error.instance)
        clauses = element["x-clauses"]
        key = "null" if error.instance is None and "null" in clauses else keyword
        expected = expectation(element, keyword)
        return place, SchemaBreach(clause_id(clauses[key]), dotted(place), expected, received)

    @lazily
    def _element(self) -> Element:
        return element_of(self._root, self.resolve, clause_id)

    def reached(self, instance: Any) -> set[str]:
        """The ids of the clauses that `instance` gives something to judge by."""
        found: set[str] = set()
        self._element.reach(instance, found)
        return found

    @lazily
    def _of_presence(self) -> frozenset[str]:
        """The ids of the clauses that a field keeps by being there."""
        schemas = self._components["schemas"].values()
        fields = [field for schema in schemas for field in schema.get("properties", {}).values()]
        told = [field.get("x-clauses", {}) for field in fields]
        return frozenset(clause_id(each["required"]) for each in told if "required" in each)

    def of_part(self, instance: Any) -> tuple[list[SchemaBreach], set[str]]:
        """What a value breaks and reaches of which parts may be missing.

        What is not there may have been.
        """
        reached = self.reached(instance) - self._of_presence
        found = self.breaches(instance)
        return [each for each in found if each.clause not in self._of_presence], reached

    def resolve(self, schema: Schema) -> Schema:
        """The schema that a reference of the contract stands for."""
        return resolved({"components": self._components}, schema)


def resolved(document: Schema, element: Schema) -> Schema:
    """The element of the contract that a reference stands for; another as it is."""
    while "$ref" in element:
        target: Any = document
        for step in element["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        element = target
    return element


def clause_id(entry: str | Mapping[str, Any]) -> str:
    """The id in an entry of `x-clauses`, written short or long."""
    return entry if isinstance(entry, str) else str(entry["id"])


def expectation(element: Schema, keyword: str) -> str:
    """What `keyword` asks of a value, in words that continue "expected ..."."""
    match keyword:
        case "type":
            kinds = element["type"]
            kinds = [kinds] if isinstance(kinds, str) else kinds
            return " or ".join(TYPE_NAMES[kind] for kind in kinds)
        case "enum":
            return "one of " + ", ".join(element["enum"])
        case "const":
            return str(element["const"])
        case "required":
            return "the field to be present"
        case "minLength" | "minItems":
            return "not empty"
        case _:
            raise ValueError(f"the contract has a clause on {keyword}, which has no wording")


def excerpt(value: Any, limit: int = 120) -> str:
    """A parsed JSON value as a short JSON text, whatever its size or depth."""
    text = _brief(value, 3)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _brief(value: Any, depth: int) -> str:
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return '"' + value[:200].replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list():
            inner = ", ".join(_brief(item, depth - 1) for item in value[:4]) if depth else "…"
            return f"[{inner}{', …' if len(value) > 4 else ''}]"
        case dict():
            pairs = list(value.items())
            inner = "…"
            if depth:
                inner = ", ".join(f'"{k[:60]}": {_brief(v, depth - 1)}' for k, v in pairs[:6])
            return f"{{{inner}{', …' if len(pairs) > 6 else ''}}}"
        case _:
            return str(value)


def dotted(place: tuple[Any, ...]) -> str:
    """A path into a JSON value as `checkpoint.protection_plan.resources[0].id`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")


def _longest_list(value: Any, depth: int = DEEPEST) -> int:
    """How many items the longest list in a value has, as far down as the schemas look."""
    if not depth or not isinstance(value, list | dict):
        return 0
    inner = value if isinstance(value, list) else value.values()
    most = max((_longest_list(item, depth - 1) for item in inner), default=0)
    return max(most, len(value)) if isinstance(value, list) else most


def _encodable(value: Any, depth: int = DEEPEST) -> Any:
    """The value as far down as the schemas look, with lone surrogates replaced.

    JSON can spell these, and UTF-8 cannot.
    """
    match value:
        case str():
            return value.encode("utf-8", "replace").decode() if not value.isascii() else value
        case list():
            return [_encodable(item, depth - 1) for item in value] if depth else []
        case dict():
            pairs = value.items() if depth else ()
            return {_encodable(key): _encodable(item, depth - 1) for key, item in pairs}
        case _:
            return value
