"""Holds values against one schema of the vendor's document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

import jsonschema_rs

from conformance.compare.flattening import Entangled, flattened
from conformance.compare.model import Inconclusive
from conformance.compare.patterns import words_of
from conformance.compare.pointers import escaped
from conformance.compare.schemas import ROOT, Converter, reference_to
from conformance.compare.usable import PATTERNS, first_line
from conformance.compare.vendor import Node, Vendor
from conformance.lazily import lazily

Path = tuple[str | int, ...]
_DEEPEST_CHOICE: Final = 20
MOST_CONSTANTS: Final = 200
_BOUNDS: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a schema refuses a value: where in the value, and which keyword at which pointer.

    `names` are the fields that are missing, or that are too many.
    """

    path: Path
    keyword: str
    pointer: str
    message: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class VendorSchema:
    """A schema of the vendor's, converted; `document` refers to nothing outside itself."""

    pointer: str
    document: dict[str, Any]
    spots: Converter | None = field(repr=False, compare=False, default=None)

    @lazily
    def _validator(self) -> Any:
        try:
            return jsonschema_rs.Draft202012Validator(
                self.document,
                validate_formats=True,
                ignore_unknown_formats=True,
                pattern_options=PATTERNS,
                offline=True,
            )
        except (jsonschema_rs.ValidationError, ValueError) as error:
            problem = f"not a valid schema: {first_line(error)}; correct it"
            raise Inconclusive(self._where(error), problem) from None
        except jsonschema_rs.ReferencingError as error:
            raise Inconclusive(self.pointer, f"a reference leads nowhere: {error}") from None

    def _where(self, error: Exception) -> str:
        path = getattr(error, "instance_path", None) or ()
        steps = [escaped(step) for step in path if step != ROOT]
        return "/" + "/".join(steps) if steps else self.pointer

    def check(self) -> None:
        """Raise Inconclusive where the schema is not valid, or not usable."""
        try:
            _ = self._wide
        except Entangled as error:
            raise Inconclusive(self.pointer, f"{error}; correct it") from None
        _ = self._validator

    def accepts(self, value: Any) -> bool:
        """Whether the schema allows a value."""
        return bool(self._validator.is_valid(value))

    def refusals(self, value: Any) -> list[Refusal]:
        """Why the schema does not allow a value; empty where it does."""
        found: list[Refusal] = []
        for error in self._validator.iter_errors(value):
            found += _refusals(error)
        return list(dict.fromkeys(found))

    @lazily
    def canonical(self) -> Any:
        """The canonical form of a schema that allows at least as much; None where there is none."""
        return canonical_form(self._wide)

    @lazily
    def _wide(self) -> Any:
        return flattened(self.document, wide=True)

    @lazily
    def _narrow(self) -> Any:
        return flattened(self.document, wide=False)

    def never_meets(self, constraint: dict[str, Any]) -> bool:
        """Whether it is proved that no value keeps this schema and `constraint`."""
        return is_impossible({"allOf": [self._wide, constraint]})

    def drawable(self, constraint: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Schemas to draw values from that keep this one and `constraint`, the simplest first."""
        yield {"allOf": [self._narrow, constraint]}
        if self._narrow != self._wide:
            own = {key: value for key, value in self.document.items() if key != ROOT}
            yield {"allOf": [own, constraint], ROOT: self.document[ROOT]}

    @lazily
    def constants(self) -> tuple[Any, ...]:
        """Values that enumerations, constants, bounds and patterns of a few texts name."""
        return tuple(islice(_constants(self.document[ROOT]), MOST_CONSTANTS))

    def alternatives(self) -> list[Node]:
        """The alternatives that the schema gives as a whole; empty where it gives none."""
        if self.spots is None:
            return []
        vendor = self.spots.vendor
        with suppress(Inconclusive):
            node = vendor.follow(vendor.at(self.pointer, self.pointer))
            if isinstance(node.value, dict):
                return node.list("oneOf") or node.list("anyOf")
        return []

    def any_of(self, alternatives: Sequence[Node]) -> VendorSchema:
        """The schema of what keeps one of some alternatives, whatever the others say of it."""
        choices = [{"$ref": reference_to(each.pointer)} for each in alternatives]
        return replace(self, document={"anyOf": choices, ROOT: self.document[ROOT]})

    def within(self, alternatives: Sequence[Node]) -> VendorSchema:
        """The schema of what this one allows, and what keeps one of some of its alternatives."""
        own = {key: value for key, value in self.document.items() if key != ROOT}
        choice = self.any_of(alternatives).document
        both = [own, {"anyOf": choice["anyOf"]}]
        return replace(self, document={"allOf": both, ROOT: self.document[ROOT]})

    def spot(self, path: Sequence[str | int]) -> str:
        """The pointer of the vendor's schema that speaks of the spot `path` of a value.

        Where none does, that of the nearest spot around it.
        """
        spots = self._spots(path)
        return spots[-1].pointer if spots else self.pointer

    def exact_spot(self, path: Sequence[str | int]) -> Node | None:
        """The vendor's schema that speaks of the spot `path` of a value, where one does."""
        spots = self._spots(path)
        return spots[-1] if len(spots) == len(path) + 1 else None

    def _spots(self, path: Sequence[str | int]) -> list[Node]:
        """The schemas of the value and of what is inside, as far along `path` as there are any."""
        if self.spots is None:
            return []
        vendor = self.spots.vendor
        found = [vendor.at(self.pointer, self.pointer)]
        for step in path:
            inner = _step(vendor, found[-1], step, _DEEPEST_CHOICE)
            if inner is None:
                break
            found.append(inner)
        with suppress(Inconclusive):
            found[-1] = vendor.follow(found[-1])
        return found


def canonical_form(document: Any) -> Any:
    """The canonical form of a JSON Schema, or None where the library has none for it."""
    try:
        return jsonschema_rs.canonicalize(
            document,
            draft=jsonschema_rs.Draft202012,
            validate_formats=True,
            pattern_options=PATTERNS,
            offline=True,
        )
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        return None


def is_impossible(document: dict[str, Any]) -> bool:
    """Whether it is proved that a JSON Schema allows no value."""
    form = canonical_form(document)
    return form is not None and form.satisfiability() is jsonschema_rs.canonical.Satisfiability.NO


def covers(schema: Any, other: Any) -> bool:
    """Whether it is proved that one canonical form allows every value that another does."""
    if schema is None or other is None:
        return False
    return bool(schema.covers(other) is jsonschema_rs.canonical.Containment.YES)


def _refusals(error: Any, depth: int = _DEEPEST_CHOICE) -> Iterator[Refusal]:
    """An error; where no alternative fits, those of the alternative that comes closest."""
    branches = getattr(error.kind, "context", None)
    if branches and depth:
        closest = max(branches, key=_closeness)
        if _closeness(closest)[0] > len(error.instance_path) or len(branches) == 1:
            for inner in closest:
                yield from _refusals(inner, depth - 1)
            return
    steps = [step for step in error.schema_path if step != ROOT]
    keyword = str(error.evaluation_path[-1]) if error.evaluation_path else ""
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.FalseSchema):
        keyword = "false"
    yield Refusal(
        path=tuple(error.instance_path),
        keyword=keyword,
        pointer="".join(f"/{escaped(step)}" for step in steps),
        message=first_line(error),
        names=_names(error.kind),
    )


