"""Secrets in traffic that was recorded elsewhere: nobody gave them to us, and none may come out.

Headers that carry one keep their names; what they carried is replaced by a placeholder wherever it
stands in the exchange, in the same way in the request and in the response, so that an echo is still
an echo.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from msgspec import structs

from conformance.credentials.braces import escape
from conformance.credentials.placeholders import (
    PLACEHOLDER,
    RECORDED_SECRET,
    RECORDED_TOKEN,
    placeholder,
)
from conformance.credentials.redaction import Finder
from conformance.model import Headers, Response, Token
from conformance.text import encodable

AUTH_TOKEN = "x-auth-token"
ECHO = placeholder(Token.GOOD), f"{{{{part-of-{Token.GOOD.value}}}}}"
"""Stand for a token and a part of it in a text: whose it is does not matter there."""
SHORTEST = 16
"""Shorter secrets are not looked for in texts: words of the page would be found by chance."""
LONGEST_REMEMBERED = 8 * 1024
"""Longer texts are looked at each time they come: what is remembered stays small."""
MOST_COOKIES = 32

_CARRIES_TOKEN = re.compile(r"x-(auth|subject|service|security)-token|(proxy-)?authorization")
_CARRIES_SECRET = re.compile(
    r"cookie|token|secret|passw|auth(?!or(ity)?$)|session|credential|csrf|xsrf|jwt|assertion"
    r"|signature|(?<![a-z])sign$|(?<!idempotency-)key$|app-?code|cert|client-verify"
    r"|(remote|forwarded)-user"
)
"""Words of headers that prove who asks, or say it: each counts as a login, and what it carried as a
secret."""
_QUERY_VALUE = re.compile(r"=[^&#]*")
_LOGIN = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")


@lru_cache(maxsize=4096)
def kind(name: str) -> str:
    """What a header carries: `token`, `secret`, or nothing that has to be hidden."""
    name = name.lower()
    if _CARRIES_TOKEN.fullmatch(name):
        return "token"
    return "secret" if _CARRIES_SECRET.search(name) and name != "www-authenticate" else ""


@dataclass(frozen=True, slots=True)
class Hider:
    """Replaces the secrets of one exchange by placeholders.

    Literal braces are escaped, but for `ours`: what this suite wrote has that behind it. What no
    encoding can write is replaced, too. `quiet` says that there is nothing to do.
    """

    finder: Finder
    ours: bool
    quiet: bool

    def beside(self, said: Iterable[str]) -> Hider:
        """What hides them in texts, too, that stand beside those in which it is quiet."""
        if self.quiet and not all(_is_plain(text, self.finder, self.ours) for text in said):
            return replace(self, quiet=False)
        return self

    def text(self, text: str) -> str:
        """The text without a secret."""
        if self.quiet:
            return text
        if not self.finder.may_occur(text):
            return self._keep(text)
        return self.finder.find(text).apply(text, self._keep)

    def url(self, url: str) -> str:
        """The URL without a login, and with placeholders for what its query says."""
        if "@" in url:
            url = _LOGIN.sub(r"\1", url)
        before, mark, query = self.text(url).partition("?")
        return before + mark + _QUERY_VALUE.sub(f"={RECORDED_SECRET}", query) if mark else before

    def headers(self, headers: Headers, token: str = RECORDED_TOKEN) -> Headers:
        """The headers without a secret; `token` stands for the token of the request."""
        if self.quiet:
            return _plain_headers(headers, token)
        return tuple(
            (self._keep(name), _stand_in(name, value, token) or self.text(value))
            for name, value in headers
        )

    def body(self, body: bytes) -> bytes:
        """The body without a secret."""
        return body if self.quiet else self.text(body.decode("latin-1")).encode("latin-1")

    def response(self, response: Response) -> Response:
        """The response without a secret."""
        headers = self.headers(response.headers)
        if self.quiet and headers is response.headers:
            return response
        reason, body = self.text(response.reason), self.body(response.body)
        return structs.replace(response, reason=reason, headers=headers, body=body)

    def _keep(self, text: str) -> str:
        return encodable(text if self.ours else escape(text))


@lru_cache(maxsize=256)
def _plain_headers(headers: Headers, token: str) -> Headers:
    plain = tuple((name, _stand_in(name, value, token) or value) for name, value in headers)
    return headers if plain == headers else plain


def _stand_in(name: str, value: str, token: str) -> str:
    """What stands for the value of a header that carries a secret; empty for any other."""
    if not kind(name) or not value:
        return ""
    if PLACEHOLDER.fullmatch(value):
        return value
    return token if name.lower() == AUTH_TOKEN else RECORDED_SECRET


@lru_cache(maxsize=256)
def hider_of_headers(sent: Headers, came: Headers, public: tuple[str, ...], ours: bool) -> Hider:
    """What hides the secrets in the headers of a request and its response.

    It is quiet where it has nothing to do in them. `public` are texts that are no secrets, as ids.
    """
    tokens, others = (
        dict.fromkeys(a + b) for a, b in zip(_secrets(sent), _secrets(came), strict=True)
    )
    finder = _finder(tuple(tokens), tuple(others), public)
    return Hider(finder, ours, all(_are_plain(h, finder, ours) for h in (sent, came)))


def look_through(those: Iterable[tuple[Hider, Iterable[str]]]) -> None:
    """Look through texts of many exchanges at once, which takes less time than one by one; each has
    the hider of the headers that it stands beside.
    """
    texts: dict[Finder, list[str]] = {}
    for hide, said in those:
        if hide.quiet:
            texts.setdefault(hide.finder, []).extend(said)
    for finder, each in texts.items():
        finder.look_through(each)


def _is_plain(text: str, finder: Finder, ours: bool) -> bool:
    """Whether nothing has to be done with a text."""
    if len(text) > LONGEST_REMEMBERED:
        return _looks_plain(text, finder, ours)
    return _remembered(text, finder, ours)


def _looks_plain(text: str, finder: Finder, ours: bool) -> bool:
    if (not ours and "{{" in text) or encodable(text) != text:
        return False
    return not finder.may_occur(text)


_remembered = lru_cache(maxsize=1024)(_looks_plain)


@lru_cache(maxsize=256)
def _are_plain(headers: Headers, finder: Finder, ours: bool) -> bool:
    """Whether nothing has to be done with headers but for those that carry secrets."""
    words = [word for pair in headers if not kind(pair[0]) for word in pair]
    return _is_plain("\0".join(words), finder, ours)


@lru_cache(maxsize=256)
def _secrets(headers: Headers) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tokens and the other secrets in headers."""
    tokens: list[str] = []
    others: list[str] = []
    for name, value in headers:
        match kind(name):
            case "token":
                tokens.append(value.rpartition(" ")[2])
            case "secret":
                others += _cookie_values(value)
    secret_tokens = tuple(filter(is_secret, tokens))
    return secret_tokens, tuple(each for each in others if is_secret(each) and each not in tokens)


def is_secret(text: str) -> bool:
    """Whether a text is long enough to be a secret of its own, and no placeholder."""
    return len(text) >= SHORTEST and not PLACEHOLDER.fullmatch(text)


def _cookie_values(value: str) -> list[str]:
    pairs = value.split(";")[:MOST_COOKIES]
    return [(right or left).strip(' "') for left, _, right in (p.partition("=") for p in pairs)]


@lru_cache(maxsize=256)
def _finder(tokens: tuple[str, ...], others: tuple[str, ...], public: tuple[str, ...]) -> Finder:
    return Finder(dict.fromkeys(tokens, ECHO), dict.fromkeys(others, RECORDED_SECRET), public)
