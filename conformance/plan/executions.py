"""Directed probes that may be executed: what the page leaves open, and valid requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.model import Request
from conformance.plan.drafting import JSON_MEDIA_TYPE, Drafts, Probe


def choices(drafts: Drafts) -> Iterator[Probe]:
    """Requests on which the page is silent: executing them is as right as refusing them.

    Those with several open points come first: a lenient target answers them all in one execution.
    Of the others, those likelier to be refused do, since a refusal costs no execution.
    """
    yield from _several_at_once(drafts)
    for name, body, options in _choices(drafts, drafts.plan_id, [drafts.servers[0]]):
        yield Probe(name, drafts.request(body, **options))
    spelled = drafts.body({"plan_id": drafts.plan_id.upper()})
    yield Probe("T3.plan_id.spelling/upper", drafts.request(spelled))


def _several_at_once(drafts: Drafts) -> Iterator[Probe]:
    """Open points together that an implementation is likely to treat alike."""
    nulls = drafts.body(auto_trigger=None, resources=None)
    yield Probe("T4.resources.null/all-without-media-type", drafts.request(nulls, media_type=None))
    server, provider = drafts.servers[0].upper(), drafts.fixtures.provider_id.upper()
    spelled = drafts.body({"plan_id": drafts.plan_id.upper()}, resources=[server, server])
    yield Probe("T3.plan_id.spelling/all-upper-twice", drafts.request(spelled, provider=provider))
    more = drafts.body(resources=[], consistent=True)
    yield Probe("T4.resources.empty/with-unknown-field", drafts.request(more))


def refused_choices(drafts: Drafts) -> Iterator[Probe]:
    """The same with a policy, or a server, that does not exist: they show a crash for nothing."""
    for name, body, options in _choices(drafts, drafts.strange_id(), [drafts.servers[0]]):
        yield Probe(f"{name}-unknown-policy", drafts.request(body, **options))
    strange = drafts.body({"plan_id": drafts.strange_id()})
    title = drafts.request(strange, media_type=JSON_MEDIA_TYPE.title())
    yield Probe("T2.body.media-type/other-case-unknown-policy", title)
    spelled = drafts.body({"plan_id": drafts.plan_id.upper()}, resources=[drafts.strange_id()])
    yield Probe("T3.plan_id.spelling/upper-unknown-server", drafts.request(spelled))


def _choices(
    drafts: Drafts, plan: str, servers: list[str]
) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    def body(**parameters: Any) -> dict[str, Any]:
        return drafts.body({"plan_id": plan}, **parameters)

    repeated = json.dumps(body()).replace('"parameters": {}', '"parameters": {}, "parameters": {}')
    in_capitals = {"provider": drafts.fixtures.provider_id.upper()}
    yield "T4.auto_trigger.null/null", body(auto_trigger=None), {}
    yield "T4.resources.null/null", body(resources=None), {}
    yield "T2.body.media-type/absent", body(), {"media_type": None}
    yield "T2.body.media-type/text", body(), {"media_type": "text/plain"}
    yield "T2.body.repeated-name/twice", repeated.encode(), {}
    yield "T1.provider_id.spelling/upper", body(), in_capitals
    yield "T4.resources.spelling/upper", body(resources=[s.upper() for s in servers]), {}
    yield "T4.resources.empty/empty", body(resources=[]), {}
    yield "T4.resources.duplicates/twice", body(resources=servers * 2), {}
    yield "T2.body.unknown-field/parameter", body(consistent=True), {}


def valid(drafts: Drafts) -> Iterator[Probe]:
    """Requests that must be executed: every combination of the options, JSON in several forms.

    The first six hold every shape, and every pair of `auto_trigger` and `resources`, each given or
    left out; the rest repeat them in other combinations.
    """
    several = drafts.servers
    one, last = several[:1], several[-1:]
    yield Probe("S200.executed/minimal", minimal(drafts))
    if drafts.fixtures.resources:
        full = drafts.body(auto_trigger=True, resources=several[::-1])
        yield Probe("S200.executed/full-reversed", drafts.request(full))
        spaced = _spaced_in_escapes(drafts, {"resources": one, "auto_trigger": False})
        yield Probe("S200.executed/false-one-server-spaced-in-escapes", spaced)
        yield Probe(
            "S200.executed/several-servers-compact", _compact(drafts, {"resources": several})
        )
    else:
        spaced = _spaced_in_escapes(drafts, {"auto_trigger": False})
        yield Probe("S200.executed/false-spaced-in-escapes", spaced)
        yield Probe("S200.executed/false-compact", _compact(drafts, {"auto_trigger": False}))
    yield Probe("S200.executed/auto-trigger", drafts.request(drafts.body(auto_trigger=True)))
    untriggered = drafts.request(drafts.body(auto_trigger=False), token_header="x-auth-token")
    yield Probe("S200.executed/no-auto-trigger", untriggered)
    if drafts.fixtures.resources:
        full = drafts.body(auto_trigger=False, resources=several)
        yield Probe("S200.executed/false-several-servers", drafts.request(full))
        yield Probe("S200.executed/last-server", drafts.request(drafts.body(resources=last)))
        body = drafts.body(auto_trigger=True, resources=one)
        yield Probe("S200.executed/auto-trigger-one-server", drafts.request(body))
    body = drafts.body()
    reordered = {"checkpoint": dict(reversed(body["checkpoint"].items()))}
    yield Probe("S200.executed/reordered", drafts.request(reordered))


def minimal(drafts: Drafts) -> Request:
    """The smallest valid request."""
    return drafts.request(drafts.body())


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


def _spaced_in_escapes(drafts: Drafts, parameters: dict[str, Any]) -> Any:
    """The same JSON in another order, with white space and a charset, each text with an escape."""
    body = {"checkpoint": {"parameters": parameters, "plan_id": drafts.plan_id}}
    text = json.dumps(body, indent=2, ensure_ascii=False)
    for string in {each for each in _strings(body) if each and each[0] <= "\uffff"}:
        text = text.replace(f'"{string}"', f'"\\u{ord(string[0]):04x}{string[1:]}"')
    data = f"\r\n{text}\t\n".encode()
    return drafts.request(data, media_type=f"{JSON_MEDIA_TYPE}; charset=utf-8")


def _compact(drafts: Drafts, parameters: dict[str, Any]) -> Any:
    """JSON without white space, as most clients write it."""
    text = json.dumps(drafts.body(**parameters), separators=(",", ":"), ensure_ascii=False)
    return drafts.request(text.encode())
