"""Authentication: the status codes 401 and 403, and the token that decides them."""

from __future__ import annotations

from conformance.contract.clauses import Fixture, StatusCodes
from conformance.page.call import Call, TokenState
from conformance.page.registry import input_clause

FRESH = 60.0
"""Seconds for which a token that was just given has certainly not expired."""


@input_clause("S401.no-token", StatusCodes(401), answers={401})
def no_token(call: Call) -> bool:
    """A request without a token, or with an empty one, is refused with 401."""
    return call.is_operation and call.token is TokenState.ABSENT


@input_clause(
    "S401.bad-token",
    StatusCodes(401),
    answers={401},
    unrecorded="which tokens were never issued",
)
def bad_token(call: Call) -> bool | None:
    """A token that was never issued is refused with 401."""
    if call.token is TokenState.UNKNOWN:
        return None
    return call.is_operation and call.token is TokenState.BAD


@input_clause(
    "S401.near-miss",
    StatusCodes(401),
    answers={401},
    needs=(Fixture.TOKEN,),
    unrecorded="which tokens resemble one that was issued",
)
def near_miss(call: Call) -> bool:
    """A token that differs little from a valid one (it is longer, shorter, or changed in the
    middle) is refused with 401.
    """
    return call.is_operation and call.token is TokenState.NEAR_MISS


@input_clause(
    "S403.forbidden-token",
    StatusCodes(403),
    answers={403},
    needs=(Fixture.FORBIDDEN_TOKEN,),
    unrecorded="which tokens lack the permission",
)
def forbidden_token(call: Call) -> bool | None:
    """A valid token without the permission is refused with 403."""
    if call.token is TokenState.UNKNOWN:
        return None
    return call.is_operation and call.token is TokenState.FORBIDDEN
