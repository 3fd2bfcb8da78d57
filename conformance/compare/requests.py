"""Bodies of requests: what the contract obliges a vendor to execute must fit the vendor's schema.

The page leaves the form of an id to the vendor: an id that names nothing is refused rightly. What
is obliged are therefore the shapes of a request, with ids that the vendor's schema allows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from conformance.compare.findings import Findings
from conformance.compare.generating import NothingFound, drawn
from conformance.compare.holding import Path, Refusal, VendorSchema
from conformance.compare.mending import widening
from conformance.compare.model import Direction, Part, Severity, Witness
from conformance.contract.schema import dotted
from conformance.page.status_codes import IS_EXECUTED
from conformance.page.unread import OVERSIZED_BODY

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
TEXT: Final = {"type": "string", "minLength": 1}


@dataclass(frozen=True)
class Frame:
    """What every request carries: ids, and what a vendor asks for besides the page's fields."""

    plan: str
    servers: tuple[str, ...]
    outside: dict[str, Any] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    inside: dict[str, Any] = field(default_factory=dict)

    def request(self, shape: Shape) -> dict[str, Any]:
        """A request of a shape."""
        parameters = {**self.inside, **shape.parameters}
        checkpoint = {**self.beside, "plan_id": self.plan, PARAMETERS: parameters}
        return {**self.outside, CHECKPOINT: checkpoint}


@dataclass(frozen=True)
class Shape:
    """The optional fields of a request."""

    parameters: dict[str, Any]

    def can_stand_in(self, frame: Frame) -> bool:
        """Whether the shape has the optional fields that a vendor insists on."""
        return all(name in self.parameters for name in frame.inside if (*IN_PARAMETERS, name)
                   in OF_OPTIONS)  # fmt: skip


def shapes(servers: tuple[str, ...]) -> Iterator[Shape]:
    """Every shape of a request that must be executed, the simpler ones first."""
    some = [[servers[0]]] + ([list(servers[:2])] if len(servers) > 1 else [])
    yield Shape({})
    for value in (False, True):
        yield Shape({"auto_trigger": value})
    for listed in some:
        yield Shape({"resources": listed})
    for value in (False, True):
        for listed in some:
            yield Shape({"auto_trigger": value, "resources": listed})


def examples(findings: Findings) -> Frame:
    """The ids that the contract's examples have."""
    told = findings.contract.document["components"]["examples"]["request_full"]["value"]
    checkpoint = told[CHECKPOINT]
    return Frame(checkpoint["plan_id"], tuple(checkpoint[PARAMETERS]["resources"]))


def compare_requests(findings: Findings, schema: VendorSchema) -> None:
    """Note every obliged request that the vendor's schema of the body does not allow."""
    _Requests(findings, schema).compare()


