"""What the page allows as the response to a request, line by line of the reading."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
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

from conformance.credentials.placeholders import Derivation
from conformance.model import Fixtures, Request, Token
from conformance.page.oracle import Duty, Oracle
from conformance.page.registry import REGISTRY
from conformance.page.tables_2_to_4 import Shape

EXECUTE, REFUSE, CHOOSE = Duty.EXECUTE, Duty.REFUSE, Duty.CHOOSE
NOT_EXECUTE, UNKNOWN = Duty.NOT_EXECUTE, Duty.UNKNOWN


@dataclass(frozen=True)
class Case:
    """A request, and what the page says about it."""

    name: str
    request: Request
    duty: Duty
    allowed: frozenset[int]
    decisive: str | None = None


def case(
    name: str, sent: Request, duty: Duty, allowed: tuple[int, ...], decisive: str | None = None
) -> Case:
    return Case(name, sent, duty, frozenset(allowed), decisive)


def refused(name: str, sent: Request, allowed: tuple[int, ...], decisive: str) -> Case:
    return case(name, sent, REFUSE, allowed, decisive)


def open_point(name: str, sent: Request, allowed: tuple[int, ...], decisive: str) -> Case:
    return case(name, sent, CHOOSE, allowed, decisive)


def text(content: str) -> Request:
    return request(content.encode())


PLAIN = json.dumps(body())
SWAPPED = {"checkpoint": dict(reversed(body()["checkpoint"].items()))}
NULL = None
FIRST = SERVERS[0]
OTHERS: list[Any] = ["x", None, 1, True, False, []]

VALID = [
    case(name, sent, EXECUTE, (200,))
    for name, sent in {
        "parameters {}": request(),
        "auto_trigger true": request(body(auto_trigger=True)),
        "auto_trigger false": request(body(auto_trigger=False)),
        "one server": request(body(resources=[FIRST])),
        "several servers": request(body(resources=list(SERVERS))),
        "servers in another order": request(body(resources=list(SERVERS[::-1]))),
        "both options": request(body(auto_trigger=True, resources=[FIRST])),
        "other order of fields": request(SWAPPED),
        "white space": text(f"\r\n\t {json.dumps(body(), indent=3)} \n"),
        "escapes": text(PLAIN.replace("checkpoint", "\\u0063heckpoint")),
        "charset": request(media_type="application/json; charset=utf-8"),
        "name of the header in lower case": request(token=None, headers=(("x-auth-token", GOOD),)),
    }.items()
]
NO_TOKEN = "S401.no-token"
TOKENS = [
    refused("no token", request(token=None), (401,), "S401.no-token"),
    refused("empty token", request(token=""), (401,), "S401.no-token"),
    refused("bad token", request(token="a" * 32), (401,), "S401.bad-token"),
    refused("near-miss", request(token=NEAR), (401,), "S401.near-miss"),
    *(
        refused(f"{each[0]} instead", request(token=None, headers=(each,)), (401,), NO_TOKEN)
        for each in (("Cookie", "session=x"), ("Authorization", "Bearer x"), ("X-Roles", "admin"))
    ),
    refused("token without permission", request(token=WEAK), (403,), "S403.forbidden-token"),
]
OBJECTS = [
    refused("unknown policy", request(body(NOBODY)), (400, 404), "S404.unknown-policy"),
    refused("empty policy id", request(body("")), (400, 404), "S404.unknown-policy"),
    refused("unknown server", request(body(resources=[NOBODY])), (400, 404), "S404.unknown-server"),
    refused(
        "unknown server beside a known one",
        request(body(resources=[FIRST, NOBODY])),
        (400, 404),
        "S404.unknown-server",
    ),
    refused("wrong provider", request(provider=NOBODY), (400, 404), "T1.provider_id.value"),
    refused(
        "project of another", request(project="f" * 32), (400, 401, 403, 404), "T1.project_id.own"
    ),
]
WRONG_TYPES: list[tuple[str, tuple[int, ...], list[Any]]] = [
    ("T2.body.type", (400,), [[], "x", 1, True, [body()]]),
    ("T2.checkpoint.type", (400,), [{"checkpoint": v} for v in OTHERS]),
    ("T2.checkpoint.mandatory", (400,), [{}]),
    ("T3.plan_id.type", (400, 404), [body(v) for v in (*OTHERS[1:], 1.5, [PLAN], {})]),
    ("T3.plan_id.mandatory", (400,), [{"checkpoint": {"parameters": {}}}]),
    (
        "T3.parameters.type",
        (400,),
        [{"checkpoint": {"plan_id": PLAN, "parameters": v}} for v in (*OTHERS, [{}], "{}")],
    ),
    ("T3.parameters.mandatory", (400,), [{"checkpoint": {"plan_id": PLAN}}]),
    (
        "T4.auto_trigger.type",
        (400,),
        [*(body(auto_trigger=v) for v in ("true", "", 0, 1, 1.5)), body(auto_trigger=[True])],
    ),
    (
        "T4.resources.type",
        (400,),
        [body(resources=FIRST), body(resources=0), body(resources=True), body(resources={"0": 1})],
    ),
    (
        "T4.resources.items",
        (400, 404),
        [body(resources=[FIRST, v]) for v in (*OTHERS[1:], 1.5, [FIRST], {"id": FIRST})],
    ),
]
TYPES = [
    refused(f"{clause} {number}", request(content), allowed, clause)
    for clause, allowed, contents in WRONG_TYPES
    for number, content in enumerate(contents, 1)
]
NOT_JSON = [
    refused(f"not JSON: {name}", request(content), (400,), "S400.not-json")
    for name, content in {
        "empty": b"",
        "text": b"checkpoint",
        "cut off": PLAIN[:-1].encode(),
        "two values": (PLAIN * 2).encode(),
        "Python": PLAIN.replace("{}", '{"auto_trigger": True}').encode(),
        "names without quotes": PLAIN.replace('"checkpoint"', "checkpoint").encode(),
        "a hexadecimal number": PLAIN.replace("{}", '{"auto_trigger": 0x1}').encode(),
        "a comment without an end": f"{PLAIN}/*".encode(),
        "no UTF-8, outside of a string": PLAIN.encode() + b"\xe9",
    }.items()
]
EXTENDED = [
    *(
        refused(f"extended JSON: {name}", text(content), (400,), "S400.extended-json")
        for name, content in {
            "single quotes": PLAIN.replace('"', "'"),
            "one name in single quotes": PLAIN.replace('"checkpoint"', "'checkpoint'"),
            "a comment": f"{PLAIN}//",
            "a comment in the middle": PLAIN.replace("{}", "{/* {, */}"),
            "a trailing comma": PLAIN[:-1] + ",\n}",
        }.items()
    ),
    *(
        refused(f"extended JSON: {name}", request(content), (400,), "S400.extended-json")
        for name, content in {
            "UTF-16": PLAIN.encode("utf-16"),
            "UTF-16 without a mark": PLAIN.encode("utf-16-le"),
            "UTF-32": PLAIN.encode("utf-32"),
            "UTF-32 without a mark": PLAIN.encode("utf-32-be"),
        }.items()
    ),
    *(
        case(f"an unknown field, {name}", request(content.encode("latin-1")), REFUSE, (400,))
        for name, content in {
            "no UTF-8": PLAIN.replace("{}", '{"x": "\xe9"}'),
            "no UTF-8 in its name": PLAIN.replace("{}", '{"\xe9": 1}'),
        }.items()
    ),
    refused(
        "a policy that is unknown, and no UTF-8",
        request(PLAIN.replace(PLAN, "\xe9").encode("latin-1")),
        (400, 404),
        "S404.unknown-policy",
    ),
    case(
        "a policy and a byte that is no UTF-8",
        request(PLAIN.replace(PLAN, f"{PLAN}\xe9").encode("latin-1")),
        REFUSE,
        (400, 404),
    ),
    case(
        "a server and a byte that is no UTF-8",
        request(PLAIN.replace("{}", f'{{"resources": ["{SERVERS[0]}\xe9"]}}').encode("latin-1")),
        REFUSE,
        (400, 404),
    ),
    refused("a list in UTF-16", request(json.dumps([1]).encode("utf-16")), (400,), "T2.body.type"),
    refused(
        "a policy that is unknown, in UTF-16",
        request(json.dumps(body(NOBODY)).encode("utf-16")),
        (400, 404),
        "S404.unknown-policy",
    ),
    *(
        case(f"a name in another case: {content}", text(content), UNKNOWN, allowed)
        for allowed, content in [
            ((200, 400), PLAIN.replace("checkpoint", "Checkpoint")),
            ((200, 400), PLAIN.replace("plan_id", "PLAN_ID")),
            ((200, 400), PLAIN.replace("{}", '{"Auto_Trigger": 1}')),
        ]
    ),
    refused("zeros", request(b"\0" * 8), (400,), "S400.not-json"),
    refused("half of UTF-16", request(PLAIN.encode("utf-16")[:-1]), (400,), "S400.not-json"),
    *(
        refused(f"extended JSON, {clause}: {content}", text(content), allowed, clause)
        for clause, allowed, content in [
            ("T2.body.type", (400,), "NaN"),
            ("T2.checkpoint.type", (400,), '{"checkpoint": -Infinity}'),
            ("T3.plan_id.type", (400, 404), PLAIN.replace(f'"{PLAN}"', "NaN")),
            ("T4.auto_trigger.type", (400,), PLAIN.replace("{}", '{"auto_trigger": Infinity}')),
            ("T4.auto_trigger.type", (400,), PLAIN.replace("{}", "{'auto_trigger': 'true'}")),
            ("T4.resources.items", (400, 404), PLAIN.replace("{}", '{"resources": [NaN,]}')),
            ("S404.unknown-policy", (400, 404), PLAIN.replace(PLAN, f"{PLAN}\n")),
            ("S404.unknown-server", (400, 404), PLAIN.replace("{}", "{'resources': ['x']}")),
            ("T3.parameters.mandatory", (400,), f"{{'checkpoint': {{'plan_id': '{PLAN}'}}}}"),
        ]
    ),
    case(
        "extended JSON without a token",
        request(f"{PLAIN}//".encode(), token=None),
        REFUSE,
        (400, 401),
    ),
    case(
        "extended JSON with an open point",
        text(PLAIN.replace("{}", "{'resources': []}")),
        REFUSE,
        (400,),
    ),
]
MEDIA_TYPE = "T2.body.media-type"


def packed(data: bytes, coding: str = "gzip") -> Request:
    """A request whose body has a content coding."""
    return request(data, headers=(("Content-Encoding", coding),))


OPEN_POINTS = [
    open_point(
        "auto_trigger null", request(body(auto_trigger=NULL)), (200, 400), "T4.auto_trigger.null"
    ),
    open_point("resources null", request(body(resources=NULL)), (200, 400), "T4.resources.null"),
    open_point("resources []", request(body(resources=[])), (200, 400), "T4.resources.empty"),
    open_point(
        "server named twice",
        request(body(resources=[FIRST, FIRST])),
        (200, 400),
        "T4.resources.duplicates",
    ),
    open_point(
        "repeated name",
        text(PLAIN.replace('"parameters": {}', '"parameters": {}, "parameters": {}')),
        (200, 400, 404),
        "T2.body.repeated-name",
    ),
    *(
        case(f"in {coding}", packed(data, coding), EXECUTE, (200, 400, 415))
        for coding, data in {
            "gzip": gzip.compress(PLAIN.encode()),
            "X-GZIP": gzip.compress(PLAIN.encode()),
            "deflate": zlib.compress(PLAIN.encode()),
            "deflate, gzip": gzip.compress(zlib.compress(PLAIN.encode())),
        }.items()
    ),
    refused(
        "a policy that is unknown, in gzip",
        packed(gzip.compress(json.dumps(body(NOBODY)).encode())),
        (400, 404, 415),
        "S404.unknown-policy",
    ),
    case("a coding that is not known", packed(PLAIN.encode(), "br"), UNKNOWN, (200, 400, 404, 415)),
    case("what is no gzip", packed(PLAIN.encode()), UNKNOWN, (200, 400, 404, 415)),
    open_point("no media type", request(media_type=None), (200, 400, 415), "T2.body.media-type"),
    open_point(
        "another media type",
        request(media_type="text/plain"),
        (200, 400, 415),
        "T2.body.media-type",
    ),
    open_point(
        "media type in capitals",
        request(media_type="Application/JSON"),
        (200, 400, 415),
        "T2.body.media-type",
    ),
    *(
        open_point(f"media type {each}", request(media_type=each), (200, 400, 415), MEDIA_TYPE)
        for each in (
            'application/json; charset="utf-8"',
            "application/json; charset=utf-16",
            "application/json; version=1",
            "application/merge-patch+json",
            "json",
        )
    ),
    *(
        open_point(f"policy as {each}", request(body(each)), (200, 400, 404), "T3.plan_id.spelling")
        for each in (f"urn:uuid:{PLAN}", f"{{{PLAN}}}", f"({PLAN.upper()})")
    ),
    open_point("unknown parameter", request(body(mode=1)), (200, 400), "T2.body.unknown-field"),
    open_point(
        "unknown field at the top", request({**body(), "x": 1}), (200, 400), "T2.body.unknown-field"
    ),
    open_point(
        "unknown field in the middle",
        request({"checkpoint": {**body()["checkpoint"], "name": "x"}}),
        (200, 400),
        "T2.body.unknown-field",
    ),
    open_point(
        "policy in capitals", request(body(PLAN.upper())), (200, 400, 404), "T3.plan_id.spelling"
    ),
    open_point(
        "policy without hyphens",
        request(body(PLAN.replace("-", ""))),
        (200, 400, 404),
        "T3.plan_id.spelling",
    ),
    open_point(
        "provider in capitals",
        request(provider=PROVIDER.upper()),
        (200, 400, 404),
        "T1.provider_id.spelling",
    ),
    open_point(
        "server in capitals",
        request(body(resources=[FIRST.upper()])),
        (200, 400, 404),
        "T4.resources.spelling",
    ),
]
ELSEWHERE = [
    case("GET", request(method="GET"), NOT_EXECUTE, (), "URI.get"),
    case("no project", request(project=""), NOT_EXECUTE, (), "T1.project_id.mandatory"),
    case("no provider", request(provider=""), NOT_EXECUTE, (), "T1.provider_id.mandatory"),
    case("another path", request(path="/v1/policies"), NOT_EXECUTE, ()),
    case("another method", replace(request(), method="PUT"), NOT_EXECUTE, ()),
]
SEVERAL = [
    case("no token, unknown policy", request(body(NOBODY), token=None), REFUSE, (400, 401, 404)),
    case(
        "no token, null for an option",
        request(body(auto_trigger=None), token=None),
        REFUSE,
        (400, 401),
    ),
    case("no permission, wrong type", request([], token=WEAK), REFUSE, (400, 403)),
    case("wrong provider, not JSON", request(b"x", provider=NOBODY), REFUSE, (400, 404)),
    case("other media type, wrong type", request([], media_type="text/xml"), REFUSE, (400, 415)),
    case(
        "two open points",
        request(body(auto_trigger=None, resources=[]), media_type=None),
        CHOOSE,
        (200, 400, 415),
    ),
    case("both fields missing", request({"checkpoint": {}}), REFUSE, (400,)),
    case(
        "repeated name beside an unknown policy",
        text(json.dumps(body(NOBODY)).replace("{}", '{}, "parameters": {}')),
        REFUSE,
        (400, 404),
    ),
    case(
        "a policy that is unknown where the first of two values counts",
        text(PLAIN.replace('{"plan_id"', f'{{"plan_id": "{NOBODY}", "plan_id"')),
        UNKNOWN,
        (200, 400, 404),
    ),
    case(
        "a policy that is unknown where the last of two values counts",
        text(json.dumps(body(NOBODY)).replace('{"plan_id"', f'{{"plan_id": "{PLAN}", "plan_id"')),
        UNKNOWN,
        (200, 400, 404),
    ),
]
OVERSIZED = [
    case("valid, spaced out", text(PLAIN + " " * 70_000), EXECUTE, (200, 413, 414, 431)),
    case("long header", request(headers=(("X", "a" * 9000),)), EXECUTE, (200, 413, 414, 431)),
    refused(
        "long policy id",
        request(body("a" * 70_000)),
        (400, 404, 413, 414, 431),
        "S404.unknown-policy",
    ),
]
UNREAD = [
    case(
        "query string",
        request(path=f"/v1/{PROJECT}/providers/{PROVIDER}/checkpoints?a=b"),
        EXECUTE,
        (200, 400, 404),
    ),
    refused(
        "a project with a malformed escape",
        request(path=f"/v1/{PROJECT}%zz/providers/{PROVIDER}/checkpoints"),
        (301, 400, 401, 403, 404),
        "T1.project_id.own",
    ),
    refused(
        "a provider with a malformed escape",
        request(path=f"/v1/{PROJECT}/providers/{PROVIDER}%/checkpoints"),
        (301, 400, 404),
        "T1.provider_id.value",
    ),
    case(
        "a project that is not UTF-8",
        request(path=f"/v1/{PROJECT}%ff/providers/{PROVIDER}/checkpoints"),
        UNKNOWN,
        (200, 400, 401, 403, 404),
    ),
    case(
        "an unknown policy beside a project that is not UTF-8",
        request(body(NOBODY), path=f"/v1/{PROJECT}%ff/providers/{PROVIDER}/checkpoints"),
        REFUSE,
        (400, 401, 403, 404),
    ),
    refused(
        "a byte above 127 in the token",
        request(token=Derivation.BYTE_INSERTED.placeholder),
        (400, 401),
        "S401.near-miss",
    ),
    refused(
        "half a brace",
        request(body(f"{{{PLAN}")),
        (400, 404),
        "S404.unknown-policy",
    ),
]
DEEP = [
    refused("deep list", request(b"[" * 900 + b"]" * 900), (400,), "T2.body.type"),
    case(
        "deep object", request(b'{"a":' * 9000 + b"1" + b"}" * 9000), UNKNOWN, (200, 413, 414, 431)
    ),
    case(
        "half a surrogate pair",
        request(body(f"{PLAN}\ud800")),
        UNKNOWN,
        (200, 400, 404),
    ),
    case(
        "half a surrogate pair without a token",
        request(body(f"{PLAN}\udc00"), token=None),
        REFUSE,
        (400, 401, 404),
    ),
    refused("a surrogate pair", request(body("\U0001f4be")), (400, 404), "S404.unknown-policy"),
    refused("no escape", request(body("\\ud800")), (400, 404), "S404.unknown-policy"),
    refused("cut off", request(b'"\\ud800'), (400,), "S400.not-json"),
    case("a byte order mark", request(PLAIN.encode("utf-8-sig")), UNKNOWN, (200, 400)),
]
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
