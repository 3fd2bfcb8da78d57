"""A request is repeated only where the moment may be to blame, and not for ever."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from exchange_helpers import drafts_and_oracle
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from trying import examples

from conformance.exchange.retrying import Cause, Repeat, repeat, retry_after
from conformance.model import Exchange, Failure, Response, TransportFailure
from conformance.page.oracle import Duty, Expectation

DRAFTS, ORACLE = drafts_and_oracle()
TO_EXECUTE = DRAFTS.request(DRAFTS.body())
TO_REFUSE = DRAFTS.request(DRAFTS.body({"plan_id": DRAFTS.strange_id()}))
TO_CHOOSE = DRAFTS.request(DRAFTS.body(resources=[]))
REQUESTS = {Duty.EXECUTE: TO_EXECUTE, Duty.REFUSE: TO_REFUSE, Duty.CHOOSE: TO_CHOOSE}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
NO_ANSWER = 0


def exchange(
    duty: Duty, status: int, code: str | None = None, retry_after: str | None = None
) -> Exchange:
    """An exchange with a response of that status, or none for NO_ANSWER."""
    body = json.dumps({"error_code": code, "error_msg": "any"}).encode() if code else b""
    headers = (("Retry-After", retry_after),) if retry_after is not None else ()
    answer = Response(status, "", headers, body) if status else None
    failure = None if status else TransportFailure(Failure.CLOSED)
    return Exchange("x0001", REQUESTS[duty], answer, failure, NOW, 0.1)


def expectation(duty: Duty) -> Expectation:
    found = ORACLE.expect(REQUESTS[duty])
    assert found.duty is duty
    return found


def delays(duty: Duty, last: Exchange, *, enough: int = 3) -> list[float]:
    """The delays before each repetition of a request that always meets the same."""
    attempts, found = [last], []
    while (again := repeat(attempts, expectation(duty), enough=enough, now=NOW)) is not None:
        found.append(again.delay)
        attempts.append(last)
        assert len(attempts) < 100
    return found


@pytest.mark.parametrize(
    ("duty", "status", "code", "expected"),
    [
        (Duty.EXECUTE, 200, None, []),
        (Duty.REFUSE, 200, None, []),
        (Duty.REFUSE, 400, None, []),
        (Duty.REFUSE, 404, "CSBS.3000", []),
        (Duty.CHOOSE, 400, None, []),
        (Duty.EXECUTE, 400, None, [0.4, 1.2, 2.4]),
        (Duty.EXECUTE, 400, "Other.1", [0.4, 1.2, 2.4]),
        (Duty.EXECUTE, 401, None, []),
        (Duty.EXECUTE, 404, None, []),
        (Duty.EXECUTE, 302, None, []),
        (Duty.EXECUTE, 500, None, [0.8, 1.6]),
        (Duty.EXECUTE, 501, None, [0.8, 1.6]),
        (Duty.REFUSE, 500, None, [0.25, 0.5]),
        (Duty.CHOOSE, 500, None, [0.8, 1.6]),
        (Duty.EXECUTE, 400, "CSBS.6001", []),
        (Duty.EXECUTE, 400, "CSBS.9006", []),
        (Duty.EXECUTE, 403, "CSBS.9009", []),
        (Duty.EXECUTE, 500, "CSBS.6032", []),
        (Duty.EXECUTE, 503, None, [0.8, 1.6]),
        (Duty.REFUSE, 503, None, [0.25, 0.5]),
        (Duty.CHOOSE, 503, None, [0.8, 1.6]),
        (Duty.REFUSE, 429, None, [0.5, 1.0]),
        (Duty.EXECUTE, 429, None, [0.8, 1.6]),
        (Duty.EXECUTE, 502, None, [0.8, 1.6]),
        (Duty.EXECUTE, 504, None, [0.8, 1.6]),
        (Duty.EXECUTE, NO_ANSWER, None, [0.8, 1.6]),
    ],
)
def test_how_often_and_after_how_long_a_request_is_repeated(
    duty: Duty, status: int, code: str | None, expected: list[float]
) -> None:
    assert delays(duty, exchange(duty, status, code)) == expected


def test_where_trouble_passes_a_request_is_repeated_more_often() -> None:
    troubled = exchange(Duty.REFUSE, 503)
    assert delays(Duty.REFUSE, troubled, enough=6) == [0.25, 0.5, 1.0, 2.0, 4.0]
    troubled = exchange(Duty.EXECUTE, 503)
    assert delays(Duty.EXECUTE, troubled, enough=6) == [0.8, 1.6, 2.0, 2.0, 2.0]


@pytest.mark.parametrize(("status", "code"), [(400, "CSBS.2003"), (500, "CSBS.1001")])
@pytest.mark.parametrize("duty", REQUESTS)
def test_busy_is_waited_for_ever_longer_up_to_ten_seconds(
    duty: Duty, status: int, code: str
) -> None:
    busy = exchange(duty, status, code)
    found = [repeat([busy] * n, expectation(duty), enough=3, now=NOW) for n in range(1, 40)]
    waits = [again.delay for again in found if again and again.cause is Cause.BUSY]
    assert len(waits) == 39
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.3, 10.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("86400", 86400.0),
        ("9" * 400, 999999999.0),
        (format_datetime(datetime.fromtimestamp(NOW + 30, UTC), usegmt=True), 30.0),
        (format_datetime(datetime.fromtimestamp(NOW - 30, UTC), usegmt=True), 0.0),
        ("Sun, 01 Mar 2026 13:00:10 +0100", 10.0),
        ("Sunday, 01-Mar-26 12:00:10 GMT", 10.0),
        ("Sun Mar  1 12:00:10 2026", 10.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("1e3", None),
        ("Sun, 99 Mar 2026 12:00:00 GMT", None),
        ("Sun, 01 Mar 99999 12:00:00 GMT", None),
        pytest.param("\xb2", None),
        pytest.param("1\xb2", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_what_a_retry_after_means(value: str, seconds: float | None) -> None:
    assert retry_after(exchange(Duty.EXECUTE, 503, retry_after=value), NOW) == seconds


def test_no_retry_after_means_nothing() -> None:
    assert retry_after(exchange(Duty.EXECUTE, 503), NOW) is None
    assert retry_after(exchange(Duty.EXECUTE, NO_ANSWER), NOW) is None


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_retry_after_concerns_all_requests(status: int) -> None:
    asked = exchange(Duty.REFUSE, status, retry_after="7")
    found = repeat([asked], expectation(Duty.REFUSE), enough=3, now=NOW)
    assert found == Repeat(Cause.MOMENT, 7.0, everyone=True)


latin1 = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=30)
dates = st.builds(
    "{} {} {} {}:{}:{} {}".format,
    st.integers(0, 99),
    st.sampled_from(["Jan", "Feb", "Dec"]),
    st.integers(0, 99999),
    *[st.integers(0, 99)] * 3,
    st.sampled_from(["GMT", "+0100", "-9999", "+99999999999999", "EST", ""]),
)


@settings(database=None, deadline=None, max_examples=examples(500))
@given(value=dates)
@example(value="1 Jan 2026 0:0:0 +99999999999999")
def test_any_date_is_a_wait_or_nothing(value: str) -> None:
    found = retry_after(exchange(Duty.EXECUTE, 503, retry_after=value), NOW)
    assert found is None or (found >= 0 and math.isfinite(found))


@settings(database=None, deadline=None, max_examples=examples(500))
@given(value=latin1.filter(lambda text: not set(text) & set("\xb2\xb3\xb9")))
def test_any_retry_after_is_a_wait_or_nothing(value: str) -> None:
    found = retry_after(exchange(Duty.EXECUTE, 503, retry_after=value), NOW)
    assert found is None or (found >= 0 and math.isfinite(found))


codes = st.none() | st.sampled_from(
    ["CSBS.2003", "CSBS.1001", "CSBS.6001", "CSBS.9006", "CSBS.3000", "CSBS.9999", "Other.1"]
)
answers = st.builds(
    exchange,
    st.just(Duty.EXECUTE),
    st.sampled_from([NO_ANSWER, 200, 302, 400, 401, 404, 418, 429, 500, 501, 503]),
    codes,
    st.none() | st.sampled_from(["0", "3", "soon"]),
)


@settings(database=None, deadline=None, max_examples=examples(500))
@given(
    duty=st.sampled_from(list(REQUESTS)),
    attempts=st.lists(answers, min_size=1),
    enough=st.integers(3, 6),
)
def test_a_wait_is_never_negative_nor_endless(
    duty: Duty, attempts: list[Exchange], enough: int
) -> None:
    again = repeat(attempts, expectation(duty), enough=enough, now=NOW)
    assert again is None or (again.delay >= 0 and math.isfinite(again.delay))


@settings(database=None, deadline=None, max_examples=examples(300))
@example(
    duty=Duty.EXECUTE, cycle=[exchange(Duty.EXECUTE, 400), exchange(Duty.EXECUTE, 500)], enough=3
)
@given(
    duty=st.sampled_from(list(REQUESTS)),
    cycle=st.lists(answers, min_size=1, max_size=4),
    enough=st.integers(3, 6),
)
def test_whatever_comes_back_a_request_that_is_not_busy_is_soon_given_up(
    duty: Duty, cycle: list[Exchange], enough: int
) -> None:
    attempts: list[Exchange] = []
    while len(attempts) < 20:
        attempts.append(cycle[len(attempts) % len(cycle)])
        again = repeat(attempts, expectation(duty), enough=enough, now=NOW)
        if again is None or _is_busy(attempts):
            return
    pytest.fail(f"still repeated after {len(attempts)} attempts: {_outcomes(attempts)}")


def _is_busy(attempts: Sequence[Exchange]) -> bool:
    found = repeat(attempts, expectation(Duty.EXECUTE), enough=3, now=NOW)
    return found is not None and found.cause is Cause.BUSY


def _outcomes(attempts: Sequence[Exchange]) -> str:
    return ", ".join(attempt.outcome for attempt in attempts[:6])


@pytest.mark.parametrize("duty", REQUESTS)
def test_a_request_whose_token_was_rejected_is_sent_once_more_with_another(duty: Duty) -> None:
    rejected = exchange(duty, 401)
    for number, renewable, expected in (
        (1, False, None),
        (1, True, Repeat(Cause.TOKEN, 0.0)),
        (2, True, None),
    ):
        attempts = [rejected] * number
        found = repeat(attempts, expectation(duty), enough=3, renewable=renewable, now=NOW)
        assert found == expected


def test_a_token_that_is_to_be_rejected_is_not_sent_again() -> None:
    request = DRAFTS.request(DRAFTS.body(), token=None)
    rejected = replace(exchange(Duty.EXECUTE, 401), request=request)
    found = repeat([rejected], ORACLE.expect(request), enough=3, renewable=True, now=NOW)
    assert found is None
