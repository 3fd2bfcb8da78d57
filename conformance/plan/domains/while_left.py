"""Refusals that a run sends while requests are left: few targets take one of them for right."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.plan.domains.kind import Kind
from conformance.plan.domains.login import FORBIDDEN, VOUCHED_FOR
from conformance.plan.drafting import Probe

WHILE_LEFT = (
    ("S404.unknown-policy", "a project", 1),
    ("S404.unknown-server", "long", 1),
    ("S404.unknown-server", "SQL", 1),
    ("T4.resources.type", "empty text", 1),
    ("T4.resources.items", "a boolean", 1),
    ("T3.plan_id.type", "its first digits", 1),
    (FORBIDDEN, "without permission", 2),
    ("S401.bad-token", VOUCHED_FOR, 1),
    (FORBIDDEN, "without permission, for servers", 2),
    ("T4.auto_trigger.type", "a digit", 1),
    ("S400.not-json", "names without quotes", 1),
    ("T3.parameters.type", "a boolean", 1),
    ("T1.project_id.own", "SQL", 1),
    ("S401.near-miss", "beheaded", 1),
    ("T1.provider_id.value", "encoded twice", 1),
    ("T2.checkpoint.type", "a number", 1),
    ("S404.unknown-server", "between", 1),
    (FORBIDDEN, f"without permission, {VOUCHED_FOR}", 1),
    ("T4.auto_trigger.type", "an empty object", 1),
    ("S404.unknown-server", "padded", 1),
    ("T3.parameters.type", "empty text", 1),
    ("T4.auto_trigger.type", "a word as text", 1),
    (FORBIDDEN, "without permission, as text", 1),
    ("S404.unknown-server", "a keyword", 1),
    ("S404.unknown-policy", "a keyword", 1),
    ("S401.no-token", "a name and password", 1),
    ("S404.unknown-policy", "padded", 1),
    ("T4.auto_trigger.type", "an empty list", 1),
    ("S400.extended-json", "a control character", 1),
)
"""Clauses and kinds, the likeliest first, and how many requests of each."""

BEFORE_OPEN_POINTS = 9
"""The first requests of them, which go before those that the page leaves open."""


def while_left(kinds: Iterable[Kind]) -> list[Probe]:
    """The requests in that order: of each kind those behind the ones that are in every plan."""
    named = {(kind.clause, kind.name): kind for kind in kinds}
    found = ((named.get((clause, name)), most) for clause, name, most in WHILE_LEFT)
    return [probe for kind, most in found if kind is not None for probe in kind.drawn[:most]]
