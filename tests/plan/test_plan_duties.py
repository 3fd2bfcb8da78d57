"""Each part of a plan holds requests of one duty, whatever the fixtures are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from plan_helpers import (
    CONTRACT,
    FIXTURES,
    drawn,
    duties,
    fixtures_with,
    lettered,
    long_names,
    planned,
    short_names,
    some_tokens,
    texts,
    uuids,
    whole_plan,
)
from trying import examples

from conformance.model import Fixtures
from conformance.page.oracle import Duty, Oracle
from conformance.plan.drafting import Drafts
from conformance.plan.generated import with_fixtures

REFUSED = {Duty.REFUSE, Duty.NOT_EXECUTE}
any_fixtures = st.one_of(
    fixtures_with(uuids, tokens=some_tokens), fixtures_with(long_names, tokens=some_tokens)
)


def those_not(wanted: set[Duty], found: dict[str, Duty]) -> dict[str, Duty]:
    return {name: duty for name, duty in found.items() if duty not in wanted}


@settings(max_examples=examples(60))
@given(st.one_of(fixtures_with(lettered), any_fixtures))
def test_each_part_holds_requests_of_its_duty(fixtures: Fixtures) -> None:
    plan = whole_plan(fixtures)
    refused = duties((*plan.refusals, *plan.again), fixtures)
    assert those_not(REFUSED, refused) == {}
    generated = {name: duty for name, duty in refused.items() if name.startswith("generated/")}
    assert those_not({Duty.REFUSE}, generated) == {}
    directed = planned(fixtures).directed
    assert those_not({Duty.EXECUTE}, duties((*directed.valid, *directed.spare), fixtures)) == {}
    spare = duties(plan.spare, fixtures)
    assert those_not({Duty.EXECUTE, Duty.CHOOSE, Duty.UNKNOWN}, spare) == {}
    found = duties(plan.choices, fixtures)
    assert those_not({Duty.CHOOSE, Duty.REFUSE}, found) == {}
    if fixtures.resources and all(name.upper() != name for name in ids_of(fixtures)):
        assert those_not({Duty.CHOOSE}, found) == {}


def ids_of(fixtures: Fixtures) -> list[str]:
    assert fixtures.project_id is not None
    assert fixtures.plan_id is not None
    return [fixtures.project_id, fixtures.plan_id, *fixtures.resources]


@settings(max_examples=examples(40))
@given(st.one_of(fixtures_with(texts), fixtures_with(short_names)))
def test_valid_and_generated_requests_keep_their_duty_whatever_characters_the_ids_have(
    fixtures: Fixtures,
) -> None:
    directed, plan = planned(fixtures).directed, whole_plan(fixtures)
    assert those_not({Duty.EXECUTE}, duties((*directed.valid, *directed.spare), fixtures)) == {}
    generated = [probe for probe in plan.refusals if probe.id.startswith("generated/")]
    assert generated
    assert those_not({Duty.REFUSE}, duties(tuple(generated), fixtures)) == {}
    spare = duties(plan.spare, fixtures)
    assert those_not({Duty.EXECUTE, Duty.CHOOSE, Duty.UNKNOWN}, spare) == {}


@pytest.mark.parametrize(
    "fixtures",
    [
        replace(FIXTURES, plan_id="11111111-2222-4333-8444-555555555555"),
        replace(FIXTURES, resources=("11111111-2222-4333-8444-555555555555",)),
        replace(FIXTURES, plan_id="42"),
        replace(FIXTURES, plan_id="NIGHTLY"),
    ],
    ids=["policy", "server", "number", "capitals"],
)
def test_choices_are_never_valid_requests_even_without_a_letter(fixtures: Fixtures) -> None:
    plan = planned(fixtures).directed
    assert those_not({Duty.CHOOSE, Duty.REFUSE}, duties(plan.choices, fixtures)) == {}


@pytest.mark.parametrize(
    "fixtures",
    [
        replace(FIXTURES, plan_id="nightly-policy-of-berlin"),
        replace(FIXTURES, resources=("server-one", "server-two")),
        replace(FIXTURES, resources=()),
    ],
    ids=["policy", "servers", "no servers"],
)
def test_choices_that_must_be_refused_are_left_to_the_refusals(fixtures: Fixtures) -> None:
    plan = planned(fixtures).directed
    assert those_not({Duty.CHOOSE}, duties(plan.choices, fixtures)) == {}


@pytest.mark.parametrize(
    "fixtures",
    [
        replace(FIXTURES, plan_id="policy-1"),
        replace(FIXTURES, plan_id="nightly-4711"),
        replace(FIXTURES, resources=("server-1",)),
        replace(FIXTURES, project_id="0"),
        replace(FIXTURES, plan_id="null"),
        replace(FIXTURES, plan_id=FIXTURES.project_id),
        replace(FIXTURES, plan_id=FIXTURES.resources[0]),
    ],
    ids=["prefix", "suffix", "server", "project", "null", "as the project", "as a server"],
)
def test_refusals_must_be_refused_also_where_ids_are_short_or_alike(fixtures: Fixtures) -> None:
    plan = planned(fixtures).directed
    assert those_not(REFUSED, duties((*plan.refusals, *plan.again), fixtures)) == {}


def test_a_server_given_twice_is_asked_for_once() -> None:
    fixtures = replace(FIXTURES, resources=(FIXTURES.resources[0],) * 2)
    plan = planned(fixtures).directed
    assert those_not({Duty.EXECUTE}, duties((*plan.valid, *plan.spare), fixtures)) == {}


def test_generated_probes_break_many_different_clauses() -> None:
    oracle = Oracle(CONTRACT, FIXTURES)
    broken = {
        breach.clause.id
        for probe in whole_plan().probes
        if probe.id.startswith("generated/")
        for breach in oracle.expect(probe.request).breaches
    }
    assert len(broken) >= 8


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=4)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@given(json_values, json_values, json_values)
def test_only_strings_in_the_place_of_an_id_become_ids(plan: Any, servers: Any, other: Any) -> None:
    drafts = Drafts(FIXTURES, 1)
    body = {"checkpoint": {"plan_id": plan, "parameters": {"resources": servers, "x": other}}}
    fitted = with_fixtures(body, drafts)["checkpoint"]
    assert fitted["plan_id"] == (FIXTURES.plan_id if isinstance(plan, str) else plan)
    assert fitted["parameters"]["x"] == other
    if isinstance(servers, list):
        for before, after in zip(servers, fitted["parameters"]["resources"], strict=True):
            assert after in FIXTURES.resources if isinstance(before, str) else after == before
    else:
        assert fitted["parameters"]["resources"] == servers


@given(json_values)
def test_any_generated_value_can_be_fitted(value: Any) -> None:
    drafts = Drafts(FIXTURES, 1)
    for body in (value, {"checkpoint": value}, {"checkpoint": {"parameters": value}}):
        with_fixtures(body, drafts)


def test_generated_cases_are_not_changed_by_fitting_them() -> None:
    before = repr(drawn())
    whole_plan()
    assert repr(drawn()) == before
