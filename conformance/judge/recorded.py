"""Traffic that was recorded elsewhere: what it does not tell is held against nobody.

A run knows that its fixtures exist while it lasts, and made up every other id itself. A recording
may be of days in which tokens expired and policies were deleted.
"""

from __future__ import annotations

from conformance.contract.clauses import Clause
from conformance.model import Exchange
from conformance.page.hindrance import wrong_fixture
from conformance.page.oracle import Expectation

UNSEEN = (
    "no execution was seen: the recording has the answers to valid requests without a body, or not "
    "as it came; record with content"
)
NO_BODY = "the recording has the status of an answer without its body, which may say why"


def may_have_changed(exchange: Exchange, expectation: Expectation) -> str:
    """Why a refusal may be right though the fixtures were good once; empty where nothing says so.

    A request that names no policy cannot meet one that is gone; but where it breaks several lines,
    which of them a refusal is about is known only where nothing else was doubtful.
    """
    call = expectation.call
    if call.fixtures.complete or exchange.response is None:
        return ""
    status = exchange.response.status
    if wrong_fixture(exchange.response) is None:
        return ""
    if status == 404 and expectation.decisive and not isinstance(call.plan_id, str):
        return ""
    return f"answered {status}: a token may have expired by then, a policy or server be gone"


def why_unseen(clause: Clause, *, complete: bool) -> str:
    """Why no exchange decided a clause."""
    is_untold = clause.unrecorded and not complete
    return (
        f"a recording does not tell {clause.unrecorded}" if is_untold else "no response showed it"
    )
