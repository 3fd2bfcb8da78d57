"""A worker is killed in the middle of a campaign: verdicts and executions are as if it were not."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from campaign_targets import KEPT, Town, campaign_file, kill_holder
from cli_helpers import TOKENS, command
from msgspec import structs

from conformance.contract import load_contract
from conformance.emulator.app import serving
from conformance.model import Token
from conformance.run.session import run
from conformance.run.settings import emulator_settings
from conformance.run.watcher import Watcher

FAULTS = {
    f"target-{number:02}": fault
    for number, fault in enumerate(
        [
            *(KEPT, "any-token-passes", KEPT, "plan-id-optional", KEPT, "no-token-forbidden"),
            *(KEPT, KEPT, "empty-parameters-refused", KEPT, "checkpoint-unwrapped", KEPT),
        ]
    )
}
BETWEEN, DURING = "target-02", "target-07"
"""Their workers are killed: at a request that is refused, and at one that has been executed."""


@dataclass(frozen=True)
class Result:
    """What a target came to, and how often its policy was executed."""

    verdict: str
    clauses: dict[str, str]
    executions: int


def alone(directory: Path) -> dict[str, Result]:
    """What each kind of target comes to when it is run alone."""
    town, found = Town({fault: fault for fault in FAULTS.values()}), {}
    with serving(town) as endpoint:
        for fault in town.services:
            settings = emulator_settings(
                load_contract(),
                f"{endpoint}/{fault}",
                profile="smoke",
                report_dir=directory / fault,
            )
            good = {Token.GOOD: settings.tokens[Token.GOOD]}
            fixtures = structs.replace(settings.fixtures, tokens=frozenset(good))
            settings = replace(settings, fixtures=fixtures, tokens=good, concurrency=1)
            judgement = asyncio.run(run(load_contract(), settings, Watcher())).judgement
            clauses = {each.clause.id: each.status.value for each in judgement.clauses}
            found[fault] = Result(judgement.verdict.value, clauses, town.executions[fault])
    return found


def test_a_lost_worker_changes_no_verdict_and_repeats_no_execution(tmp_path: Path) -> None:
    expected, town = alone(tmp_path / "alone"), Town(FAULTS)
    out = (tmp_path / "out").resolve()
    killed: list[str] = []

    def kill(name: str, status: int, executed: bool) -> None:
        is_time = (name == BETWEEN and status == 401) or (name == DURING and executed)
        if is_time and name not in killed:
            killed.append(name)
            assert kill_holder(out / "targets" / name / ".lock")

    town.on_answer = kill
    with serving(town) as endpoint:
        file = campaign_file(tmp_path, endpoint, FAULTS, concurrency="1")
        done = command("campaign", file, "--report-dir", out, cwd=tmp_path, env=TOKENS)
    assert sorted(killed) == [BETWEEN, DURING], done.err
    ours = ("testing 12 targets: ", "[")
    assert [line for line in done.err.splitlines() if not line.startswith(ours)] == []
    assert done.code == 1, done.err
    found = {
        each["name"]: Result(each["verdict"], each["clauses"], town.executions[each["name"]])
        for each in json.loads((out / "campaign.json").read_text())["targets"]
    }
    assert found.keys() == FAULTS.keys()
    for name in FAULTS.keys() - {DURING}:
        assert found[name] == expected[FAULTS[name]], name
    lost, whole = found[DURING], expected[FAULTS[DURING]]
    assert lost.executions == whole.executions
    for clause, status in lost.clauses.items():
        assert status in (whole.clauses[clause], "inconclusive"), clause
    for name in (BETWEEN, DURING):
        assert b'"kind":"resumed"' in (out / "targets" / name / "journal.ndjson").read_bytes()


def with_a_deadly_target(directory: Path, **options: str) -> tuple[dict[str, Any], int]:
    """The rows of a campaign in which a target kills every worker, and how often that executed."""
    names, out = {"deadly": KEPT, "one": KEPT, "two": KEPT}, (directory / "out").resolve()
    town = Town(names)
    killed: list[bool] = []

    def kill(name: str, status: int, executed: bool) -> None:
        if name == "deadly":
            killed.append(kill_holder(out / "targets" / name / ".lock"))

    town.on_answer = kill
    with serving(town) as endpoint:
        file = campaign_file(directory, endpoint, names, **options)
        done = command("campaign", file, "--report-dir", out, cwd=directory, env=TOKENS)
    assert done.code == 3, done.err
    assert len(killed) > 1
    rows = {
        each["name"]: each for each in json.loads((out / "campaign.json").read_text())["targets"]
    }
    assert (rows["one"]["verdict"], rows["two"]["verdict"]) == ("conforms", "conforms")
    return rows["deadly"], town.executions["deadly"]


def test_a_target_that_kills_every_worker_is_alone_without_a_verdict(tmp_path: Path) -> None:
    deadly, _ = with_a_deadly_target(tmp_path, profile='"standard"')
    assert deadly["verdict"] is None
    assert "was lost" in deadly["reason"]


def test_a_target_that_kills_every_worker_executes_no_more_than_it_may(tmp_path: Path) -> None:
    deadly, executions = with_a_deadly_target(tmp_path)
    assert deadly["verdict"] == "inconclusive"
    assert "3 executions of --max-executions went to the kill of the run" in deadly["reason"]
    assert executions <= 3
