"""Status Codes: which response a request may get, and objects that are not found."""

from __future__ import annotations

from conformance.contract.clauses import SHOULD, TO_EXECUTE, Fixture, Source, StatusCodes
from conformance.page.call import Call
from conformance.page.ids import same_id
from conformance.page.registry import input_clause, status_clause

IS_EXECUTED = status_clause(
    "S200.executed",
    StatusCodes(200),
    "A request that breaks no clause is executed: 200.",
    needs=TO_EXECUTE,
)
LISTED = status_clause(
    "S.listed",
    Source("Status Codes"),
    "Every response has one of the listed status codes. 415 is also allowed for another media "
    "type or a content coding, and 413, 414 or 431 for an oversized request. 429 and a 5xx that is "
    "not listed are judged as 500 or 503 are.",
)
BAD_REQUEST = status_clause(
    "S500.bad-request", StatusCodes(500), "A request that breaks a clause does not get 500."
)
MOMENTARY_ERROR = status_clause(
    "S500.momentary",
    StatusCodes(500),
    "No request gets an internal error, not even one that is gone when it is repeated.",
    level=SHOULD,
    observed="nothing can provoke it: it is judged when a 500 is seen",
)
MOMENTARY = status_clause(
    "S503.momentary",
    StatusCodes(503),
    "No request gets no response, 429, 502, 503 or 504 every time while others are served.",
)


@input_clause(
    "S404.unknown-policy",
    StatusCodes(404),
    answers={400, 404},
    needs=(Fixture.PLAN,),
    unrecorded="which other policies exist",
)
def unknown_policy(call: Call) -> bool | None:
    """A policy that does not exist is refused with 404, or with 400."""
    if not isinstance(call.plan_id, str):
        return False
    known = call.fixtures.plan_id
    if known is not None and same_id(call.plan_id, known):
        return False
    return True if call.fixtures.complete else None


@input_clause(
    "S404.unknown-server",
    StatusCodes(404),
    answers={400, 404},
    needs=(Fixture.RESOURCE,),
    unrecorded="which other servers exist",
)
def unknown_server(call: Call) -> bool | None:
    """A server that does not exist is refused with 404, or with 400, even beside one that does."""
    known = call.fixtures.resources
    strange = [
        server for server in call.named_servers if not any(same_id(server, k) for k in known)
    ]
    if not strange:
        return False
    return True if call.fixtures.complete else None
