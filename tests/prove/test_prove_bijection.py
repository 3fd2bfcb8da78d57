"""Clauses, faults, and rows of the document belong together; an orphan is named."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from conformance.contract import load_contract
from conformance.contract.clauses import Source, StatusCodes
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.variants import VARIANTS
from conformance.page.catalogue import catalogue
from conformance.page.registry import REGISTRY

CLAUSES = catalogue(load_contract())
MAIN = [fault for fault in CATALOGUE.values() if not fault.odd]
DOCUMENT = tomllib.loads(
    (Path(__file__).parents[1] / "contract" / "document.toml").read_text(encoding="utf-8")
)
ROWS = [
    Source(f"Table {number}", row["parameter"])
    for number, table in DOCUMENT["tables"].items()
    for row in table["rows"]
]
CODES = [*DOCUMENT["status_codes"]["normal"], *DOCUMENT["status_codes"]["abnormal"]]


@pytest.mark.parametrize("clause_id", [c.id for c in CLAUSES.values() if not c.without_fault])
def test_every_clause_that_can_be_broken_has_a_fault(clause_id: str) -> None:
    assert [fault.name for fault in MAIN if fault.breaks == clause_id]


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_fault_names_clauses_that_exist(name: str) -> None:
    assert CATALOGUE[name].clauses <= CLAUSES.keys()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_row_of_every_table_has_a_clause(row: Source) -> None:
    assert [clause.id for clause in CLAUSES.values() if clause.source == row]


@pytest.mark.parametrize(
    "source", {c.source: None for c in CLAUSES.values() if c.source.section.startswith("Table")}
)
def test_every_clause_on_a_table_stands_in_a_row_of_it(source: Source) -> None:
    assert source in ROWS or not source.row


@pytest.mark.parametrize("code", CODES)
def test_every_status_code_has_a_clause(code: str) -> None:
    assert [clause.id for clause in CLAUSES.values() if clause.source == StatusCodes(code)]


def test_every_clause_is_judged_by_a_schema_or_by_one_function() -> None:
    schema = [clause.id for clause in load_contract().schema_clauses]
    judged = [clause.id for clause in REGISTRY.clauses()]
    assert sorted([*schema, *judged]) == sorted(CLAUSES)


def test_the_catalogue_is_large_enough_to_mean_something() -> None:
    assert len(MAIN) >= 150
    assert len(CATALOGUE) - len(MAIN) >= 20
    assert len(VARIANTS) >= 50
