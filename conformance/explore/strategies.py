"""What exploration sends: sequences of requests, near the valid ones and far from them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from conformance.model import Request, Token
from conformance.plan.drafting import JSON_MEDIA_TYPE, Drafts
from conformance.secrets import Derivation, placeholder

Strategy = st.SearchStrategy[Any]

LONGEST_SEQUENCE = 3
TEXTS = st.text(max_size=80) | st.text("0123456789abcdef-", max_size=80)


def json_values() -> Strategy:
    """Any JSON value of modest size."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
    finite = leaves.filter(lambda value: value not in (float("inf"), float("-inf")))
    return st.recursive(
        finite,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
        ),
        max_leaves=8,
    )


def identifiers(known: list[str]) -> Strategy:
    """Ids: real ones, ones made of pieces of them, and any text."""
    real = st.sampled_from(known)
    pieces = st.builds(
        lambda text, start, end, more: text[start:end] + more,
        real,
        st.integers(0, 4),
        st.integers(0, 40),
        st.text(max_size=6),
    )
    return real | st.uuids().map(str) | pieces | TEXTS


def sequences(drafts: Drafts, *, may_execute: bool) -> Strategy:
    """Short sequences of requests; without `may_execute`, none that could be executed."""
    return st.lists(
        requests(drafts, may_execute=may_execute), min_size=1, max_size=LONGEST_SEQUENCE
    )


@st.composite
def requests(draw: st.DrawFn, drafts: Drafts, *, may_execute: bool) -> Request:
    """One request: each part valid, close to valid, or anything."""
    body: Any = draw(valid_bodies(drafts) if may_execute else st.nothing() | bodies(drafts))
    if may_execute and draw(st.booleans()):
        body = draw(bodies(drafts))
    token = draw(tokens(drafts) if draw(st.integers(0, 7)) == 7 else st.just(_good()))
    far = draw(st.integers(0, 9)) == 9
    project = draw(identifiers([drafts.project_id])) if far else drafts.project_id
    provider_id = drafts.fixtures.provider_id
    provider = draw(identifiers([provider_id])) if far else provider_id
    media_type = draw(
        st.sampled_from([JSON_MEDIA_TYPE, f"{JSON_MEDIA_TYPE}; charset=utf-8", None, "text/plain"])
    )
    spaced = draw(st.sampled_from([None, 1, 2]))
    data = body if isinstance(body, bytes) else _written(body, spaced)
    return drafts.request(
        data, token=token, project=project, provider=provider, media_type=media_type
    )


def _good() -> str:
    return placeholder(Token.GOOD)


def _written(body: Any, indent: int | None) -> bytes:
    text = json.dumps(body, indent=indent)
    return text.replace("{{", "{\\u007b").encode() if '"{{' in text else text.encode()


def tokens(drafts: Drafts) -> st.SearchStrategy[str | None]:
    """No token, a bad one, a near-miss, one without permission."""
    near = [derivation.placeholder for derivation in Derivation]
    weak = [placeholder(Token.FORBIDDEN)] if Token.FORBIDDEN in drafts.fixtures.tokens else []
    any_text = st.text(st.characters(min_codepoint=33, max_codepoint=122), max_size=40)
    return st.none() | st.sampled_from([*near, *weak]) | any_text


@st.composite
def valid_bodies(draw: st.DrawFn, drafts: Drafts) -> Any:
    """Bodies that keep every line of the page."""
    parameters: dict[str, Any] = {}
    auto_trigger = draw(st.sampled_from([None, True, False]))
    if auto_trigger is not None:
        parameters["auto_trigger"] = auto_trigger
    if bool(drafts.fixtures.resources) and draw(st.booleans()):
        servers = st.sampled_from(drafts.servers)
        parameters["resources"] = draw(st.lists(servers, min_size=1, max_size=5, unique=True))
    if draw(st.booleans()):
        parameters = dict(reversed(parameters.items()))
    return drafts.body(**parameters)


@st.composite
def bodies(draw: st.DrawFn, drafts: Drafts) -> Any:
    """Bodies in which one place, or several, hold something else."""
    plan_ids = identifiers([drafts.plan_id])
    servers = st.lists(identifiers(drafts.servers) | json_values(), max_size=4)
    body = draw(valid_bodies(drafts))
    checkpoint = body["checkpoint"]
    match draw(st.integers(0, 7)):
        case 0:
            checkpoint["plan_id"] = draw(plan_ids)
        case 1:
            checkpoint["plan_id"] = draw(json_values())
        case 2:
            checkpoint["parameters"]["resources"] = draw(servers)
        case 3:
            checkpoint["parameters"]["auto_trigger"] = draw(json_values())
        case 4:
            checkpoint["parameters"]["resources"] = draw(json_values())
        case 5:
            del checkpoint[draw(st.sampled_from(sorted(checkpoint)))]
        case 6:
            checkpoint["parameters"] = draw(json_values())
        case _:
            return draw(json_values() | st.binary(max_size=40))
    return body
