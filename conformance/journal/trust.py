"""What a plan from a file may do with the tokens: go to the endpoint, as placeholders we know."""

from __future__ import annotations

from dataclasses import fields

from conformance.credentials.placeholders import (
    DERIVATIONS,
    OPEN,
    PLACEHOLDER,
    WRONG_SIGNATURE,
    placeholder,
)
from conformance.journal.lines import BadRecord
from conformance.model import Fixtures, Request, Token
from conformance.plan.planner import Plan


def check_trusted(plan: Plan, fixtures: Fixtures) -> None:
    """Raise BadRecord for a plan that would send a token elsewhere, or one that is not there."""
    for probe in (probe for part in fields(plan) for probe in getattr(plan, part.name)):
        if not is_below(probe.request.url, fixtures.endpoint):
            raise BadRecord("a request that goes elsewhere than the endpoint")
        if not _is_revealable(probe.request, fixtures.tokens):
            raise BadRecord("a placeholder without a meaning")


def is_below(url: str, endpoint: str) -> bool:
    """Whether a URL is the endpoint or goes on behind it with a path, a query or a fragment."""
    return url.startswith(endpoint) and url[len(endpoint) :][:1] in ("", "/", "?", "#")


def _is_revealable(request: Request, tokens: frozenset[Token]) -> bool:
    """Whether each placeholder in the headers stands for something that can be sent."""
    known = {token.value for token in tokens - {Token.SIGNATURE}}
    signatures = (placeholder(Token.SIGNATURE), WRONG_SIGNATURE)
    return all(
        match[0] == OPEN or (match[1] in known and (match[2] is None or match[2] in DERIVATIONS))
        for name, value in request.headers
        for match in PLACEHOLDER.finditer(value)
        if not (
            Token.SIGNATURE in tokens and name.lower() == "authorization" and value in signatures
        )
    )
