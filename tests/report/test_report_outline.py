"""The outline against the document itself, where it is at hand as a list of rows."""

from __future__ import annotations

from conformance.contract import load_contract
from conformance.page.catalogue import catalogue
from conformance.report.outline import Row, Table, outline

TABLES = {
    "Table 1": ["project_id", "provider_id"],
    "Table 2": ["checkpoint"],
    "Table 3": ["parameters", "plan_id"],
    "Table 4": ["auto_trigger", "resources"],
    "Table 5": ["checkpoint"],
    "Table 6": [
        "status", "created_at", "id", "resource_graph", "project_id", "protection_plan",
        "extra_info",
    ],
    "Table 7": ["id", "name", "resources"],
    "Table 8": ["id", "type", "name", "extra_info"],
    "Status Codes": ["200", "400", "401", "403", "404", "500", "503"],
}  # fmt: skip


def tables() -> dict[str, Table]:
    return {table.section: table for part in outline(load_contract()) for table in part.tables}


def row(section: str, name: str) -> Row:
    (found,) = (row for row in tables()[section].rows if row.name == name)
    return found


def test_the_parts_are_those_of_the_document() -> None:
    headings = [part.heading for part in outline(load_contract())]
    assert headings == ["Function", "URI", "Request", "Response", "Status Codes", "Error Codes"]


def test_the_rows_are_those_of_the_document() -> None:
    for section, names in TABLES.items():
        assert [row.name for row in tables()[section].rows if row.name] == names


def test_facts_come_from_the_contract() -> None:
    assert row("Table 4", "resources").type == "List<String>"
    assert row("Table 7", "resources").type == "List<resource>"
    assert row("Table 2", "checkpoint").type == "checkpoint_req"
    assert row("Table 4", "auto_trigger").mandatory is False
    assert row("Table 3", "plan_id").mandatory is True
    assert row("Table 6", "extra_info").mandatory is False
    assert "protecting, deleting, available, error" in row("Table 6", "status").constraint
    assert "OS::Nova::Server" in row("Table 8", "type").constraint
    assert row("Table 6", "resource_graph").type == "String or null"


def test_every_clause_has_a_row() -> None:
    places = {(table.section, row.name) for table in tables().values() for row in table.rows}
    for clause in catalogue(load_contract()).values():
        assert (clause.source.section, clause.source.row) in places
