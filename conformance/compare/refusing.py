"""Which clause a refusal of a request concerns: the places of a request, and what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.compare.holding import Path, Refusal
from conformance.page.status_codes import IS_EXECUTED

CHECKPOINT, PARAMETERS = "checkpoint", "parameters"
IN_PARAMETERS: Final = (CHECKPOINT, PARAMETERS)
PLAN: Final = (CHECKPOINT, "plan_id")
AUTO_TRIGGER: Final = (*IN_PARAMETERS, "auto_trigger")
RESOURCES: Final = (*IN_PARAMETERS, "resources")
OF_TYPES: Final[dict[Path, str]] = {
    (): "T2.body.type",
    (CHECKPOINT,): "T2.checkpoint.type",
    IN_PARAMETERS: "T3.parameters.type",
    PLAN: "T3.plan_id.type",
    AUTO_TRIGGER: "T4.auto_trigger.type",
    RESOURCES: "T4.resources.type",
}
OF_FIELDS: Final[dict[Path, str]] = {
    (CHECKPOINT,): "T2.checkpoint.mandatory",
    IN_PARAMETERS: "T3.parameters.mandatory",
    PLAN: "T3.plan_id.mandatory",
    AUTO_TRIGGER: "T4.auto_trigger.values",
    RESOURCES: "T4.resources.accepted",
}
"""The clauses that a vendor breaks who has no place for a field."""
TYPES: Final[dict[Path, str]] = {
    (): "object",
    (CHECKPOINT,): "object",
    IN_PARAMETERS: "object",
    PLAN: "string",
    AUTO_TRIGGER: "boolean",
    RESOURCES: "array",
}
OF_OPTIONS: Final[dict[Path, str]] = {
    AUTO_TRIGGER: "T4.auto_trigger.optional",
    RESOURCES: "T4.resources.optional",
}
ONLY_EXAMPLES: Final = "only the examples of the page show the form of an id"


def clauses_of(refusal: Refusal, options: Mapping[str, Any]) -> Iterator[tuple[str, Path, str]]:
    """The clause that a refusal concerns, the spot, and why it is a warning only.

    `options` are the optional fields that the refused request has.
    """
    path = refusal.path
    if refusal.names:
        for name in refusal.names:
            spot = (*path, name)
            if refusal.keyword in ("required", "dependentRequired"):
                yield OF_OPTIONS.get(spot, IS_EXECUTED.id), spot, ""
            elif spot in OF_FIELDS:
                yield OF_FIELDS[spot], spot, ""
    elif path[:3] == RESOURCES and len(path) > len(RESOURCES):
        is_type = refusal.keyword == "type"
        clause = "T4.resources.items" if is_type else "T4.resources.accepted"
        yield clause, path, "" if is_type else ONLY_EXAMPLES
    elif refusal.keyword == "type" and path in OF_TYPES:
        yield OF_TYPES[path], path, ""
    elif path in (AUTO_TRIGGER, RESOURCES) or (path in OF_FIELDS and refusal.keyword == "false"):
        yield OF_FIELDS[path], path, ""
    elif path == PLAN:
        yield "T3.plan_id.type", path, ONLY_EXAMPLES
    else:
        yield _of_shape(options, path), path, ""


def _of_shape(options: Mapping[str, Any], path: Path) -> str:
    """The clause of what a request has beyond the plainest one; of the plainest, what it lacks."""
    if "resources" in options:
        return "T4.resources.accepted"
    if "auto_trigger" in options:
        return "T4.auto_trigger.values"
    return "T3.parameters.empty" if path == IN_PARAMETERS else IS_EXECUTED.id
