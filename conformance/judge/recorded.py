"""Traffic that was recorded elsewhere: what it does not tell is held against nobody.

A run knows that its fixtures exist while it lasts, and made up every other id itself. A recording
may be of days in which tokens expired and policies were deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from msgspec.structs import replace

from conformance.contract.clauses import Clause
from conformance.credentials.placeholders import RECORDED_TOKEN, placeholder
from conformance.judge.standing import OFTEN
from conformance.model import Exchange, Token
from conformance.page.answer import error_code
from conformance.page.call import Call, TokenState
from conformance.page.hindrance import wrong_fixture
from conformance.page.ids import same_id
from conformance.page.json_text import NotKnown
from conformance.page.oracle import Expectation

GOOD_TOKEN = placeholder(Token.GOOD)
UNSEEN = (
    "no execution was seen: the recording has the answers to valid requests without a body, or not "
    "as it came; record with content"
)
OF_TWO_PROJECTS = (
    "a token of --project-id was accepted for another project as well; a recording does not tell "
    "which projects a token is for"
)
NO_BODY = (
    "the recording has the status of a refusal without its body, where a published code may have "
    "said why"
)


def may_have_changed(exchange: Exchange, expectation: Expectation, stood: int) -> str:
    """Why a refusal may be right though the fixtures were good once; empty where nothing says so.

    `stood` is how often such a refusal came between executions that show that they were good.
    A token that is not there has no rights to lose, and a request that names no policy cannot meet
    one that is gone; but where it breaks several lines, which of them a refusal is about is known
    only where nothing else was doubtful.
    """
    call = expectation.call
    if call.fixtures.complete or exchange.response is None:
        return ""
    status = exchange.response.status
    if wrong_fixture(exchange.response) is None:
        return ""
    if status == 403 and call.token is TokenState.ABSENT:
        return ""
    if status == 404 and expectation.decisive and not isinstance(call.plan_id, str):
        return ""
    if stood >= OFTEN:
        return ""
    if stood:
        return f"answered {status} between executions that show its token and ids to be good, once"
    return f"answered {status}: a token may have expired by then, a policy or server be gone"


def spelled_otherwise(call: Call) -> Iterator[str]:
    """The options whose UUIDs a request has in another spelling than the user gave."""
    known = call.fixtures
    pairs = [("--project-id", call.project_id or "", known.project_id)]
    if not isinstance(call.json, NotKnown):
        plan_id = call.plan_id if isinstance(call.plan_id, str) else ""
        servers = product(["--resource"], call.named_servers, known.resources)
        pairs += [("--plan-id", plan_id, known.plan_id), *servers]
    for option, written, given in pairs:
        if given and written != given and same_id(written, given):
            yield option


def says_too_little(exchange: Exchange) -> bool:
    """Whether a published code may have come with a refusal that the recording does not have."""
    response = exchange.response
    if response is None or response.status < 400 or response.whole:
        return False
    return error_code(response) is None


def as_first_asked(exchange: Exchange) -> Exchange:
    """The same request as it stands in a recording before its token was accepted."""
    headers = tuple(
        (name, RECORDED_TOKEN if value == GOOD_TOKEN else value)
        for name, value in exchange.request.headers
    )
    return replace(exchange, request=replace(exchange.request, headers=headers))


def why_unseen(clause: Clause, *, complete: bool) -> str:
    """Why no exchange decided a clause."""
    is_untold = clause.unrecorded and not complete
    return (
        f"a recording does not tell {clause.unrecorded}" if is_untold else "no response showed it"
    )
