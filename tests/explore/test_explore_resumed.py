"""An exploration that was killed goes on where it was, on the same path."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from conformance.clock import Clock, simulate
from conformance.contract import load_contract
from conformance.emulator import Service, World
from conformance.plan.generated import drawn_lines
from conformance.prove.direct import ENDPOINT, DirectClient
from conformance.report.model import Report
from conformance.run.session import run
from conformance.run.settings import Settings, emulator_settings
from conformance.run.watcher import Watcher

CONTRACT = load_contract()
NAME = re.compile(r"explored/(.+)/(\d+)\.\d+\.\d+")
Explored = list[tuple[int, str, str]]
"""What an exploration sent, in order: the visit, the name of the probe, the digest."""


def settings_in(directory: Path, *, resume: bool = False) -> Settings:
    settings = emulator_settings(CONTRACT, ENDPOINT, report_dir=directory, profile="deep")
    return replace(settings, max_requests=600, max_executions=80, resume=resume)


async def _run(settings: Settings, clock: Clock) -> Report:
    service = Service(World.default(), lambda: datetime.fromtimestamp(clock.now(), UTC))
    client = DirectClient(service, clock, settings.timeout)
    return await run(CONTRACT, settings, Watcher(), clock, client)


def run_in(directory: Path, *, resume: bool = False) -> Report:
    asyncio.run(drawn_lines(CONTRACT, Settings.seed))
    return simulate(partial(_run, settings_in(directory, resume=resume)))


def path_of(report: Report) -> Explored:
    """What was explored; requests that were under way at once stand in one order."""
    found = []
    for exchange in sorted(report.exchanges, key=lambda each: each.id):
        if match := NAME.fullmatch(exchange.probe or ""):
            found.append((int(match[2]), exchange.probe or "", exchange.request.digest))
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Explored]:
    """The directory of a run that nobody killed, and what it explored."""
    directory = tmp_path_factory.mktemp("whole")
    return directory, path_of(run_in(directory))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_a_resumed_exploration_takes_the_same_path(
    whole: tuple[Path, Explored], tmp_path: Path, share: float
) -> None:
    directory, path = whole
    lines = (directory / "journal.ndjson").read_bytes().splitlines(keepends=True)
    explored = [n for n, line in enumerate(lines) if b'"explored/' in line]
    cut = explored[int(share * len(explored))] + 1
    (tmp_path / "journal.ndjson").write_bytes(b"".join(lines[:cut]))
    (tmp_path / "plan.ndjson").write_bytes((directory / "plan.ndjson").read_bytes())
    begun = max(
        int(match[2])
        for line in lines[:cut]
        if (match := NAME.fullmatch(json.loads(line).get("probe") or ""))
    )

    resumed = path_of(run_in(tmp_path, resume=True))

    expected = [step for step in path if step[0] > begun]
    sent = [step for step in resumed if step[0] > begun]
    # What was under way is sent again, or not any more: a visit less, or more, at most.
    both = min(len(sent), len(expected))
    visit = max(Counter(step[0] for step in path).values())
    assert both >= max(len(sent), len(expected)) - visit > 20
    assert sent[:both] == expected[:both]


def test_two_runs_in_one_process_explore_the_same(
    whole: tuple[Path, Explored], tmp_path: Path
) -> None:
    assert path_of(run_in(tmp_path)) == whole[1]
