"""The names of fields: mandatory ones left out, and names that are none (Tables 2 to 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.plan.domains.kind import Kind, Place, kinds
from conformance.plan.drafting import Drafts

OTHER_NAMES = ("planId", "plan-id", "policy_id", "policyId", "plan", "policy")
"""What others call the policy, or write it like: who takes any of them finds it."""


def missing(drafts: Drafts) -> Iterator[Kind]:
    """Mandatory fields left out, with nothing else or something that resembles them."""
    small, full = drafts.body(), drafts.body(**drafts.full_parameters)
    plan, one, checkpoint = drafts.plan_id, drafts.servers[0], small["checkpoint"]
    planned: dict[str, dict[str, Any]] = {
        "T2.checkpoint.mandatory": {
            "empty": {},
            "unwrapped": checkpoint,
            "other": {"checkpoints": checkpoint},
        },
        "T3.plan_id.mandatory": {
            "minimal": without(small, "plan_id"),
            "other names": _renamed(small, *OTHER_NAMES),
            "inside": {"checkpoint": {"parameters": {"plan_id": plan}}},
            "outside": {"plan_id": plan, **without(small, "plan_id")},
        },
        "T3.parameters.mandatory": {
            "minimal": without(small, "parameters"),
            "of a prototype": {"checkpoint": {"__proto__": checkpoint}},
            "flattened": {"checkpoint": {"plan_id": plan, "resources": [one]}},
        },
    }
    drawn: dict[str, dict[str, list[Any]]] = {
        "T2.checkpoint.mandatory": {
            "with a path": [{"checkpoint.plan_id": plan}, {"checkpoint[plan_id]": plan}],
            "wrapped twice": [{"request": small}, {"body": small}],
            "of a prototype": [{"__proto__": small}],
        },
        "T3.plan_id.mandatory": {
            "minimal": [without(full, "plan_id")],
            "other names": [_renamed(small, name) for name in OTHER_NAMES],
            "of a prototype": [_renamed(small, "__proto__")],
        },
        "T3.parameters.mandatory": {
            "both": [{"checkpoint": {}}],
            "another name": [
                {"checkpoint": {"plan_id": plan, name: {}}} for name in ("params", "parameter")
            ],
            "outside": [{"parameters": {}, **without(small, "parameters")}],
        },
    }
    for clause, bodies in planned.items():
        yield from kinds(Place.FIELDS, clause, drafts.request, bodies, drawn[clause])


def without(body: dict[str, Any], field: str) -> dict[str, Any]:
    """The body without a field of its checkpoint."""
    return {"checkpoint": {k: v for k, v in body["checkpoint"].items() if k != field}}


def _renamed(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """The body with its policy under other names."""
    fields = dict(body["checkpoint"])
    return {"checkpoint": {**dict.fromkeys(names, fields.pop("plan_id")), **fields}}
