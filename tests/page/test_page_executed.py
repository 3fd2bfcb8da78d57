"""What a request whose response was lost may have executed is settled, or stays in doubt."""

from __future__ import annotations

import gzip
import json

import pytest
from exchange_helpers import drafts_and_oracle

from conformance.model import Exchange, Failure, Request, Response, TransportFailure
from conformance.page.backups import record_url
from conformance.page.executed import (
    Doubts,
    had_nothing_to_execute,
    may_have_executed,
    was_refused,
)

DRAFTS, ORACLE = drafts_and_oracle()
VALID = DRAFTS.request(DRAFTS.body())
REFUSED = DRAFTS.request(DRAFTS.body({"parameters": 5}))
BUSY = json.dumps({"error_code": "CSBS.1001", "error_msg": "busy"}).encode()


def exchange(name: str, request: Request, outcome: int | Failure, body: bytes = b"{}") -> Exchange:
    if isinstance(outcome, Failure):
        return Exchange(name, request, None, TransportFailure(outcome), 1.0, 0.1)
    headers = (("Content-Type", "application/json"),)
    return Exchange(name, request, Response(outcome, "", headers, body), None, 1.0, 0.1)


def gives_back(doubts: Doubts, *exchanges: Exchange) -> list[int]:
    return [doubts.take_in(each, ORACLE.expect(each.request)) for each in exchanges]


def lost(request: Request, *names: str) -> Doubts:
    doubts = Doubts()
    gives_back(doubts, *(exchange(name, request, Failure.LOST) for name in names))
    assert doubts.ids == names
    return doubts


def test_a_refusal_gives_back_what_all_the_same_requests_had_reserved() -> None:
    doubts = lost(REFUSED, "x1", "x2")
    assert gives_back(doubts, exchange("x3", REFUSED, 400), exchange("x4", REFUSED, 400)) == [2, 0]
    assert (doubts.ids, doubts.spent) == ((), 0)


def test_an_execution_now_was_one_then() -> None:
    doubts = lost(REFUSED, "x1", "x2")
    assert gives_back(doubts, exchange("x3", REFUSED, 200)) == [0]
    assert (doubts.ids, doubts.executed, doubts.spent) == ((), 2, 2)


def test_what_is_in_doubt_counts_beside_what_was_executed() -> None:
    doubts = lost(REFUSED, "x1")
    gives_back(doubts, exchange("x2", REFUSED, 200), exchange("x3", REFUSED, Failure.LOST))
    assert (doubts.ids, doubts.executed, doubts.spent) == (("x3",), 1, 2)


@pytest.mark.parametrize(
    ("outcome", "body"),
    [
        *((status, b"{}") for status in (302, 401, 429, 500, 502, 503)),
        (400, BUSY),
        (Failure.TIMEOUT, b""),
        (Failure.REFUSED, b""),
    ],
)
def test_what_speaks_of_now_settles_nothing(outcome: int | Failure, body: bytes) -> None:
    doubts = lost(REFUSED, "x1")
    assert gives_back(doubts, exchange("x2", REFUSED, outcome, body)) == [0]
    assert doubts.ids == ("x1",)


@pytest.mark.parametrize("status", [200, 400])
def test_what_may_be_executed_stays_in_doubt(status: int) -> None:
    doubts = lost(VALID, "x1")
    assert gives_back(doubts, exchange("x2", VALID, status)) == [0]
    assert (doubts.ids, doubts.spent) == (("x1",), 1)


@pytest.mark.parametrize(
    ("sent", "outcome", "is_refusal"),
    [
        *((REFUSED, status, True) for status in (400, 404, 499)),
        *((REFUSED, status, False) for status in (200, 399, 500)),
        (REFUSED, Failure.TIMEOUT, False),
        (VALID, 400, False),
    ],
)
def test_what_must_be_refused_was_where_a_4xx_came(
    sent: Request, outcome: int | Failure, is_refusal: bool
) -> None:
    seen = exchange("x1", sent, outcome)
    assert was_refused(seen, ORACLE.expect(sent)) is is_refusal


@pytest.mark.parametrize(("shown", "is_execution"), [("a/b", False), ("another", True)])
def test_a_record_that_is_asked_for_by_itself_is_no_execution_but_another_is(
    shown: str, is_execution: bool
) -> None:
    asked = Request("GET", record_url(DRAFTS.fixtures, "a/b"), VALID.headers)
    seen = exchange("x1", asked, 200, json.dumps({"checkpoint": {"id": shown}}).encode())
    assert may_have_executed(seen, ORACLE.expect(asked)) is is_execution


