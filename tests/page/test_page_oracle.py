"""What the page allows as the response to a request, line by line of the reading."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge_helpers import (
    CONTRACT,
    ENDPOINT,
    FIXTURES,
    GOOD,
    NEAR,
    NOBODY,
    PLAN,
    PROJECT,
    PROVIDER,
    RECORDED,
    SERVERS,
    WEAK,
    body,
    expect,
    request,
)
from msgspec.structs import replace
from oracle_cases import (
    CHOOSE,
    EXECUTE,
    EXTENDED,
    FIRST,
    NOT_EXECUTE,
    NOT_JSON,
    OBJECTS,
    PLAIN,
    REFUSE,
    TOKENS,
    TYPES,
    UNKNOWN,
    VALID,
    Case,
    case,
    text,
)
from oracle_open_points import DEEP, ELSEWHERE, OPEN_POINTS, OVERSIZED, SEVERAL, UNREAD

from conformance.model import Fixtures, Request, Token
from conformance.page.call import Call
from conformance.page.oracle import Oracle
from conformance.page.registry import REGISTRY
from conformance.page.tables_2_to_4 import Shape, features

CASES = [
    *(VALID + TOKENS + OBJECTS + TYPES + NOT_JSON + EXTENDED + OPEN_POINTS + ELSEWHERE),
    *(SEVERAL + OVERSIZED + UNREAD + DEEP),
]


@pytest.mark.parametrize("row", CASES, ids=lambda row: row.name)
def test_a_request_gets_what_the_reading_says(row: Case) -> None:
    expectation = expect(row.request)
    assert expectation.duty is row.duty
    assert expectation.allowed == row.allowed
    assert (expectation.decisive.id if expectation.decisive else None) == row.decisive


def test_the_cases_make_every_input_clause_decisive() -> None:
    inputs = set(REGISTRY.inputs) | {c.id for c in CONTRACT.schema_clauses if c.answers}
    decisive = {row.decisive for row in CASES}
    assert inputs <= decisive


def test_what_a_request_has_to_get_is_worked_out_once() -> None:
    oracle = Oracle(CONTRACT, FIXTURES)
    assert oracle.expect(request()) is oracle.expect(request())


@pytest.mark.parametrize(("length", "is_remembered"), [(100, True), (70_000, False)])
def test_of_long_requests_the_latest_few_alone_are_remembered(
    length: int, is_remembered: bool
) -> None:
    oracle = Oracle(CONTRACT, FIXTURES)
    sent = [text(PLAIN + " " * (length + number)) for number in range(5)]
    expected = [oracle.expect(each) for each in sent]
    assert oracle.expect(sent[-1]) is expected[-1]
    assert (oracle.expect(sent[0]) is expected[0]) is is_remembered


@pytest.mark.parametrize(("length", "is_remembered"), [(8 * 1024, True), (8 * 1024 + 1, False)])
def test_a_body_that_several_requests_have_is_read_once_where_it_is_short(
    length: int, is_remembered: bool
) -> None:
    sent = text(PLAIN.ljust(length))
    one, other = (Call(each, FIXTURES).json for each in (sent, replace(sent, headers=())))
    assert (one is other) is is_remembered


UNKNOWNS = [
    case("some token", request(token="a" * 32), UNKNOWN, (200, 401, 403)),
    case(
        "signed otherwise",
        request(token=None, headers=(("Authorization", "AK"),)),
        UNKNOWN,
        (200, 401, 403),
    ),
    case("no login at all", request(token=None), REFUSE, (401,), "S401.no-token"),
    case(
        "a session, it may be",
        request(token=None, headers=(("Cookie", "session=x"),)),
        UNKNOWN,
        (200, 401, 403),
    ),
    case("some policy", request(body(NOBODY)), UNKNOWN, (200, 400, 404)),
    case("some server", request(body(resources=[NOBODY])), UNKNOWN, (200, 400, 404)),
    case("some project", request(project="f" * 32), UNKNOWN, (200, 400, 401, 403, 404)),
    case("wrong provider", request(provider=NOBODY), REFUSE, (400, 404), "T1.provider_id.value"),
    case("some policy, wrong type", request(body(NOBODY, resources=1)), REFUSE, (400, 404)),
    case("what is known is right", request(), EXECUTE, (200,)),
    case(
        "another base path",
        request(path="/csbs/v1/p/providers/x/checkpoints"),
        REFUSE,
        (400, 401, 403, 404),
    ),
    case("another operation", request(path="/v1/policies"), UNKNOWN, (200,)),
    case("near-miss", request(token=NEAR), REFUSE, (401,), "S401.near-miss"),
]


@pytest.mark.parametrize("row", UNKNOWNS, ids=lambda row: row.name)
def test_what_is_not_known_of_recorded_traffic_widens_what_is_allowed(row: Case) -> None:
    expectation = expect(row.request, RECORDED)
    assert expectation.duty is row.duty
    assert expectation.allowed == row.allowed
    assert (expectation.decisive.id if expectation.decisive else None) == row.decisive


SIZES = frozenset({413, 414, 431})


def test_a_body_may_be_refused_for_its_size_from_five_thousand_bytes_on() -> None:
    padded = [request(json.dumps(body()).encode().ljust(size)) for size in (4_999, 5_000)]
    assert [expect(each).allowed & SIZES for each in padded] == [frozenset(), SIZES]


def test_a_head_may_be_refused_for_its_size_from_eight_kilobytes_on() -> None:
    def of(size: int) -> Request:
        plain = request()
        head = len(plain.url) + sum(len(n) + len(v) for n, v in plain.headers)
        return request(headers=(("X", "a" * (size - head - 1)),))

    assert [expect(of(size)).allowed & SIZES for size in (8_191, 8_192)] == [frozenset(), SIZES]


def test_of_a_request_that_is_not_there_as_a_whole_the_size_is_not_known() -> None:
    assert expect(replace(request(), all_headers=False), RECORDED).allowed >= SIZES
    assert expect(replace(request(), whole=False), RECORDED).allowed >= SIZES


def test_without_a_project_nothing_is_known_of_any() -> None:
    fixtures = replace(FIXTURES, project_id=None)
    expectation = expect(request(), fixtures)
    assert expectation.duty is UNKNOWN
    assert expectation.allowed == {200, 400, 401, 403, 404}


def test_the_endpoint_may_have_a_base_path() -> None:
    based = replace(FIXTURES, endpoint=f"{ENDPOINT}/region/csbs/")
    assert expect(request(endpoint=f"{ENDPOINT}/region/csbs"), based).duty is EXECUTE
    assert expect(request(), based).duty is NOT_EXECUTE


def test_path_parameters_are_compared_as_they_were_before_encoding() -> None:
    odd = replace(FIXTURES, project_id="p/1 é")
    assert expect(request(project="p/1 é"), odd).duty is EXECUTE


def test_a_uuid_is_a_uuid_only_where_the_fixture_is_one() -> None:
    named = replace(FIXTURES, plan_id="nightly")
    assert expect(request(body("NIGHTLY")), named).duty is REFUSE
    assert expect(request(body("nightly")), named).duty is EXECUTE


BY_SHAPE = [
    (request(), {Shape.NO_PARAMETERS, Shape.NO_AUTO_TRIGGER, Shape.NO_RESOURCES}),
    (request(body(auto_trigger=True)), {Shape.AUTO_TRIGGER, Shape.NO_RESOURCES}),
    (request(body(resources=[FIRST])), {Shape.NO_AUTO_TRIGGER, Shape.RESOURCES}),
    (
        request(body(auto_trigger=False, resources=list(SERVERS))),
        {Shape.AUTO_TRIGGER, Shape.RESOURCES},
    ),
]


@pytest.mark.parametrize(("sent", "shapes"), BY_SHAPE)
def test_a_valid_request_has_the_shapes_of_its_options(sent: Request, shapes: set[Shape]) -> None:
    assert {shape for shape, _ in expect(sent).features} == {*shapes, Shape.WRITTEN_OTHERWISE}


@pytest.mark.parametrize(
    ("servers", "told"), [(SERVERS[:1], "one server"), (SERVERS, "several servers")]
)
def test_a_valid_request_for_one_server_has_another_feature_than_one_for_several(
    servers: tuple[str, ...], told: str
) -> None:
    call = Call(request(body(resources=list(servers))), FIXTURES)
    assert {what for shape, what in features(call) if shape is Shape.RESOURCES} == {told}


@pytest.mark.parametrize(
    ("sent", "form"),
    [
        (VALID[7].request, "parameters first"),
        (VALID[8].request, "white space"),
        (VALID[9].request, "escapes"),
        (VALID[10].request, "a charset"),
    ],
)
def test_a_valid_request_shows_how_it_is_written(sent: Request, form: str) -> None:
    forms = {what for shape, what in expect(sent).features if shape is Shape.WRITTEN_OTHERWISE}
    assert form in forms
    assert form not in {what for _, what in expect(request()).features}


names = st.sampled_from([PLAN, PLAN.upper(), NOBODY, "", "x"])
options: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "auto_trigger": st.sampled_from([True, False, None, 1, "true"]),
        "resources": st.one_of(
            st.none(), st.lists(st.sampled_from([*SERVERS, NOBODY, None, 1]), max_size=3)
        ),
        "x": st.just(1),
    },
)
any_request = st.builds(
    lambda plan, parameters, token, project, provider, media_type: request(
        body(plan, **parameters),
        token=token,
        project=project,
        provider=provider,
        media_type=media_type,
    ),
    st.one_of(names, st.none(), st.integers()),
    options,
    st.sampled_from([GOOD, WEAK, NEAR, "other", "", None]),
    st.sampled_from([PROJECT, "f" * 32, ""]),
    st.sampled_from([PROVIDER, PROVIDER.upper(), NOBODY]),
    st.sampled_from(["application/json", "text/plain", None]),
)
any_fixtures = st.builds(
    Fixtures,
    endpoint=st.just(ENDPOINT),
    provider_id=st.just(PROVIDER),
    project_id=st.sampled_from([PROJECT, None]),
    plan_id=st.sampled_from([PLAN, None]),
    resources=st.sampled_from([SERVERS, SERVERS[:1], ()]),
    tokens=st.just(frozenset(Token)),
)


@given(any_request, any_fixtures)
def test_knowing_less_never_allows_less(sent: Request, fixtures: Fixtures) -> None:
    complete = expect(sent, fixtures)
    recorded = expect(sent, replace(fixtures, complete=False))
    if complete.duty is not NOT_EXECUTE:
        assert complete.allowed <= recorded.allowed
        assert set(recorded.refusing) <= set(complete.refusing)


@given(any_request, any_fixtures)
def test_a_request_may_be_executed_exactly_where_200_is_allowed(
    sent: Request, fixtures: Fixtures
) -> None:
    expectation = expect(sent, fixtures)
    if expectation.duty is NOT_EXECUTE:
        assert expectation.allowed == frozenset() or expectation.breaches
        assert not expectation.may_execute
    else:
        assert expectation.may_execute == (200 in expectation.allowed)


@given(any_request)
def test_the_answer_to_several_breaches_is_the_union_of_theirs(sent: Request) -> None:
    expectation = expect(sent)
    union = frozenset().union(*(breach.clause.answers for breach in expectation.breaches))
    if expectation.duty in (REFUSE, CHOOSE):
        assert expectation.allowed - {200} == union - {200}


@given(st.binary(max_size=80))
def test_any_body_can_be_read(content: bytes) -> None:
    for fixtures in (FIXTURES, RECORDED):
        expectation = expect(request(content), fixtures)
        assert expectation.duty in (REFUSE, UNKNOWN)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def test_a_deep_value_of_the_wrong_type_is_refused() -> None:
    sent = text(PLAIN.replace(json.dumps(PLAN), nested(300)))
    assert expect(sent).decisive is not None


def test_a_deep_unknown_field_is_an_open_point() -> None:
    sent = text(PLAIN.replace("{}", f'{{"x": {nested(900)}}}'))
    assert expect(sent).duty in (CHOOSE, UNKNOWN)


def test_a_byte_order_mark_may_be_refused() -> None:
    sent = request(b"\xef\xbb\xbf" + PLAIN.encode())
    assert {200, 400} <= expect(sent).allowed


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (json.dumps(PLAN), json.dumps(NOBODY)),
        (json.dumps(NOBODY), json.dumps(PLAN)),
        (json.dumps(PLAN), "5"),
    ],
    ids=["unknown last", "unknown first", "wrong type last"],
)
def test_which_of_two_values_counts_is_not_known(first: str, last: str) -> None:
    content = f'{{"checkpoint": {{"plan_id": {first}, "plan_id": {last}, "parameters": {{}}}}}}'
    assert {200, 400, 404} <= expect(text(content)).allowed


def test_an_encoded_body_of_recorded_traffic_is_not_called_no_json() -> None:
    sent = request(zlib.compress(PLAIN.encode()), headers=(("Content-Encoding", "deflate"),))
    assert expect(sent, RECORDED).duty is not REFUSE


@pytest.mark.parametrize("path", ["/v1/policies", f"/v1/{PROJECT}/checkpoints/{NOBODY}"])
def test_a_get_of_another_uri_is_none_of_the_pages(path: str) -> None:
    expectation = expect(request(method="GET", path=path), RECORDED)
    assert expectation.duty is UNKNOWN
    assert not expectation.breaches
