"""Which responses speak of the moment, and how likely trouble is by chance."""

from __future__ import annotations

import pytest
from judge_helpers import Came, answer, exchange, refusal, request
from msgspec.structs import replace

from conformance.model import Failure
from conformance.page.weather import (
    Weather,
    attempts_needed,
    chance,
    is_closed_for_its_size,
    is_fault,
    is_trouble,
    speaks_of_the_moment,
)

BUSY = "CSBS.1001"


@pytest.mark.parametrize(
    ("came", "of_the_moment", "fault"),
    [
        *((refusal(status), True, False) for status in (429, 502, 503, 504)),
        *((refusal(status), False, True) for status in (500, 501, 505, 599)),
        *((refusal(status), False, False) for status in (400, 401, 404, 428, 430, 499)),
        (answer(200, {}), False, False),
        (refusal(500, BUSY), False, False),
        (refusal(503, BUSY), False, False),
        (Failure.TIMEOUT, True, False),
        (Failure.CLOSED, True, False),
        (Failure.TOO_LARGE, False, False),
        (Failure.LOST, False, False),
    ],
)
def test_a_response_speaks_of_the_moment_or_is_a_fault_or_neither(
    came: Came, of_the_moment: bool, fault: bool
) -> None:
    seen = exchange(request(), came)
    assert speaks_of_the_moment(seen) is of_the_moment
    assert is_fault(seen) is fault
    assert is_trouble(seen) is (of_the_moment or fault)


def test_what_was_not_answered_and_nobody_knows_why_speaks_of_the_moment() -> None:
    assert speaks_of_the_moment(replace(exchange(request(), Failure.LOST), failure=None))


def test_the_weather_counts_what_was_answered_and_what_met_trouble() -> None:
    weather = Weather()
    came: list[Came] = [
        answer(200, {}),
        refusal(400),
        refusal(500),
        refusal(503),
        Failure.CLOSED,
        Failure.LOST,
    ]
    told = [weather.take_in(exchange(request(), each)) for each in came]
    assert told == [False, False, False, True, True, False]
    assert (weather.served, weather.troubled) == (2, 3)


@pytest.mark.parametrize(
    ("size", "came", "largest", "may_be"),
    [
        (5000, Failure.CLOSED, 4999, True),
        (5000, Failure.CLOSED, 5000, False),
        (4999, Failure.CLOSED, 0, False),
        (5000, Failure.TIMEOUT, 0, False),
        (5000, refusal(413), 0, False),
    ],
)
def test_a_connection_may_be_closed_for_a_large_body_unless_as_large_a_one_was_read(
    size: int, came: Came, largest: int, may_be: bool
) -> None:
    weather = Weather()
    weather.take_in(exchange(request(b" " * largest), refusal(400)))
    weather.take_in(exchange(request(b" " * 9000), refusal(413)))
    assert is_closed_for_its_size(exchange(request(b" " * size), came), weather) is may_be


@pytest.mark.parametrize(
    ("tries", "served", "troubled", "likely"),
    [
        (0, 5, 5, 1.0),
        (1, 0, 0, 1 / 2),
        (2, 0, 0, 3 / 8),
        (1, 9, 0, 1 / 20),
        (1, 8, 1, 3 / 20),
        (3, 99, 0, (0.5 / 100) * (1.5 / 101) * (2.5 / 102)),
    ],
)
def test_chance_is_what_the_others_tell(
    tries: int, served: int, troubled: int, likely: float
) -> None:
    assert chance(tries, served, troubled) == pytest.approx(likely)


@pytest.mark.parametrize(
    ("served", "troubled", "tries"),
    [(0, 0, 3), (200, 0, 3), (200, 4, 4), (200, 50, 6)],
)
def test_more_attempts_up_to_six_are_needed_where_there_is_more_trouble(
    served: int, troubled: int, tries: int
) -> None:
    assert attempts_needed(served, troubled) == tries
