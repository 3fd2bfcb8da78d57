"""Silence is held against a target only where it is quick with what asks for as much."""

from __future__ import annotations

import pytest
from judge_helpers import (
    FIXTURES,
    NOBODY,
    PLAN,
    RECORDED,
    SERVERS,
    Came,
    answer,
    body,
    exchange,
    expect,
    record_of,
    refusal,
    request,
)
from msgspec.structs import replace

from conformance.judge.persistence import Attempts
from conformance.judge.silence import Answered
from conformance.model import Exchange, Failure, Fixtures, Request
from conformance.page.weather import is_silence

WHOLE, ONE, TWO, NONE = (
    request(),
    request(body(resources=[SERVERS[0]])),
    request(body(resources=list(SERVERS))),
    request(body(resources=[])),
)
TRIGGERS = [request(body(auto_trigger=value)) for value in (True, False)]
NULL = request(body(auto_trigger=None))
NO_TOKEN, WRONG, UNKNOWN = request(token=None), request(body(5)), request(body(NOBODY))
TRIES, OFTEN = 3, 5


def took(sent: Request, came: Came, seconds: float) -> Exchange:
    return replace(exchange(sent, came), duration=seconds)


def ok(sent: Request, seconds: float) -> Exchange:
    return took(sent, answer(200, record_of(sent)), seconds)


def no(sent: Request, seconds: float, status: int = 400) -> Exchange:
    return took(sent, refusal(status), seconds)


def silent(sent: Request, *, overcome: bool = False, fixtures: Fixtures = FIXTURES) -> Attempts:
    attempts = Attempts(expect(sent, fixtures), overcome=overcome)
    for number in range(TRIES):
        attempts.add(took(sent, Failure.TIMEOUT, 10.0), number)
    return attempts


def accuses(
    about: Attempts, seen: list[Exchange], *others: Attempts, fixtures: Fixtures = FIXTURES
) -> bool:
    answered = Answered()
    for each in seen * OFTEN:
        answered.take_in(expect(each.request, fixtures), each)
    return answered.accuse(about, [about, *others])


@pytest.mark.parametrize(
    ("sent", "seen", "held"),
    [
        (WHOLE, [ok(WHOLE, 0.1)], True),
        (WHOLE, [ok(WHOLE, 2.5)], True),
        (WHOLE, [ok(WHOLE, 2.6)], False),
        (WHOLE, [ok(WHOLE, 0.1), ok(WHOLE, 2.6)], False),
        (WHOLE, [ok(WHOLE, 2.6), ok(WHOLE, 0.1)], False),
        (WHOLE, [], False),
        (ONE, [ok(TWO, 0.1)], True),
        (TWO, [ok(ONE, 0.1)], False),
        (TWO, [ok(ONE, 9.0), ok(TWO, 0.1)], True),
        (WHOLE, [ok(TWO, 0.1)], False),
        (ONE, [ok(WHOLE, 0.1)], False),
        (NONE, [ok(NONE, 0.1)], True),
        (NONE, [ok(WHOLE, 0.1)], True),
        (NONE, [ok(TWO, 0.1)], False),
        *((sent, [ok(sent, 0.1)], True) for sent in TRIGGERS),
        (WHOLE, [ok(sent, 0.1) for sent in TRIGGERS], True),
        (NULL, [ok(NULL, 0.1)], False),
        (WHOLE, [no(NO_TOKEN, 0.1, 401)], False),
        (WHOLE, [no(WHOLE, 0.1)], False),
        (WRONG, [no(WRONG, 0.1)], True),
        (WRONG, [no(WRONG, 0.1, 499)], True),
        (WRONG, [no(WRONG, 0.1, 500)], False),
        (WRONG, [ok(WRONG, 0.1)], False),
        (WRONG, [no(NO_TOKEN, 0.1, 401)], False),
        (UNKNOWN, [no(request(body(PLAN[:-1] + "0")), 0.1)], True),
        (UNKNOWN, [no(request(body("short")), 0.1)], False),
        (UNKNOWN, [no(request(body(NOBODY, resources=[SERVERS[0]])), 0.1)], False),
    ],
)
def test_a_target_is_silent_where_it_is_quick_otherwise(
    sent: Request, seen: list[Exchange], held: bool
) -> None:
    assert accuses(silent(sent), seen) is held


def test_where_executions_are_often_silent_at_first_chance_explains_one() -> None:
    many = [ok(WHOLE, 0.1)]
    overcome = [
        silent(sent, overcome=True) for sent in (ONE, TWO, request(body(auto_trigger=True)))
    ]
    assert accuses(silent(WHOLE), many)
    assert not accuses(silent(WHOLE), many, *overcome)
    refusals = [silent(WRONG, overcome=True), silent(NO_TOKEN, overcome=True)]
    assert accuses(silent(WHOLE), many, *refusals)


def test_the_shortest_wait_counts() -> None:
    hasty = silent(WHOLE)
    hasty.add(took(WHOLE, Failure.TIMEOUT, 1.0), TRIES)
    assert not accuses(hasty, [ok(WHOLE, 0.3)])
    closed = silent(WHOLE)
    closed.add(took(WHOLE, Failure.CLOSED, 1.0), TRIES)
    assert accuses(closed, [ok(WHOLE, 0.3)])


def test_of_a_request_that_is_not_known_nothing_is_held_against_anybody() -> None:
    some = request(body(NOBODY))
    unknown = silent(some, fixtures=RECORDED)
    assert not accuses(unknown, [ok(some, 0.1)], fixtures=RECORDED)


@pytest.mark.parametrize(
    ("came", "is_silent"),
    [
        (Failure.TIMEOUT, True),
        (Failure.CLOSED, False),
        (refusal(503), False),
    ],
)
def test_only_where_we_stopped_waiting_it_is_silence(came: Came, is_silent: bool) -> None:
    assert is_silence(exchange(WHOLE, came)) is is_silent
    nobody_knows = replace(exchange(WHOLE, Failure.CLOSED), failure=None)
    assert is_silence(nobody_knows)


@pytest.mark.parametrize(
    ("waited", "seen", "recording", "held"),
    [
        (30.0, [no(NO_TOKEN, 0.1, 401), ok(WHOLE, 0.1)], 0, True),
        (30.0, [no(NO_TOKEN, 0.1, 401)], 0, True),
        (30.0, [ok(WHOLE, 0.1)], 0, False),
        (30.0, [no(NO_TOKEN, 0.1, 401), ok(WHOLE, 2.6)], 0, False),
        (30.0, [], 0, False),
        (10.0, [no(NO_TOKEN, 0.1, 401), ok(WHOLE, 0.1)], 0, False),
        (30.0, [no(NO_TOKEN, 0.1, 401), ok(WHOLE, 0.1)], 1, False),
    ],
)
def test_a_refusal_that_we_waited_for_much_longer_is_compared_with_all_else(
    waited: float, seen: list[Exchange], recording: int, held: bool
) -> None:
    about = silent(WRONG)
    about.add(replace(took(WRONG, Failure.TIMEOUT, waited), recording=recording), TRIES)
    assert accuses(about, seen) is held
