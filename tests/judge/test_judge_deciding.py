"""What errors say by themselves: decided once for all responses that say the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge_helpers import body, exchange, expect, request
from msgspec.structs import replace

from conformance.contract import load_contract
from conformance.judge import deciding
from conformance.judge.deciding import Errors, Noted, decide_all, decide_by_schema
from conformance.model import Exchange, Response, Tolerances
from conformance.page.answer import Execution
from conformance.page.registry import REGISTRY

CONTRACT = load_contract()
BODIES = (
    b'{"error_code": "CSBS.0400", "error_msg": "no"}',
    b'{"error_code": 7, "error_msg": "no"}',
    b'{"error_msg": "Traceback (most recent call last)"}',
    b'{"error_code": "CSBS.0400", "error_msg": "{{token}}"}',
    b"<html>no</html>",
    b"",
)
DATES = ("Mon, 30 Nov 2026 05:30:33 GMT", "Mon, 30 Nov 2026 05:30:34 GMT")
HEADERS = (
    ("Content-Type", "application/json"),
    ("Content-Type", "text/html"),
    ("X-Request-Id", "req-{{token}}"),
    *(("Date", date) for date in DATES),
    ("X-Since", DATES[0]),
)
responses = st.builds(
    Response,
    st.sampled_from((400, 401, 403, 404, 500)),
    st.sampled_from(("", "Bad Request")),
    st.lists(st.sampled_from(HEADERS), max_size=4, unique=True).map(tuple),
    st.sampled_from(BODIES),
    st.booleans(),
    st.booleans(),
    st.sampled_from(("", "no gzip")),
)


def answer_with(response: Response, name: str = "x1") -> Execution:
    sent = request(body())
    answered = replace(exchange(sent, response), id=name)
    return Execution(answered, expect(sent).call, Tolerances())


def decided_anew(answer: Execution) -> Noted:
    noted = Noted()
    decide_all(noted, REGISTRY.errors, answer)
    decide_by_schema(noted, CONTRACT.error, answer)
    return noted


def as_told(noted: Noted) -> Any:
    return sorted(noted.clause_ids), noted.findings, noted.doubts


@given(st.lists(responses, max_size=20))
def test_what_is_remembered_is_what_would_be_decided(came: list[Response]) -> None:
    errors = Errors(CONTRACT.error)
    for number, response in enumerate(came):
        answer, told = answer_with(response, f"x{number}"), Noted()
        errors.decide(told, answer)
        assert as_told(told) == as_told(decided_anew(answer))


def test_another_date_is_the_same_error(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Exchange] = []

    def look(_: object, __: object, answer: Execution) -> None:
        looked.append(answer.exchange)

    monkeypatch.setattr(deciding, "decide_all", look)
    errors = Errors(CONTRACT.error)
    for date in DATES:
        errors.decide(Noted(), answer_with(Response(400, "", (("Date", date),), BODIES[0])))
    assert len(looked) == 1


def test_a_date_that_says_more_is_another_error() -> None:
    errors, told = Errors(CONTRACT.error), Noted()
    for said in (DATES[0], "{{token}}"):
        errors.decide(told, answer_with(Response(400, "", (("Date", said),), BODIES[0])))
    assert [finding.clause for finding in told.findings if "token" in finding.clause]


def test_memory_is_bounded() -> None:
    errors = Errors(CONTRACT.error)
    for number in range(deciding.MOST_REMEMBERED + 10):
        errors.decide(Noted(), answer_with(Response(400, str(number), (), BODIES[0])))
    errors.decide(Noted(), answer_with(Response(400, "", (), b" " * 100_000)))
    assert len(errors._noted) <= deciding.MOST_REMEMBERED
    assert not any(
        len(each) > deciding.LONGEST_REMEMBERED
        for said in errors._noted
        for each in said
        if isinstance(each, bytes)
    )
