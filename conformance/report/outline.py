"""The outline of the document, with the facts of its tables, read from the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, structs

from conformance.contract import PATH, Contract
from conformance.contract.schema import resolved

Element = Mapping[str, Any]
IN_REQUEST = frozenset(f"Table {number}" for number in range(1, 5))
"""Tables with the column Mandatory."""


class Row(Struct, frozen=True):
    """A row of a table: a parameter, a status code, or the table as a whole (no name).

    `constraint` is what the page says of the value beside its type, and `reading` what is read into
    it where the page is silent.
    """

    name: str
    description: str
    mandatory: bool | None = None
    type: str = ""
    constraint: str = ""
    reading: str = ""


class Table(Struct, frozen=True):
    """A table of the document under its title; `section` is what clauses call it."""

    section: str
    title: str
    rows: tuple[Row, ...]
    caption: str = ""

    @property
    def has_parameters(self) -> bool:
        """Whether its rows are parameters, with a type."""
        return any(row.type for row in self.rows)

    @property
    def has_readings(self) -> bool:
        """Whether something is read into one of its rows."""
        return any(row.reading for row in self.rows)

    @property
    def is_of_request(self) -> bool:
        """Whether it has the column Mandatory in the document."""
        return self.section in IN_REQUEST


class Part(Struct, frozen=True):
    """A heading of the document with its tables."""

    heading: str
    lead: str
    tables: tuple[Table, ...]


@lru_cache(maxsize=2)
def outline(contract: Contract) -> tuple[Part, ...]:
    """The parts of the document, in its order."""
    document = contract.document
    operation = document["paths"][PATH]["post"]
    body = resolved(document, operation["requestBody"])
    executed = resolved(document, operation["responses"]["200"])
    tables = {table.section: table for table in _schema_tables(document)}
    path = _path_table(document, operation)
    address = Row("URI format", f"POST {document['servers'][0]['url']}{PATH}")
    made = Table("Function", "What an execution makes", (Row("", "Every execution"),))
    return (
        Part("Function", operation["description"], (made,)),
        Part("URI", "", (Table("URI", "URI format", (address,)), path)),
        Part("Request", body["description"], tuple(tables[f"Table {n}"] for n in (2, 3, 4))),
        Part("Response", executed["description"], tuple(tables[f"Table {n}"] for n in range(5, 9))),
        Part("Status Codes", "", (_status_table(document, operation),)),
        Part("Error Codes", "", (tables["Error Codes"],)),
    )


def _path_table(document: Element, operation: Element) -> Table:
    parameters = [resolved(document, parameter) for parameter in operation["parameters"]]
    rows = (_row(p["name"], {**p["schema"], **p}, mandatory=p["required"]) for p in parameters)
    return Table("Table 1", "Parameter description", tuple(rows), "in the URI")


def _status_table(document: Element, operation: Element) -> Table:
    rows = [
        Row(code, resolved(document, response)["description"])
        for code, response in operation["responses"].items()
    ]
    return Table("Status Codes", "Status codes", (Row("", "Every answer"), *rows))


def _schema_tables(document: Element) -> Iterator[Table]:
    """Tables 2 to 8 and the error body."""
    for name, schema in document["components"]["schemas"].items():
        properties = schema["properties"]
        required = schema.get("required", ())
        section = schema["x-section"]
        whole = Row("", schema["description"])
        rows = [
            _row(field, {**resolved(document, element), **element}, mandatory=field in required)
            for field, element in properties.items()
        ]
        if section not in IN_REQUEST:  # the tables of responses do not say what is mandatory
            rows = [_always_present(row) if row.mandatory else row for row in rows]
        inner = name not in {"request", "response", "error"}
        title = "Parameter description" + (" of field" if inner else "")
        yield Table(section, title, (whole, *rows), name if inner else "")


def _row(name: str, element: Element, *, mandatory: bool) -> Row:
    said = element["description"], mandatory, _type(element), _constraint(element)
    return Row(name, *said, _reading(element))


def _always_present(row: Row) -> Row:
    return structs.replace(row, reading=f"It is always present. {row.reading}".strip())


def _type(element: Element) -> str:
    """The type as the document writes it: `String`, `List<resource>`, `plan_resp`."""
    if reference := element.get("$ref"):
        return str(reference).rsplit("/", 1)[1]
    kinds = element["type"]
    if kinds == "array":
        return f"List<{_type(element['items'])}>"
    names = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join("null" if name == "null" else name.capitalize() for name in names)


def _constraint(element: Element) -> str:
    """What the contract says of the value beside its type."""
    if "const" in element:
        return f"Always {element['const']}."
    if "enum" in element:
        return f"One of {', '.join(element['enum'])}."
    return ""


def _reading(element: Element) -> str:
    """What is read into the page, which is silent on it."""
    least = "It is not empty." if "minLength" in element or "minItems" in element else ""
    return " ".join(filter(None, (element.get("x-reading"), least)))
