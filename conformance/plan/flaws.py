"""One thing that is wrong with a request that would be executed without it, for every clause."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from conformance.credentials.placeholders import WRONG_SIGNATURE, Derivation, placeholder
from conformance.model import Request, Token
from conformance.plan.domains.fields import without
from conformance.plan.domains.login import FORBIDDEN
from conformance.plan.drafting import Drafts

Flaws = Mapping[str, tuple[Request, ...]]
"""Requests with one thing wrong, by the clause that each breaks."""
NO_TOKEN = "S401.no-token"
LIKE_THE_TOKEN = (Derivation.EXTENDED, Derivation.MIDDLE_CHANGED, Derivation.TRANSPOSED)
"""Near-misses that have all of the token, both of its ends, or all of its characters."""


class Draft(Protocol):
    """Drafts one valid request, or the same with what is given in the place of what is right."""

    def __call__(self, **other: Any) -> Request:
        """Draft it."""


def outside(drafts: Drafts, draft: Draft) -> Flaws:
    """What can be wrong outside the body: the body stays as it is, byte for byte."""
    given = drafts.fixtures.tokens
    bad = [draft(token=drafts.strange_token())]
    if drafts.fixtures.login is Token.SIGNATURE:
        bad.append(draft(token=WRONG_SIGNATURE))
    forbidden = draft(token=placeholder(Token.FORBIDDEN), token_header="x-auth-token")
    weak = [forbidden] if Token.FORBIDDEN in given else []
    near = LIKE_THE_TOKEN if Token.GOOD in given else ()
    project, provider = drafts.project_id, drafts.fixtures.provider_id
    other = drafts.fixtures.other_project_id or drafts.changed(project, -1)
    return {
        FORBIDDEN: tuple(weak),
        NO_TOKEN: (draft(token=None),),
        "S401.bad-token": tuple(bad),
        "S401.near-miss": tuple(draft(token=derivation.placeholder) for derivation in near),
        "T1.project_id.own": (draft(project=other),),
        "T1.project_id.mandatory": (draft(project=""),),
        "T1.provider_id.value": (draft(provider=drafts.changed(provider, -1)),),
        "T1.provider_id.mandatory": (draft(provider=""),),
        "URI.get": (draft(method="GET"),),
    }


def inside(drafts: Drafts, parameters: dict[str, Any]) -> Flaws:
    """What can be wrong in the body of the valid request with `parameters`."""
    body = drafts.body(**parameters)
    text = json.dumps(body, ensure_ascii=False).encode()
    servers = parameters.get("resources", [])
    others = {name: value for name, value in parameters.items() if name != "resources"}
    plan, one = drafts.plan_id, drafts.servers[0]

    def with_servers(value: Any) -> dict[str, Any]:
        return drafts.body(**others, resources=value)

    bodies: dict[str, list[Any]] = {
        "S400.not-json": [b"", text[:-1]],
        "S400.extended-json": [text[:-2] + b",}}"],
        "T2.body.type": [[body]],
        "T2.checkpoint.mandatory": [{}],
        "T2.checkpoint.type": [{"checkpoint": [body["checkpoint"]]}],
        "T3.plan_id.mandatory": [without(body, "plan_id")],
        "T3.plan_id.type": [drafts.body({"plan_id": None}, **parameters)],
        "T3.parameters.mandatory": [without(body, "parameters")],
        "T3.parameters.type": [drafts.body({"parameters": [parameters]})],
        "T4.auto_trigger.type": [drafts.body(**{**parameters, "auto_trigger": "true"})],
        "T4.resources.type": [with_servers(",".join(servers or [one]))],
        "T4.resources.items": [with_servers([*servers, 1])],
        "S404.unknown-policy": [drafts.body({"plan_id": drafts.changed(plan, -1)}, **parameters)],
        "S404.unknown-server": [with_servers([*servers, drafts.strange_id()])],
    }
    return {clause: tuple(map(drafts.request, some)) for clause, some in bodies.items()}
