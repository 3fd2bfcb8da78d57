"""Why valid requests were refused: the fewest shapes that explain all refusals."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge_helpers import SERVERS, body, expect, request

from conformance.judge.acceptance import explain
from conformance.page.oracle import Expectation
from conformance.page.tables_2_to_4 import Feature, Shape

ONE, SEVERAL = list(SERVERS[:1]), list(SERVERS)
VALID = {
    f"{trigger} {servers}": expect(
        request(
            body(
                **({} if trigger is None else {"auto_trigger": trigger}),
                **({} if servers is None else {"resources": servers}),
            )
        )
    )
    for trigger in (None, True, False)
    for servers in (None, ONE, SEVERAL)
}
expectations = st.lists(st.sampled_from(list(VALID.values())), max_size=9)


def executed_of(expectations: Sequence[Expectation]) -> frozenset[Feature]:
    return frozenset().union(*(expectation.features for expectation in expectations))


def name_of(feature: Feature | None) -> str:
    return feature[1] if feature else ""


@given(expectations, expectations)
def test_every_refusal_is_answered(refused: list[Expectation], others: list[Expectation]) -> None:
    assert explain(refused, executed_of(others)).keys() == set(range(len(refused)))


@given(expectations, expectations)
def test_what_explains_a_refusal_is_in_it_and_in_nothing_that_was_executed(
    refused: list[Expectation], others: list[Expectation]
) -> None:
    executed = executed_of(others)
    is_combined = any(not expectation.features - executed for expectation in refused)
    for place, feature in explain(refused, executed).items():
        if feature is None:
            assert not executed or is_combined
        else:
            assert feature in refused[place].features
            assert feature not in executed


@given(expectations)
def test_nothing_explains_anything_where_nothing_was_executed(refused: list[Expectation]) -> None:
    assert set(explain(refused, frozenset()).values()) <= {None}


@given(expectations, expectations)
def test_refusals_alike_are_explained_alike(
    refused: list[Expectation], others: list[Expectation]
) -> None:
    explained = explain(refused, executed_of(others))
    by_features = {refused[place].features: feature for place, feature in explained.items()}
    assert all(explained[p] == by_features[r.features] for p, r in enumerate(refused))


@pytest.mark.parametrize(
    ("shape", "what"),
    [
        (Shape.NO_PARAMETERS, "parameters {}"),
        (Shape.AUTO_TRIGGER, "auto_trigger true"),
        (Shape.AUTO_TRIGGER, "auto_trigger false"),
        (Shape.NO_AUTO_TRIGGER, "no auto_trigger"),
        (Shape.NO_RESOURCES, "no resources"),
        (Shape.RESOURCES, "one server"),
        (Shape.RESOURCES, "several servers"),
    ],
)
def test_a_shape_that_is_always_refused_explains_it(shape: Shape, what: str) -> None:
    refused = [e for e in VALID.values() if (shape, what) in e.features]
    executed = [e for e in VALID.values() if (shape, what) not in e.features]
    explained = explain(refused, executed_of(executed))
    assert set(explained.values()) == {(shape, what)}


def test_two_shapes_explain_what_one_cannot() -> None:
    refused = [e for name, e in VALID.items() if "True" in name or SERVERS[1] in name]
    executed = [e for e in VALID.values() if e not in refused]
    names = {name_of(feature) for feature in explain(refused, executed_of(executed)).values()}
    assert names == {"auto_trigger true", "several servers"}


def test_a_combination_of_shapes_that_were_executed_apart_is_not_explained() -> None:
    refused = [VALID[f"True {SEVERAL}"]]
    executed = [VALID[f"True {ONE}"], VALID[f"False {SEVERAL}"]]
    assert explain(refused, executed_of(executed)) == {0: None}


def test_a_feature_of_one_refusal_explains_nothing_beside_a_combination() -> None:
    refused = [VALID[f"True {SEVERAL}"], VALID[f"None {ONE}"]]
    executed = [VALID[f"True {ONE}"], VALID[f"False {SEVERAL}"]]
    assert explain(refused, executed_of(executed)) == {0: None, 1: None}
    assert explain(refused[1:], executed_of(executed)) == {
        0: (Shape.NO_AUTO_TRIGGER, "no auto_trigger")
    }


@given(expectations, expectations)
def test_a_refusal_seen_once_more_changes_no_explanation(
    refused: list[Expectation], others: list[Expectation]
) -> None:
    executed = executed_of(others)
    once, twice = explain(refused, executed), explain([*refused, *refused], executed)
    assert {place: twice[place] for place in once} == once


def test_a_feature_of_one_refused_request_explains_nothing_however_often_it_is_refused() -> None:
    combined, one = VALID[f"True {SEVERAL}"], VALID[f"None {ONE}"]
    executed = [VALID[f"True {ONE}"], VALID[f"False {SEVERAL}"]]
    assert set(explain([combined, one, one], executed_of(executed)).values()) == {None}


def test_of_two_features_of_one_shape_that_explain_as_much_one_explains_its_own() -> None:
    refused = [VALID[f"True {ONE}"], VALID[f"True {SEVERAL}"]]
    executed = [VALID["True None"]]
    assert explain(refused, executed_of(executed)) == {
        0: (Shape.RESOURCES, "one server"),
        1: (Shape.RESOURCES, "several servers"),
    }
