"""Inconclusive targets are tried again where that is asked for, once, and no run is lost by it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from campaign_jobs import job, reports, target
from campaign_targets import KEPT, Door, Town
from cli_helpers import TOKENS

from conformance.campaign import standing
from conformance.campaign.command import UNFINISHED, _last_word
from conformance.campaign.job import Again
from conformance.campaign.standing import EARLIER, MOVING
from conformance.campaign.task import do
from conformance.emulator.app import serving
from conformance.judge.verdicts import Verdict
from conformance.report.write import REPORTS


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSBS_TOKEN", TOKENS["CSBS_TOKEN"])


@pytest.fixture
def door() -> Iterator[tuple[Door, str]]:
    town = Door({"one": KEPT}, refusals={"one": sys.maxsize})
    with serving(town) as endpoint:
        yield town, f"{endpoint}/one"


def test_an_inconclusive_target_is_tried_again_once(door: tuple[Door, str], tmp_path: Path) -> None:
    town, endpoint = door
    subject = job(target(endpoint), tmp_path)
    assert do(subject).verdict is Verdict.INCONCLUSIVE
    town.refusals.clear()
    assert do(subject).verdict is Verdict.INCONCLUSIVE, "its report stands"
    assert do(replace(subject, again=Again.LOST)).verdict is Verdict.INCONCLUSIVE, "none was lost"
    again = replace(subject, again=Again.ALL, turn=1)
    row = do(again)
    assert row.verdict is Verdict.CONFORMS
    assert town.executions == {"one": row.executions}
    earlier = tmp_path / EARLIER / "one" / f"{subject.campaign}-1"
    assert {path.name for path in earlier.iterdir()} == {*REPORTS, "journal.ndjson", "plan.ndjson"}


def test_a_second_worker_does_not_try_again_what_the_first_has_tried_again(
    door: tuple[Door, str], tmp_path: Path
) -> None:
    town, endpoint = door
    subject = job(target(endpoint), tmp_path, again=Again.ALL, turn=1)
    do(replace(subject, again=Again.NONE, turn=0))
    first = do(subject)
    town.refusals.clear()
    assert do(subject) == first.settled
    assert town.executions == {"one": 0}


@pytest.mark.parametrize("is_interrupted", [True, False])
def test_a_campaign_that_ends_while_a_target_is_tried_again_says_so(
    is_interrupted: bool, door: tuple[Door, str], tmp_path: Path
) -> None:
    _, endpoint = door
    subject = job(target(endpoint), tmp_path)
    found = {"one": do(subject)}
    assert _last_word(subject, found, is_interrupted=is_interrupted) == found["one"]
    for path in reports(tmp_path).iterdir():
        path.unlink()
    row = _last_word(subject, found, is_interrupted=is_interrupted)
    assert (row.verdict, row.reason.endswith(UNFINISHED)) == (None, is_interrupted)


@pytest.mark.parametrize("moves", range(0, 12, 3))
def test_a_worker_that_is_lost_while_it_puts_a_run_aside_changes_nothing(
    moves: int, door: tuple[Door, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, endpoint = door
    subject = job(target(endpoint), tmp_path)
    do(subject)
    town.refusals.clear()
    again = replace(subject, again=Again.ALL, turn=1)
    aside = tmp_path / EARLIER / "one" / f"{subject.campaign}-1"
    moving = aside.with_name(aside.name + MOVING)
    moving.mkdir(parents=True)
    for path in list(standing._in_order(reports(tmp_path)))[:moves]:
        path.rename(moving / path.name)
    assert do(again).verdict is Verdict.CONFORMS
    assert len(list(aside.iterdir())) == len(REPORTS) + 2
    assert not moving.exists()


def test_what_a_lost_worker_left_in_doubt_is_tried_again_by_resuming(tmp_path: Path) -> None:
    town = Town({"one": KEPT})
    with serving(town) as endpoint:
        subject = job(target(f"{endpoint}/one", concurrency=1), tmp_path)
        do(subject)
        _kill_in_the_last_execution(reports(tmp_path))
        lost = do(subject)
        assert lost.verdict is Verdict.INCONCLUSIVE, lost.reason
        before = town.executions["one"]
        next_one = job(subject.target, tmp_path, campaign="next", again=Again.LOST)
        row = do(next_one)
        assert do(next_one) == row.settled
    assert row.verdict is Verdict.CONFORMS
    assert town.executions["one"] == before + row.executions


def _kill_in_the_last_execution(directory: Path) -> None:
    """Leave of a run what is there when its worker is killed while an execution is under way."""
    journal = directory / "journal.ndjson"
    lines = journal.read_bytes().splitlines(keepends=True)
    done = [
        number for number, line in enumerate(lines) if b'"status":200' in line and b'"POST"' in line
    ]
    journal.write_bytes(b"".join(lines[: done[-1]]))
    for name in REPORTS:
        (directory / name).unlink()
