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

from conformance.model import Request, Response, Token

OPEN = "{{open}}"
PLACEHOLDER = re.compile(r"\{\{([a-z-]+)(?::([a-z-]+))?\}\}")
SHORTEST = 6
"""Shorter tokens are not looked for in answers: they would be found by chance."""


def _other_middle(token: str) -> str:
    middle = len(token) // 2
    return token[:middle] + ("B" if token[middle] == "A" else "A") + token[middle + 1 :]


def _other_case(token: str) -> str:
    changed = token[:-1].swapcase() + token[-1:]
    return changed if changed != token else _other_middle(token)


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
    OTHER_CASE = "other-case", _other_case

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
        if not self._occur_in(text):
            return escape(text)
        found: list[str] = []
        end = 0
        for match in self._pattern.finditer(text):
            found += [escape(text[end : match.start()]), self._spellings[match[0]]]
            end = match.end()
        return "".join([*found, escape(text[end:])])

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Finds any spelling of any secret, the longest first."""
        longest_first = sorted(self._spellings, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def redact_response(self, response: Response) -> Response:
        """The answer without a secret in its reason, its headers or its body."""
        words = [response.reason, *(word for pair in response.headers for word in pair)]
        whole = "\0".join([*words, response.body.decode("latin-1")])
        clean = self.redact if self._occur_in(whole) else escape
        return Response(
            response.status,
            clean(response.reason),
            tuple((clean(name), clean(value)) for name, value in response.headers),
            clean(response.body.decode("latin-1")).encode("latin-1"),
        )

    def _occur_in(self, text: str) -> bool:
        return any(spelling in text for spelling in self._spellings)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """Every way a token, or a near-miss, may be echoed, with its placeholder."""
        found: dict[str, str] = {}
        for token, secret in self.tokens.items():
            if len(secret) < SHORTEST:
                continue
            for spelling in spellings(secret):
                found.setdefault(spelling, placeholder(token))
        good = self.tokens.get(Token.GOOD, "")
        for derivation in Derivation if len(good) >= SHORTEST else ():
            near = derivation.make(good)
            for spelling in spellings(near) if len(near) >= SHORTEST else ():
                found.setdefault(spelling, derivation.placeholder)
        return found


def spellings(secret: str) -> set[str]:
    """The secret as it is, percent-encoded, as JSON text, in hexadecimal and in base64."""
    raw = secret.encode("utf-8", "replace")
    percent = quote(secret, safe="")
    all_percent = "".join(f"%{byte:02X}" for byte in raw)
    in_json = json.dumps(secret)[1:-1]
    signs = "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in secret)
    every = "".join(f"\\u{ord(c):04x}" for c in secret)
    plain = {secret, quote(secret), percent, all_percent, in_json, signs, every, raw.hex()}
    plain |= {_lower_escapes(percent), all_percent.lower(), raw.hex().upper()}
    plain |= {in_json.replace("/", "\\/"), _upper_escapes(signs), _upper_escapes(every)}
    return plain | {text for text in _in_base64(raw) if len(text) >= SHORTEST}


def _lower_escapes(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), text)


def _upper_escapes(text: str) -> str:
    return re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match[0][2:].upper(), text)


def _in_base64(raw: bytes) -> set[str]:
    """The bytes in base64, alone and, as far as they are the same there, within a longer text."""
    found = set()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(raw).decode()
        found |= {whole, whole.rstrip("=")}
        for before in range(3):
            padded = encode(bytes(before) + raw).decode().rstrip("=")
            first = -(-before * 8 // 6)
            last = (before + len(raw)) * 8 // 6
            found.add(padded[first:last])
    return found
