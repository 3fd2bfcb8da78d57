"""Telling an unlucky moment from a lasting fault."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge_helpers import answer, exchange, expect, request
from msgspec import structs

from conformance.judge.persistence import Attempts, Reckoning, Troubles
from conformance.model import Exchange
from conformance.page.oracle import Breach
from conformance.page.weather import Weather

SENT = request()


def tried(times: int, *, apart: float = 1.0) -> list[Exchange]:
    return [exchange(SENT, answer(503), name=str(n), at=n * apart) for n in range(times)]


def attempts(times: int, served_before: list[int] | None = None) -> Attempts:
    counts = served_before if served_before is not None else list(range(times))
    return Attempts(expect(SENT), tried(times), counts)


def excluded(times: int, served: int, troubled: int, requests: int) -> bool:
    """Whether so much trouble elsewhere leaves no room for chance, of one clause in all."""
    one = attempts(times)
    reckoning = Reckoning(served, troubled, {"": [one]}, {"": requests + times - 1})
    return reckoning.excludes_chance(one)


@pytest.mark.parametrize(
    ("times", "served", "troubled", "requests", "expected"),
    [
        (3, 100, 0, 100, True),
        (3, 20, 0, 20, False),
        (4, 20, 0, 20, True),
        (2, 100, 0, 100, False),
        (1, 10_000, 0, 100, False),
        (3, 200, 8, 200, False),
        (4, 200, 9, 200, False),
        (5, 200, 8, 200, True),
        (3, 0, 0, 1, False),
    ],
)
def test_trouble_is_held_against_a_target_only_where_chance_does_not_explain_it(
    times: int, served: int, troubled: int, requests: int, expected: bool
) -> None:
    assert excluded(times, served, troubled, requests) is expected


def test_trouble_with_nothing_answered_in_between_is_an_outage() -> None:
    for served in ([5, 5, 5], [5, 6, 6]):
        one = attempts(3, served)
        assert not Reckoning(10_000, 0, {"": [one]}, {"": 1}).excludes_chance(one)


def test_what_was_overcome_is_not_held_against_a_target() -> None:
    one = attempts(6)
    one.overcome = True
    assert not Reckoning(10_000, 0, {"": [one]}, {"": 1}).excludes_chance(one)


def test_the_rate_is_taken_from_the_requests_that_are_not_held_against_the_target() -> None:
    troubles = Troubles()
    sent = {0: SENT, 1: request(token=None)}
    for number in range(6):
        one = exchange(sent[number % 2], answer(503), name=str(number))
        troubles.met(expect(one.request), one, number)
    found = Reckoning.of(Weather(60, 9), [troubles], {"": 3})
    assert (found.served, found.troubled) == (60, 3)


def test_trouble_with_the_body_of_what_is_held_against_a_target_is_no_trouble_elsewhere() -> None:
    """A body that is never answered, whoever asks, tells of itself alone."""
    alone, other = SENT, structs.replace(SENT, body=b"{}")
    sent = [alone] * 3 + [structs.replace(each, headers=()) for each in (alone, other)]
    troubles = Troubles()
    for number, each in enumerate(sent):
        one = exchange(each, answer(503), name=str(number))
        troubles.met(expect(each), one, number)
    assert Reckoning.of(Weather(60, 5), [troubles], {"": 3}).troubled == 1


def test_several_requests_that_break_one_clause_tell_more_than_one_of_them() -> None:
    some = [attempts(2) for _ in range(5)]
    assert not Reckoning(60, 0, {"": some[:1]}, {"": 40}).excludes_chance(some[0])
    assert Reckoning(60, 0, {"": some}, {"": 10}).excludes_chance(some[0])


@pytest.mark.parametrize(("others", "expected"), [(0, False), (1, True)])
def test_requests_that_break_several_clauses_tell_more_than_one_of_them(
    others: int, expected: bool
) -> None:
    one, *more = (attempts(3) for _ in range(1 + others))
    held = {str(number): [each] for number, each in enumerate([one, *more])}
    clauses = {str(number): 13 for number in range(40)}
    assert Reckoning(195, 3, held, clauses).excludes_chance(one) is expected


def test_thousands_of_requests_that_fail_are_reckoned_with() -> None:
    some = [attempts(2) for _ in range(3000)]
    reckoning = Reckoning(100, 0, {"": some}, {"": 6000})
    assert all(map(reckoning.excludes_chance, some))
    assert not Reckoning(100, 6000, {"": some[:1]}, {"": 6000}).excludes_chance(some[0])


def some_fail(*, clauses: int, failing: int, served: int, tries: int = 3) -> bool:
    """Whether chance is excluded where nothing but 500 came for `failing` clauses, one request of
    each: the first was asked `tries` times, the others once. `served` others were answered.
    """
    of_a_clause = expect(request(token=None)).breaches[0].clause
    troubles, counted = Troubles(), dict.fromkeys(map(str, range(clauses)), 1)
    counted["0"] = tries
    for number in range(failing):
        sent = structs.replace(SENT, body=str(number).encode())
        breach = Breach(structs.replace(of_a_clause, id=str(number)))
        for attempt in range(tries if number == 0 else 1):
            one = exchange(sent, answer(500), name=f"{number}-{attempt}")
            troubles.met(structs.replace(expect(sent), breaches=(breach,)), one, attempt)
    weather = Weather(served=served, troubled=failing - 1 + tries)
    reckoning = Reckoning.of(weather, [troubles], counted)
    return reckoning.excludes_chance(next(iter(troubles.requests.values())))


def test_failing_on_much_of_what_is_wrong_and_on_nothing_else_is_no_chance() -> None:
    assert some_fail(clauses=27, failing=6, served=100)
    assert not some_fail(clauses=27, failing=6, served=100, tries=1)
    assert not some_fail(clauses=27, failing=6, served=16)


@pytest.mark.parametrize("clauses", [4, 8, 14, 30, 60])
def test_one_of_two_replicas_that_fails_may_be_chance(clauses: int) -> None:
    half = clauses // 2
    assert not some_fail(clauses=clauses, failing=half, served=clauses - half)


counts = st.integers(0, 500)


@given(st.integers(0, 12), counts, counts, st.integers(1, 500), st.integers(1, 500))
def test_more_requests_make_chance_the_likelier(
    times: int, served: int, others: int, requests: int, more: int
) -> None:
    if times and excluded(times, served, others, requests + more):
        assert excluded(times, served, others, requests)


@given(st.integers(2, 12), counts, counts, st.integers(1, 500))
def test_another_attempt_that_fails_makes_chance_no_likelier(
    times: int, served: int, others: int, requests: int
) -> None:
    if excluded(times, served, others, requests):
        assert excluded(times + 1, served, others, requests)


@given(counts, counts)
def test_a_request_that_was_not_repeated_accuses_nobody(served: int, others: int) -> None:
    assert not excluded(1, served, others, 1)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6).map(sorted))
def test_others_were_served_between_where_the_count_grew_before_the_last(
    served: list[int],
) -> None:
    expected = len(served) > 1 and served[-2] < served[-1]
    assert attempts(len(served), served).served_between is expected


@pytest.mark.parametrize(("times", "apart", "span"), [(1, 9, 0), (3, 1, 2), (4, 0.5, 1.5)])
def test_the_span_goes_from_the_first_attempt_to_the_last(
    times: int, apart: float, span: float
) -> None:
    assert Attempts(expect(SENT), tried(times, apart=apart), []).span == span


def test_troubles_keep_apart_requests_that_differ_in_a_byte() -> None:
    troubles = Troubles()
    other = request(token=None)
    for sent in (SENT, other, SENT):
        troubles.met(expect(sent), exchange(sent, answer(503)), 1)
    assert [len(each.exchanges) for each in troubles.requests.values()] == [2, 1]
    troubles.overcome(exchange(other, answer(200)))
    (left,) = troubles.lasting
    assert left.expectation.call.request == SENT


def test_overcoming_what_was_never_met_is_nothing() -> None:
    troubles = Troubles()
    troubles.overcome(exchange(SENT, answer(200)))
    assert not troubles.requests


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ([503], "503"),
        ([503, 503, 503], "503, 3 times"),
        ([429, 504, 503], "429, 504, 503, 3 times"),
        ([429, 503, 429, 503], "429, 503, 4 times"),
    ],
)
def test_trouble_is_told_as_it_was_met(statuses: list[int], told: str) -> None:
    met = [exchange(SENT, answer(each), name=f"{n}") for n, each in enumerate(statuses)]
    assert Attempts(expect(SENT), met, list(range(len(met)))).outcome == told


def test_requests_whose_bodies_are_not_known_are_not_taken_for_the_same() -> None:
    troubles, unknown = Troubles(), structs.replace(SENT, whole=False)
    for name in ("a", "b"):
        troubles.met(expect(unknown), exchange(unknown, answer(503), name=name), 1)
    troubles.overcome(exchange(unknown, answer(200), name="c"))
    assert [each.tries for each in troubles.lasting] == [1, 1]


def test_requests_are_the_same_as_far_as_their_headers_are_known() -> None:
    troubles, redacted = Troubles(), structs.replace(SENT, all_headers=False)
    for name in ("a", "b"):
        troubles.met(expect(redacted), exchange(redacted, answer(503), name=name), 1)
    troubles.overcome(exchange(SENT, answer(200), name="c"))
    assert [each.tries for each in troubles.lasting] == [2]
    troubles.overcome(exchange(redacted, answer(200), name="d"))
    assert not troubles.lasting


def test_the_trouble_of_one_request_is_that_and_no_other() -> None:
    troubles = Troubles()
    sent = [request(), request(token=None)]
    for each in sent:
        troubles.met(expect(each), exchange(each, answer(503)), 0)
    asked = exchange(sent[0], answer(503)).asked
    assert [each.last.asked for each in troubles.only(asked).requests.values()] == [asked]
    assert troubles.only("something else").requests == {}


@pytest.mark.parametrize(("asked_at", "is_between"), [(0.5, False), (1.0, True), (1.5, True)])
def test_what_was_asked_for_before_the_trouble_was_not_served_between(
    asked_at: float, is_between: bool
) -> None:
    met = Attempts(expect(SENT))
    first, second = (
        structs.replace(each, started=at) for each, at in zip(tried(2), (1, 2), strict=True)
    )
    met.add(first, served=1, latest=0.0)
    met.add(second, served=2, latest=asked_at)
    assert met.served_between is is_between
