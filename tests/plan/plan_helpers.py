"""Fixtures of many kinds, and the plans for them."""

from __future__ import annotations

import asyncio
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from conformance.contract import load_contract
from conformance.model import Fixtures, Token
from conformance.page.oracle import Duty, Expectation
from conformance.plan.drafting import Probe
from conformance.plan.generated import drawn_lines, parsed
from conformance.plan.planner import Plan, Planner, Profile

CONTRACT = load_contract()
PROVIDER = CONTRACT.provider_id
FIXTURES = Fixtures(
    endpoint="https://csbs.example.com",
    provider_id=PROVIDER,
    project_id="b942cc8342734d15bcb246babb1953cf",
    plan_id="62171999-3df1-42f7-9513-6f9b1bea4744",
    resources=("7a32a8b5-7977-4e24-b5da-e0eb457db75b", "b2b433bf-7dd6-4a74-aa8f-85673dfbda48"),
    tokens=frozenset(Token),
)
SEED = 1


def planner(
    fixtures: Fixtures = FIXTURES,
    *,
    profile: Profile = Profile.STANDARD,
    seed: int = SEED,
    only: tuple[str, ...] = (),
    max_executions: int = 10,
) -> Planner:
    return Planner(
        CONTRACT, fixtures, profile=profile, seed=seed, only=only, max_executions=max_executions
    )


@cache
def drawn(seed: int = SEED) -> tuple[dict[str, Any], ...]:
    """The generated cases, as they are kept between runs."""
    return tuple(parsed(asyncio.run(drawn_lines(CONTRACT, seed))))


@lru_cache(maxsize=4)
def planned(fixtures: Fixtures) -> Planner:
    """The planner for some fixtures: it has planned, and knows what to expect of each request."""
    return planner(fixtures)


def whole_plan(fixtures: Fixtures = FIXTURES) -> Plan:
    return planned(fixtures).with_generated(list(drawn()))


def expected(probe: Probe, fixtures: Fixtures = FIXTURES) -> Expectation:
    return planned(fixtures).oracle.expect(probe.request)


def duties(probes: tuple[Probe, ...], fixtures: Fixtures = FIXTURES) -> dict[str, Duty]:
    return {probe.id: expected(probe, fixtures).duty for probe in probes}


uuids = st.integers(0, 2**128 - 1).map(lambda number: str(UUID(int=number)))
"""Any UUID, also one without a letter in it."""
lettered = st.uuids(version=4).map(str).filter(lambda text: text.upper() != text)
long_names = st.from_regex(r"[a-z]+-[a-z0-9-]{12,24}", fullmatch=True)
short_names = st.from_regex(r"[A-Za-z0-9._-]{1,12}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=30)
endpoints = st.sampled_from(
    ["https://csbs.example.com", "http://127.0.0.1:8080", "https://example.com/csbs/eu"]
)


@st.composite
def fixtures_with(
    draw: st.DrawFn,
    ids: st.SearchStrategy[str],
    *,
    servers: int = 3,
    tokens: st.SearchStrategy[frozenset[Token]] | None = None,
) -> Fixtures:
    """Everything that is needed for an execution, all ids different."""
    some = draw(
        st.lists(ids, min_size=2 + servers, max_size=2 + servers, unique_by=lambda i: i.lower())
    )
    return Fixtures(
        endpoint=draw(endpoints),
        provider_id=PROVIDER,
        project_id=some[0],
        plan_id=some[1],
        resources=tuple(some[2 : 2 + draw(st.integers(0, servers))]),
        tokens=draw(tokens if tokens is not None else st.just(frozenset(Token))),
    )


some_tokens = st.sampled_from(
    [frozenset(Token), frozenset({Token.GOOD}), frozenset({Token.FORBIDDEN}), frozenset[Token]()]
)
