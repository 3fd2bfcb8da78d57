"""A policy that is busy after each execution is waited for, however the target says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from exchange_helpers import WORLD, Recording, failed, run_against

from conformance.emulator import Policy, Refusal
from conformance.emulator.error_codes import ErrorCode
from conformance.emulator.messages import Request, Response
from conformance.judge.verdicts import Verdict
from conformance.model import Ending


class BusyForASecond(Recording):
    """After each execution; says so with 400 and the published code."""

    seconds: ClassVar[float] = 1.0

    def __init__(self) -> None:
        super().__init__(
            replace(WORLD, settings=replace(WORLD.settings, busy_seconds=self.seconds))
        )


class BusyWith500(BusyForASecond):
    def policy_busy(self, policy: Policy) -> Refusal:
        return self.refusal(ErrorCode.POLICY_EXECUTING)


class BusyWithoutACode(BusyForASecond):
    def policy_busy(self, policy: Policy) -> Refusal:
        return Refusal(400, "Other.1", "come back later")


class BusyWithoutABody(BusyWithoutACode):
    def error_body(self, refusal: Refusal) -> object:
        return {}


class BusyForGood(BusyForASecond):
    """Executes nothing, ever."""

    def check_policy_idle(self, policy: Policy) -> None:
        raise self.policy_busy(policy)


class BusyForAMinute(BusyForASecond):
    seconds = 60.0


@pytest.mark.parametrize("kind", [BusyForASecond, BusyWith500, BusyWithoutACode, BusyWithoutABody])
def test_every_way_of_being_busy_for_a_second_conforms(
    kind: type[BusyForASecond], tmp_path: Path
) -> None:
    service = kind()
    report = run_against(service, tmp_path, max_executions=5)
    assert (report.judgement.verdict, report.judgement.reason) == (Verdict.CONFORMS, "")
    assert 3 <= len(service.executed) <= 5


def test_the_list_of_policies_shows_nothing_of_how_long_a_policy_is_busy(tmp_path: Path) -> None:
    """It comes just before the first execution, where few clauses are selected."""
    report = run_against(BusyWithoutACode(), tmp_path, only=("S200.executed",), max_executions=5)
    assert (report.judgement.verdict, report.judgement.reason) == (Verdict.CONFORMS, "")


@pytest.mark.parametrize("service", [BusyForGood, BusyForAMinute])
def test_a_target_that_stays_busy_is_never_accused(
    service: type[BusyForASecond], tmp_path: Path
) -> None:
    report = run_against(service(), tmp_path, time_limit=2.0, profile="smoke")
    assert not failed(report)
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert report.footer.ending in (Ending.TIME, Ending.COMPLETE)


def test_what_is_busy_costs_no_execution(tmp_path: Path) -> None:
    service = BusyForGood()
    report = run_against(service, tmp_path, time_limit=2.0, profile="smoke")
    assert report.footer.requests.spent == len(service.seen)
    cut_off = len(service.seen) - len(report.exchanges)  # by the limit: they may have executed
    assert report.footer.executions.spent == cut_off <= 1


class EachNinthIsTooMany(Recording):
    """Counts what comes, and wants a pause after each eight."""

    came = 0

    def handle(self, request: Request) -> Response:
        self.came += 1
        return (
            Response(429, (("Retry-After", "1"),))
            if self.came % 9 == 0
            else super().handle(request)
        )


def test_pauses_take_no_request_from_what_is_planned_for_later(tmp_path: Path) -> None:
    report = run_against(EachNinthIsTooMany(), tmp_path)
    assert report.footer.requests.spent <= 250
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.footer.executions.spent == 10
    assert report.footer.ending is Ending.REQUESTS  # variations of refusals were left out


class EachEleventhMeetsABadGateway(Recording):
    came = 0

    def handle(self, request: Request) -> Response:
        self.came += 1
        return Response(502) if self.came % 11 == 0 else super().handle(request)


def test_a_bad_gateway_now_and_then_takes_no_executions_from_what_is_planned(
    tmp_path: Path,
) -> None:
    """What must be refused is asked again: refused then, it was not executed before."""
    service = EachEleventhMeetsABadGateway()
    report = run_against(service, tmp_path)
    assert not failed(report)
    assert service.came >= 220
    assert len(service.executed) >= 8
    assert len(service.executed) <= report.footer.executions.spent <= 10
