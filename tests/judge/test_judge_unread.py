"""Refusals that were recorded without their bodies: the status and the headers alone are judged.

A published code, such as that of busy, may have stood in such a body: what it would explain accuses
nobody, and does not pass.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from judge_helpers import (
    RECORDED,
    answer,
    body,
    clause_in,
    exchange,
    failed,
    record_of,
    refusal,
    request,
    verdict_on,
)
from msgspec.structs import replace

from conformance.judge.verdicts import Judgement, Status, Verdict
from conformance.model import Exchange, Request, Response

VALID, WITH_TRIGGER = request(), request(body(auto_trigger=True))
NO_PLAN = request({"checkpoint": {"parameters": {}}})
BUSY = "CSBS.2003"


def cut(came: Response) -> Response:
    return replace(came, body=b"", whole=False)


def in_turn(sent: Request, *responses: Response) -> Judgement:
    """What a recording shows with an execution and a right refusal before each, and at the end."""
    exchanges: list[Exchange] = []
    for place, came in enumerate([*responses, None]):
        at = place * 12.0
        done = answer(200, record_of(VALID, f"b{at}"))
        turn = [(VALID, done, 0), (NO_PLAN, refusal(400), 3), (sent, came, 6)]
        exchanges += [
            replace(exchange(asked, said, name=f"{at + n}", at=at + n), recording=1, token=1)
            for asked, said, n in turn
            if said is not None
        ]
    return verdict_on(exchanges, RECORDED)


UNLISTED = [(VALID, status) for status in (402, 409, 415, 422)] + [(NO_PLAN, 405), (NO_PLAN, 422)]


@pytest.mark.parametrize(("sent", "status"), UNLISTED)
@pytest.mark.parametrize("code", ["", BUSY])
def test_no_body_makes_a_status_right_that_is_not_listed(
    sent: Request, status: int, code: str
) -> None:
    assert failed(in_turn(sent, refusal(status, code))) == {"S.listed"}
    assert failed(in_turn(sent, cut(refusal(status, code)))) == {"S.listed"}


@pytest.mark.parametrize("status", [405, 501])
def test_no_body_makes_a_method_right_that_is_not_there(status: int) -> None:
    assert failed(in_turn(VALID, cut(refusal(status)))) == {"URI.post"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 505])
@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize("sent", [VALID, WITH_TRIGGER])
def test_a_valid_request_that_was_refused_is_not_known_to_be_executed(
    sent: Request, times: int, status: int
) -> None:
    refused: Sequence[Response] = [cut(refusal(status))] * times
    judgement = in_turn(sent, *refused)
    assert not failed(judgement) | failed(judgement, "should")
    if sent is VALID and status in (400, 500, 505):  # it was executed later
        assert judgement.verdict is Verdict.CONFORMS
        return
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert clause_in(judgement, "S200.executed").status is Status.INCONCLUSIVE


@pytest.mark.parametrize("code", ["CSBS.9006", "CSBS.6007", BUSY])
def test_a_shape_that_a_published_code_hid_is_not_known_to_be_executed(code: str) -> None:
    judgement = in_turn(WITH_TRIGGER, *[refusal(400, code)] * 4)
    assert not failed(judgement)
    hidden = clause_in(judgement, "T4.auto_trigger.values")
    assert hidden.status is Status.INCONCLUSIVE
    assert hidden.reason.endswith("(auto_trigger true)")
    assert in_turn(VALID, refusal(400, code)).verdict is Verdict.CONFORMS


@pytest.mark.parametrize("status", [401, 403, 404, 500])
@pytest.mark.parametrize("times", [1, 4])
def test_a_wrong_refusal_keeps_a_clause_from_passing(times: int, status: int) -> None:
    judgement = in_turn(NO_PLAN, *[cut(refusal(status))] * times)
    assert not failed(judgement) | failed(judgement, "should")
    if status == 500:  # the same request was refused as it must be, later
        assert judgement.verdict is Verdict.CONFORMS
        return
    assert clause_in(judgement, "T3.plan_id.mandatory").status is Status.INCONCLUSIVE
    assert judgement.verdict is Verdict.INCONCLUSIVE


def test_an_internal_error_is_no_warning_where_its_body_is_not_known() -> None:
    judgement = in_turn(WITH_TRIGGER, *[cut(refusal(500))] * 4)
    assert clause_in(judgement, "S500.momentary").status is Status.INCONCLUSIVE


def test_not_now_may_have_been_busy() -> None:
    judgement = in_turn(WITH_TRIGGER, *[cut(refusal(503))] * 20)
    assert not failed(judgement)
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert failed(in_turn(WITH_TRIGGER, *[refusal(503)] * 20)) == {"S503.momentary"}


def test_what_is_known_accuses_beside_what_is_not() -> None:
    known, unknown = [refusal(404)] * 4, [cut(refusal(404))] * 8
    assert failed(in_turn(NO_PLAN, *unknown, *known)) == {"T3.plan_id.mandatory"}
    assert failed(in_turn(WITH_TRIGGER, *unknown, *known)) == {"T4.auto_trigger.values"}


def test_a_right_refusal_counts_by_its_status() -> None:
    judgement = in_turn(NO_PLAN, cut(refusal(400)))
    assert clause_in(judgement, "T3.plan_id.mandatory").status is Status.PASSED
    assert judgement.verdict is Verdict.CONFORMS