def _names(kind: Any) -> tuple[str, ...]:
    match kind:
        case jsonschema_rs.ValidationErrorKind.Required():
            return (str(kind.property),)
        case (
            jsonschema_rs.ValidationErrorKind.AdditionalProperties()
            | jsonschema_rs.ValidationErrorKind.UnevaluatedProperties()
        ):
            return tuple(map(str, kind.unexpected))
        case _:
            return ()


def _closeness(branch: Any) -> tuple[int, int]:
    """How deep an alternative agrees with a value, and how few errors it has."""
    return min((len(error.instance_path) for error in branch), default=0), -len(branch)


def _constants(schema: Any) -> Iterator[Any]:
    if isinstance(schema, dict):
        for keyword, value in schema.items():
            if keyword == "const":
                yield value
            elif keyword in _BOUNDS and isinstance(value, int | float):
                yield from (value, value + 1, value - 1)
            elif keyword == "enum" and isinstance(value, list):
                yield from value[:50]
            elif keyword == "pattern" and isinstance(value, str):
                yield from words_of(value) or ()
            else:
                yield from _constants(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _constants(item)


def _step(vendor: Vendor, node: Node, step: str | int, depth: int) -> Node | None:
    """The schema of a member of a value, given the schema of the value."""
    try:
        node = vendor.follow(node)
    except Inconclusive:
        return None
    if not isinstance(node.value, dict) or not depth:
        return None
    if isinstance(step, int):
        if (items := node.child("items")) is not None:
            return items
    elif (properties := node.child("properties")) is not None and properties.child(step):
        return properties.child(step)
    for choice in ("allOf", "oneOf", "anyOf"):
        inner = node.child(choice)
        for branch in node.list(choice) if inner is not None else []:
            if (found := _step(vendor, branch, step, depth - 1)) is not None:
                return found
    return None
