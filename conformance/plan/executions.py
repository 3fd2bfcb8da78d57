"""Directed probes that may be executed: what the page leaves open, and valid requests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.model import Request
from conformance.plan.domains.open_points import open_points, with_foreign_fields
from conformance.plan.drafting import JSON_MEDIA_TYPE, Drafts, Probe

IN_CAPITALS = f"{JSON_MEDIA_TYPE};charset=UTF-8"
"""How many clients write it: without a space, the charset in capitals."""
ANY_OF_ITS_KIND = "application/*"
"""A range that has JSON in it (RFC 9110, 12.5.1)."""
OF_A_BROWSER = f"{JSON_MEDIA_TYPE}, text/plain, */*"
"""What scripts in a browser take, JSON before all else."""
FILLED = 4096
"""Bytes of the valid request with white space: a length at which buffers end."""


def choices(drafts: Drafts) -> Iterator[Probe]:
    """Requests on which the page is silent: executing them is as right as refusing them.

    Those with several open points come first: a lenient target answers them all in one execution.
    Of the others, those likelier to be refused do, since a refusal costs no execution.
    """
    yield from _several_at_once(drafts)
    for kind in open_points(drafts):
        if kind.is_asked:
            yield kind.choice


def _several_at_once(drafts: Drafts) -> Iterator[Probe]:
    """Open points together that an implementation is likely to treat alike."""
    nulls = drafts.body(auto_trigger=None, resources=None)
    as_text = drafts.request(nulls, media_type="text/plain")
    yield Probe("T4.resources.null/all-as-text", as_text)
    server, provider = drafts.servers[-1].upper(), drafts.fixtures.provider_id.upper()
    spelled = drafts.body({"plan_id": drafts.plan_id.upper()}, resources=[server, server])
    yield Probe("T3.plan_id.spelling/all-upper-twice", drafts.request(spelled, provider=provider))
    more = with_foreign_fields(drafts, drafts.plan_id, resources=[])
    yield Probe("T4.resources.empty/with-unknown-field", drafts.request(more))


def valid(drafts: Drafts) -> Iterator[Probe]:
    """Requests that must be executed: the options in combinations, JSON in several forms.

    The first is for one server: whoever answers from memory gives it away. The first five hold
    every shape; together with those that overlap they have every pair of `auto_trigger` and
    `resources`, each given or left out. The rest repeat them in other combinations.
    """
    one, several = drafts.servers[:1], drafts.servers
    has_servers = bool(drafts.fixtures.resources)
    if has_servers:
        yield Probe("S200.executed/one-server-spaced-in-escapes", first_valid(drafts))
    yield Probe("S200.executed/minimal", minimal(drafts))
    if not has_servers:
        yield Probe("S200.executed/spaced-in-escapes", first_valid(drafts))
    body = drafts.body(auto_trigger=True)
    triggered = drafts.request(body, accept=ANY_OF_ITS_KIND, accept_encoding="deflate")
    yield Probe("S200.executed/auto-trigger-true-other-headers", triggered)
    request = drafts.request(drafts.body(auto_trigger=False), accept=OF_A_BROWSER)
    yield Probe("S200.executed/auto-trigger-false", request)
    if has_servers:
        full = drafts.body(auto_trigger=True, resources=several[::-1])
        reversed_ = drafts.request(full, accept_encoding=None)
        yield Probe("S200.executed/full-reversed", reversed_)
        yield from _of_servers(drafts, one, several)
    fields = drafts.body()["checkpoint"].items()
    reordered = {"checkpoint": dict(reversed(fields))}
    yield Probe("S200.executed/reordered", drafts.request(reordered))


def _of_servers(drafts: Drafts, one: list[str], several: list[str]) -> Iterator[Probe]:
    """Other combinations of servers, among them each of the others alone."""
    combinations: dict[str, dict[str, Any]] = {
        **{f"server-{n}": {"resources": [server]} for n, server in enumerate(several[1:4], 2)},
        "several-servers": {"resources": several},
        "false-several-servers": {"auto_trigger": False, "resources": several},
        "auto-trigger-one-server": {"auto_trigger": True, "resources": one},
        "false-one-server": {"auto_trigger": False, "resources": one},
    }
    for name, options in combinations.items():
        yield Probe(f"S200.executed/{name}", drafts.request(drafts.body(**options)))


def overlapping(drafts: Drafts, core: Sequence[Probe]) -> Iterator[Probe]:
    """Valid requests to be under way at once, two by two.

    The first of each pair is of the `core`, which was executed before: it is repeated byte for
    byte. The second differs in its options and names none of its servers, so that whichever of the
    two is answered for the other shows it; in the other pair it is the same once more.
    """
    others = drafts.servers[1:3] or drafts.servers
    servers: dict[str, Any] = {"resources": others} if drafts.fixtures.resources else {}
    compact = _compact(drafts, {**servers, "auto_trigger": False})
    yield Probe(f"{core[0].id}-repeated", core[0].request)
    yield Probe("S200.executed/false-other-servers-compact", compact)
    yield Probe(f"{core[-1].id}-repeated", core[-1].request)
    yield Probe(f"{core[-1].id}-at-once", core[-1].request)


def minimal(drafts: Drafts) -> Request:
    """The smallest valid request."""
    return drafts.request(drafts.body())


def apart(drafts: Drafts) -> Iterator[Probe]:
    """The forms of JSON in the first valid request, each by itself, so that one can be named."""
    body = drafts.body(**first_parameters(drafts))
    fields = body["checkpoint"]
    forms = {
        "white-space": drafts.request(_filled(json.dumps(body, indent=2, ensure_ascii=False))),
        "other-order": drafts.request({"checkpoint": dict(reversed(fields.items()))}),
        "escapes": drafts.request(_escaped(json.dumps(body, ensure_ascii=False), body).encode()),
        "charset": drafts.request(body, media_type=IN_CAPITALS),
    }
    for name, request in forms.items():
        yield Probe(f"S200.executed/{name}-alone", request)


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


def first_parameters(drafts: Drafts) -> dict[str, Any]:
    """The parameters of the request that is executed first: one server, where one is known."""
    return {"resources": drafts.servers[:1]} if drafts.fixtures.resources else {}


def first_valid(drafts: Drafts, **other: Any) -> Request:
    """The request that is executed first, byte for byte, or another with the same body.

    The same JSON in another order, with white space and a charset, each text with an escape.
    """
    body = {"checkpoint": {"parameters": first_parameters(drafts), "plan_id": drafts.plan_id}}
    text = _escaped(json.dumps(body, indent=2, ensure_ascii=False), body)
    return drafts.request(_filled(text), media_type=IN_CAPITALS, **other)


def _filled(text: str) -> bytes:
    """A JSON text among white space that fills a buffer."""
    return f"\r\n{text}\t\n".encode().ljust(FILLED)


def _escaped(text: str, body: Any) -> str:
    """A body that was written as JSON, with an escape for the first character of each text."""
    for string in {each for each in _strings(body) if each and each[0] <= "\uffff"}:
        text = text.replace(f'"{string}"', f'"\\u{ord(string[0]):04x}{string[1:]}"')
    return text


def _compact(drafts: Drafts, parameters: dict[str, Any]) -> Any:
    """JSON without white space, with header fields as other clients send them."""
    text = json.dumps(drafts.body(**parameters), separators=(",", ":"), ensure_ascii=False)
    return drafts.request(
        text.encode(), token_header="x-auth-token", accept="*/*", accept_encoding="identity"
    )
