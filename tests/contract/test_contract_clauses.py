"""The clauses: named once in the contract, defined once in the suite, each with a place to look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from contract_document import DOCUMENT

from conformance.contract import Contract, load_contract
from conformance.contract.clauses import SECTIONS, Clause, Level, place
from conformance.contract.ledger import Entry, load_ledger
from conformance.errors import ContractError
from conformance.page.catalogue import catalogue

CONTRACT = load_contract()
CATALOGUE = catalogue(CONTRACT)
CLAUSES = list(CATALOGUE.values())
LEDGER = load_ledger()
READABLE = re.compile(r"(F|URI|T[1-8]|S|S\d{3}|EC)(\.[a-z]+(_[a-z]+)*(-[a-z]+|-8)*){1,2}")


def ids_beside_elements(element: Any) -> Iterator[str]:
    """Every id under any `x-clauses`, in whichever way it is written."""
    if isinstance(element, list):
        for item in element:
            yield from ids_beside_elements(item)
    if isinstance(element, dict):
        for key, value in element.items():
            if key != "x-clauses":
                yield from ids_beside_elements(value)
                continue
            for entry in value.values():
                if isinstance(entry, str):
                    yield entry
                elif isinstance(entry, list):
                    yield from entry
                else:
                    yield entry["id"]


def name_of(value: Clause | Entry) -> str:
    return value.id if isinstance(value, Clause) else value.point


def test_the_contract_names_exactly_the_clauses_of_the_catalogue_each_once() -> None:
    named = Counter(ids_beside_elements(CONTRACT.document))
    assert named == Counter(CATALOGUE.keys())


def test_a_clause_that_nobody_defines_is_refused() -> None:
    changed = SimpleNamespace(
        schema_clauses=CONTRACT.schema_clauses, clause_ids=(*CONTRACT.clause_ids, "T1.new.clause")
    )
    with pytest.raises(ContractError, match=r"T1\.new\.clause: not defined"):
        catalogue.__wrapped__(cast("Contract", changed))


def test_a_clause_that_the_contract_does_not_name_is_refused() -> None:
    without = tuple(name for name in CONTRACT.clause_ids if name != "S.listed")
    changed = SimpleNamespace(schema_clauses=CONTRACT.schema_clauses, clause_ids=without)
    with pytest.raises(ContractError, match=r"S\.listed: not named in the contract"):
        catalogue.__wrapped__(cast("Contract", changed))


def test_a_clause_named_twice_is_refused() -> None:
    changed = SimpleNamespace(
        schema_clauses=CONTRACT.schema_clauses, clause_ids=(*CONTRACT.clause_ids, "S.listed")
    )
    with pytest.raises(ContractError, match=r"S\.listed: named twice in openapi\.yaml"):
        catalogue.__wrapped__(cast("Contract", changed))


def test_a_clause_defined_twice_is_refused() -> None:
    changed = SimpleNamespace(
        schema_clauses=(*CONTRACT.schema_clauses, CATALOGUE["S.listed"]),
        clause_ids=CONTRACT.clause_ids,
    )
    with pytest.raises(ContractError, match=r"S\.listed: defined twice"):
        catalogue.__wrapped__(cast("Contract", changed))


@pytest.mark.parametrize("clause", CLAUSES, ids=name_of)
def test_a_clause_id_can_be_read_and_typed(clause: Clause) -> None:
    assert READABLE.fullmatch(clause.id)


@pytest.mark.parametrize("clause", CLAUSES, ids=name_of)
def test_a_clause_stands_in_a_place_that_the_document_has(clause: Clause) -> None:
    section, row = clause.source.section, clause.source.row
    if section not in SECTIONS:
        assert clause.level is Level.SHOULD, "a must stands in the document itself"
        return
    rows: set[str] = {""}
    if section.startswith("Table "):
        table = DOCUMENT["tables"][section.removeprefix("Table ")]
        rows |= {entry["parameter"] for entry in table["rows"]}
    else:
        assert section in DOCUMENT["sections"]
        codes = DOCUMENT["status_codes"]
        rows |= {
            "Function": set(),
            "URI": {"URI format"},
            "Status Codes": {*codes["normal"], *codes["abnormal"]},
            "Error Codes": {"error_code", "error_msg"},
        }[section]
    assert row in rows


@pytest.mark.parametrize("clause", CLAUSES, ids=name_of)
def test_a_clause_states_something_in_a_whole_sentence(clause: Clause) -> None:
    assert re.fullmatch(r"[A-Z`].{10,}[^.]\.", clause.statement)
    assert "\n" not in clause.statement
    assert "  " not in clause.statement


def test_no_two_clauses_of_one_place_say_the_same() -> None:
    said = Counter((clause.source, clause.statement) for clause in CLAUSES)
    assert [what for what, times in said.items() if times > 1] == []


def test_clauses_come_in_the_order_of_the_document() -> None:
    ranks = [place(clause.source) for clause in CLAUSES]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("clause", CLAUSES, ids=name_of)
def test_a_clause_allows_only_answers_that_the_page_or_its_reading_knows(clause: Clause) -> None:
    assert clause.answers <= CONTRACT.statuses | {415}


@pytest.mark.parametrize(
    "row",
    [
        (number, row["parameter"])
        for number, table in DOCUMENT["tables"].items()
        for row in table["rows"]
    ],
    ids=lambda row: f"Table {row[0]} {row[1]}",
)
def test_every_row_of_the_page_has_a_must(row: tuple[str, str]) -> None:
    places = {(c.source.section, c.source.row) for c in CLAUSES if c.level is Level.MUST}
    holders = {("2", "checkpoint"): "T2.checkpoint.", ("5", "checkpoint"): "T5.checkpoint."}
    prefix = holders.get(row, f"T{row[0]}.{row[1]}.")
    assert (f"Table {row[0]}", row[1]) in places
    assert any(clause.id.startswith(prefix) for clause in CLAUSES)


@pytest.mark.parametrize(
    "code", [code for kind in DOCUMENT["status_codes"].values() for code in kind]
)
def test_every_status_code_of_the_page_has_a_must(code: str) -> None:
    assert any(c.source.row == code for c in CLAUSES if c.level is Level.MUST)


@pytest.mark.parametrize("entry", LEDGER, ids=name_of)
def test_every_pattern_of_a_ledger_entry_matches_a_clause(entry: Entry) -> None:
    for pattern in entry.clauses:
        one = Entry(entry.point, entry.sides, entry.decision, (pattern,))
        assert any(one.concerns(name) for name in CATALOGUE), pattern


@pytest.mark.parametrize("entry", LEDGER, ids=name_of)
def test_a_ledger_entry_quotes_the_document_and_decides(entry: Entry) -> None:
    assert entry.sides
    assert all(side.where and side.says for side in entry.sides)
    assert entry.decision.endswith(".")


def test_no_point_of_the_ledger_is_made_twice() -> None:
    points = [entry.point for entry in LEDGER]
    assert len(set(points)) == len(points)


@pytest.mark.parametrize("clause", [c for c in CLAUSES if c.is_open], ids=name_of)
def test_every_point_that_is_left_open_is_in_the_ledger(clause: Clause) -> None:
    assert any(entry.concerns(clause.id) for entry in LEDGER if entry.clauses != ("*",))


@pytest.mark.parametrize("clause", CLAUSES, ids=name_of)
def test_a_clause_is_named_after_its_place_in_the_document(clause: Clause) -> None:
    section, element, *_ = clause.id.split(".")
    source = clause.source
    if section == "EC":
        assert source.section == "Error Codes"
    elif section == "F":
        assert source.section == "Function"
    elif section == "URI":
        assert (source.section, source.row) == ("URI", "URI format")
    elif section.startswith("S"):
        assert (source.section, source.row) == ("Status Codes", section[1:])
    else:
        assert source.section == f"Table {section[1:]}"
        assert source.row == ("" if element == "body" else element)
