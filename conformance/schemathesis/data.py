"""The fixtures as data: in the document that is drawn from, and as requests of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.contract import load_contract
from conformance.credentials.braces import plain_body
from conformance.model import Fixtures, Request
from conformance.page.call import Call
from conformance.page.oracle import Duty, Expectation
from conformance.plan.drafting import JSON_MEDIA_TYPE
from conformance.plan.planner import Planner, Profile
from conformance.schemathesis.conversion import request_of, to_be_sent
from conformance.schemathesis.targets import NO_TARGET_YET, OPERATION, Target, target_at

Element = dict[str, Any]
LONGEST_CHAIN = 32
"""References that lead to one another, at most."""
SPARE = 2
"""Spare requests of the plan that are sent: they tell a shape from a combination of shapes."""
LEFT_TO_SCHEMATHESIS = frozenset({"user-agent", "accept", "accept-encoding"})


def narrow(document: Element, fixtures: Fixtures) -> None:
    """Give what names an object in the page's operation the fixtures as its only values.

    So every legal request that Schemathesis makes up can be executed. Documents that do not have
    the operation, and parts of it that they describe in another way, stay as they are.
    """
    for path, item in _mapping(document.get("paths")).items():
        if OPERATION.search(path):
            _narrow_operation(document, _mapping(item), fixtures)


def _narrow_operation(document: Element, item: Element, fixtures: Fixtures) -> None:
    operation = _mapping(item.get("post"))
    values = {"project_id": fixtures.project_id, "provider_id": fixtures.provider_id}
    for parameter in (*_list(item.get("parameters")), *_list(operation.get("parameters"))):
        found = _resolved(document, parameter)
        if value := values.get(str(found.get("name"))):
            found["schema"] = {**_resolved(document, found.get("schema")), **_one_of(value)}
            found["example"] = value
            found.pop("examples", None)
    body = _resolved(document, operation.get("requestBody"))
    for content in map(_mapping, _mapping(body.get("content")).values()):
        content.pop("example", None)
        content.pop("examples", None)
        checkpoint = _property(document, _resolved(document, content.get("schema")), "checkpoint")
        if fixtures.plan_id and _property(document, checkpoint, "plan_id"):
            named = _property(document, checkpoint, "plan_id")
            checkpoint["properties"]["plan_id"] = {**named, **_one_of(fixtures.plan_id)}
        servers = _property(document, _property(document, checkpoint, "parameters"), "resources")
        if fixtures.resources and "items" in servers:
            items = _resolved(document, servers["items"])
            servers["items"] = {**items, **_one_of(*fixtures.resources)}


def _one_of(*values: str) -> Element:
    return {"type": "string", "enum": list(values)}


def _property(document: Element, schema: Element, name: str) -> Element:
    return _resolved(document, _mapping(schema.get("properties")).get(name))


def _resolved(document: Element, element: Any) -> Element:
    """An element behind its references within the document; an empty one where there is none."""
    for _ in range(LONGEST_CHAIN):
        if not isinstance(element, dict) or "$ref" not in element:
            break
        target: Any = document
        for step in str(element["$ref"]).removeprefix("#/").split("/"):
            target = _mapping(target).get(step)
        element = target
    return _mapping(element)


def _mapping(value: Any) -> Element:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def planned_cases(operation: Any) -> Iterator[tuple[str, Any]]:
    """The directed requests of the plan as cases, each with the name of its probe, in their order.

    Left out are those that Schemathesis cannot send as they are. Raises UsageError.
    """
    target = target_at()
    planner = Planner(
        load_contract(),
        target.settings.fixtures,
        profile=Profile.STANDARD,
        seed=target.settings.seed,
        only=target.settings.only,
        max_executions=target.settings.execution_limit,
    )
    plan = planner.directed
    # The order is fixed here. A lenient target executes several open points at once; one that
    # refuses those refuses most of them alone as well, and no execution is spent: the last ones are
    # the likeliest to be refused, and go first.
    alone = {p for p in plan.choices if planner.oracle.expect(p.request).decisive is not None}
    together = (probe for probe in plan.choices if probe not in alone)
    by_itself = (probe for probe in reversed(plan.choices) if probe in alone)
    first = (*plan.refusals, *plan.valid, *plan.behind, *plan.late, *plan.in_a_row, *plan.again)
    first += plan.while_left
    for probe in (*first, *together, *plan.spare[:SPARE], *by_itself):
        case = _as_case(operation, probe.request, target)
        if case is not None and _says_the_same(case, probe.request, target):
            yield probe.id, case


def _as_case(operation: Any, request: Request, target: Target) -> Any:
    call = Call(request, target.settings.fixtures)
    if not call.is_operation:
        return None
    return operation.Case(
        path_parameters=_path_parameters(operation, call),
        headers={
            name: target.secrets.reveal(value)
            for name, value in request.headers
            if name.lower() not in LEFT_TO_SCHEMATHESIS
        },
        body=plain_body(request.body),  # bytes are sent as they are
        media_type=JSON_MEDIA_TYPE,
    )


def _path_parameters(operation: Any, call: Call) -> Element:
    """The ids under the names that the document has for them."""
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return dict(zip(names[-2:], (call.project_id, call.provider_id), strict=True))


def _says_the_same(case: Any, request: Request, target: Target) -> bool:
    expect = target.oracle.expect
    return _meaning(expect(draft_of(case, target))) == _meaning(expect(request))


def _meaning(expectation: Expectation) -> tuple[Any, ...]:
    breaches = [breach.clause.id for breach in expectation.breaches]
    features = expectation.features if expectation.duty is Duty.EXECUTE else None
    return expectation.duty, sorted(breaches), features


def draft_of(case: Any, target: Target) -> Request:
    """A case as a request to a target that is not known yet."""
    return request_of(case, to_be_sent(case, NO_TARGET_YET), target.secrets)
