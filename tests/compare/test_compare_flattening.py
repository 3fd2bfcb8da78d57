"""A schema without references allows what the schema does: never less, or never more."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.compare.breaking import breakables, broken, broken_somehow, inlined
from conformance.compare.flattening import Entangled, flattened
from conformance.compare.holding import canonical_form, is_impossible
from conformance.compare.schemas import ROOT
from conformance.contract import load_contract
from conformance.contract.schema_clauses import ERROR, RESPONSE

NAMES = ("a", "b", "c")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)


def _schemas() -> st.SearchStrategy[Any]:
    leaves = st.one_of(
        st.booleans(),
        st.builds(lambda name: {"$ref": f"#/{ROOT}/{name}"}, st.sampled_from(NAMES)),
        st.builds(
            lambda kind: {"type": kind},
            st.sampled_from(["null", "boolean", "integer", "string", "array", "object"]),
        ),
        st.builds(lambda value: {"const": value}, st.sampled_from([None, 0, "x"])),
        st.just({"required": ["a"]}),
        st.just({"maxProperties": 1}),
    )

    def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.lists(inner, min_size=1, max_size=3)
        members = st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=2)
        return st.one_of(
            st.builds(lambda key, value: {key: value},
                      st.sampled_from(["allOf", "anyOf", "oneOf", "prefixItems"]), several),
            st.builds(lambda key, value: {key: value},
                      st.sampled_from(["not", "items", "additionalProperties", "contains",
                                       "propertyNames"]), inner),
            st.builds(lambda key, value: {key: value},
                      st.sampled_from(["properties", "dependentSchemas"]), members),
            st.builds(lambda one, two, three: {"if": one, "then": two, "else": three},
                      inner, inner, inner),
            st.builds(lambda one, two: {"properties": one, "unevaluatedProperties": two},
                      members, inner),
            st.builds(lambda name, more: {"$ref": f"#/{ROOT}/{name}", **more},
                      st.sampled_from(NAMES),
                      st.builds(lambda key, value: {key: value},
                                st.sampled_from(["unevaluatedProperties", "not"]), inner)),
            st.builds(lambda one: {"contains": one, "minContains": 0, "maxContains": 1}, inner),
        )  # fmt: skip

    return st.recursive(leaves, nested, max_leaves=8)


NOT_WHAT_LEADS_BACK = {
    "a": {"not": {"properties": {"a": False}, "unevaluatedProperties": {"$ref": f"#/{ROOT}/a"}}},
    "b": False,
    "c": False,
}
CLOSED_BESIDE_A_REFERENCE = {
    "a": {"$ref": f"#/{ROOT}/b", "unevaluatedProperties": False},
    "b": {"properties": {"a": True}},
    "c": False,
}


@example(NOT_WHAT_LEADS_BACK, [{"b": None}])
@example(CLOSED_BESIDE_A_REFERENCE, [{"a": None}, {"b": None}])
@given(st.fixed_dictionaries({name: _schemas() for name in NAMES}), st.lists(VALUES, max_size=8))
def test_wide_allows_at_least_as_much_and_the_rest_is_exact(
    parts: dict[str, Any], values: list[Any]
) -> None:
    document = {"$ref": f"#/{ROOT}/a", ROOT: parts}
    try:
        wide = flattened(document, wide=True)
    except Entangled:
        return
    narrow = flattened(document, wide=False)
    exact, wider = jsonschema_rs.validator_for(document), jsonschema_rs.validator_for(wide)
    for value in values:
        if exact.is_valid(value):
            assert wider.is_valid(value)
            assert not is_impossible({"allOf": [wide, {"const": value}]})
        if wide == narrow:
            assert exact.is_valid(value) == wider.is_valid(value)


def test_every_clause_of_the_contract_can_be_broken_alone() -> None:
    contract = load_contract()
    for schema, name, body in (
        (contract.response, "response", RESPONSE),
        (contract.error, "error", ERROR),
    ):
        root = {"$ref": f"#/components/schemas/{name}"}
        plain = inlined(schema, root)
        found = list(breakables(schema, root))
        for breakable in found:
            for break_it in (broken, broken_somehow):
                schema_of_breaches = break_it(plain, breakable.path, breakable.keyword)
                form = canonical_form(schema_of_breaches)
                assert form is not None
                assert not is_impossible(schema_of_breaches)
                assert is_impossible({"allOf": [plain, schema_of_breaches]})
        assert sorted(each.clause for each in found) == sorted(
            clause.id for clause in contract.clauses_on(body)
        )
