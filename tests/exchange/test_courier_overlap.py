"""What is under way while the target executes: refusals, one of each kind, and equal requests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from exchange_helpers import KNOWN, WORLD, Recording, clause, run_against

from conformance.emulator import Request, Response
from conformance.emulator.variants.objects import AllLenient
from conformance.judge.verdicts import Status
from conformance.page.oracle import EXECUTED

TAKES = 0.5
"""Seconds that an execution takes here."""


class TakesHalfASecond(Recording):
    """Is slow with executions alone; `spans` are how much it had seen then, and when each ended."""

    def __init__(self) -> None:
        super().__init__(WORLD)
        self.spans: list[tuple[int, float]] = []

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if request.method != "POST" or response.status != EXECUTED:
            return response
        self.spans.append((len(self.seen), self.clock().timestamp() + TAKES))
        return replace(response, delay=TAKES)


class OneTaskForEqualRequests(TakesHalfASecond):
    """Answers a request for which the same is under way with the response to that one."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way: dict[tuple[str, bytes, str | None], tuple[float, Response]] = {}

    def handle(self, request: Request) -> Response:
        asked = request.path, request.body, request.header("X-Auth-Token")
        until, same = self.under_way.get(asked, (0.0, None))
        if same is not None and self.clock().timestamp() < until:
            return same
        response = super().handle(request)
        if response.delay:
            self.under_way[asked] = (self.spans[-1][1], response)
        return response


class OneTaskThoughLax(OneTaskForEqualRequests, AllLenient):
    """The same, and executes all that may be executed."""


def others_during(service: TakesHalfASecond, span: tuple[int, float]) -> list[Request]:
    """What a target was asked while it executed something, but for what began that."""
    seen_before, ended = span
    return [seen.request for seen in service.seen[seen_before:] if seen.at < ended]


def kind_of(request: Request) -> str:
    token = request.header("X-Auth-Token")
    if token is None:
        return "no token"
    if token == KNOWN["forbidden_token"]:
        return "no permission"
    return "own" if KNOWN["project_id"] in request.path else "another project"


def test_while_each_valid_request_is_under_way_one_refusal_comes_alone(tmp_path: Path) -> None:
    service = TakesHalfASecond()
    run_against(service, tmp_path)
    alone = (list(map(kind_of, others_during(service, span))) for span in service.spans[2:])
    assert list(filter(None, alone))[:2] == [["no token"], ["no permission"]]


def test_one_at_a_time_leaves_nothing_beside_an_execution(tmp_path: Path) -> None:
    service = TakesHalfASecond()
    run_against(service, tmp_path, concurrency=1)
    assert service.spans
    assert not any(others_during(service, span) for span in service.spans)


def test_equal_requests_under_way_at_once_that_share_a_response_are_found(tmp_path: Path) -> None:
    report = run_against(OneTaskForEqualRequests(), tmp_path)
    assert clause(report, "T6.id.unique").status is Status.FAILED


def test_a_lax_target_is_asked_for_equal_requests_at_once_as_well(tmp_path: Path) -> None:
    report = run_against(OneTaskThoughLax(), tmp_path)
    assert clause(report, "T6.id.unique").status is Status.FAILED
