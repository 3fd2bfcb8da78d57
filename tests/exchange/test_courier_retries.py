"""What is repeated, how often, and what is made of it: seen from the target's side."""

from __future__ import annotations

import math
import random
from collections import Counter
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from exchange_helpers import (
    NOT_NOW,
    Recording,
    clause,
    failed,
    run_against,
    wants_auto_trigger,
)

from conformance.emulator import Refusal, Request, Response
from conformance.judge.verdicts import Status, Verdict
from conformance.model import Ending, Failure

AUTHENTICATION = ("S401.*",)
"""Few requests, so that a test of what each of them meets is short."""


class UnavailableEverySecondTime(Recording):
    def answer(self, request: Request) -> Response:
        if len(self.seen) % 2 == 0:
            raise NOT_NOW
        return super().answer(request)


class UnavailableTheFirstTime(Recording):
    """Answers no request the first time it is sent."""

    def answer(self, request: Request) -> Response:
        alike = [seen for seen in self.seen if seen.request == request]
        if len(alike) == 1:
            raise NOT_NOW
        return super().answer(request)


class UnavailableOneTimeInTen(Recording):
    def answer(self, request: Request) -> Response:
        if random.Random(len(self.seen)).random() < 0.1:
            raise NOT_NOW
        return super().answer(request)


class UnavailableForAutoTrigger(Recording):
    def answer(self, request: Request) -> Response:
        if wants_auto_trigger(request):
            raise NOT_NOW
        return super().answer(request)


class HangsUpOnAutoTrigger(Recording):
    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return Response(200, hang_up=True) if wants_auto_trigger(request) else response


