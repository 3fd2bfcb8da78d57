"""The clauses that keywords of the contract's schemas decide: statement and source of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from conformance.contract.clauses import MUST, TO_EXECUTE, Clause, Fixture, Level, Source
from conformance.contract.schema import Schema, clause_id, expectation, resolved


class Body(Struct, frozen=True):
    """A body that the page describes: its schema, and what the clauses on it have in common.

    `answers` are the statuses that a request may get which breaks one of them, and `needs` what it
    takes to see such a body.
    """

    schema: str
    answers: frozenset[int]
    needs: tuple[Fixture, ...]


CONDITIONS = dict.fromkeys(("required", "null"))
"""What a clause of an element may be about besides its own keywords."""
REQUEST = Body("request", frozenset({400}), TO_EXECUTE)
RESPONSE = Body("response", frozenset(), TO_EXECUTE)
ERROR = Body("error", frozenset(), ())


def schema_clauses(document: Schema, body: Body) -> Iterator[Clause]:
    """The clauses on a body, table by table.

    The section is the `x-section` of the schema that has the element, the row is the field. Raises
    ValueError for a keyword that has no wording, and one that the element does not have.
    """
    root = document["components"]["schemas"][body.schema]
    for place in _places(root, document, Source(root["x-section"]), "the body"):
        for keyword, entry in place.element.get("x-clauses", {}).items():
            if keyword == "listed":
                continue
            has = {**resolved(document, place.element), **place.element, **CONDITIONS}
            if keyword not in has:
                raise ValueError(
                    f"{place.subject}: x-clauses names {keyword}, which the element does not have"
                )
            yield _clause(place, keyword, entry, body)


class Place(Struct, frozen=True):
    """An element of a body: its schema, where the document has it, and what to call it."""

    element: Schema
    source: Source
    subject: str


def _places(element: Schema, document: Schema, source: Source, subject: str) -> Iterator[Place]:
    """The element and all below it; what stands beside a reference is of the same place."""
    schema = resolved(document, element)
    yield Place(schema, source, subject)
    if schema is not element:
        yield Place(element, source, subject)
    section = schema.get("x-section", source.section)
    for name, field in schema.get("properties", {}).items():
        yield from _places(field, document, Source(section, name), f"`{name}`")
    if "items" in schema:
        yield from _places(schema["items"], document, source, f"an item of {subject}")


def _clause(place: Place, keyword: str, entry: str | Mapping[str, Any], body: Body) -> Clause:
    details: Mapping[str, Any] = {} if isinstance(entry, str) else entry
    return Clause(
        id=clause_id(entry),
        level=Level(details.get("level", MUST)),
        source=place.source,
        statement=_statement(place, keyword),
        needs=body.needs,
        answers=frozenset(details.get("answers", body.answers)),
    )


def _statement(place: Place, keyword: str) -> str:
    subject = place.subject[0].upper() + place.subject[1:]
    match keyword:
        case "required":
            return f"{subject} is present."
        case "null":
            return f"{subject} given as null is taken as left out, or refused with 400."
        case _:
            return f"{subject} is {expectation(place.element, keyword)}."
