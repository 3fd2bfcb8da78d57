"""Responses that cannot be decoded, extensions of JSON, and requests that readers differ on."""

from __future__ import annotations

import json

import pytest
from judge_helpers import (
    PLAN,
    PLANNED,
    Answers,
    Came,
    answer,
    body,
    failed,
    record_of,
    refusal,
    request,
    run_against,
    verdict_on,
)
from msgspec.structs import replace

from conformance.judge.verdicts import Verdict
from conformance.model import Request, Response
from conformance.page.oracle import Duty, Expectation

EXTENDED = request(f"{json.dumps(body())}//".encode())
NOT_A_NUMBER = request(json.dumps(body(float("nan"))).encode())
LIKE_TRUE = request(json.dumps(body(auto_trigger="true")).replace('"', "'").encode())
HALF = request(json.dumps(body(f"{PLAN}\ud800")).encode())


def coded(response: Response) -> Response:
    """The response where its content coding does not decode its body."""
    return replace(response, undecodable="a body that cannot be decoded from gzip")


def executed(sent: Request) -> Response:
    return answer(200, record_of(sent, sent.digest))


def to(sent: Request, came: Came) -> Answers:
    """Another response to one request."""
    return lambda asked, *_: came if asked == sent else None


def test_an_execution_that_cannot_be_decoded_is_no_json() -> None:
    def otherwise(sent: Request, expectation: Expectation, before: int) -> Came | None:
        return coded(executed(sent)) if expectation.duty is Duty.EXECUTE else None

    assert failed(verdict_on(run_against(otherwise))) == {"T5.body.json"}


def test_a_refusal_that_cannot_be_decoded_breaks_a_should_alone() -> None:
    def otherwise(_: Request, expectation: Expectation, __: int) -> Came | None:
        if expectation.duty is not Duty.REFUSE:
            return None
        return coded(refusal(min(expectation.allowed)))

    judgement = verdict_on(run_against(otherwise))
    assert judgement.verdict is Verdict.CONFORMS
    assert failed(judgement, "should") == {"EC.body.json"}


@pytest.mark.parametrize("status", [400, 500])
def test_a_busy_code_counts_for_the_target_though_it_cannot_be_decoded(status: int) -> None:
    def otherwise(_: Request, expectation: Expectation, __: int) -> Came | None:
        is_valid = expectation.duty is Duty.EXECUTE
        return coded(refusal(status, "CSBS.1001")) if is_valid else None

    judgement = verdict_on(run_against(otherwise))
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert failed(judgement) == set()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_extension_of_json_refused_with_another_status_breaks_a_should(status: int) -> None:
    judgement = verdict_on(
        run_against(to(EXTENDED, refusal(status)), requests=[EXTENDED, *PLANNED])
    )
    assert judgement.verdict is Verdict.CONFORMS
    assert failed(judgement, "should") == {"S400.extended-json"}


@pytest.mark.parametrize(
    ("sent", "clause"),
    [(NOT_A_NUMBER, "T3.plan_id.type"), (LIKE_TRUE, "T4.auto_trigger.type")],
)
def test_a_reader_of_extensions_is_held_to_what_they_say(sent: Request, clause: str) -> None:
    def otherwise(asked: Request, *_: object) -> Came | None:
        return executed(asked) if asked in (sent, EXTENDED) else None

    judgement = verdict_on(run_against(otherwise, requests=[*PLANNED, sent, EXTENDED]))
    assert failed(judgement) == {clause}
    assert failed(judgement, "should") == {"S400.extended-json"}


def test_a_reader_of_extensions_that_finds_wrong_what_they_say_breaks_no_must() -> None:
    def otherwise(asked: Request, *_: object) -> Came | None:
        return executed(asked) if asked == EXTENDED else None

    judgement = verdict_on(run_against(otherwise, requests=[*PLANNED, NOT_A_NUMBER, EXTENDED]))
    assert judgement.verdict is Verdict.CONFORMS


@pytest.mark.parametrize("came", [executed(request()), *map(refusal, (400, 404, 500))])
def test_half_a_surrogate_pair_decides_nothing(came: Response) -> None:
    judgement = verdict_on(run_against(to(HALF, came), requests=[*PLANNED, HALF]))
    assert judgement.verdict is Verdict.CONFORMS
    assert failed(judgement, "should") <= {"S500.momentary"}
