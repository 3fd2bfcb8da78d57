"""Limits on requests, executions, rate and time hold, as the target itself counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Any

import pytest
from exchange_helpers import (
    AcceptsEverything,
    Recording,
    clause,
    minimal_body,
    records,
    run_against,
)

from conformance.emulator import Request, Response, World
from conformance.emulator.bases import BASES, over
from conformance.judge.verdicts import Status, Verdict
from conformance.model import Ending, Exchange

CEILINGS = [1, 2, 3, 5, 10]


class AcceptsEveryPost(AcceptsEverything):
    """Executes the policy whatever is posted."""

    def answer(self, request: Request) -> Response:
        self.check_method(request, "POST")
        return super().answer(request)


class ExecutesAndSaysItFailed(AcceptsEveryPost):
    """Executes the policy, and answers 502."""

    def executed_status(self) -> int:
        return 502


class ExecutesAndHangsUp(AcceptsEveryPost):
    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return Response(200, hang_up=True) if response.status == 200 else response


class ExecutesWhatIsWrongAndFails(Recording):
    """Executes its policy for whatever has its id in it, and answers 500 where that was wrong."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if request.method != "POST" or response.status == 200:
            return response
        policy = self.world.policies[0]
        if policy.id.encode() in request.body:
            wanted = self.read_body(json.loads(minimal_body(policy.id)))
            self.execute(policy, self.policy_servers(policy), wanted)
        return Response(500, (), b"{}")


class Slow(Recording):
    """Takes a twentieth of a second for each response."""

    def handle(self, request: Request) -> Response:
        answer = super().handle(request)
        return Response(answer.status, answer.headers, answer.body, delay=0.05)