class HangsUpOnce(Recording):
    """Loses one connection, early in the run."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return Response(200, hang_up=True) if len(self.seen) == 5 else response


class ThrottlesForASecond(Recording):
    """Puts one request off, the twentieth, and says for how long."""

    def pause(self) -> str:
        return "1"

    def answer(self, request: Request) -> Response:
        if len(self.seen) == 20:
            raise Refusal(429, "any", "slow down", (("Retry-After", self.pause()),))
        return super().answer(request)


class ThrottlesUntilADate(ThrottlesForASecond):
    """Names the second after next: a date is in whole seconds."""

    def pause(self) -> str:
        return format_datetime(self.clock() + timedelta(seconds=2), usegmt=True)


class PutsAutoTriggerOff(Recording):
    """Asks to come back later, much later or unintelligibly, whenever it sees auto_trigger."""

    def __init__(self, retry_after: str, status: int = 429) -> None:
        super().__init__()
        self.retry_after = retry_after
        self.status = status

    def answer(self, request: Request) -> Response:
        if wants_auto_trigger(request):
            raise Refusal(self.status, "any", "later", (("Retry-After", self.retry_after),))
        return super().answer(request)


class FailsInTurnsAfterTheFirst(Recording):
    """Executes one request; from then on responses valid ones with 400 and 500 in turn."""

    def check_quota(self) -> None:
        if self.executed:
            raise Refusal(400 + 100 * (len(self.seen) % 2), "any", "no")


def test_trouble_every_second_time_is_no_violation(tmp_path: Path) -> None:
    report = run_against(UnavailableEverySecondTime(), tmp_path, only=("S401.no-token",))
    assert not failed(report)


def test_trouble_that_passes_when_a_request_is_repeated_is_overcome(tmp_path: Path) -> None:
    service = UnavailableTheFirstTime()
    report = run_against(service, tmp_path, only=AUTHENTICATION)
    assert report.judgement.verdict is Verdict.CONFORMS
    repeated = [exchange for exchange in report.exchanges if exchange.retry_of]
    assert len(repeated) >= len(report.exchanges) // 3


def test_occasional_trouble_leaves_a_conforming_target_conforming(tmp_path: Path) -> None:
    report = run_against(UnavailableOneTimeInTen(), tmp_path, max_requests=400)
    assert report.judgement.verdict is Verdict.CONFORMS


def test_occasional_trouble_leaves_room_for_the_valid_requests(tmp_path: Path) -> None:
    report = run_against(UnavailableOneTimeInTen(), tmp_path)
    assert report.judgement.verdict is Verdict.CONFORMS


@pytest.mark.parametrize("service", [UnavailableForAutoTrigger, HangsUpOnAutoTrigger])
def test_one_request_that_never_gets_through_while_others_do_is_a_violation(
    service: type[Recording], tmp_path: Path
) -> None:
    report = run_against(service(), tmp_path)
    assert report.judgement.verdict is Verdict.VIOLATES
    assert "S503.momentary" in failed(report)


def test_others_are_asked_before_the_last_repetition_of_one_in_trouble(tmp_path: Path) -> None:
    report = run_against(UnavailableForAutoTrigger(), tmp_path)
    (finding, *_) = clause(report, "S503.momentary").evidence
    request = finding.exchange.request
    places = [at for at, found in enumerate(report.exchanges) if found.request == request]
    assert len(places) >= 3
    assert places[-1] - places[-2] > 1


def test_a_repetition_names_the_request_it_repeats(tmp_path: Path) -> None:
    report = run_against(HangsUpOnce(), tmp_path)
    (lost,) = [exchange for exchange in report.exchanges if exchange.failure]
    assert lost.failure is not None
    assert lost.failure.kind is Failure.CLOSED
    (again,) = [exchange for exchange in report.exchanges if exchange.retry_of == lost.id]
    assert again.request == lost.request
    assert report.judgement.verdict is Verdict.CONFORMS


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("target", [ThrottlesForASecond, ThrottlesUntilADate])
def test_a_target_that_asks_for_a_pause_gets_it(
    concurrency: int, target: type[ThrottlesForASecond], tmp_path: Path
) -> None:
    service = target()
    report = run_against(service, tmp_path, concurrency=concurrency)
    asked = service.seen[19].at
    early = [seen for seen in service.seen[20:] if seen.at - asked < 0.95]
    assert len(early) < concurrency  # those that were under way already
    assert report.judgement.verdict is Verdict.CONFORMS


def test_a_day_is_not_waited_for_and_costs_no_other_request(tmp_path: Path) -> None:
    service = PutsAutoTriggerOff(str(24 * 60 * 60), 503)
    report = run_against(service, tmp_path, time_limit=4.0)
    assert report.footer.ending in (Ending.COMPLETE, Ending.EXECUTIONS)
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert clause(report, "S404.unknown-policy").status is Status.PASSED


def test_who_is_told_to_stay_away_for_a_day_sends_nothing_more(tmp_path: Path) -> None:
    service = PutsAutoTriggerOff(str(24 * 60 * 60), 429)
    report = run_against(service, tmp_path, time_limit=4.0, concurrency=1)
    assert report.footer.ending is Ending.TOLD_TO_WAIT
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert wants_auto_trigger(service.seen[-1].request)


class PutsOffForSeconds(Recording):
    """Asks every request to come back in a second, for a while."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def answer(self, request: Request) -> Response:
        if self.seen[-1].at - self.seen[0].at < self.seconds:
            raise Refusal(503, "x", "Later.", headers=(("Retry-After", "1"),))
        return super().answer(request)


def test_a_run_that_only_ever_hears_wait_ends_soon_and_says_so(tmp_path: Path) -> None:
    service = PutsOffForSeconds(math.inf)
    report = run_against(service, tmp_path)
    assert report.footer.ending is Ending.TOLD_TO_WAIT
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert 60 <= service.seen[-1].at - service.seen[0].at < 70


def test_a_short_maintenance_is_waited_for(tmp_path: Path) -> None:
    report = run_against(PutsOffForSeconds(40.0), tmp_path)
    assert report.footer.ending is not Ending.TOLD_TO_WAIT
    assert report.judgement.executions


@pytest.mark.parametrize(
    "retry_after",
    [
        "soon",
        "-1",
        "0",
        pytest.param("\xb2"),
        pytest.param(
            "1 Jan 2026 99999999999:00:00",
        ),
    ],
)
def test_a_pause_that_means_nothing_does_not_end_the_run(retry_after: str, tmp_path: Path) -> None:
    service = PutsAutoTriggerOff(retry_after)
    report = run_against(service, tmp_path, only=("T4.auto_trigger.values",))
    assert any(exchange.retry_of for exchange in report.exchanges)
    assert report.footer.ending in (Ending.COMPLETE, Ending.EXECUTIONS)


