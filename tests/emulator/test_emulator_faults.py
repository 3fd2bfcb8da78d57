"""The catalogue of faults is well declared; `csbs-conformance prove` tries the suite on each."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.contract import load_contract
from conformance.emulator import Service, World
from conformance.emulator.faults import CATALOGUE, Fault
from conformance.emulator.faults.registry import fault
from conformance.page.catalogue import catalogue
from conformance.prove.trial import Subject, SubjectKind, attempt

ROOT = Path(__file__).parents[2]


def noon() -> datetime:
    return datetime(2026, 1, 1, 12, tzinfo=UTC)


CLAUSES = catalogue(load_contract())
MAIN = [each for each in CATALOGUE.values() if not each.odd]
ODD = [each for each in CATALOGUE.values() if each.odd]


@pytest.mark.parametrize("name", [each.name for each in ODD[::6]])
def test_a_planned_run_does_not_find_an_odd_fault(name: str) -> None:
    assert attempt(Subject(SubjectKind.FAULT, name)).verdict == "conforms"


def test_exploration_finds_an_odd_fault() -> None:
    name = "second-server-alone-has-no-extra-info"
    trial = attempt(Subject(SubjectKind.FAULT, name, deep=True, base="strict"))
    assert not trial.problem


@pytest.mark.parametrize("each", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_a_fault_is_well_declared(each: Fault) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.name)
    assert CATALOGUE[each.name] is each
    assert each.clauses <= CLAUSES.keys()
    assert each.breaks not in each.follows
    assert each.summary.endswith(".")
    assert isinstance(each.make(World.default()), Service)
    assert each.make(World.default(), noon).clock is noon


def test_every_clause_that_can_be_provoked_has_a_fault() -> None:
    broken = {each.breaks for each in MAIN}
    provoked = {
        clause.id
        for clause in CLAUSES.values()
        if not clause.observed and clause.id != "URI.https"  # a loopback address needs none
    }
    assert broken == provoked
    assert len(MAIN) >= 170
    assert len(ODD) >= 24


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="status-in-capitals"):
        fault("status-in-capitals", breaks="T6.status.values")(Service)


def test_the_catalogue_loads_the_emulator_only() -> None:
    code = (
        "import sys, conformance.emulator.faults\n"
        "heavy = {'starlette', 'uvicorn', 'hypothesis', 'schemathesis', 'jsonschema_rs'}\n"
        "print(heavy & set(sys.modules), 'conformance.judge' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "set() False\n"
