"""From a validation error to the breach of exactly one clause."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from contract_bodies import ABSENT, BODIES, Path, changed, json_values, mutated
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conformance.contract import load_contract
from conformance.contract.schema import ClauseSchema, excerpt
from conformance.contract.schema_clauses import RESPONSE, schema_clauses
from conformance.page.json_text import parse_json

CONTRACT = load_contract()
SCHEMAS: dict[str, ClauseSchema] = {
    "request": CONTRACT.request,
    "response": CONTRACT.response,
    "error": CONTRACT.error,
}
REFERENCE = {
    name: Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": CONTRACT.document["components"]}
    )
    for name in SCHEMAS
}
CHECKPOINT: Path = ("checkpoint",)
PARAMETERS: Path = (*CHECKPOINT, "parameters")
PLAN: Path = (*CHECKPOINT, "protection_plan")
SERVER: Path = (*PLAN, "resources", 0)

any_schema = st.sampled_from(sorted(SCHEMAS))
any_body = any_schema.flatmap(lambda name: st.tuples(st.just(name), mutated(name)))

TYPES: list[tuple[str, Path, str, Any]] = [
    ("request", (), "T2.body.type", []),
    ("request", CHECKPOINT, "T2.checkpoint.type", "x"),
    ("request", (*CHECKPOINT, "plan_id"), "T3.plan_id.type", 5),
    ("request", PARAMETERS, "T3.parameters.type", []),
    ("request", (*PARAMETERS, "auto_trigger"), "T4.auto_trigger.type", "true"),
    ("request", (*PARAMETERS, "resources"), "T4.resources.type", {}),
    ("request", (*PARAMETERS, "resources", 0), "T4.resources.items", None),
    ("response", (), "T5.body.type", []),
    ("response", CHECKPOINT, "T5.checkpoint.type", None),
    ("response", (*CHECKPOINT, "status"), "T6.status.type", 5),
    ("response", (*CHECKPOINT, "created_at"), "T6.created_at.type", 1481059229),
    ("response", (*CHECKPOINT, "id"), "T6.id.type", None),
    ("response", (*CHECKPOINT, "resource_graph"), "T6.resource_graph.type", {}),
    ("response", (*CHECKPOINT, "project_id"), "T6.project_id.type", None),
    ("response", (*CHECKPOINT, "extra_info"), "T6.extra_info.type", None),
    ("response", PLAN, "T6.protection_plan.type", "plan"),
    ("response", (*PLAN, "id"), "T7.id.type", None),
    ("response", (*PLAN, "name"), "T7.name.type", None),
    ("response", (*PLAN, "resources"), "T7.resources.type", {}),
    ("response", SERVER, "T7.resources.items", "server"),
    ("response", (*SERVER, "id"), "T8.id.type", 1),
    ("response", (*SERVER, "type"), "T8.type.type", None),
    ("response", (*SERVER, "name"), "T8.name.type", None),
    ("response", (*SERVER, "extra_info"), "T8.extra_info.type", {}),
    ("error", (), "EC.body.type", "bad request"),
    ("error", ("error_code",), "EC.error_code.type", 400),
    ("error", ("error_msg",), "EC.error_msg.type", None),
]
VALUES: list[tuple[str, Path, str, Any]] = [
    ("request", (*PARAMETERS, "auto_trigger"), "T4.auto_trigger.null", None),
    ("request", (*PARAMETERS, "resources"), "T4.resources.null", None),
    ("response", (*CHECKPOINT, "status"), "T6.status.values", "PROTECTING"),
    ("response", (*CHECKPOINT, "status"), "T6.status.values", ""),
    ("response", (*CHECKPOINT, "id"), "T6.id.not-empty", ""),
    ("response", (*PLAN, "resources"), "T7.resources.not-empty", []),
    ("response", (*SERVER, "type"), "T8.type.value", "OS::Cinder::Volume"),
]
MISSING: list[tuple[str, Path, str, Any]] = [
    (name, path, clause, ABSENT)
    for name, path, clause in [
        ("request", CHECKPOINT, "T2.checkpoint.mandatory"),
        ("request", (*CHECKPOINT, "plan_id"), "T3.plan_id.mandatory"),
        ("request", PARAMETERS, "T3.parameters.mandatory"),
        ("response", CHECKPOINT, "T5.checkpoint.present"),
        ("response", (*CHECKPOINT, "status"), "T6.status.present"),
        ("response", (*CHECKPOINT, "created_at"), "T6.created_at.present"),
        ("response", (*CHECKPOINT, "id"), "T6.id.present"),
        ("response", (*CHECKPOINT, "resource_graph"), "T6.resource_graph.present"),
        ("response", (*CHECKPOINT, "project_id"), "T6.project_id.present"),
        ("response", PLAN, "T6.protection_plan.present"),
        ("response", (*PLAN, "id"), "T7.id.present"),
        ("response", (*PLAN, "name"), "T7.name.present"),
        ("response", (*PLAN, "resources"), "T7.resources.present"),
        ("response", (*SERVER, "id"), "T8.id.present"),
        ("response", (*SERVER, "type"), "T8.type.present"),
        ("response", (*SERVER, "name"), "T8.name.present"),
        ("error", ("error_code",), "EC.error_code.present"),
        ("error", ("error_msg",), "EC.error_msg.present"),
    ]
]
SINGLE = [*TYPES, *VALUES, *MISSING]


@pytest.mark.parametrize(
    ("name", "path", "clause", "value"), SINGLE, ids=[f"{c}={v!r}" for _, _, c, v in SINGLE]
)
def test_one_wrong_value_breaks_one_clause(name: str, path: Path, clause: str, value: Any) -> None:
    (breach,) = SCHEMAS[name].breaches(changed(BODIES[name], path, value))
    assert breach.clause == clause
    assert breach.path.endswith(str(path[-1]) if path and isinstance(path[-1], str) else "")
    assert breach.expected
    assert breach.received


def test_the_table_above_breaks_every_clause_that_a_schema_decides() -> None:
    told = {clause for _, _, clause, _ in SINGLE}
    assert told == {c.id for c in CONTRACT.schema_clauses}, (
        "each needs a wrong value in VALUES, TYPES or MISSING above"
    )


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_valid_body_breaks_nothing(name: str) -> None:
    assert SCHEMAS[name].breaches(BODIES[name]) == []


@pytest.mark.parametrize(
    "path", [(*CHECKPOINT, "extra_info"), (*SERVER, "extra_info")], ids=lambda p: str(p[-2])
)
def test_additional_information_may_be_left_out(path: Path) -> None:
    assert CONTRACT.response.breaches(changed(BODIES["response"], path, ABSENT)) == []


def test_fields_that_no_table_has_break_no_schema() -> None:
    for name, body in BODIES.items():
        assert SCHEMAS[name].breaches(changed(body, ("new",), 1)) == []


@pytest.mark.parametrize("value", [5, None, [], {}])
def test_a_wrong_type_silences_the_other_keywords_of_the_value(value: Any) -> None:
    body = changed(BODIES["response"], (*CHECKPOINT, "status"), value)
    body = changed(body, (*SERVER, "type"), value)
    found = [breach.clause for breach in CONTRACT.response.breaches(body)]
    assert sorted(found) == ["T6.status.type", "T8.type.type"]


def test_wrong_values_side_by_side_are_all_found() -> None:
    body = changed(BODIES["response"], (*CHECKPOINT, "status"), "gone")
    body = changed(changed(body, (*CHECKPOINT, "id"), ABSENT), (*PLAN, "name"), 5)
    found = {breach.path: breach.clause for breach in CONTRACT.response.breaches(body)}
    assert found == {
        "checkpoint.status": "T6.status.values",
        "checkpoint.id": "T6.id.present",
        "checkpoint.protection_plan.name": "T7.name.type",
    }


def test_a_finding_says_where_in_a_list_it_is() -> None:
    servers = [BODIES["response"]["checkpoint"]["protection_plan"]["resources"][0]] * 2 + [5]
    body = changed(BODIES["response"], (*PLAN, "resources"), servers)
    (breach,) = CONTRACT.response.breaches(body)
    assert breach.path == "checkpoint.protection_plan.resources[2]"
    assert (breach.expected, breach.received) == ("an object", "5")


@given(any_body)
def test_breaches_are_found_exactly_where_the_reference_validator_finds_errors(
    case: tuple[str, Any],
) -> None:
    name, body = case
    assert (SCHEMAS[name].breaches(body) == []) == REFERENCE[name].is_valid(body)


@given(any_body)
def test_every_value_has_at_most_one_finding(case: tuple[str, Any]) -> None:
    name, body = case
    places = [breach.path for breach in SCHEMAS[name].breaches(body)]
    assert len(set(places)) == len(places)


@given(any_schema, json_values)
def test_any_json_value_can_be_judged(name: str, value: Any) -> None:
    clauses = {clause.id for clause in CONTRACT.schema_clauses}
    assert {breach.clause for breach in SCHEMAS[name].breaches(value)} <= clauses
    assert set(SCHEMAS[name].reached(value)) <= clauses


@pytest.mark.parametrize(
    "value",
    ["\ud800", {"\ud800": "\udfff"}, 10**999, -(10**999), 1e308, [[["\udc00"]]]],
    ids=["surrogate", "surrogates", "huge", "huge-negative", "large", "nested"],
)
def test_values_that_few_readers_expect_can_be_judged(value: Any) -> None:
    for schema in SCHEMAS.values():
        assert schema.breaches(value)
    body = changed(BODIES["response"], ("checkpoint", "extra_info"), value)
    breaches = CONTRACT.response.breaches(body)
    assert bool(breaches) != isinstance(value, str)


INFINITE = parse_json(b"1e999").value


def test_a_number_beyond_floating_point_is_not_taken_for_a_graph() -> None:
    body = changed(BODIES["response"], (*CHECKPOINT, "resource_graph"), INFINITE)
    (breach,) = CONTRACT.response.breaches(body)
    assert breach.clause == "T6.resource_graph.type"


@pytest.mark.parametrize("field", ["auto_trigger", "resources"])
def test_a_number_beyond_floating_point_is_no_null(field: str) -> None:
    body = changed(BODIES["request"], (*PARAMETERS, field), INFINITE)
    (breach,) = CONTRACT.request.breaches(body)
    assert breach.clause == f"T4.{field}.type"


@pytest.mark.parametrize("depth", [300, 500, 900])
@pytest.mark.parametrize(
    "text",
    ['{"checkpoint": %s}', '{"checkpoint": {"id": %s}}', '{"error_code": %s}'],
    ids=["checkpoint", "id", "error"],
)
def test_a_deep_value_that_could_be_read_can_be_judged(text: str, depth: int) -> None:
    value = parse_json((text % ("[" * depth + "]" * depth)).encode()).value
    for schema in SCHEMAS.values():
        assert schema.breaches(value)


@given(st.sampled_from(["response", "error"]).flatmap(lambda n: st.tuples(st.just(n), mutated(n))))
def test_a_clause_that_is_broken_was_reached(case: tuple[str, Any]) -> None:
    name, body = case
    broken = {breach.clause for breach in SCHEMAS[name].breaches(body)}
    assert broken <= set(SCHEMAS[name].reached(body))


@pytest.mark.parametrize("name", ["response", "error"])
def test_a_whole_body_reaches_every_clause_of_its_schema(name: str) -> None:
    prefixes = {"response": ("T5", "T6", "T7", "T8"), "error": ("EC",)}[name]
    every = {c.id for c in CONTRACT.schema_clauses if c.id.startswith(prefixes)}
    assert set(SCHEMAS[name].reached(BODIES[name])) == every


def test_what_is_not_there_reaches_nothing_below_it() -> None:
    assert set(CONTRACT.response.reached([])) == {"T5.body.type"}
    assert set(CONTRACT.response.reached({})) == {"T5.body.type", "T5.checkpoint.present"}
    empty = changed(BODIES["response"], (*PLAN, "resources"), [])
    assert not any(name.startswith("T8") for name in CONTRACT.response.reached(empty))


def test_a_value_of_the_wrong_type_reaches_its_type_alone() -> None:
    body = changed(BODIES["response"], (*CHECKPOINT, "status"), 5)
    reached = set(CONTRACT.response.reached(body))
    assert "T6.status.type" in reached
    assert "T6.status.values" not in reached


@given(json_values)
def test_an_excerpt_is_short_and_one_of_any_value(value: Any) -> None:
    assert 0 < len(excerpt(value)) <= 120


def test_a_clause_under_a_keyword_that_is_not_there_is_refused() -> None:
    document = deepcopy(CONTRACT.document)
    name = document["components"]["schemas"]["plan_resp"]["properties"]["name"]
    name["x-clauses"] = {**name["x-clauses"], "const": "T7.name.made-up"}
    with pytest.raises(ValueError, match="`name`: x-clauses names const, which the element"):
        list(schema_clauses(document, RESPONSE))
    name["const"] = "backup"
    assert "T7.name.made-up" in {clause.id for clause in schema_clauses(document, RESPONSE)}
