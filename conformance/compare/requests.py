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
from conformance.compare.holding import Refusal, VendorSchema
from conformance.compare.mending import widening
from conformance.compare.model import Direction, Part, Severity, Witness
from conformance.compare.refusing import (
    CHECKPOINT,
    IN_PARAMETERS,
    OF_FIELDS,
    OF_OPTIONS,
    ONLY_EXAMPLES,
    PARAMETERS,
    RESOURCES,
    TYPES,
    clauses_of,
)
from conformance.contract.schema import dotted
from conformance.page.unread import OVERSIZED_BODY

NO_SERVERS: Final = {
    1: "no request for a server is allowed, whatever its id",
    2: "no request for two different servers is allowed, whatever their ids",
}
OF_LIMITS: Final = "the service may have limits, and the page does not say how large they are"
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
        self._servers_lacking(frame, page.servers)
        self._many(frame, page.servers)

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
        self._raise("")

    def _servers_lacking(self, frame: Frame, servers: tuple[str, ...]) -> None:
        """One or two servers cannot be asked for, whatever the form of an id: this is an error."""
        never = (n for n in NO_SERVERS if self.schema.never_meets(_with_servers(frame, n)))
        number = next(never, 0)
        if not number:
            return
        listed = [frame.servers[0], servers[-1]][:number]
        self._blame_number(frame, Shape({**frame.inside, "resources": listed}))
        clause = OF_FIELDS[RESOURCES]
        known = [found for found in self.findings.differences if found.clause.id == clause]
        if all(found.severity is Severity.WARNING for found in known):
            self._raise(NO_SERVERS[number], clause)

    def _raise(self, because: str, clause: str = "") -> None:
        """Make errors of the warnings about the form of an id, all or those of a clause."""
        self.findings.differences = [
            replace(found, severity=Severity.ERROR, because=because)
            if found.because == ONLY_EXAMPLES
            and found.direction is Direction.REQUEST
            and clause in ("", found.clause.id)
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
        for number in (2, 1):
            wanted = _with_servers(frame, number)
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

    def _note(self, request: Any, refusal: Refusal, shape: Shape, warning: str = "") -> None:
        for clause, path, why in clauses_of(refusal, shape.parameters):
            spot = dotted(path) or "the body"
            self.findings.differs(
                Direction.REQUEST,
                clause,
                refusal.pointer,
                f"{spot}: {refusal.message}",
                Witness(Part.BODY, request, dotted(path), self.schema.pointer),
                warning=why or warning,
                change=widening(self.schema, refusal, TYPES.get(path, ""), request),
            )

    def _many(self, frame: Frame, servers: tuple[str, ...]) -> None:
        """As many servers as a request may name before its size alone may be refused."""
        first = servers[0]
        known = [*servers, *(f"{first[:-12]}{number:012x}" for number in range(1 << 11))]
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
        self._blame_number(frame, shape, warning=OF_LIMITS)

    def _blame_number(self, frame: Frame, shape: Shape, warning: str = "") -> None:
        for refusal in self._about_number(frame, shape):
            self._note(frame.request(shape), refusal, shape, warning)

    def _about_number(self, frame: Frame, shape: Shape) -> list[Refusal]:
        """Why a list is refused as such. Ids that this suite made up may well be refused."""
        refusals = self.schema.refusals(frame.request(shape))
        return [refusal for refusal in refusals if refusal.path[: len(RESOURCES) + 1] == RESOURCES]


def _with_servers(frame: Frame, number: int) -> dict[str, Any]:
    """The schema of requests for at least so many servers, whatever their ids."""
    resources = {"type": "array", "minItems": number, "uniqueItems": True, "items": TEXT}
    inner = {"type": "object", "required": ["resources"], "properties": {"resources": resources}}
    checkpoint = {
        "type": "object",
        "required": ["plan_id", PARAMETERS],
        "properties": {"plan_id": {"const": frame.plan}, PARAMETERS: inner},
    }
    names = [*frame.request(Shape({}))]
    return {"type": "object", "required": names, "properties": {CHECKPOINT: checkpoint}}
