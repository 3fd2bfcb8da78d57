"""Our clock is not the contract, and chance accuses nobody: seen in simulated time."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from exchange_helpers import Recording, clause, failed, run_against

from conformance.emulator import Refusal, Request, Response
from conformance.emulator.faults.parts import HANG_UP
from conformance.judge.verdicts import Status, Verdict


class Unlucky(Recording):
    """Answers at random so many requests with an internal error."""

    def __init__(self, rate: float, seed: int) -> None:
        super().__init__()
        self.rate = rate
        self.random = random.Random(seed)

    def answer(self, request: Request) -> Response:
        if self.random.random() < self.rate:
            raise Refusal(500, "any", "oh")
        return super().answer(request)


@pytest.mark.parametrize(("rate", "seed"), [(0.01, 1), (0.04, 2), (0.09, 3), (0.09, 4), (0.15, 5)])
def test_errors_at_random_accuse_nobody(rate: float, seed: int, tmp_path: Path) -> None:
    report = run_against(Unlucky(rate, seed), tmp_path)
    assert report.judgement.verdict is not Verdict.VIOLATES, report.judgement.reason


@pytest.mark.parametrize("profile", ["smoke", "deep"])
def test_errors_at_random_accuse_nobody_in_any_profile(profile: str, tmp_path: Path) -> None:
    budget = {"max_requests": 400, "max_executions": 100} if profile == "deep" else {}
    report = run_against(Unlucky(0.01, 6), tmp_path, profile=profile, **budget)
    assert report.judgement.verdict is not Verdict.VIOLATES, report.judgement.reason


class FailsToTrigger(Recording):
    """Answers with an internal error what asks for a backup of the whole policy."""

    def answer(self, request: Request) -> Response:
        if request.method == "POST" and request.body.endswith(b'"parameters": {}}}'):
            raise Refusal(500, "any", "oh")
        return super().answer(request)


def test_a_crash_that_smoke_cannot_repeat_names_the_profile_that_can(tmp_path: Path) -> None:
    report = run_against(FailsToTrigger(), tmp_path, profile="smoke")
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert "--profile standard" in report.judgement.reason


class LeaksConnections(Recording):
    """Fails on all behind the login once it refused so many there: no connection is left."""

    def __init__(self, connections: int) -> None:
        super().__init__()
        self.left = connections

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        is_past_login = request.method == "POST" and response.status not in (401, 403, 404)
        if is_past_login and self.left <= 0:
            return self.render_refusal(Refusal(500, "CSBS.9999", "no connection"))
        self.left -= is_past_login and response.status >= 400
        return response


def test_whether_others_are_served_is_asked_of_those_that_may_be(tmp_path: Path) -> None:
    """A refusal that was answered before, and fails now, is not asked for over and over."""
    report = run_against(LeaksConnections(15), tmp_path)
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    valid = [e for e in report.exchanges if (e.probe or "").startswith("S200.executed/some")]
    assert len(valid) > 1
    between = [e for e in report.exchanges if valid[0].started < e.started < valid[-1].started]
    assert any(e.response is not None and e.response.status == 401 for e in between)


def test_a_media_type_that_is_refused_with_a_code_for_a_limit_is_refused(tmp_path: Path) -> None:
    class KnowsOneCode(Recording):
        """Has one code for whatever it does not take, and says by the status what that is."""

        def check_content_type(self, request: Request) -> None:
            if not (request.header("Content-Type") or "").startswith("application/json"):
                raise Refusal(415, "CSBS.9006", "no")

    report = run_against(KnowsOneCode(), tmp_path)
    assert report.judgement.verdict is Verdict.CONFORMS, report.judgement.reason
    assert clause(report, "T2.body.media-type").status is Status.PASSED


class Takes(Recording):
    """Takes some time for what `is_slow` picks."""

    def __init__(self, seconds: float, is_slow: Callable[[Request, Response], bool]) -> None:
        super().__init__()
        self.seconds = seconds
        self.is_slow = is_slow

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        slow = request.method == "POST" and self.is_slow(request, response)
        return replace(response, delay=self.seconds) if slow else response


def names_servers(request: Request) -> bool:
    """Whether a valid request names servers, however it is written."""
    return "resources" in json.loads(request.body)["checkpoint"]["parameters"]


SLOW: dict[str, Callable[[Request, Response], bool]] = {
    "executions": lambda _, response: response.status == 200,
    "whole policy": lambda sent, came: came.status == 200 and not names_servers(sent),
    "servers": lambda sent, came: came.status == 200 and names_servers(sent),
    "refusals": lambda _, response: response.status >= 400,
    "what is not found": lambda _, response: response.status == 404,
}


@pytest.mark.parametrize("kind", SLOW)
def test_whoever_takes_longer_than_our_timeout_is_not_accused(kind: str, tmp_path: Path) -> None:
    report = run_against(Takes(11.0, SLOW[kind]), tmp_path)
    assert not failed(report)
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    said = [report.judgement.reason, *(verdict.reason for verdict in report.judgement.clauses)]
    assert any("--timeout" in each for each in said)


def test_a_repetition_waits_as_long_as_the_first_try(tmp_path: Path) -> None:
    report = run_against(Takes(11.0, SLOW["executions"]), tmp_path)
    silent = [each.duration for each in report.exchanges if each.response is None]
    assert len(silent) >= 3
    assert min(silent) == pytest.approx(10.0, abs=0.1)
    assert report.footer.finished_at - report.header.started_at < 150


def test_one_input_that_hangs_is_a_violation(tmp_path: Path) -> None:
    report = run_against(Takes(1e6, lambda sent, _: sent.body == b"\0"), tmp_path)
    assert clause(report, "S503.momentary").status is Status.FAILED


class FailsOnBytesAndIgnoresCase(Recording):
    """A token beyond ASCII meets 500, as frameworks have it; the case of its letters is ignored."""

    def handle(self, request: Request) -> Response:
        token = self.token_value(request) or ""
        return super().handle(request) if token.isascii() else Response(500)

    def same_token(self, known: str, sent: str) -> bool:
        return known.lower() == sent.lower()


def test_what_is_no_text_shows_nothing_of_what_else_breaks_its_clause(tmp_path: Path) -> None:
    assert "S401.near-miss" in failed(run_against(FailsOnBytesAndIgnoresCase(), tmp_path))


class ThrowsAtNumbers(Recording):
    """Whatever is no integer of 64 bits is thrown, caught by nobody, and closes the connection."""

    def handle(self, request: Request) -> Response:
        numbers = re.sub(rb'"([^"\\]|\\.)*"', b"", request.body)
        is_odd = re.search(rb"[0-9][.eE]|[0-9]{19}", numbers)
        return HANG_UP if is_odd else super().handle(request)


def test_what_closes_on_one_kind_of_number_is_told_by_three_requests(tmp_path: Path) -> None:
    report = run_against(ThrowsAtNumbers(), tmp_path)
    assert failed(report) == ["S503.momentary"]
    assert sum(each.response is None for each in report.exchanges) == 3


class DiesOfAstralCharactersAndZeros(Recording):
    """A character of four bytes in UTF-8, or of one that is zero, costs the client its response."""

    def answer(self, request: Request) -> Response:
        is_odd = re.search(rb"\xf0|\\u0000", request.body)
        return HANG_UP if is_odd else super().answer(request)


def test_once_one_refusal_is_lost_for_good_others_are_repeated_once(tmp_path: Path) -> None:
    """Each repetition may cost an execution, which valid requests need."""
    report = run_against(DiesOfAstralCharactersAndZeros(), tmp_path)
    lost = Counter(each.request.digest for each in report.exchanges if each.response is None)
    assert sorted(lost.values(), reverse=True)[:2] == [3, 2]
    assert failed(report) == ["S503.momentary"]
    executed = [each.probe for each in report.exchanges if each.outcome.startswith("200")]
    assert "S200.executed/auto-trigger-true" in executed


class Maintenance(Recording):
    """Is away for two seconds, and asks to come back in one; its responses take their time."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status
        self.random = random.Random(5)

    def answer(self, request: Request) -> Response:
        if len(self.seen) >= 100 and self.seen[-1].at - self.seen[99].at < 2.0:
            raise Refusal(self.status, "any", "later", (("Retry-After", "1"),))
        return super().answer(request)

    def handle(self, request: Request) -> Response:
        return replace(super().handle(request), delay=self.random.uniform(0.03, 0.3))


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_for_maintenance_costs_little_more_than_itself(status: int, tmp_path: Path) -> None:
    usual = Takes(0.165, lambda *_: True)
    reports = [run_against(each, tmp_path) for each in (usual, Maintenance(status))]
    took = [each.footer.finished_at - each.header.started_at for each in reports]
    assert took[1] - took[0] < 12.0  # two in vain, and then fewer at a time for a while
    assert reports[1].judgement.verdict is Verdict.CONFORMS