class SlowAndTakesAnythingForTrue(Slow):
    """The same, and takes any `auto_trigger` for a boolean."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        return bool(auto_trigger)


@pytest.mark.parametrize(
    "service",
    [
        Recording,
        AcceptsEveryPost,
        ExecutesAndSaysItFailed,
        ExecutesAndHangsUp,
        ExecutesWhatIsWrongAndFails,
        AcceptsEverything,
    ],
)
@pytest.mark.parametrize("limit", CEILINGS)
def test_no_target_executes_more_often_than_the_limit_allows(
    limit: int, service: type[Recording], tmp_path: Path
) -> None:
    target = service()
    report = run_against(target, tmp_path, max_executions=limit)
    assert 1 <= len(target.executed) <= limit
    assert len(target.executed) <= report.footer.executions.spent <= limit
    assert report.footer.executions.limit == limit


@pytest.mark.parametrize(
    "service",
    [Recording, AcceptsEveryPost, ExecutesAndSaysItFailed, ExecutesAndHangsUp, AcceptsEverything],
)
@pytest.mark.parametrize(("given", "limit"), [(1, 1), (10, 3), (100, 3)])
def test_smoke_never_causes_more_than_three_executions(
    given: int, limit: int, service: type[Recording], tmp_path: Path
) -> None:
    target = service()
    report = run_against(target, tmp_path, profile="smoke", max_executions=given)
    assert 1 <= len(target.executed) <= report.footer.executions.spent <= limit
    assert report.footer.executions.limit == limit
    header, *_ = records(tmp_path / "journal.ndjson")
    assert header["max_executions"] == limit


def test_the_deep_profile_keeps_to_the_limits_too(tmp_path: Path) -> None:
    target = AcceptsEveryPost()
    report = run_against(target, tmp_path, profile="deep", max_executions=3, max_requests=60)
    assert len(target.executed) <= 3
    assert len(target.seen) <= 60
    assert report.judgement.verdict is Verdict.VIOLATES


@pytest.mark.parametrize("limit", CEILINGS)
def test_a_target_that_accepts_everything_is_found_out_under_any_limit(
    limit: int, tmp_path: Path
) -> None:
    report = run_against(AcceptsEveryPost(), tmp_path, max_executions=limit)
    assert report.judgement.verdict is Verdict.VIOLATES


@pytest.mark.parametrize("limit", CEILINGS)
def test_a_conforming_target_is_never_accused_under_any_limit(limit: int, tmp_path: Path) -> None:
    report = run_against(Recording(), tmp_path, max_executions=limit)
    assert report.judgement.verdict is not Verdict.VIOLATES


@pytest.mark.parametrize("limit", [1, 7, 20, 100])
def test_no_more_requests_are_sent_than_allowed(limit: int, tmp_path: Path) -> None:
    target = Recording()
    report = run_against(target, tmp_path, max_requests=limit)
    assert len(target.seen) == limit
    assert report.footer.requests.spent == limit
    assert report.footer.ending is Ending.REQUESTS
    assert report.judgement.verdict is Verdict.INCONCLUSIVE


def test_generated_requests_leave_room_for_the_valid_ones(tmp_path: Path) -> None:
    target = Recording()
    report = run_against(target, tmp_path, max_requests=225)
    assert target.executed
    assert report.judgement.verdict is Verdict.CONFORMS


@pytest.mark.parametrize("limit", [212, 217, 222])
def test_open_points_leave_requests_for_those_that_are_under_way_at_once(
    limit: int, tmp_path: Path
) -> None:
    strict = over(Recording, BASES["strict"])
    report = run_against(strict(World.default()), tmp_path, max_requests=limit)
    sent = {exchange.probe for exchange in report.exchanges}
    assert "S200.executed/true-all-servers" in sent
    assert "T2.body.repeated-name" in report.footer.unsent  # an open point
    assert report.footer.ending is Ending.REQUESTS


@pytest.mark.parametrize("limits", [{"max_executions": 1}, {"max_requests": 20}])
def test_the_footer_names_what_was_planned_and_not_sent(
    limits: dict[str, Any], tmp_path: Path
) -> None:
    report = run_against(Recording(), tmp_path, **limits)
    assert report.footer.unsent
    *_, footer = records(tmp_path / "journal.ndjson")
    assert footer["kind"] == "footer"
    assert tuple(footer["unsent"]) == report.footer.unsent
    for clause_id in report.footer.unsent:
        verdict = clause(report, clause_id)
        assert verdict.status is not Status.FAILED
        assert verdict.exchanges or verdict.status is not Status.PASSED


def test_nothing_is_unsent_where_everything_was_sent(tmp_path: Path) -> None:
    report = run_against(Recording(), tmp_path, profile="smoke")
    assert report.footer.ending is Ending.COMPLETE
    assert report.footer.unsent == ()


@pytest.mark.parametrize("concurrency", [1, 8])
def test_the_rate_holds_over_any_stretch_of_the_run(concurrency: int, tmp_path: Path) -> None:
    target, rate = Recording(), 30.0
    run_against(target, tmp_path, profile="smoke", rate=rate, concurrency=concurrency)
    times = [seen.at for seen in target.seen]
    for first in range(len(times)):
        for last in range(first + 15, len(times)):
            # a request may be held up on its way, but not by much
            assert times[last] - times[first] > (last - first) / rate - 0.25


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_are_under_way_than_asked_for(concurrency: int, tmp_path: Path) -> None:
    report = run_against(Slow(), tmp_path, profile="smoke", concurrency=concurrency)
    for exchange in report.exchanges:
        moment = exchange.started + 0.001  # a start and a duration are of two clocks
        others = [o for o in report.exchanges if o.started <= exchange.started and moment < o.ended]
        assert len(others) <= concurrency


def under_way(exchanges: Sequence[Exchange], beginning: float = 0, end: float = inf) -> int:
    """The most exchanges that were under way when one began, between two moments."""
    return max(
        sum(other.started <= each.started < other.ended - 0.001 for other in exchanges)
        for each in exchanges
        if beginning < each.started < end
    )


def test_executions_kept_back_hold_up_nothing_while_all_goes_well(tmp_path: Path) -> None:
    assert under_way(run_against(Slow(), tmp_path).exchanges) == 8


def test_they_do_once_something_is_executed_that_must_be_refused(tmp_path: Path) -> None:
    report = run_against(SlowAndTakesAnythingForTrue(), tmp_path)
    executed = [each for each in report.exchanges if each.response and each.response.status == 200]
    wrong, valid = [each for each in executed if each.request.method == "POST"][:2]
    assert "auto_trigger" in str(wrong.probe)
    assert "S200" in str(valid.probe)
    assert under_way(report.exchanges, wrong.ended, valid.started) == 4


def test_the_time_limit_ends_a_run_and_keeps_what_was_seen(tmp_path: Path) -> None:
    report = run_against(Slow(), tmp_path, concurrency=1, time_limit=1.0)
    assert report.footer.ending is Ending.TIME
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert 0 < len(report.exchanges) <= 21
    assert report.footer.unsent


def test_a_plan_leaves_exploration_the_executions_that_it_needs(tmp_path: Path) -> None:
    report = run_against(Recording(), tmp_path, profile="deep", max_requests=400)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.footer.requests.spent > 300
    assert report.footer.executions.spent <= 10


def test_the_number_that_a_remedy_names_is_enough_requests(tmp_path: Path) -> None:
    short = run_against(Recording(), tmp_path / "short", max_requests=60)
    assert short.footer.ending is Ending.REQUESTS
    named = short.footer.enough_requests
    assert f"--max-requests {named}" in short.judgement.reason
    report = run_against(Recording(), tmp_path / "long", max_requests=named)
    assert report.judgement.verdict is Verdict.CONFORMS


def test_the_number_that_a_remedy_names_is_enough_time(tmp_path: Path) -> None:
    short = run_against(Slow(), tmp_path / "short", time_limit=0.5)
    assert short.footer.ending is Ending.TIME
    named = short.footer.enough_time
    assert f"--time-limit {named}" in short.judgement.reason
    report = run_against(Slow(), tmp_path / "long", time_limit=named)
    assert report.judgement.verdict is Verdict.CONFORMS
