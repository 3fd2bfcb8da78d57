"""The method, and the two parameters of the URI (Table 1).

An encoded dot segment, a slash at the end and other paths are not sent: they may lead to another
operation (`page/permitted.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

from conformance.model import Request, Token
from conformance.plan.domains.kind import Kind, Place, in_turn, kinds
from conformance.plan.domains.words import KEYWORDS, NUMBERS, OF_OBJECTS, PATTERNS, TEMPLATES, sql
from conformance.plan.drafting import AsItIs, Drafts

NOT_UTF_8 = ("%ff", "%c0%af", "%ed%a0%80")
"""Escapes of bytes that are no UTF-8: one that never occurs, an overlong form, half a pair."""
MALFORMED = ("%zz", "%g0", "%x41")
"""What is no escape (RFC 3986, 2.1)."""


def methods(drafts: Drafts) -> Iterator[Kind]:
    """GET: it executes nothing."""
    yield Kind(Place.METHOD, "GET", "URI.get", (drafts.request(method="GET"),))


def projects(drafts: Drafts) -> Iterator[Kind]:
    """Ids of projects that are not the token's."""
    parameters, project = in_turn(drafts), drafts.project_id

    def request(text: str) -> Request:
        return drafts.request(drafts.body(**parameters()), project=text)

    planned = {
        "another": drafts.fixtures.other_project_id or drafts.strange_project(),
        "shorter": project[:-1] or "0",
    }
    drawn: dict[str, list[str]] = {
        "not UTF-8": [AsItIs(each) for each in NOT_UTF_8],
        "a malformed escape behind it": [_raw(project, each) for each in MALFORMED],
        **_texts(project),
    }
    yield from kinds(Place.PROJECT, "T1.project_id.own", request, planned, drawn)
    own = [] if drafts.fixtures.login is Token.SIGNATURE else [("X-Project-Id", quote(project))]
    triggered = drafts.body(**drafts.full_parameters)
    longer = drafts.request(triggered, project=project + "0", more=own)
    yield Kind(Place.PROJECT, "longer", "T1.project_id.own", (longer,))
    nobody = drafts.body({"plan_id": drafts.strange_id()})
    behind = tuple(drafts.request(nobody, project=_raw(project, each)) for each in NOT_UTF_8)
    yield Kind(Place.PROJECT, "not UTF-8 behind it", "S404.unknown-policy", behind, 0)
    empty = drafts.request(drafts.body(), project="")
    yield Kind(Place.PROJECT, "empty", "T1.project_id.mandatory", (empty,))


def providers(drafts: Drafts) -> Iterator[Kind]:
    """Ids of providers other than the fixed one."""
    parameters, provider = in_turn(drafts), drafts.fixtures.provider_id

    def request(text: str) -> Request:
        return drafts.request(drafts.body(**parameters()), provider=text)

    planned = {
        "another": drafts.strange_id(),
        "near-miss": drafts.changed(provider, 20),
        "shorter": provider[:8],
        "with a line break": provider + "\n",  # behind it, where a pattern may have its end
        "text": "servers",
    }
    drawn: dict[str, list[str]] = {
        "not UTF-8": [AsItIs(each) for each in NOT_UTF_8],
        "a malformed escape behind it": [_raw(provider, each) for each in MALFORMED],
        "longer": [provider + "0"],
        "encoded twice": [AsItIs(f"%25{ord(provider[0]):02x}{quote(provider[1:], safe='')}")],
        **_texts(provider),
    }
    yield from kinds(Place.PROVIDER, "T1.provider_id.value", request, planned, drawn)
    empty = drafts.request(drafts.body(), provider="")
    yield Kind(Place.PROVIDER, "empty", "T1.provider_id.mandatory", (empty,))


def _raw(text: str, escapes: str) -> AsItIs:
    return AsItIs(quote(text, safe="") + escapes)


def _texts(known: str) -> dict[str, list[str]]:
    """Texts by their kinds, none of which is an id."""
    return {
        "a keyword": list(KEYWORDS[:2]),
        "a number": list(NUMBERS[:1]),
        "nil": [str(UUID(int=0))],
        "a name of objects": list(OF_OBJECTS[:1]),
        "a pattern": list(PATTERNS[:2]),
        "SQL": list(sql(known)[:1]),
        "a template": list(TEMPLATES[:1]),
        "an encoded slash behind it": [f"{known}/x", f"{known}\\x"],
        "cut by zero": [f"{known}\0x"],
        "a control character": [f"{known}\nx", "\x1f"],
        "not ASCII": ["项目-é", "\U0001f4be"],
    }
