"""Secrets and the placeholders that stand for them everywhere but on the wire.

A placeholder is `{{token}}`, `{{forbidden-token}}` or, for a near-miss of the good token,
`{{token:<derivation>}}`: stored as it is, a near-miss would give the secret away. A literal `{{`
is written `{{open}}`, so every `{{` in a stored text begins a placeholder.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from urllib.parse import quote

from conformance.model import Headers, Request, Token

OPEN = "{{open}}"
PLACEHOLDER = re.compile(r"\{\{([a-z-]+)(?::([a-z-]+))?\}\}")
SHORTEST = 6
"""Shorter tokens are not looked for in answers: they would be found by chance."""


def _other_middle(token: str) -> str:
    middle = len(token) // 2
    return token[:middle] + ("B" if token[middle] == "A" else "A") + token[middle + 1 :]


class Derivation(Enum):
    """Near-misses of a good token: each a name and how it is made.

    The last character alone is never changed: in an encoded token it may carry no bytes.
    """

    EXTENDED = "extended", lambda token: token + "AAAA"
    PRECEDED = "preceded", lambda token: "AAAA" + token
    TRUNCATED = "truncated", lambda token: token[: -max(1, len(token) // 4)]
    HALVED = "halved", lambda token: token[: len(token) // 2]
    BEHEADED = "beheaded", lambda token: token[max(1, len(token) // 4) :]
    MIDDLE_CHANGED = "middle-changed", _other_middle
    OTHER_CASE = "other-case", str.swapcase

    def __init__(self, label: str, make: Callable[[str], str]) -> None:
        self.label = label
        self.make = make

    @property
    def placeholder(self) -> str:
        """What stands for this near-miss in a stored request."""
        return f"{{{{{Token.GOOD.value}:{self.label}}}}}"


DERIVATIONS = {derivation.label: derivation for derivation in Derivation}


def placeholder(token: Token) -> str:
    """What stands for `token` in a stored text."""
    return f"{{{{{token.value}}}}}"


def escape(text: str) -> str:
    """A text in which no literal `{{` can be taken for a placeholder."""
    return text.replace("{{", OPEN)


@dataclass(frozen=True)
class Secrets:
    """The tokens of a run, kept out of every representation."""

    tokens: Mapping[Token, str] = field(repr=False)

    def reveal(self, text: str) -> str:
        """The text as it goes over the wire."""

        def real(match: re.Match[str]) -> str:
            name, derivation = match.groups()
            if name == "open":
                return "{{"
            secret = self.tokens[Token(name)]
            return DERIVATIONS[derivation].make(secret) if derivation else secret

        return PLACEHOLDER.sub(real, text)

    def reveal_request(self, request: Request) -> tuple[list[tuple[str, str]], bytes]:
        """Headers and body of `request` as they go over the wire."""
        headers = [(name, self.reveal(value)) for name, value in request.headers]
        return headers, request.body.replace(OPEN.encode(), b"{{")

    def redact(self, text: str) -> str:
        """The text with every secret in it, plain or encoded, replaced by its placeholder."""
        text = escape(text)
        for spelling, name in self._spellings:
            if spelling in text:
                text = text.replace(spelling, name)
        return text

    def redact_bytes(self, data: bytes) -> bytes:
        """Like `redact`, for bytes in any encoding."""
        return self.redact(data.decode("latin-1")).encode("latin-1")

    def redact_headers(self, headers: Headers) -> Headers:
        """Header names and values without a secret in them."""
        return tuple((self.redact(name), self.redact(value)) for name, value in headers)

    @cached_property
    def _spellings(self) -> list[tuple[str, str]]:
        """Every way a token may be echoed, the longest first, with its placeholder."""
        found: dict[str, str] = {}
        for token, secret in self.tokens.items():
            if len(secret) < SHORTEST:
                continue
            for spelling in spellings(secret):
                found.setdefault(spelling, placeholder(token))
            for derivation in Derivation if token is Token.GOOD else ():
                near = derivation.make(secret)
                if len(near) >= SHORTEST and near not in found:
                    found[near] = derivation.placeholder
        return sorted(found.items(), key=lambda pair: -len(pair[0]))


def spellings(secret: str) -> set[str]:
    """The secret as it is, percent-encoded, as JSON text, in hexadecimal and in base64."""
    raw = secret.encode("utf-8", "replace")
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        raw.hex(),
        *encoded,
        *(text.rstrip("=") for text in encoded),
    }
