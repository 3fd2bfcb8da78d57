"""What would stand in the way of every request, and what the list of policies says of that."""

from __future__ import annotations

import json

import pytest
from judge_helpers import (
    FIXTURES,
    NOBODY,
    PLAN,
    SERVERS,
    answer,
    exchange,
    refusal,
    request,
)
from msgspec.structs import replace

from conformance.credentials.placeholders import placeholder
from conformance.model import Failure, Response, Token
from conformance.page.hindrance import OF_FAILURES, Hindrance, hindrance, wrong_fixture
from conformance.page.policy_list import Contradiction, contradiction

SIGNED = request(token=None, headers=(("Authorization", placeholder(Token.SIGNATURE)),))
LIST = request(method="GET", path="/v1/p/policies")


@pytest.mark.parametrize(
    ("came", "met"),
    [
        (refusal(401), Hindrance.TOKEN),
        (refusal(403), Hindrance.PERMISSION),
        (refusal(404), Hindrance.PATH),
        (refusal(429), Hindrance.THROTTLED),
        (refusal(400), None),
        (refusal(500), None),
        (refusal(400, "CSBS.3000"), Hindrance.POLICY),
        (refusal(404, "CSBS.6000"), Hindrance.SERVER),
        (refusal(400, "CSBS.9001"), Hindrance.PROVIDER),
        (refusal(500, "CSBS.0002"), Hindrance.STORAGE),
        (answer(200, {"error_code": "CSBS.3000"}), None),
        (answer(299, b""), None),
        (answer(300, b""), Hindrance.ELSEWHERE),
        (answer(399, b""), Hindrance.ELSEWHERE),
        (answer(200, b"<html>"), Hindrance.OTHER_API),
        (answer(200, {}), None),
        (answer(204, b""), None),
        (replace(answer(200, b"<html>"), undecodable="no gzip"), None),
    ],
)
def test_what_stands_in_the_way_is_told_by_status_and_code(
    came: Response, met: Hindrance | None
) -> None:
    assert hindrance(exchange(request(), came)) is met


@pytest.mark.parametrize(("failure", "met"), OF_FAILURES.items())
def test_what_stands_in_the_way_is_told_by_the_failure(failure: Failure, met: Hindrance) -> None:
    assert hindrance(exchange(request(), failure)) is met


def test_our_own_failures_stand_in_nobodys_way() -> None:
    assert hindrance(exchange(request(), Failure.LOST)) is None
    assert hindrance(replace(exchange(request(), Failure.LOST), failure=None)) is None


def test_who_signs_has_keys_and_no_token() -> None:
    assert hindrance(exchange(SIGNED, refusal(401))) is Hindrance.KEYS
    assert hindrance(exchange(SIGNED, refusal(403))) is Hindrance.PERMISSION


@pytest.mark.parametrize(
    ("came", "fixture"),
    [
        (None, None),
        (refusal(400), None),
        (refusal(402), None),
        (refusal(429), None),
        (refusal(401), Hindrance.TOKEN),
        (refusal(403), Hindrance.PERMISSION),
        (refusal(404), Hindrance.PATH),
        (refusal(400, "CSBS.6000"), Hindrance.SERVER),
        (refusal(404, "CSBS.3000"), Hindrance.POLICY),
    ],
)
def test_a_refusal_may_speak_of_a_fixture(came: Response | None, fixture: Hindrance | None) -> None:
    assert wrong_fixture(came) is fixture


def listed(*policies: object) -> Response:
    return answer(200, {"policies": list(policies)})


def policy(name: object, *servers: object) -> dict[str, object]:
    return {"id": name, "resources": [{"id": server} for server in servers]}


@pytest.mark.parametrize(
    ("came", "found"),
    [
        (listed(policy(PLAN, *SERVERS)), None),
        (listed(policy(PLAN.upper(), *map(str.upper, SERVERS))), None),
        (listed(policy(NOBODY), policy(PLAN, *SERVERS)), None),
        (listed(policy(NOBODY, *SERVERS)), Contradiction.PLAN),
        (listed(policy(PLAN, SERVERS[0])), Contradiction.SERVERS),
        (listed(policy(PLAN, SERVERS[0], 5)), Contradiction.SERVERS),
        (listed(policy(PLAN)), None),
        (listed({"id": PLAN, "resources": None}), None),
        (listed({"id": PLAN, "resources": ["a"]}), None),
        (listed(), None),
        (listed(policy(5), "a"), None),
        (answer(200, [policy(NOBODY)]), None),
        (answer(200, {"policies": {}}), None),
        (answer(200, b"{"), None),
        (answer(404, json.loads(listed(policy(NOBODY)).body)), None),
        (Failure.TIMEOUT, None),
    ],
)
def test_a_list_of_policies_may_contradict_the_fixtures(
    came: Response | Failure, found: Contradiction | None
) -> None:
    assert contradiction([exchange(LIST, came)], FIXTURES) is found


def test_every_list_is_read_and_none_without_a_policy_to_look_for() -> None:
    silent, other = exchange(LIST, refusal(404)), exchange(LIST, listed(policy(NOBODY)))
    good = exchange(LIST, listed(policy(PLAN, *SERVERS)))
    assert contradiction([silent, good, other], FIXTURES) is Contradiction.PLAN
    assert contradiction([other], replace(FIXTURES, plan_id=None)) is None
