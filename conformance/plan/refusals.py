"""Directed probes that must be refused, in the order of the document, and again later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.credentials.placeholders import Derivation
from conformance.model import Token
from conformance.plan.domains.fields import without
from conformance.plan.domains.login import without_permission
from conformance.plan.domains.table import table
from conformance.plan.drafting import Drafts, Probe


def refusals(drafts: Drafts) -> Iterator[Probe]:
    """Every directed request that a conforming implementation refuses, with a name for it."""
    for kind in table(drafts):
        yield from kind.probes


def first_question(drafts: Drafts) -> Probe:
    """The probe that goes first: whoever reads it refuses it with 400, and finds all else right."""
    incomplete = without(drafts.body(), "parameters")
    return Probe("T3.parameters.mandatory/minimal", drafts.request(incomplete))


def again(drafts: Drafts) -> Iterator[Probe]:
    """A refusal for every line that a request can break, for when the policy has been executed.

    Each is a request that was executed, with one thing wrong: whatever was remembered of that one
    would make this one pass. The token without permission, which nothing has tried before, goes
    first: a target that mistakes one token for the other may allow both, or neither, from then on.
    """
    one = drafts.servers[:1] if drafts.fixtures.resources else []
    parameters: dict[str, Any] = {"resources": one} if one else {}
    body = drafts.body(**parameters)
    text = json.dumps(body).encode()
    for kind in without_permission(drafts):
        yield from kind.probes
    yield Probe("S401.no-token/again", drafts.request(body, token=None))
    yield Probe("S401.bad-token/again", drafts.request(body, token=drafts.strange_token()))
    if Token.GOOD in drafts.fixtures.tokens:
        longer = drafts.request(body, token=Derivation.EXTENDED.placeholder)
        yield Probe("S401.near-miss/again", longer)
    project = drafts.request(body, project=drafts.changed(drafts.project_id, -1))
    yield Probe("T1.project_id.own/again", project)
    provider = drafts.request(body, provider=drafts.changed(drafts.fixtures.provider_id, -1))
    yield Probe("T1.provider_id.value/again", provider)
    yield Probe("S400.not-json/again", drafts.request(b""))
    yield Probe("S400.not-json/cut-again", drafts.request(text[:-1]))
    changed: dict[str, Any] = {
        "T2.body.type": [body],
        "T2.checkpoint.mandatory": {},
        "T2.checkpoint.type": {"checkpoint": [body["checkpoint"]]},
        "T3.plan_id.mandatory": without(body, "plan_id"),
        "T3.plan_id.type": drafts.body({"plan_id": [drafts.plan_id]}, **parameters),
        "T3.parameters.mandatory": without(body, "parameters"),
        "T3.parameters.type": drafts.body({"parameters": [parameters]}),
        "T4.auto_trigger.type": drafts.body(**parameters, auto_trigger="false"),
        "T4.resources.type": drafts.body(resources=drafts.servers[0]),
        "T4.resources.items": drafts.body(resources=[*one, 1]),
        "S404.unknown-policy": drafts.body(
            {"plan_id": drafts.changed(drafts.plan_id, -1)}, **parameters
        ),
        "S404.unknown-server": drafts.body(resources=[*one, drafts.strange_id()]),
    }
    for clause, wrong in changed.items():
        yield Probe(f"{clause}/again", drafts.request(wrong))
