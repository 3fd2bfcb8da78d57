"""The commands that send nothing to a target: help, plan, clauses, contract, emulator."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_helpers import (
    KNOWN,
    NEVER_HANGS,
    TOKENS,
    Counting,
    command,
    environment,
    started,
    target_options,
)
from warm import WARM

from conformance import __version__
from conformance.contract import load_contract
from conformance.contract.ledger import load_ledger
from conformance.emulator.app import serving
from conformance.page.catalogue import catalogue

COMMANDS = ("run", "plan", "emulator", "clauses", "contract")
CLAUSES = catalogue(load_contract())


def test_help_lists_the_commands_and_the_exit_codes(tmp_path: Path) -> None:
    done = command("--help", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert all(name in done.out for name in COMMANDS)
    assert "Exit codes" in done.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, tmp_path: Path) -> None:
    done = command(name, "-h", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert f"Usage: csbs-conformance {name}" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    done = command("--version", cwd=tmp_path)
    assert (done.code, done.out.split()[-1]) == (0, __version__)


def test_the_contract_is_printed_byte_for_byte(tmp_path: Path) -> None:
    done = subprocess.run(
        [WARM, "contract"], cwd=tmp_path, env=environment(), capture_output=True, check=True
    )
    assert done.stdout == (Path(__file__).parents[2] / "openapi.yaml").read_bytes()


def test_every_clause_is_listed_with_level_source_and_statement(tmp_path: Path) -> None:
    done = command("clauses", cwd=tmp_path)
    assert done.code == 0
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines[::2]] == list(CLAUSES)
    for line, statement, clause in zip(lines[::2], lines[1::2], CLAUSES.values(), strict=True):
        assert line.split()[1] == clause.level.value
        assert str(clause.source) in line
        assert statement.strip().startswith(clause.statement)
        assert all(need.unlock in statement for need in clause.needs)


def test_only_the_clauses_asked_for_are_listed(tmp_path: Path) -> None:
    done = command("clauses", "--only", "T6.id.*", "--only", "S503.*", cwd=tmp_path)
    ids = [line.split()[0] for line in done.out.splitlines()[::2]]
    assert "S503.momentary" in ids
    assert "T6.id.unique" in ids
    assert all(name.startswith(("T6.id.", "S503.")) for name in ids)


def test_the_ledger_is_listed_with_both_sides_and_the_decision(tmp_path: Path) -> None:
    done = command("clauses", "--ledger", cwd=tmp_path)
    assert done.code == 0
    for entry in load_ledger():
        assert entry.point in done.out
        assert entry.decision in done.out
        assert all(side.says in done.out for side in entry.sides)


@pytest.fixture
def counting() -> Iterator[tuple[Counting, str]]:
    service = Counting()
    with serving(service) as endpoint:
        yield service, endpoint


@pytest.mark.parametrize("profile", ["smoke", "standard", "deep"])
def test_plan_counts_what_would_be_sent_and_sends_nothing(
    profile: str, counting: tuple[Counting, str], tmp_path: Path
) -> None:
    service, endpoint = counting
    options = ("plan", "--profile", profile, *target_options(endpoint))
    done = command(*options, cwd=tmp_path, env=TOKENS)
    assert done.code == 0, done.err
    assert not service.seen
    assert not list(tmp_path.iterdir())
    total, *parts = re.findall(r"^ *(\d+) (?:requests|to|left|while|only)", done.out, re.MULTILINE)
    assert int(total) == sum(map(int, parts)) > 0
    probes = [line for line in done.out.splitlines() if re.search(r" (POST|GET) +", line)]
    assert len(probes) == int(total)


def test_plan_names_what_is_locked_and_the_option_that_unlocks_it(
    counting: tuple[Counting, str], tmp_path: Path
) -> None:
    token = {"CSBS_TOKEN": TOKENS["CSBS_TOKEN"]}
    known = ("--endpoint", counting[1], "--project-id", KNOWN["project_id"])
    done = command("plan", *known, cwd=tmp_path, env=token)
    locked = [line for line in done.out.splitlines() if line.startswith("not without")]
    text = "\n".join(locked)
    assert all(f"--{name}" in text for name in ("plan-id", "resource", "forbidden-token-env"))
    assert "S403.forbidden-token" in text
    assert "--project-id" not in text


@pytest.mark.parametrize(
    "limit",
    [
        "20",
        pytest.param("3"),
    ],
)
def test_plan_says_how_often_a_conforming_target_executes(limit: str, tmp_path: Path) -> None:
    done = command("plan", "--max-executions", limit, cwd=tmp_path)
    found = re.search(r"executes the policy (?:(\d+) to )?(\d+) times", done.out)
    assert found is not None
    assert int(found[1] or found[2]) <= int(found[2]) <= int(limit)


def test_plan_shows_the_same_twice(tmp_path: Path) -> None:
    first, second = (command("plan", "--seed", "5", cwd=tmp_path) for _ in range(2))
    assert first == second
    assert first.code == 0


@pytest.mark.socket
def test_the_emulator_serves_what_its_first_line_says(tmp_path: Path) -> None:
    process = started("emulator", "--port", "0", cwd=tmp_path)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found is not None, line
        assert KNOWN["plan_id"] in line
        body = {"checkpoint": {"plan_id": KNOWN["plan_id"], "parameters": {}}}
        path = f"/v1/{KNOWN['project_id']}/providers/{KNOWN['provider_id']}/checkpoints"
        request = urllib.request.Request(
            found[0] + path,
            json.dumps(body).encode(),
            {"X-Auth-Token": KNOWN["token"], "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=NEVER_HANGS) as answer:
            checkpoint = json.load(answer)["checkpoint"]
        assert checkpoint["protection_plan"]["id"] == KNOWN["plan_id"]
    finally:
        process.terminate()
        process.communicate(timeout=NEVER_HANGS)


@pytest.mark.parametrize(
    "arguments", [["clauses"], ["plan"], ["contract"], ["run", "--profile", "smoke"]]
)
def test_a_reader_that_has_seen_enough_causes_no_traceback(
    arguments: list[str], tmp_path: Path
) -> None:
    process = started(*arguments, cwd=tmp_path)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read().decode()
    process.wait(timeout=NEVER_HANGS)
    assert "Traceback" not in err
    assert "Exception" not in err


@pytest.mark.parametrize("arguments", [["clauses"], ["run", "--quiet", "--profile", "smoke"]])
def test_a_reader_that_has_seen_enough_is_no_violation(
    arguments: list[str], tmp_path: Path
) -> None:
    process = started(*arguments, cwd=tmp_path)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=NEVER_HANGS) != 1
