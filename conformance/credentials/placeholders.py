"""Secrets and the placeholders that stand for them everywhere but on the wire.

A placeholder is `{{token}}`, `{{forbidden-token}}` or, for a near-miss of one of them,
`{{token:<derivation>}}`: stored as it is, a near-miss would give the secret away. How a literal
`{{` is stored is said in `braces.py`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from functools import cache

from msgspec import structs

from conformance.credentials.braces import Placeholder, escape, plain_body
from conformance.credentials.encodings import SHORTEST
from conformance.credentials.held import hold
from conformance.credentials.redaction import Finder
from conformance.credentials.signing import Keys, signature_headers
from conformance.lazily import lazily
from conformance.model import Request, Response, Token, header

PLACEHOLDER = re.compile(r"\{\{([a-z-]+)(?::([a-z-]+))?\}\}")
PACKED = (b"\x1f\x8b", b"\x78")
"""How gzip and zlib streams begin."""
MOST_UNPACKED = 1024 * 1024


def _changed(token: str, quarters: int) -> str:
    place = len(token) * quarters // 4
    return token[:place] + ("B" if token[place] == "A" else "A") + token[place + 1 :]


def _transposed(token: str) -> str:
    """The same characters in another order: two neighbours, the last ones that differ."""
    for place in range(len(token) - 3, -1, -1):
        if token[place] != token[place + 1]:
            return token[:place] + token[place + 1] + token[place] + token[place + 2 :]
    return _changed(token, 2)


def _inserted(token: str, symbol: str) -> str:
    middle = len(token) // 2
    return token[:middle] + symbol + token[middle:]


def _other_case(token: str) -> str:
    changed = token[:-1].swapcase() + token[-1:]
    return changed if changed != token else _changed(token, 2)


class Derivation(Enum):
    """Near-misses of a valid token: each a name and how it is made.

    The last character alone is never changed: in an encoded token it may carry no bytes.
    """

    EXTENDED = "extended", lambda token: token + "AAAA"
    PRECEDED = "preceded", lambda token: f"Bearer {token}"
    TRUNCATED = "truncated", lambda token: token[: -max(1, len(token) // 4)]
    HALVED = "halved", lambda token: token[: len(token) // 2]
    BEHEADED = "beheaded", lambda token: token[max(1, len(token) // 4) :]
    EARLY_CHANGED = "early-changed", lambda token: _changed(token, 1)
    MIDDLE_CHANGED = "middle-changed", lambda token: _changed(token, 2)
    LATE_CHANGED = "late-changed", lambda token: _changed(token, 3)
    TRANSPOSED = "transposed", _transposed
    SYMBOL_INSERTED = "symbol-inserted", lambda token: _inserted(token, "*")
    SPACED = "spaced", lambda token: _inserted(token, " ")
    BYTE_INSERTED = "byte-inserted", lambda token: _inserted(token, "\xe9")
    QUOTED = "quoted", lambda token: f'"{token}"'
    LISTED = "listed", lambda token: f"{token}, AAAA"
    DOUBLED = "doubled", lambda token: token + token
    OTHER_CASE = "other-case", _other_case

    def __init__(self, label: str, make: Callable[[str], str]) -> None:
        self.label = label
        self.make = make

    @property
    def placeholder(self) -> Placeholder:
        """What stands for this near-miss of the good token in a stored request."""
        return self.of(Token.GOOD)

    def of(self, token: Token) -> Placeholder:
        """What stands for this near-miss of a token in a stored request."""
        return Placeholder(f"{{{{{token.value}:{self.label}}}}}")


RESEMBLED = (Token.GOOD, Token.FORBIDDEN)
"""The valid tokens, which others may resemble."""
DERIVATIONS = {derivation.label: derivation for derivation in Derivation}


WRONG_SIGNATURE = Placeholder("{{signature:wrong}}")
"""What stands for a signature that was made with another secret key."""


RECORDED_TOKEN = "{{recorded-token}}"
"""What stands for a token in traffic recorded elsewhere, of which nothing is known."""
RECORDED_SECRET = "{{recorded-secret}}"
"""What stands there for any other secret."""


@cache
def placeholder(token: Token) -> Placeholder:
    """What stands for `token` in a stored text."""
    return Placeholder(f"{{{{{token.value}}}}}")


@dataclass(frozen=True)
class Secrets:
    """The secrets of a run, kept out of every representation.

    `others` are secrets that no request carries, by the name of their placeholder. `public` are
    texts that every reader may see, such as ids: what stands in one is not replaced. `former` are
    good tokens that another has taken the place of: a response may still repeat one. `keys` sign
    requests.
    """

    tokens: Mapping[Token, str] = field(repr=False)
    others: Mapping[str, str] = field(default_factory=dict, repr=False)
    public: tuple[str, ...] = ()
    former: tuple[str, ...] = field(default=(), repr=False)
    keys: Keys | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        hold((*self.tokens.values(), *self.others.values()))

    def renewed(self, token: str) -> Secrets:
        """The same with another good token."""
        old = self.tokens[Token.GOOD]
        if token == old:
            return self
        tokens = {**self.tokens, Token.GOOD: token}
        return replace(self, tokens=tokens, former=(*self.former, old))

    def reveal(self, text: str) -> str:
        """The text as it goes over the wire."""

        def real(match: re.Match[str]) -> str:
            name, derivation = match.groups()
            if name == "open":
                return "{{"
            if name == Token.SIGNATURE.value:  # it is a header of its own, or nothing
                return match[0]
            secret = self.tokens[Token(name)]
            return self._near(DERIVATIONS[derivation], secret) if derivation else secret

        return PLACEHOLDER.sub(real, text)

    def _near(self, kind: Derivation, secret: str) -> str:
        """A near-miss of a token that is none of the tokens itself."""
        made = kind.make(secret)
        return Derivation.EXTENDED.make(made) if made in self.tokens.values() else made

    def reveal_request(self, request: Request) -> tuple[list[tuple[str, str]], bytes]:
        """Headers and body of `request` as they go over the wire."""
        body = plain_body(request.body)
        headers: list[tuple[str, str]] = []
        for name, value in request.headers:
            keys = self._keys_for(name, value)
            if keys is None:
                headers.append((name, self.reveal(value)))
            else:
                now = datetime.now(UTC)
                headers += signature_headers(keys, request.method, request.url, body, now)
        return headers, body

    def _keys_for(self, name: str, value: str) -> Keys | None:
        """The keys to sign with, where a header of a stored request stands for a signature."""
        if self.keys is None or name.lower() != "authorization":
            return None
        signing: dict[str, Keys] = {
            placeholder(Token.SIGNATURE): self.keys,
            WRONG_SIGNATURE: self.keys.wrong,
        }
        return signing.get(value)

    def and_signature(self, headers: Iterable[tuple[str, str]]) -> Secrets:
        """The same, and the signature that is sent in `headers`, which a response may repeat."""
        sent = header(headers, "Authorization") if self.keys else None
        if sent is None or "Signature=" not in sent:
            return self
        signature = sent.rpartition("Signature=")[2]
        return replace(self, others={**self.others, "sent-signature": signature})

    def occur_in(self, text: str) -> bool:
        """Whether redaction would take something out of a text."""
        return bool(self._finder.find(text).starts)

    def redact(self, text: str) -> str:
        """The text with every secret in it, plain or encoded, replaced by its placeholder."""
        if not self._finder.may_occur(text):
            return escape(text)
        return self._finder.find(text).apply(text, escape)

    def redact_header(self, value: str) -> str:
        """The value of a header that was sent; a near-miss of the token is told however short."""
        return self._near_misses.get(value) or self.redact(value)

    def redact_response(self, response: Response) -> Response:
        """The response without a secret in its reason, its headers or its body."""
        body = response.body.decode("latin-1")
        texts = [response.reason, *(word for pair in response.headers for word in pair), body]
        is_suspect = any(map(self._finder.may_occur, texts))
        packed = self._without_packed(response.body)
        if not (is_suspect or packed) and all(escape(text) == text for text in texts):
            return response
        clean = self.redact if is_suspect else escape
        return structs.replace(
            response,
            reason=clean(response.reason),
            headers=tuple((clean(name), clean(value)) for name, value in response.headers),
            body=packed or clean(body).encode("latin-1"),
        )

    def _without_packed(self, body: bytes) -> bytes | None:
        """What stands for a body that is packed with a secret in it, and could not be unpacked."""
        if body.startswith(PACKED) and self._finder.may_occur(_unpacked(body)):
            return placeholder(Token.GOOD).encode()
        return None

    @lazily
    def _near_misses(self) -> dict[str, str]:
        """What stands for each near-miss of a valid token; the first kind where two are alike."""
        return {
            self._near(kind, self.tokens[token]): str(kind.of(token))
            for token in reversed(RESEMBLED)
            if self.tokens.get(token)
            for kind in reversed(Derivation)
        }

    @lazily
    def _finder(self) -> Finder:
        named = {secret: token.value for token, secret in sorted(self.tokens.items())}
        named |= {secret: Token.GOOD.value for secret in self.former if secret not in named}
        named |= {secret: name for name, secret in self.others.items() if secret not in named}
        if self.keys is not None:
            named |= {self.keys.secret: "secret-key", self.keys.access: "access-key"}
        near = {
            self._near(kind, secret): kind.of(token)
            for token in RESEMBLED
            if len(secret := self.tokens.get(token, "")) >= SHORTEST
            for kind in Derivation
            if kind is not Derivation.QUOTED  # in quotes it is what JSON has for it
        }
        return Finder(
            {
                secret: (f"{{{{{name}}}}}", f"{{{{part-of-{name}}}}}")
                for secret, name in named.items()
                if len(secret) >= SHORTEST
            },
            {text: mark for text, mark in near.items() if len(text) >= SHORTEST},
            self.public,
        )


def _unpacked(body: bytes) -> str:
    """What can be unpacked of a gzip or zlib stream that may be torn."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    pieces = []
    try:
        for start in range(0, len(body), 4096):
            pieces.append(unpacker.decompress(body[start : start + 4096], MOST_UNPACKED))
            if sum(map(len, pieces)) > MOST_UNPACKED:
                break
    except zlib.error:
        pass  # what came before the damage counts
    return b"".join(pieces).decode("latin-1")
