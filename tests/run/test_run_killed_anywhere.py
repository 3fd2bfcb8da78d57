"""Wherever a run is killed, resuming it comes to what it would have come to.

The journal of a whole run is cut off at many lines: what stands behind the cut was never written.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from exchange_helpers import (
    CONTRACT,
    WORLD,
    AcceptsEverything,
    Recording,
    draw,
    records,
    run_handed,
    settings_of,
)
from planned import planned_digests

from conformance.clock import Clock, simulate
from conformance.emulator import Request, Response, Service
from conformance.emulator.faults import CATALOGUE
from conformance.judge.verdicts import Status, Verdict
from conformance.model import Ending
from conformance.page.oracle import Oracle
from conformance.prove.direct import ENDPOINT
from conformance.report.model import Report
from conformance.run.settings import Settings

CUTS = 8
"""At how many points each run is killed."""


class Target(Service):
    """Passes on to a service that can be put back to where it was after so many requests."""

    def __init__(self, make: Callable[[], Service]) -> None:
        super().__init__(WORLD)
        self.make = make
        self.inner = make()
        self.seen: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.seen.append(request)
        return self.inner.handle(request)

    def put_back(self, requests: int) -> None:
        """Have seen the first requests alone."""
        self.inner = self.make()
        self.inner.clock = self.clock
        for request in self.seen[:requests]:
            self.inner.handle(request)

    @property
    def count(self) -> int:
        return len(self.inner.executed)


class ExecutesEveryPost(AcceptsEverything):
    """Executes the policy whatever is posted."""

    def answer(self, request: Request) -> Response:
        if request.method == "GET":
            return Recording.answer(self, request)
        return super().answer(request)


@dataclass(frozen=True)
class Whole:
    """A run that nobody killed: its report, and the lines of its journal."""

    report: Report
    lines: list[bytes]
    plan: bytes

    @property
    def kinds(self) -> list[str]:
        return [json.loads(line)["kind"] for line in self.lines]

    def cuts(self, seed: int) -> list[int]:
        """Numbers of lines at which the run may have been killed, behind its last plan."""
        kinds = self.kinds
        first = len(kinds) - kinds[::-1].index("plan")
        every = range(first, len(kinds))
        return sorted(random.Random(seed).sample(every, min(CUTS, len(every))))

    def sent_until(self, cut: int) -> int:
        """How many requests were noted as sent: at worst, the target got all of them."""
        return self.kinds[:cut].count("sent")


@dataclass(frozen=True)
class Resumed:
    """What came of a run that was killed at a line and resumed."""

    cut: int
    report: Report
    executed: int
    sent: Counter[str]


def killed_and_resumed(
    make: Callable[[], Service], directory: Path, seed: int, **options: Any
) -> tuple[Whole, list[Resumed]]:
    """A whole run, and what comes of it where it is killed, each time anew, and resumed."""

    async def main(clock: Clock) -> tuple[Whole, list[Resumed]]:
        target = Target(make)
        target.inner.clock = lambda: datetime.fromtimestamp(clock.now(), UTC)
        settings = settings_of(ENDPOINT, directory / "whole", **options)
        whole = await _whole(target, settings, clock)
        found = []
        for cut in whole.cuts(seed):
            target.put_back(whole.sent_until(cut))
            at = replace(settings, report_dir=directory / str(cut), resume=True)
            report = await _resumed(whole, cut, target, at, clock)
            found.append(Resumed(cut, report, target.count, _sent(at.report_dir)))
        return whole, found

    draw()
    return simulate(main)


async def _whole(target: Target, settings: Settings, clock: Clock) -> Whole:
    report = await run_handed(target, settings, clock)
    lines = (settings.report_dir / "journal.ndjson").read_bytes().splitlines(keepends=True)
    return Whole(report, lines, (settings.report_dir / "plan.ndjson").read_bytes())


async def _resumed(
    whole: Whole, cut: int, target: Target, settings: Settings, clock: Clock
) -> Report:
    settings.report_dir.mkdir()
    journal = settings.report_dir / "journal.ndjson"
    journal.write_bytes(b"".join(whole.lines[:cut]))
    (settings.report_dir / "plan.ndjson").write_bytes(whole.plan)
    return await run_handed(target, settings, clock)


def _sent(directory: Path) -> Counter[str]:
    lines = records(directory / "journal.ndjson")
    return Counter(line["request"] for line in lines if line["kind"] == "sent")


TARGETS: dict[str, Callable[[], Service]] = {
    "reference": Recording,
    "executes every POST": ExecutesEveryPost,
    **{
        name: lambda name=name: CATALOGUE[name].make(WORLD)  # type: ignore[misc]
        for name in (
            "any-token-passes",
            "plan-id-optional",
            "null-items-skipped",
            "checkpoint-unwrapped",
            "checkpoint-id-after-five-again",
            "empty-parameters-refused",
            "unknown-servers-skipped-beside-known",
        )
    },
}


@pytest.mark.parametrize("profile", ["smoke", "standard"])
@pytest.mark.parametrize("name", TARGETS)
def test_a_run_comes_to_the_same_wherever_it_is_killed(
    name: str, profile: str, tmp_path: Path
) -> None:
    seed = sorted(TARGETS).index(name)
    whole, all_resumed = killed_and_resumed(TARGETS[name], tmp_path, seed, profile=profile)
    oracle = Oracle(CONTRACT, whole.report.header.fixtures)
    planned = planned_digests(tmp_path / "whole", whole.report)
    once = _sent(tmp_path / "whole")
    for resumed in all_resumed:
        footer = resumed.report.footer
        # Limits are kept, and all that was executed is counted.
        assert resumed.executed <= footer.executions.spent <= footer.executions.limit, resumed.cut
        assert resumed.sent.total() == footer.requests.spent <= footer.requests.limit
        # Nothing that may be executed is sent more often than it was planned.
        for exchange in resumed.report.exchanges:
            expectation = oracle.expect(exchange.request)
            digest = exchange.request.digest
            if expectation.may_execute and not expectation.call.is_aside:
                assert resumed.sent[digest] <= max(1, once[digest], planned[digest]), exchange
        assert_same(resumed, whole)


def assert_same(resumed: Resumed, whole: Whole) -> None:
    """Clause by clause a resumed run says the same, or is undecided by what the kill cost.

    Which requests a target that executes too much leaves unsent depends on which of those under way
    come first.
    """
    judgement, expected = resumed.report.judgement, whole.report.judgement
    unsent = {*resumed.report.footer.unsent, *whole.report.footer.unsent}
    is_told = judgement.in_doubt or any("kill" in each.reason for each in judgement.clauses)
    answered = {exchange.probe for exchange in resumed.report.exchanges if exchange.response}
    is_short = whole.report.footer.ending is Ending.EXECUTIONS
    for clause, as_whole in zip(judgement.clauses, expected.clauses, strict=True):
        if is_short and as_whole.status is Status.NOT_EXERCISED:
            continue  # what shows it had no execution left there
        shown = {finding.exchange.probe for finding in as_whole.evidence}
        if (
            shown
            and shown.isdisjoint(answered)
            and resumed.report.footer.ending is Ending.EXECUTIONS
        ):
            continue  # what the kill cost left no execution for the request that shows it
        if clause.status is not as_whole.status and clause.clause.id not in unsent:
            told = f"{resumed.cut}: {clause.clause.id} is {clause.status}, not {as_whole.status}"
            assert clause.status is Status.INCONCLUSIVE, f"{told}: {clause.reason}"
            assert is_told, f"{told}: {clause.reason}"
    if judgement.verdict is not expected.verdict:
        assert judgement.verdict is Verdict.INCONCLUSIVE, (resumed.cut, judgement.reason)
        assert is_told
    assert bool(judgement.in_doubt) is any("in doubt" in note for note in resumed.report.notes)
