"""Refusals made of what a target gave with an execution: names, and cookies."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from conformance.credentials.braces import escape_body
from conformance.credentials.placeholders import Derivation, placeholder
from conformance.model import Headers, Token, header_values
from conformance.page.answer import Execution, NotReached
from conformance.page.json_text import NotKnown
from conformance.page.permitted import TOKEN_HEADERS
from conformance.plan.domains.login import FORBIDDEN
from conformance.plan.drafting import Probe, as_json
from conformance.plan.flaws import NO_TOKEN

LONGEST_NAME = 255
"""Characters of a name that is worth a request: longer ones are no names."""


def echoed(execution: Execution) -> Iterator[Probe]:
    """The same request with the name of the policy or of a server for its id, and with cookies that
    came for a token.

    What a target gives beside a checkpoint stands for nothing that the page asks for. The headers
    are as they are stored, with placeholders for secrets, and so are those of the response.
    """
    request = execution.exchange.request
    policy, server = _names(execution)
    plan_id = execution.call.plan_id
    checkpoints = {
        "S404.unknown-policy/its-name": (policy, {"plan_id": policy, "parameters": {}}),
        "S404.unknown-server/its-name": (
            server,
            {"plan_id": plan_id, "parameters": {"resources": [server]}},
        ),
    }
    for probe, (name, checkpoint) in checkpoints.items():
        if 0 < len(name) <= LONGEST_NAME:
            body = escape_body(as_json({"checkpoint": checkpoint}))
            yield Probe(probe, replace(request, body=body))
    came = header_values(execution.response.headers, "Set-Cookie")
    if not came:
        return
    cookie = ("Cookie", "; ".join(each.partition(";")[0].strip() for each in came))
    without = tuple(pair for pair in request.headers if pair[0].lower() not in TOKEN_HEADERS)
    yield Probe(f"{NO_TOKEN}/its-cookie", replace(request, headers=(*without, cookie)))
    others = {"S401.near-miss": Derivation.MIDDLE_CHANGED.placeholder}
    if Token.FORBIDDEN in execution.call.fixtures.tokens:
        others[FORBIDDEN] = placeholder(Token.FORBIDDEN)
    for clause, token in others.items():
        headers = _with_token(request.headers, token)
        if headers != request.headers:
            yield Probe(f"{clause}/its-cookie", replace(request, headers=(*headers, cookie)))


def _names(execution: Execution) -> tuple[str, str]:
    """The names of the policy and of the first server in a response; empty where there is none."""
    try:
        plan = execution.protection_plan
    except (NotReached, NotKnown):
        return "", ""
    listed = plan.get("resources")
    servers = (
        [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    )
    names = (plan.get("name"), servers[0].get("name") if servers else None)
    policy, server = (name if isinstance(name, str) else "" for name in names)
    return policy, server


def _with_token(headers: Headers, token: str) -> Headers:
    """The headers with another token in the place of the good one."""
    good = placeholder(Token.GOOD)
    return tuple((name, str(token) if value == good else value) for name, value in headers)
