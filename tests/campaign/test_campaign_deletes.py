"""`campaign --delete`: for each target, what its run created is deleted, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from campaign_jobs import job, target
from campaign_targets import KEPT, Town, campaign_file
from cli_helpers import TOKENS, WORLD, command

from conformance.campaign.task import do
from conformance.emulator import Refusal, Response, Service
from conformance.emulator.app import serving
from conformance.judge.verdicts import Verdict

QUICK = replace(WORLD, settings=replace(WORLD.settings, advance_seconds=0, delete_seconds=0))


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSBS_TOKEN", TOKENS["CSBS_TOKEN"])


def town() -> Town:
    found = Town({"one": KEPT, "two": KEPT})
    for service in found.services.values():
        service.world = QUICK
    return found


def left(service: Service) -> int:
    """How many records of a service are not deleted."""
    gone = set(service.deletions)
    return sum(any(_backups(service, each) - gone) for each in service.executed)


def _backups(service: Service, record: object) -> set[str]:
    from conformance.emulator.backups import Backup
    from conformance.emulator.messages import Checkpoint

    assert isinstance(record, Checkpoint)
    return {Backup(record, server).id for server in record.servers}


def test_each_target_is_cleared_away(tmp_path: Path) -> None:
    found = town()
    with serving(found) as endpoint:
        path = campaign_file(tmp_path, endpoint, {"one": KEPT, "two": KEPT})
        options = ("campaign", str(path), "--report-dir", "out", "--delete")
        refused = command(*options, cwd=tmp_path, env=TOKENS)
        assert (refused.code, found.executions) == (2, {"one": 0, "two": 0})
        done = command(*options, "--yes", cwd=tmp_path, env=TOKENS)
    assert done.code == 0, done.err
    assert all(found.executions.values())
    assert [left(service) for service in found.services.values()] == [0, 0]
    for name in ("one", "two"):
        report = json.loads((tmp_path / "out" / "targets" / name / "report.json").read_text())
        assert {each["outcome"] for each in report["deletions"]} == {"deleted"}


def test_a_target_that_was_tested_before_is_cleared_away_later(tmp_path: Path) -> None:
    found = town()
    with serving(found) as endpoint:
        subject = job(target(f"{endpoint}/one"), tmp_path)
        first = do(subject)
        assert left(found.services["one"]) == first.executions
        executions = found.executions
        assert do(replace(subject, deletes=True)).settled == first.settled
    assert left(found.services["one"]) == 0
    assert found.executions == executions


def test_what_is_left_is_told_in_the_row(tmp_path: Path) -> None:
    class Stubborn(Service):
        def delete_backups(self, *parts: object) -> Response:
            raise Refusal(403, "", "no")

    service = Stubborn(QUICK)
    with serving(service) as endpoint:
        row = do(replace(job(target(endpoint), tmp_path), deletes=True))
    assert (row.verdict, row.exit_code) == (Verdict.CONFORMS, 3)
    assert row.reason == "3 of 3 checkpoints not deleted"