@pytest.mark.parametrize("trouble", [502, 504, Failure.CLOSED])
def test_a_refusal_gives_back_what_met_the_trouble_of_a_moment_before(
    trouble: int | Failure,
) -> None:
    doubts = Doubts()
    troubled = [exchange(name, REFUSED, trouble) for name in ("x1", "x2")]
    assert gives_back(doubts, *troubled, exchange("x3", REFUSED, 400)) == [0, 0, 2]
    assert gives_back(doubts, exchange("x4", REFUSED, 400)) == [0]
    assert (doubts.ids, doubts.spent) == ((), 0)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        *((503, 400), (429, 400), (500, 400), (502, 200), (502, 503)),
        *((Failure.REFUSED, 400), (Failure.TIMEOUT, 400)),
    ],
)
def test_what_reserved_nothing_or_may_have_been_executed_gives_nothing_back(
    first: int | Failure, then: int
) -> None:
    seen = (exchange("x1", REFUSED, first), exchange("x2", REFUSED, then))
    assert gives_back(Doubts(), *seen) == [0, 0]


def test_what_may_be_executed_gives_nothing_back() -> None:
    assert gives_back(Doubts(), exchange("x1", VALID, 502), exchange("x2", VALID, 400)) == [0, 0]


def test_another_request_settles_nothing() -> None:
    doubts = lost(REFUSED, "x1")
    other = DRAFTS.request(DRAFTS.body({"plan_id": 2}))
    assert gives_back(doubts, exchange("x2", other, 400)) == [0]
    assert doubts.ids == ("x1",)


def test_a_list_of_policies_executes_nothing() -> None:
    doubts = Doubts()
    assert gives_back(doubts, exchange("x1", DRAFTS.policies(), Failure.LOST)) == [0]
    assert (doubts.ids, doubts.spent) == ((), 0)


@pytest.mark.parametrize("status", [400, 404, 422, 499])
def test_any_refusal_of_what_is_asked_gives_back(status: int) -> None:
    assert gives_back(lost(REFUSED, "x1"), exchange("x2", REFUSED, status)) == [1]


def test_a_401_that_the_request_itself_explains_is_a_refusal() -> None:
    elsewhere = DRAFTS.request(DRAFTS.body(), project="f" * 32)
    doubts = lost(elsewhere, "x1")
    assert gives_back(doubts, exchange("x2", elsewhere, 401)) == [1]
    assert doubts.spent == 0


def test_every_refusal_after_the_first_finds_nothing_in_doubt() -> None:
    doubts = lost(REFUSED, "x1")
    assert gives_back(doubts, exchange("x2", REFUSED, 200), exchange("x3", REFUSED, 400)) == [0, 0]
    assert (doubts.executed, doubts.spent) == (1, 1)


NAMELESS = [b"null", b"", b"[]", b'{"checkpoint": {}}', b'{"checkpoint": {"plan_id": 1}}', b"\xff"]
PLAN_ID = DRAFTS.plan_id


@pytest.mark.parametrize("body", NAMELESS)
@pytest.mark.parametrize("outcome", [500, 502, 507, Failure.CLOSED, Failure.TIMEOUT])
def test_who_fails_on_what_names_no_policy_has_nothing_to_execute(
    body: bytes, outcome: int | Failure
) -> None:
    sent = DRAFTS.request(body)
    assert had_nothing_to_execute(exchange("x1", sent, outcome), ORACLE.expect(sent))


@pytest.mark.parametrize("body", NAMELESS)
@pytest.mark.parametrize("outcome", [200, 202, 302, Failure.LOST])
def test_whoever_answers_or_was_not_heard_may_have_executed_something_else(
    body: bytes, outcome: int | Failure
) -> None:
    sent = DRAFTS.request(body)
    assert not had_nothing_to_execute(exchange("x1", sent, outcome), ORACLE.expect(sent))
    assert may_have_executed(exchange("x1", sent, outcome), ORACLE.expect(sent))


@pytest.mark.parametrize(
    "sent",
    [
        VALID,
        DRAFTS.request(DRAFTS.body({"plan_id": PLAN_ID.upper()})),
        DRAFTS.request({"checkpoint": {"planId": f"{{{PLAN_ID}}}"}}),
        DRAFTS.request({"checkpoint": {PLAN_ID: 1}}),
        DRAFTS.request([[PLAN_ID.replace("-", "")]]),
        DRAFTS.request(json.dumps({"plan_id": PLAN_ID}).encode()[:-1]),
        DRAFTS.request(json.dumps({"plan_id": PLAN_ID}).replace(PLAN_ID[0], "\\u0036").encode()),
        DRAFTS.request(f"plan_id={PLAN_ID.replace('-', '%2D')}".encode()),
        DRAFTS.request(json.dumps(DRAFTS.body()).encode("utf-16")),
        DRAFTS.request(gzip.compress(b"null"), more=[("Content-Encoding", "gzip")]),
        DRAFTS.request(b"null", more=[("X-Plan-Id", PLAN_ID)]),
        DRAFTS.request(b"[" * 5000 + b"]" * 5000),
    ],
)
@pytest.mark.parametrize("outcome", [500, Failure.CLOSED])
def test_who_fails_on_what_may_name_the_policy_may_have_executed_it(
    sent: Request, outcome: int | Failure
) -> None:
    assert not had_nothing_to_execute(exchange("x1", sent, outcome), ORACLE.expect(sent))
