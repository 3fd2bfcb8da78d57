"""The contract against the page, row by row, by way of a transcription of the page's tables."""

from __future__ import annotations

from typing import Any

import pytest
from contract_document import (
    DOCUMENT,
    PAGE,
    Row,
    details,
    page_lines,
    printed_status_codes,
    printed_tables,
    transcribed_rows,
)

from conformance.contract import PATH, load_contract

CONTRACT = load_contract().document
COMPONENTS = CONTRACT["components"]
POST = CONTRACT["paths"][PATH]["post"]
TABLES = {int(number): table for number, table in DOCUMENT["tables"].items()}
IN_BODIES = [row for row in transcribed_rows() if row.table > 1]
SCALARS = {"string": "String", "boolean": "Boolean"}

needs_page = pytest.mark.skipif(not PAGE.exists(), reason=f"the page's text is not at {PAGE}")


def referenced(element: dict[str, Any]) -> str | None:
    """The name of the schema that an element refers to."""
    reference = element.get("$ref")
    return reference.rsplit("/", 1)[1] if reference else None


def type_in_contract(element: dict[str, Any]) -> str:
    """The type of a contract's element, in the words of the page."""
    if name := referenced(element):
        return name
    if element["type"] == "array":
        return f"List<{type_in_contract(element['items'])}>"
    kinds = element["type"] if isinstance(element["type"], list) else [element["type"]]
    return " or ".join(SCALARS.get(str(kind), str(kind)) for kind in kinds)


def schema_of(table: int) -> dict[str, Any]:
    schema: dict[str, Any] = COMPONENTS["schemas"][TABLES[table]["schema"]]
    return schema


def parameters() -> dict[str, dict[str, Any]]:
    named = (referenced(parameter) for parameter in POST["parameters"])
    return {name: COMPONENTS["parameters"][name] for name in named if name}


@pytest.mark.parametrize("row", IN_BODIES, ids=str)
def test_a_row_of_the_page_stands_in_the_contract_with_its_type(row: Row) -> None:
    properties = schema_of(row.table)["properties"]
    assert row.parameter in properties, f"the contract has lost the row {row}"
    also = details(row).get("also")
    expected = f"{row.type} or {also}" if also else row.type
    assert type_in_contract(properties[row.parameter]) == expected, f"retyped: {row}"


@pytest.mark.parametrize("row", IN_BODIES, ids=str)
def test_a_row_of_the_page_is_as_mandatory_in_the_contract(row: Row) -> None:
    is_required = row.parameter in schema_of(row.table).get("required", ())
    if row.mandatory:
        assert is_required == (row.mandatory == "Yes"), str(row)
    else:
        assert is_required != details(row).get("may_be_absent", False), str(row)


@pytest.mark.parametrize("table", [number for number in TABLES if number > 1])
def test_the_contract_adds_no_row_to_a_table(table: int) -> None:
    on_the_page = {row["parameter"] for row in TABLES[table]["rows"]}
    in_the_contract = schema_of(table)["properties"].keys()
    added = sorted(in_the_contract - on_the_page)
    assert not added, f"Table {table} of the page has no {', '.join(added)}"


def test_every_schema_of_the_contract_is_a_table_of_the_page_or_the_error_body() -> None:
    from_tables = {table["schema"] for table in TABLES.values() if "schema" in table}
    assert set(COMPONENTS["schemas"]) == from_tables | {"error"}


@pytest.mark.parametrize("row", [r for r in transcribed_rows() if r.table == 1], ids=str)
def test_a_row_of_table_1_is_a_parameter_in_the_path(row: Row) -> None:
    parameter = parameters()[row.parameter]
    assert parameter["name"] == row.parameter
    assert parameter["in"] == "path"
    assert parameter["required"] is (row.mandatory == "Yes")
    assert type_in_contract(parameter["schema"]) == row.type


def test_the_contract_adds_no_parameter_to_table_1() -> None:
    assert list(parameters()) == [row["parameter"] for row in TABLES[1]["rows"]]


def test_the_uri_is_the_pages() -> None:
    (server,) = CONTRACT["servers"]
    (path,) = CONTRACT["paths"]
    (method,) = CONTRACT["paths"][path]
    assert f"{method.upper()} {server['url']}{path}" == DOCUMENT["uri"]


def test_the_fixed_values_are_the_pages() -> None:
    fixed = DOCUMENT["fixed"]
    assert parameters()["provider_id"]["schema"]["const"] == fixed["provider_id"]
    assert load_contract().provider_id == fixed["provider_id"]
    assert schema_of(8)["properties"]["type"]["const"] == fixed["type"]
    assert schema_of(6)["properties"]["status"]["enum"] == fixed["status"]


def test_the_status_codes_are_the_pages() -> None:
    listed = {**DOCUMENT["status_codes"]["normal"], **DOCUMENT["status_codes"]["abnormal"]}
    assert list(POST["responses"]) == list(listed)
    assert load_contract().statuses == {int(code) for code in listed}


def test_only_the_normal_status_code_has_the_body_of_table_5() -> None:
    normal = DOCUMENT["status_codes"]["normal"]
    for code, response in POST["responses"].items():
        body = COMPONENTS["responses"][referenced(response) or ""]["content"]["application/json"]
        assert referenced(body["schema"]) == ("response" if code in normal else "error"), code


@needs_page
@pytest.mark.parametrize("number", TABLES)
def test_the_transcription_of_a_table_is_what_the_page_prints(number: int) -> None:
    (table,) = (table for table in printed_tables() if table.number == number)
    assert table.title == TABLES[number]["title"]
    transcribed = [row for row in transcribed_rows() if row.table == number]
    assert [str(row) for row in table.rows] == [str(row) for row in transcribed]


@needs_page
def test_the_page_prints_no_other_table() -> None:
    assert [table.number for table in printed_tables()] == list(TABLES)


@needs_page
def test_every_section_stands_on_the_page_in_order() -> None:
    lines = page_lines()
    assert [line for line in lines if line in DOCUMENT["sections"]] == DOCUMENT["sections"]
    assert DOCUMENT["title"] in lines
    assert lines[0].startswith(f"Updated on {DOCUMENT['updated']}")


@needs_page
def test_the_transcribed_uri_is_what_the_page_prints() -> None:
    assert DOCUMENT["uri"] in page_lines()


@needs_page
def test_the_transcribed_status_codes_are_what_the_page_prints() -> None:
    assert printed_status_codes() == DOCUMENT["status_codes"]


@needs_page
def test_the_transcribed_fixed_values_are_what_the_page_prints() -> None:
    tables = {table.number: table for table in printed_tables()}
    fixed = DOCUMENT["fixed"]
    assert f"the value is {fixed['provider_id']}." in tables[1].description("provider_id")
    assert f"fixed at {fixed['type']}," in tables[8].description("type")
    *others, last = fixed["status"]
    assert f"can be {', '.join(others)}, or {last}." in tables[6].description("status")
    assert f"the value is {details(Row(6, 'resource_graph', '', 'String'))['also']}," in tables[
        6
    ].description("resource_graph")
