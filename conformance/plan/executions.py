"""Directed probes that may be executed: what the page leaves open, and valid requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.plan.drafting import JSON_MEDIA_TYPE, Drafts, as_json
from conformance.plan.refusals import Named


def choices(drafts: Drafts) -> Iterator[Named]:
    """Requests on which the page is silent: executing them is as right as refusing them.

    The likeliest to show something come first, since each may cost an execution.
    """
    yield from _choices(drafts, drafts.plan_id)
    for name, value in {
        "T3.plan_id.spelling/upper": {"body": drafts.body({"plan_id": drafts.plan_id.upper()})},
        "T1.provider_id.spelling/upper": {
            "body": drafts.body(),
            "provider": drafts.fixtures.provider_id.upper(),
        },
        "T4.resources.spelling/upper": {
            "body": drafts.body(resources=[drafts.servers[0].upper()]),
        },
    }.items():
        yield name, drafts.request(**value)  # type: ignore[arg-type]


def refused_choices(drafts: Drafts) -> Iterator[Named]:
    """The same with a policy that does not exist: they show a crash and cost no execution."""
    for name, request in _choices(drafts, drafts.strange_id()):
        yield f"{name}-unknown-policy", request
    strange = drafts.body({"plan_id": drafts.strange_id()}, resources=[drafts.servers[0].upper()])
    provider = drafts.fixtures.provider_id.upper()
    spelled = drafts.body({"plan_id": drafts.plan_id.upper()}, resources=[drafts.strange_id()])
    yield "T4.resources.spelling/upper-unknown-policy", drafts.request(strange)
    yield "T1.provider_id.spelling/upper-unknown-policy", drafts.request(strange, provider=provider)
    yield "T3.plan_id.spelling/upper-unknown-server", drafts.request(spelled)


def _choices(drafts: Drafts, plan: str) -> Iterator[Named]:
    def body(**parameters: Any) -> dict[str, Any]:
        return drafts.body({"plan_id": plan}, **parameters)

    one = drafts.servers[0]
    plain = json.dumps(body())
    yield "T4.auto_trigger.null/null", drafts.request(body(auto_trigger=None))
    yield "T4.resources.empty/empty", drafts.request(body(resources=[]))
    yield "T2.body.media-type/absent", drafts.request(body(), media_type=None)
    yield "T4.resources.duplicates/twice", drafts.request(body(resources=[one, one]))
    yield "T4.resources.null/null", drafts.request(body(resources=None))
    yield "T2.body.unknown-field/parameter", drafts.request(body(consistent=True))
    repeated = plain.replace('"parameters": {}', '"parameters": {}, "parameters": {}')
    yield "T2.body.repeated-name/twice", drafts.request(repeated.encode())
    yield "T2.body.media-type/text", drafts.request(body(), media_type="text/plain")
    title = JSON_MEDIA_TYPE.title()
    yield "T2.body.media-type/other-case", drafts.request(body(), media_type=title)


def valid(drafts: Drafts) -> Iterator[Named]:
    """Requests that must be executed: every combination of the options, JSON in several forms.

    The first seven hold every shape; the rest repeat them in other combinations.
    """
    several = drafts.servers
    one, last = several[:1], several[-1:]
    yield "S200.executed/minimal", drafts.request(drafts.body())
    if drafts.fixtures.resources:
        yield (
            "S200.executed/full-in-escapes",
            drafts.request(_in_escapes(drafts.body(auto_trigger=True, resources=several))),
        )
        yield (
            "S200.executed/false-one-server-spaced",
            _spaced(drafts, {"resources": one, "auto_trigger": False}),
        )
        yield "S200.executed/several-servers", drafts.request(drafts.body(resources=several))
    else:
        yield (
            "S200.executed/true-in-escapes",
            drafts.request(_in_escapes(drafts.body(auto_trigger=True))),
        )
        yield "S200.executed/false-spaced", _spaced(drafts, {"auto_trigger": False})
    yield (
        "S200.executed/auto-trigger",
        drafts.request(drafts.body(auto_trigger=True), token_header="x-auth-token"),
    )
    if drafts.fixtures.resources:
        full = drafts.body(auto_trigger=False, resources=several[::-1])
        yield "S200.executed/false-several-servers-reversed", drafts.request(full)
        yield "S200.executed/last-server", drafts.request(drafts.body(resources=last))
        body = drafts.body(auto_trigger=True, resources=one)
        yield "S200.executed/auto-trigger-one-server", drafts.request(body)
    yield "S200.executed/no-auto-trigger", drafts.request(drafts.body(auto_trigger=False))
    body = drafts.body()
    reordered = {"checkpoint": dict(reversed(body["checkpoint"].items()))}
    yield "S200.executed/reordered", drafts.request(reordered)


def _in_escapes(body: Any) -> bytes:
    """The body with the first character of every string written as an escape."""
    strings = {text for text in _strings(body) if text and text[0] <= "\uffff"}
    text = as_json(body).decode()
    for string in strings:
        text = text.replace(f'"{string}"', f'"\\u{ord(string[0]):04x}{string[1:]}"')
    return text.encode()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)


def _spaced(drafts: Drafts, parameters: dict[str, Any]) -> Any:
    """The same JSON in another order, with white space and a charset."""
    checkpoint = {"parameters": parameters, "plan_id": drafts.plan_id}
    text = json.dumps({"checkpoint": checkpoint}, indent=2, ensure_ascii=False)
    body = f"\r\n{text}\t\n".encode()
    return drafts.request(body, media_type=f"{JSON_MEDIA_TYPE}; charset=utf-8")
