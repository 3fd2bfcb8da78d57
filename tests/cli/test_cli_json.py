"""`--json`: each command that lists or judges prints a document that keeps a published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_helpers import TOKENS, LeavesTheIdOut, command, target_options

from conformance.compare.report.json_report import load_schema as of_comparison
from conformance.emulator.app import serving
from conformance.report.json_report import load_schema as of_report
from conformance.report.listings import load_schema


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A violating run in `run`, and the contract itself as a vendor's document."""
    home = tmp_path_factory.mktemp("json")
    with serving(LeavesTheIdOut()) as endpoint:
        options = [*target_options(endpoint), "--profile", "smoke", "--report-dir", "run"]
        command("run", *options, cwd=home, env=TOKENS)
    (home / "vendor.yaml").write_text(command("contract", cwd=home).out, encoding="utf-8")
    return home


@pytest.mark.parametrize(
    ("words", "schema", "code"),
    [
        (("clauses", "--only", "T6.*"), load_schema("clauses"), 0),
        (("plan", "--profile", "smoke"), load_schema("plan"), 0),
        (("judge", "run/journal.ndjson", "--report-dir", "again"), of_report(), 1),
        (("compare", "vendor.yaml"), of_comparison(), 0),
    ],
)
def test_it_keeps_its_schema_and_its_exit_code(
    words: tuple[str, ...], schema: dict[str, Any], code: int, home: Path
) -> None:
    done = command(*words, "--json", cwd=home)
    assert (done.code, done.err) == (code, "")
    jsonschema.validate(json.loads(done.out), schema)
    in_a_job = command(*words, "--json", cwd=home, env={"GITHUB_ACTIONS": "true"})
    assert json.loads(in_a_job.out).keys() == json.loads(done.out).keys()


def test_clauses_and_plan_say_what_they_say_to_readers(home: Path) -> None:
    clauses = json.loads(command("clauses", "--json", cwd=home).out)["clauses"]
    lines = command("clauses", cwd=home).out.splitlines()
    assert [each["id"] for each in clauses] == [line.split()[0] for line in lines[::2]]
    plan = json.loads(command("plan", "--profile", "smoke", "--json", cwd=home).out)
    said = command("plan", "--profile", "smoke", cwd=home).out
    assert said.startswith(f"{len(plan['requests'])} requests for ")
    assert all(each["probe"] in said for each in plan["requests"])
    assert plan["limits"] == {"requests": 250, "executions": 3}


def test_the_ledger_is_not_among_the_clauses(home: Path) -> None:
    done = command("clauses", "--ledger", "--json", cwd=home)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