def test_answers_that_alternate_do_not_use_up_the_budget(tmp_path: Path) -> None:
    service = FailsInTurnsAfterTheFirst()
    report = run_against(service, tmp_path, profile="smoke", max_executions=5)
    repeated = Counter(exchange.retry_of for exchange in report.exchanges if exchange.retry_of)
    assert max(repeated.values()) <= 6


class UnavailableForAWhile(Recording):
    """Serves nothing for two seconds, from the tenth request on."""

    def answer(self, request: Request) -> Response:
        if len(self.seen) >= 10 and self.seen[-1].at - self.seen[9].at < 2.0:
            raise NOT_NOW
        return super().answer(request)


def test_what_met_trouble_is_asked_once_more_at_the_end(tmp_path: Path) -> None:
    report = run_against(UnavailableForAWhile(), tmp_path)
    assert report.judgement.verdict is Verdict.CONFORMS, report.judgement.reason


class TenASecond(Recording):
    """Serves ten requests in any second; of the others it asks to wait for one."""

    def __init__(self) -> None:
        super().__init__()
        self.served: list[float] = []

    def answer(self, request: Request) -> Response:
        now = self.seen[-1].at
        if len([at for at in self.served if at > now - 1.0]) >= 10:
            raise Refusal(429, "any", "slower", (("Retry-After", "1"),))
        self.served.append(now)
        return super().answer(request)


def test_a_pace_is_learned_that_a_rate_limit_allows(tmp_path: Path) -> None:
    report = run_against(TenASecond(), tmp_path, max_requests=92)
    refused = [e for e in report.exchanges if e.response and e.response.status == 429]
    assert 0 < len(refused) <= 16  # 8 in flight at first; then one for each second without a pace
    assert 80 <= report.footer.requests.spent <= 92
    assert report.judgement.verdict is Verdict.CONFORMS  # what decides most went first


class TokenBucket(Recording):
    """Answers twenty requests a second, and ten more at once; the others meet 429, and no more."""

    rate, size = 20, 10

    def __init__(self) -> None:
        super().__init__()
        self.left, self.filled = float(self.size), 0.0

    def answer(self, request: Request) -> Response:
        now = self.seen[-1].at
        self.left = min(self.size, self.left + (now - self.filled) * self.rate)
        self.filled = now
        if self.left < 1:
            raise Refusal(429, "any", "too many")
        self.left -= 1
        return super().answer(request)


class EachSecond(Recording):
    """Answers so many requests in each second; the others meet 429, and no more."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.rate = most
        self.answered: Counter[int] = Counter()

    def answer(self, request: Request) -> Response:
        second = int(self.seen[-1].at - self.seen[0].at)
        if self.answered[second] >= self.rate:
            raise Refusal(429, "any", "too many")
        self.answered[second] += 1
        return super().answer(request)


@pytest.mark.parametrize("target", [TokenBucket(), EachSecond(20), EachSecond(60)])
def test_a_rate_limit_that_names_no_pause_costs_little_more_than_its_rate(
    target: TokenBucket | EachSecond, tmp_path: Path
) -> None:
    report = run_against(target, tmp_path)
    took = report.footer.finished_at - report.header.started_at
    assert took < 1.25 * len(target.seen) / target.rate + 4.0  # to learn it, and busy for a while
    assert report.judgement.verdict is Verdict.CONFORMS


class EveryTwentieth(Recording):
    """Refuses every 20th request, however slow they come."""

    def answer(self, request: Request) -> Response:
        if len(self.seen) % 20 == 0:
            raise Refusal(429, "any", "slower", (("Retry-After", "1"),))
        return super().answer(request)


def test_no_pace_is_kept_that_is_no_help(tmp_path: Path) -> None:
    service = EveryTwentieth()
    run_against(service, tmp_path, max_requests=125)
    pauses = [at.at for number, at in enumerate(service.seen, 1) if number % 20 == 0]
    assert pauses[5] - pauses[4] < 2.0
