"""Who is asking (status codes 401 and 403): tokens, and what others take for one."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.credentials.placeholders import WRONG_SIGNATURE, Derivation, placeholder
from conformance.model import Request, Token
from conformance.plan.domains.fields import without
from conformance.plan.domains.kind import Kind, Place, in_turn, kinds
from conformance.plan.domains.words import KEYWORDS, LDAP, NUMBERS, PATHS, PATTERNS, TEMPLATES, sql
from conformance.plan.drafting import JSON_MEDIA_TYPE, OF_PAGES, Drafts, compact

COOKIES = ("session", "sessionid", "JSESSIONID", "connect.sid", "token", "X-Auth-Token")
"""Names under which sessions and tokens are kept."""
_USERS = ("X-User-Id", "X-User", "X-Roles", "X-Remote-User")
IDENTITY = {
    "X-Identity-Status": "Confirmed",
    **dict.fromkeys(_USERS, "admin"),
    **dict.fromkeys(("X-Forwarded-For", "X-Real-IP"), "127.0.0.1"),
}
"""Headers by which what stands before a service says who is logged in, and from where."""
VOUCHED_FOR = "with the word of what stands before it"
LONG, LONGER = 1_200, 4_000
"""Characters of a token, as those have that hold all about a user."""
FORBIDDEN = "S403.forbidden-token"
SHOWN_BY_OTHERS = (
    *(Derivation.HALVED, Derivation.BEHEADED, Derivation.TRANSPOSED, Derivation.DOUBLED),
    *(Derivation.EXTENDED, Derivation.MIDDLE_CHANGED),
)
"""Near-misses that show what others show: a token that is truncated, changed, holds a symbol, or
has something around it; those that are extended, transposed or changed in the middle are sent
behind an execution."""
SIGNED = ("host", "x-sdk-date")
HEADER = '{"alg":"none","typ":"JWT"}'
CLAIMS = '{"sub":"admin","exp":4102444800}'


def tokens(drafts: Drafts) -> Iterator[Kind]:
    """No token, and tokens that nobody was given."""
    none_given, wrong_given = in_turn(drafts), in_turn(drafts)

    def request(token: str | None) -> Request:
        parameters, accept = (wrong_given, JSON_MEDIA_TYPE) if token else (none_given, OF_PAGES)
        return drafts.request(drafts.body(**parameters()), token=token, accept=accept)

    none: dict[str, str | None] = {"absent": None, "empty": ""}
    again = {name: [value] for name, value in none.items()}
    yield from kinds(Place.TOKEN, "S401.no-token", request, none, again)
    nothing = drafts.request(b"", token=None)
    yield Kind(Place.TOKEN, "absent, and no JSON", "S401.no-token", (nothing,))
    planned = {
        "random": drafts.strange_token(),
        "short": drafts.strange_token()[:1],
        "long": (drafts.strange_token() * LONG)[:LONG],
        "SQL": "' OR '1'='1",
        "a keyword": "null",
        "unsigned": _unsigned(),
    }
    drawn: dict[str, list[str]] = {
        "random": [drafts.strange_token()],
        "a keyword": [word for word in KEYWORDS if word != "null"],
        "a number": list(NUMBERS),
        "SQL": list(sql("x")),
        "LDAP": list(LDAP),
        "a pattern": list(PATTERNS),
        "a path": list(PATHS),
        "a template": list(TEMPLATES),
        "JSON": ["{}", "[]", '{"$ne": ""}', '""'],
        "unsigned": [_unsigned().rstrip(".")],
        "long": ["a" * LONGER],
    }
    yield from kinds(Place.TOKEN, "S401.bad-token", request, planned, drawn)
    vouched = drafts.request(drafts.body(), token=drafts.strange_token(), more=IDENTITY.items())
    yield Kind(Place.TOKEN, VOUCHED_FOR, "S401.bad-token", (vouched,), 0)
    if drafts.fixtures.login is Token.SIGNATURE:
        wrong = (request(WRONG_SIGNATURE), request(WRONG_SIGNATURE))
        yield Kind(Place.TOKEN, "signature", "S401.bad-token", wrong, planned=2)
    for resembled in drafts.resembled:
        yield from _near_misses(drafts, resembled)
    yield from without_permission(drafts)


def _near_misses(drafts: Drafts, resembled: Token) -> Iterator[Kind]:
    """Tokens that differ little from a valid one; without permission, they are not logged in."""
    is_good, parameters = resembled is Token.GOOD, in_turn(drafts)
    for near in Derivation:
        sent = (drafts.request(drafts.body(**parameters()), token=near.of(resembled)),)
        is_planned = near not in SHOWN_BY_OTHERS if is_good else near is Derivation.EXTENDED
        name = near.label if is_good else f"without permission, {near.label}"
        yield Kind(Place.TOKEN, name, "S401.near-miss", sent, int(is_planned))


def without_permission(drafts: Drafts) -> Iterator[Kind]:
    """A valid token without the permission, for servers that are not executed alone otherwise.

    The smallest body is not that of other requests: a target may remember for whom it refused one.
    """
    if Token.FORBIDDEN in drafts.fixtures.tokens:
        weak, minimal = placeholder(Token.FORBIDDEN), compact(drafts.body())
        others: dict[str, Any] = {"resources": drafts.others[:1]} if drafts.others else {}
        options: list[dict[str, Any]] = [
            *({"auto_trigger": True, **others}, {"auto_trigger": True}),
            *({}, {"auto_trigger": False}, drafts.full_parameters),
        ]
        bodies = [drafts.body(**each) if each else minimal for each in options]
        sent = tuple(drafts.request(body, token=weak) for body in bodies)
        yield Kind(Place.TOKEN, "without permission", FORBIDDEN, sent, planned=2)
        lists = (drafts.servers, drafts.others[:1] or drafts.servers[:1])
        for_servers = (drafts.request(drafts.body(resources=each), token=weak) for each in lists)
        name = "without permission, for servers"
        yield Kind(Place.TOKEN, name, FORBIDDEN, tuple(for_servers), 0)
        incomplete = drafts.request(without(drafts.body(), "plan_id"), token=weak)
        yield Kind(Place.TOKEN, "without permission or policy", FORBIDDEN, (incomplete,))
        vouched = drafts.request(minimal, token=weak, more=IDENTITY.items())
        yield Kind(Place.TOKEN, f"without permission, {VOUCHED_FOR}", FORBIDDEN, (vouched,), 0)
        as_text = drafts.request(minimal, token=weak, media_type="text/plain")
        yield Kind(Place.TOKEN, "without permission, as text", FORBIDDEN, (as_text,), 0)


def elsewhere(drafts: Drafts) -> Iterator[Kind]:
    """No token where the page wants it, and one that nobody was given where others look for it."""
    strange, parameters = drafts.strange_token(), in_turn(drafts, 2)

    def request(more: Iterable[tuple[str, str]], query: str = "") -> Request:
        return drafts.request(drafts.body(**parameters()), token=None, more=more, query=query)

    cookies = _cookies(COOKIES, strange)
    others = [(name, strange) for name in ("X-Subject-Token", "X-Api-Key")]
    basic = base64.b64encode(b"admin:admin").decode()
    sent: dict[str, tuple[int, list[Request]]] = {
        "a cookie and other headers": (
            1,
            [
                request([("Cookie", cookies), *others, *IDENTITY.items()]),
                *(request([each]) for each in (("Cookie", cookies), *others)),
                request(IDENTITY.items()),
            ],
        ),
        "a bearer token": (
            1,
            [
                request([("Authorization", f"Bearer {each}")])
                for each in (strange, _unsigned(), "null")
            ],
        ),
        "the query": (
            1,
            [request([], f"?access_token={strange}&token={strange}&X-Auth-Token={strange}")],
        ),
        "a signature": (
            int(drafts.fixtures.login is not Token.SIGNATURE),  # where keys are the login it is bad
            [request(_signed(strange).items())],
        ),
        "a name and password": (0, [request([("Authorization", f"Basic {basic}")])]),
    }
    for name, (planned, requests) in sent.items():
        yield Kind(Place.LOGIN, name, "S401.no-token", tuple(requests), planned)


def _signed(strange: str) -> dict[str, str]:
    """The headers of a request that is signed with keys that nobody was given."""
    access, signed = strange[:20].upper(), ";".join(SIGNED)
    parts = {"Access": access, "SignedHeaders": signed, "Signature": strange}
    values = ", ".join(f"{name}={value}" for name, value in parts.items())
    return {"X-Sdk-Date": "20260101T000000Z", "Authorization": f"SDK-HMAC-SHA256 {values}"}


def _cookies(names: Iterable[str], value: str) -> str:
    return "; ".join(f"{name}={value}" for name in names)


def _unsigned() -> str:
    """A signed token that says that it has no signature (RFC 7519, section 6)."""
    texts = (HEADER, CLAIMS)
    parts = (base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in texts)
    return ".".join([*parts, ""])