class _Requests:
    def __init__(self, findings: Findings, schema: VendorSchema) -> None:
        self.findings = findings
        self.schema = schema

    def compare(self) -> None:
        page = examples(self.findings)
        self._blame(page, Shape({}))
        frame = self._plan_allowed(page)
        if frame is None:
            return
        listed = next((s for s in shapes(frame.servers) if "resources" in s.parameters
                       and s.can_stand_in(frame)), None)  # fmt: skip
        if listed is not None and not self.schema.accepts(frame.request(listed)):
            self._blame(frame, listed)
            frame = self._servers_allowed(frame)
        for shape in shapes(frame.servers):
            if shape.can_stand_in(frame):
                self._blame(frame, shape)
        if frame.servers == page.servers:
            self._many(frame)

    def _plan_allowed(self, page: Frame) -> Frame | None:
        """A frame in which the vendor allows some request; None where there is none."""
        if self.schema.accepts(page.request(Shape({}))):
            return page
        inner = {"type": "object", "properties": {"auto_trigger": {"type": "boolean"},
                 "resources": {"type": "array", "items": TEXT}}}  # fmt: skip
        checkpoint = {
            "type": "object",
            "required": ["plan_id", PARAMETERS],
            "properties": {"plan_id": TEXT, PARAMETERS: inner},
        }
        open_request = {
            "type": "object",
            "required": [CHECKPOINT],
            "properties": {CHECKPOINT: checkpoint},
        }
        with_page_ids = json.loads(json.dumps(open_request))
        with_page_ids["properties"][CHECKPOINT]["properties"]["plan_id"] = {"const": page.plan}
        for wanted in (with_page_ids, open_request):
            if (found := self._drawn(wanted)) is not None:
                return self._framed(page, found)
        self._none_allowed(page, open_request)
        return None

    def _none_allowed(self, page: Frame, open_request: dict[str, Any]) -> None:
        """No request at all is allowed: then a restriction of the policy's id is an error too."""
        if not self.schema.never_meets(open_request):
            return
        own = Direction.REQUEST
        self.findings.differences = [
            replace(found, severity=Severity.ERROR, because="")
            if found.because == ONLY_EXAMPLES and found.direction is own
            else found
            for found in self.findings.differences
        ]

    def _framed(self, page: Frame, found: Any) -> Frame:
        checkpoint = found[CHECKPOINT]
        inside = checkpoint[PARAMETERS]
        own = ("plan_id", PARAMETERS)
        frame = Frame(
            plan=checkpoint["plan_id"],
            servers=page.servers,
            outside={name: value for name, value in found.items() if name != CHECKPOINT},
            beside={name: value for name, value in checkpoint.items() if name not in own},
        )
        needed = {name: value for name, value in inside.items()
                  if not self._goes_without(found, name)}  # fmt: skip
        return replace(frame, inside=needed)

    def _goes_without(self, found: Any, name: str) -> bool:
        """Whether a request is allowed without one of its parameters."""
        fewer = json.loads(json.dumps(found))
        del fewer[CHECKPOINT][PARAMETERS][name]
        return self.schema.accepts(fewer)

    def _servers_allowed(self, frame: Frame) -> Frame:
        """The frame with servers that the vendor's schema allows, where there are any."""
        base = frame.request(Shape({}))
        for number in (2, 1):
            resources = {"type": "array", "minItems": number, "uniqueItems": True, "items": TEXT}
            inner = {"type": "object", "required": ["resources"],
                     "properties": {"resources": resources}}  # fmt: skip
            checkpoint = {
                "type": "object",
                "required": ["plan_id", PARAMETERS],
                "properties": {"plan_id": {"const": frame.plan}, PARAMETERS: inner},
            }
            wanted = {
                "type": "object",
                "required": [*base],
                "properties": {CHECKPOINT: checkpoint},
            }
            if (found := self._drawn(wanted)) is not None:
                listed = found[CHECKPOINT][PARAMETERS]["resources"]
                return replace(frame, servers=tuple(map(str, listed)))
        return frame

    def _drawn(self, wanted: dict[str, Any]) -> Any:
        try:
            return drawn(self.schema, wanted, lambda value: True)
        except NothingFound as problem:
            if problem.is_unsupported:
                told = f"no request could be generated from this schema: {problem}"
                self.findings.cannot(self.schema.pointer, told)
            return None

    def _blame(self, frame: Frame, shape: Shape) -> None:
        request = frame.request(shape)
        for refusal in self.schema.refusals(request):
            self._note(request, refusal, shape)

    def _note(self, request: Any, refusal: Refusal, shape: Shape) -> None:
        for clause, path, warning in _clauses(refusal, shape):
            spot = dotted(path) or "the body"
            self.findings.differs(
                Direction.REQUEST,
                clause,
                refusal.pointer,
                f"{spot}: {refusal.message}",
                Witness(Part.BODY, request, dotted(path), self.schema.pointer),
                warning=warning,
                change=widening(self.schema, refusal, TYPES.get(path, ""), request),
            )

    def _many(self, frame: Frame) -> None:
        """As many servers as a request may name before its size alone may be refused."""
        first = frame.servers[0]
        known = [*frame.servers, *(f"{first[:-12]}{number:012x}" for number in range(1 << 11))]
        most = OVERSIZED_BODY // (len(first) + 4) - 20

        def allowed(number: int) -> bool:
            shape = Shape({**frame.inside, "resources": known[:number]})
            return not self._about_number(frame, shape)

        if not allowed(2) or allowed(most):
            return
        fewest, enough = 2, most
        while enough - fewest > 1:
            middle = (fewest + enough) // 2
            fewest, enough = (middle, enough) if allowed(middle) else (fewest, middle)
        shape = Shape({**frame.inside, "resources": known[:enough]})
        for refusal in self._about_number(frame, shape):
            self._note(frame.request(shape), refusal, shape)

    def _about_number(self, frame: Frame, shape: Shape) -> list[Refusal]:
        """Why a list is refused as such. Ids that this suite made up may well be refused."""
        refusals = self.schema.refusals(frame.request(shape))
        return [refusal for refusal in refusals if refusal.path[: len(RESOURCES) + 1] == RESOURCES]


def _clauses(refusal: Refusal, shape: Shape) -> Iterator[tuple[str, tuple[str | int, ...], str]]:
    """The clause that a refusal concerns, the spot, and why it is a warning only."""
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
        yield _of_shape(shape, path), path, ""


def _of_shape(shape: Shape, path: tuple[str | int, ...]) -> str:
    """The clause of what a request has beyond the plainest one; of the plainest, what it lacks."""
    if "resources" in shape.parameters:
        return "T4.resources.accepted"
    if "auto_trigger" in shape.parameters:
        return "T4.auto_trigger.values"
    return "T3.parameters.empty" if path == IN_PARAMETERS else IS_EXECUTED.id
