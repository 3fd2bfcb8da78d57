"""Requests that break one thing in the token or the body, or nothing, and what the page says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from judge_helpers import (
    GOOD,
    NEAR,
    NOBODY,
    PLAN,
    SERVERS,
    WEAK,
    body,
    request,
)

from conformance.model import Request
from conformance.page.oracle import Duty

EXECUTE, REFUSE, CHOOSE = Duty.EXECUTE, Duty.REFUSE, Duty.CHOOSE
NOT_EXECUTE, UNKNOWN = Duty.NOT_EXECUTE, Duty.UNKNOWN


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
    refused(
        "a policy and a byte that is no UTF-8",
        request(PLAIN.replace(PLAN, f"{PLAN}\xe9").encode("latin-1")),
        (400, 404),
        "S404.unknown-policy",
    ),
    refused(
        "a server and a byte that is no UTF-8",
        request(PLAIN.replace("{}", f'{{"resources": ["{SERVERS[0]}\xe9"]}}').encode("latin-1")),
        (400, 404),
        "S404.unknown-server",
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
    case(
        "a name in another case beside a policy that is no string",
        text(PLAIN.replace(f'"{PLAN}"', "5").replace("{}", '{"Auto_Trigger": true}')),
        REFUSE,
        (400, 404),
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
