"""Strategies make only requests that can be sent, and all kinds that they promise."""

import re
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest
from emulated import emulated_fixtures
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from trying import examples

from conformance.contract import load_contract
from conformance.credentials.placeholders import PLACEHOLDER, Secrets
from conformance.emulator import World
from conformance.explore.explorer import VISIT
from conformance.explore.strategies import places
from conformance.explore.texts import apart, identifiers, near, texts, token_texts
from conformance.explore.values import NUMBERS, json_values
from conformance.explore.writing import LAYOUTS
from conformance.model import Request, Token
from conformance.page.oracle import Duty, Oracle
from conformance.plan.drafting import JSON_MEDIA_TYPE, Drafts

KNOWN = World.default().fixtures()
FIXTURES = emulated_fixtures()
DRAFTS = Drafts(FIXTURES, 1)
ORACLE = Oracle(load_contract(), FIXTURES)
SECRETS = Secrets({Token.GOOD: KNOWN["token"], Token.FORBIDDEN: str(KNOWN["forbidden_token"])})
PLACES = {place.name: place for place in places(DRAFTS)}
SLOW = tuple(HealthCheck)


def visited(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """What a strategy makes in visits like those of the explorer."""
    found: list[Any] = []
    for seed in range(count // VISIT + 1):

        @hypothesis.seed(seed)
        @hypothesis.settings(max_examples=VISIT, database=None, suppress_health_check=SLOW)
        @given(strategy)
        def collect(value: Any) -> None:
            found.append(value)

        collect()
    return found


def drawn(name: str, count: int) -> list[Request]:
    """Requests as a place makes them."""
    histories = visited(PLACES[name].histories, count)
    return [request for history in histories for moment in history for request in moment]


@pytest.mark.parametrize("name", PLACES)
@hypothesis.settings(max_examples=examples(40), database=None, suppress_health_check=SLOW)
@given(data=st.data())
def test_every_request_can_be_sent(name: str, data: st.DataObject) -> None:
    history = data.draw(PLACES[name].histories)
    for request in (request for moment in history for request in moment):
        assert len(request.digest) == 16
        assert urlsplit(request.url).path.startswith("/v1/")
        assert request.url.isascii()
        assert " " not in request.url
        headers, body = SECRETS.reveal_request(request)
        for _, value in headers:
            assert value.encode("latin-1") == value.encode("latin-1").strip()
            assert value == "" or value.isprintable()
        for _, value in request.headers:
            assert "{{" not in PLACEHOLDER.sub("", value)
        assert b"{{" not in request.body.replace(b"{{open}}", b"")
        assert KNOWN["token"].encode() not in body
        assert len(body) < 64 * 1024


@pytest.mark.parametrize("name", [n for n, place in PLACES.items() if n not in ("open", "history")])
def test_a_place_holds_what_it_says(name: str) -> None:
    duties = Counter(ORACLE.expect(request).duty for request in drawn(name, 60))
    wanted = Duty.EXECUTE if name == "valid" else Duty.REFUSE
    assert duties[wanted] >= 0.7 * duties.total()


def test_most_requests_are_json_and_few_are_valid() -> None:
    shares = {name: place.share for name, place in PLACES.items()}
    requests = [request for name in PLACES for request in drawn(name, shares[name])]
    types = [dict(request.headers).get("Content-Type") for request in requests]
    assert types.count(JSON_MEDIA_TYPE) > 0.85 * len(types)
    executing = sum(ORACLE.expect(request).may_execute for request in requests)
    assert 0.1 * len(requests) < executing < 0.3 * len(requests)


@pytest.mark.parametrize(("name", "other"), [("project", "provider"), ("provider", "project")])
def test_one_part_of_the_path_is_changed_at_a_time(name: str, other: str) -> None:
    for request in drawn(name, 40):
        broken = {breach.clause.id for breach in ORACLE.expect(request).breaches}
        assert not any(clause_id.startswith(f"T1.{other}_id") for clause_id in broken)


def test_every_kind_of_value_is_drawn_about_as_often() -> None:
    values = visited(json_values(), 300)
    names = [type(value).__name__ for value in values]
    kinds = Counter("number" if name in ("int", "float") else name for name in names)
    assert set(kinds) == {"NoneType", "bool", "number", "str", "list", "dict"}
    assert min(kinds.values()) * 8 > max(kinds.values())


def test_numbers_reach_beyond_every_type_that_may_hold_them() -> None:
    for bound in (2**31, 2**53, 2**63, 2**64, 10**308):
        assert any(number > bound for number in NUMBERS)
        assert any(number < -bound for number in NUMBERS)


@given(texts() | identifiers([DRAFTS.plan_id], DRAFTS.servers))
def test_texts_are_unicode_of_bounded_length(text: str) -> None:
    text.encode()
    assert len(text) <= 5001


@given(token_texts())
def test_tokens_are_visible_ascii(text: str) -> None:
    assert re.fullmatch(r"[!-~]([ -~]*[!-~])?", text)


@given(near([DRAFTS.plan_id]))
def test_what_a_lenient_reader_takes_for_the_id_is_left_out(text: str) -> None:
    mended = apart(text, [DRAFTS.plan_id])
    assert re.sub(r"[\W_]", "", mended.lower()) != DRAFTS.plan_id.replace("-", "")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_says_the_same(layout: object) -> None:
    assert callable(layout)
    body = DRAFTS.body(**DRAFTS.full_parameters)
    request = DRAFTS.request(layout(body).encode())
    assert ORACLE.expect(request).duty is Duty.EXECUTE
