"""The published reports are of this state of the contract and the catalogue."""

from __future__ import annotations

import json
from itertools import product

import pytest
from docs_pages import ROOT

from conformance.contract import load_contract
from conformance.emulator import bases
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.variants import VARIANTS
from tools.generate import MATRIX, PUBLISHED, REFERENCE

HOW = "run `make generate` to write the reports again"
MADE = json.loads((ROOT / MATRIX / "matrix.json").read_text(encoding="utf-8"))
RUN = json.loads((ROOT / REFERENCE / "report.json").read_text(encoding="utf-8"))


def test_the_matrix_is_of_this_contract() -> None:
    assert MADE["contract"] == load_contract().sha256, HOW


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("fault", [name for name, fault in CATALOGUE.items() if not fault.odd]),
        ("variant", list(VARIANTS)),
    ],
)
def test_the_matrix_has_every_implementation(kind: str, names: list[str]) -> None:
    tried_on = list(bases.BASES) if kind == "fault" else [bases.REFERENCE]
    subjects = [trial["subject"] for trial in MADE["trials"]]
    tried = [(each["name"], each["base"]) for each in subjects if each["kind"] == kind]
    assert sorted(tried) == sorted(product(names, tried_on)), HOW


def test_the_matrix_is_without_a_problem() -> None:
    assert MADE["problems"] == []


def test_the_reference_run_is_of_this_contract() -> None:
    assert RUN["contract"]["sha256"] == load_contract().sha256, HOW


def test_the_reference_run_has_its_reports() -> None:
    assert {path.name for path in (ROOT / REFERENCE).iterdir()} == set(PUBLISHED)
