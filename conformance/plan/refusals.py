"""Directed probes that must be refused, in the order of the document."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from xml.sax.saxutils import escape

from conformance.credentials.placeholders import WRONG_SIGNATURE, Derivation, placeholder
from conformance.model import Token
from conformance.plan.drafting import Drafts, Probe

Put = Callable[[Any, dict[str, Any]], Any]
"""Makes a body that has a value in one place, beside the parameters given."""

DEEP = 10_000
BEYOND_64_BITS = 10**24
LONG = 5_000


def refusals(drafts: Drafts) -> Iterator[Probe]:
    """Every directed request that a conforming implementation refuses, with a name for it."""
    for section in (paths, tokens, texts, types, policies, servers, extensions):
        yield from section(drafts)


def first_question(drafts: Drafts) -> Probe:
    """The probe that goes first: whoever reads it refuses it with 400, and finds all else right."""
    incomplete = leaving_out(drafts.body(), "parameters")
    return Probe("T3.parameters.mandatory/minimal", drafts.request(incomplete))


def paths(drafts: Drafts) -> Iterator[Probe]:
    """Table 1: the URI and its two parameters."""
    body = drafts.body()
    yield Probe("URI.get", drafts.request(method="GET"))
    project, provider = drafts.project_id, drafts.fixtures.provider_id
    projects = {
        "another": drafts.strange_project(),
        "shorter": project[:-1] or "0",
        "longer": project + "0",
    }
    for name, value in projects.items():
        yield Probe(f"T1.project_id.own/{name}", drafts.request(body, project=value))
    yield Probe(
        "T1.project_id.own/another-full",
        drafts.request(drafts.body(**drafts.full_parameters), project=drafts.strange_project()),
    )
    yield Probe("T1.project_id.mandatory/empty", drafts.request(body, project=""))
    providers = {
        "another": drafts.strange_id(),
        "near-miss": drafts.changed(provider, 20),
        "shorter": provider[:8],
        "longer": provider + "0",
        "text": "servers",
    }
    for name, value in providers.items():
        yield Probe(f"T1.provider_id.value/{name}", drafts.request(body, provider=value))
    yield Probe("T1.provider_id.mandatory/empty", drafts.request(body, provider=""))


def tokens(drafts: Drafts) -> Iterator[Probe]:
    """Status codes 401 and 403: no token, a bad one, one that resembles a good one, a weak one."""
    small, full = drafts.body(), drafts.body(**drafts.full_parameters)
    yield Probe("S401.no-token/absent", drafts.request(small, token=None))
    yield Probe("S401.no-token/absent-full", drafts.request(full, token=None))
    yield Probe("S401.no-token/empty", drafts.request(small, token=""))
    yield Probe("S401.bad-token/random", drafts.request(small, token=drafts.strange_token()))
    yield Probe("S401.bad-token/random-full", drafts.request(full, token=drafts.strange_token()))
    yield Probe("S401.bad-token/short", drafts.request(small, token=drafts.strange_token()[:1]))
    yield Probe("S401.bad-token/sql", drafts.request(small, token="' OR '1'='1"))
    if drafts.fixtures.login is Token.SIGNATURE:
        yield Probe("S401.bad-token/signature", drafts.request(small, token=WRONG_SIGNATURE))
        yield Probe("S401.bad-token/signature-full", drafts.request(full, token=WRONG_SIGNATURE))
    if Token.GOOD in drafts.fixtures.tokens:
        for derivation in Derivation:
            request = drafts.request(small, token=derivation.placeholder)
            yield Probe(f"S401.near-miss/{derivation.label}", request)
    yield from without_permission(drafts)


def without_permission(drafts: Drafts) -> Iterator[Probe]:
    """Status code 403: the smallest request and the largest, with a token without permission."""
    if Token.FORBIDDEN in drafts.fixtures.tokens:
        weak = placeholder(Token.FORBIDDEN)
        full = drafts.body(**drafts.full_parameters)
        yield Probe("S403.forbidden-token/minimal", drafts.request(drafts.body(), token=weak))
        yield Probe("S403.forbidden-token/full", drafts.request(full, token=weak))


def texts(drafts: Drafts) -> Iterator[Probe]:
    """Status code 400: bodies that are not JSON."""
    good = json.dumps(drafts.body(**drafts.full_parameters)).encode()
    small, plan = json.dumps(drafts.body()).encode(), drafts.plan_id.encode()
    bodies = {
        "empty": b"",
        "blank": b" \n",
        "text": b"checkpoint",
        "truncated": good[:-1],
        "two-values": small + small,
        "form": b"checkpoint%5Bplan_id%5D=" + plan,
        "xml": b"<checkpoint><plan_id>" + plan + b"</plan_id></checkpoint>",
        "not-utf-8": small[:-2] + b', "note": "\xe9\xff"}}',
        "zero-byte": b"\0",
    }
    for name, body in bodies.items():
        yield Probe(f"S400.not-json/{name}", drafts.request(body))
    for media_type, body in _other_formats(drafts):
        name = f"S400.not-json/{media_type.rpartition('/')[2]}-typed"
        yield Probe(name, drafts.request(body, media_type=media_type))


def _other_formats(drafts: Drafts) -> Iterator[tuple[str, bytes]]:
    """The request in formats that frameworks read beside JSON, each with its media type."""
    plan, whole = drafts.plan_id, drafts.body()
    fields = {"plan_id": plan, "parameters": "{}"}
    nested = {f"checkpoint[{name}]": value for name, value in fields.items()}
    form = urlencode({**fields, **nested, "checkpoint": json.dumps(whole["checkpoint"])})
    yield "application/x-www-form-urlencoded", form.encode()
    xml = f"<checkpoint><plan_id>{escape(plan)}</plan_id><parameters/></checkpoint>"
    yield "application/xml", xml.encode()
    yield "application/yaml", f"checkpoint:\n  plan_id: {plan}\n  parameters: {{}}\n".encode()


def types(drafts: Drafts) -> Iterator[Probe]:
    """Tables 2 to 4: mandatory fields left out, and every field of every wrong JSON type."""
    small, full = drafts.body(), drafts.body(**drafts.full_parameters)
    plan, one = drafts.plan_id, drafts.servers[0]
    checkpoint = small["checkpoint"]
    scalars: list[Any] = [None, True, 0, 1.5]
    numbers: list[Any] = [0, 1, math.inf, 1.0, 1.5]
    strings: list[Any] = ["", "true", "True", "yes", "1"]
    wrong: dict[str, tuple[Put, list[Any]]] = {
        "T2.body.type": (
            lambda value, _: value,
            [*scalars[:2], 1.5, "", json.dumps(small), [], [small]],
        ),
        "T2.checkpoint.type": (
            lambda value, _: {"checkpoint": value},
            [*scalars[:2], 0, json.dumps(checkpoint), [], [checkpoint]],
        ),
        "T3.plan_id.type": (
            lambda value, parameters: drafts.body({"plan_id": value}, **parameters),
            [*scalars[:-1], math.nan, BEYOND_64_BITS, [], [plan], {"id": plan}, {"$ne": ""}],
        ),
        "T3.parameters.type": (
            lambda value, _: drafts.body({"parameters": value}),
            [*scalars, "", "{}", [], [full["checkpoint"]["parameters"]]],
        ),
        "T4.auto_trigger.type": (
            lambda value, parameters: drafts.body(**{**parameters, "auto_trigger": value}),
            [*numbers, *strings, [], [True], {}, {"value": True}],
        ),
        "T4.resources.type": (
            lambda value, parameters: drafts.body(**{**parameters, "resources": value}),
            [*scalars[1:], "", one, f"{one},{one}", {}, {"0": one}, {one: one}],
        ),
        "T4.resources.items": (
            lambda value, parameters: drafts.body(**{**parameters, "resources": value}),
            [
                *([item] for item in [*scalars, BEYOND_64_BITS, [], [one], {"id": one}]),
                *([one, item] for item in [None, math.nan, {"id": one}]),
                [1, one],
            ],
        ),
    }
    for clause, (put, values) in wrong.items():
        for number, wrong_value in enumerate(values, 1):
            parameters = drafts.full_parameters if number % 2 else {}
            yield Probe(f"{clause}/{number}", drafts.request(put(wrong_value, parameters)))
    yield Probe("T2.body.type/deep", drafts.request(b"[" * DEEP + b"]" * DEEP))
    without: dict[str, Any] = {
        "T2.checkpoint.mandatory/empty": {},
        "T2.checkpoint.mandatory/unwrapped": checkpoint,
        "T2.checkpoint.mandatory/other": {"checkpoints": checkpoint},
        "T2.checkpoint.mandatory/other-case": {"Checkpoint": checkpoint},
        "T2.checkpoint.mandatory/of-a-prototype": {"__proto__": small},
        "T3.plan_id.mandatory/minimal": leaving_out(small, "plan_id"),
        "T3.plan_id.mandatory/full": leaving_out(full, "plan_id"),
        "T3.parameters.mandatory/both": {"checkpoint": {}},
        "T3.parameters.mandatory/flattened": {"checkpoint": {"plan_id": plan, "resources": [one]}},
        "T3.plan_id.mandatory/camel-case": _renamed(small, "plan_id", "planId"),
    }
    for name, incomplete in without.items():
        yield Probe(name, drafts.request(incomplete))
    yield first_question(drafts)


def _renamed(body: dict[str, Any], field: str, name: str) -> dict[str, Any]:
    fields = body["checkpoint"].items()
    return {"checkpoint": {name if key == field else key: value for key, value in fields}}


def leaving_out(body: dict[str, Any], field: str) -> dict[str, Any]:
    """A body whose checkpoint lacks a field."""
    return {"checkpoint": {k: v for k, v in body["checkpoint"].items() if k != field}}


def policies(drafts: Drafts) -> Iterator[Probe]:
    """Status code 404: policies that do not exist, however they are spelled."""
    plan = drafts.plan_id
    strange: dict[str, str] = {
        "random": drafts.strange_id(),
        "near-miss": drafts.changed(plan, len(plan) // 2),
        "shorter": plan[:-1],
        "longer": plan + "0",
        "cut-by-zero": plan + "\0x",
        "empty": "",
        "long": "a" * LONG,
        "sql": f"{plan}' OR '1'='1",
        "percent": "%",
        "star": "*",
        "nil": str(UUID(int=0)),
        "all": "all",
        "null": "null",
        "default": "default",
        "prototype": "__proto__",
        "constructor": "constructor",
        "template": "${7*7}",
        "non-ascii": "备份策略-é",
        "astral": "\U0001f4be",
        "control": "\x00\x01\x1f",
        "path": "../../policies",
        "server": drafts.servers[0],
        "project": drafts.project_id,
    }
    for name, value in strange.items():
        yield Probe(f"S404.unknown-policy/{name}", drafts.request(drafts.body({"plan_id": value})))
    body = drafts.body({"plan_id": drafts.strange_id()}, **drafts.full_parameters)
    yield Probe("S404.unknown-policy/random-full", drafts.request(body))


def servers(drafts: Drafts) -> Iterator[Probe]:
    """Status code 404: servers that do not exist, alone and beside some that do."""
    good = drafts.servers
    lists = {
        "random": [drafts.strange_id()],
        "behind": [*good, drafts.strange_id()],
        "before": [drafts.strange_id(), *good],
        "empty": [""],
        "empty-behind": [good[0], ""],
        "percent": ["%"],
        "near-miss": [drafts.changed(good[0], -1)],
        "prefix": [good[0][:8]],
        "longer": [good[0] + "0"],
        "policy": [drafts.plan_id],
        "constructor": ["constructor"],
        "many": [drafts.strange_id() for _ in range(40)],
    }
    for name, named in lists.items():
        yield Probe(f"S404.unknown-server/{name}", drafts.request(drafts.body(resources=named)))
    for auto_trigger in (True, False):
        body = drafts.body(auto_trigger=auto_trigger, resources=[*good[:1], drafts.strange_id()])
        name = f"S404.unknown-server/auto_trigger-{str(auto_trigger).lower()}"
        yield Probe(name, drafts.request(body))


def extensions(drafts: Drafts) -> Iterator[Probe]:
    """Status code 400: what readers take beside JSON, right and with a value that is wrong in it.

    NaN and Infinity stand among the values of a wrong type.
    """
    small = json.dumps(drafts.body()).encode()
    as_text = json.dumps(drafts.body(auto_trigger="true")).encode()
    bodies = {
        "S400.extended-json/comment": small[:-1] + b"/* all */}",
        "S400.extended-json/trailing-comma": small[:-2] + b",}}",
        "S400.extended-json/single-quotes": small.replace(b'"', b"'"),
        "S404.unknown-policy/line-break": small.replace(b'",', b'\n",', 1),
        "T4.auto_trigger.type/single-quotes": as_text.replace(b'"', b"'"),
    }
    for name, body in bodies.items():
        yield Probe(name, drafts.request(body))
