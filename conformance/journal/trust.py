"""What a request from a file may do: no more than a planned one, with placeholders we know."""

from __future__ import annotations

from conformance.credentials.braces import OPEN
from conformance.credentials.placeholders import (
    DERIVATIONS,
    PLACEHOLDER,
    WRONG_SIGNATURE,
    placeholder,
)
from conformance.journal.lines import BadRecord
from conformance.model import Fixtures, Request, Token
from conformance.page.permitted import NotPermitted, Permitted


def check_trusted(request: Request, fixtures: Fixtures) -> None:
    """Raise BadRecord for a request that is never sent, or with a token that is not there."""
    try:
        Permitted(fixtures.endpoint).check(request.method, request.url, request.headers)
    except NotPermitted as error:
        raise BadRecord(str(error)) from None
    if not _is_revealable(request, fixtures.tokens):
        raise BadRecord("a placeholder without a meaning")


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
