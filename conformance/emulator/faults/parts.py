"""Pieces that several faults are made of."""

import re

from conformance.emulator.error_codes import ErrorCode
from conformance.emulator.messages import Refusal, Response
from conformance.emulator.world import Policy, Project, World

HANG_UP = Response(500, hang_up=True)
"""No response at all: the connection is closed."""
SILENCE = Response(500, delay=24 * 60 * 60)
"""No response for longer than anybody waits."""


def changed(fields: object, **values: object) -> object:
    """Return a rendered object in which some fields have other ``values``."""
    assert isinstance(fields, dict)
    return {**fields, **values}


def without(fields: object, name: str) -> object:
    """Return a rendered object without one of its fields."""
    assert isinstance(fields, dict)
    return {field: value for field, value in fields.items() if field != name}


def crash() -> Refusal:
    """Return what a client sees of an exception that nobody caught."""
    row = ErrorCode.FAILED
    return Refusal(row.status, row.code, row.text("request"))


def unavailable() -> Refusal:
    """Return a refusal that says "not now"."""
    return Refusal(503, "CSBS.0503", "Service unavailable.")


def policies_of(world: World, project: Project) -> list[Policy]:
    """Return the policies of a project."""
    return [policy for policy in world.policies if policy.project == project.id]


def is_like(known: str, sent: str) -> bool:
    """Whether an id is LIKE a pattern, in which a percent sign stands for anything."""
    return re.fullmatch(re.escape(sent).replace("%", ".*"), known) is not None
