"""Requests on which the page is silent, or that break several lines, and what it says of them."""

from __future__ import annotations

import gzip
import json
import zlib

from judge_helpers import (
    NOBODY,
    PLAN,
    PROJECT,
    PROVIDER,
    WEAK,
    body,
    request,
)
from msgspec.structs import replace
from oracle_cases import (
    CHOOSE,
    EXECUTE,
    FIRST,
    NOT_EXECUTE,
    NULL,
    PLAIN,
    REFUSE,
    UNKNOWN,
    case,
    open_point,
    refused,
    text,
)

from conformance.credentials.placeholders import Derivation
from conformance.model import Request

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
