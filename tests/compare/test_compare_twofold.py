"""What cannot be read is read in two ways: for as much, and for as little, as it may say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from compare_documents import VERSIONS, Document, compared, field, post, schemas

from conformance.compare.comparing import compare
from conformance.compare.source import parse_source

Change = Callable[[Document], None]
ANSWER, REQUEST = "resource", "checkpoint_param"
UNREAD: list[tuple[str, Any]] = [
    ("2.0", {"type": "any"}),
    ("3.0", {"type": "date"}),
    ("3.1", {"type": "List<String>"}),
    ("3.0", {"type": "array", "items": [{"type": "string"}]}),
    ("3.0", {"type": "string", "const": "x"}),
    ("2.0", {"oneOf": [{"type": "string"}, {"type": "integer"}]}),
    ("3.0", {"type": "object", "patternProperties": {"^a": {"type": "string"}}}),
    ("3.1", {"type": "integer", "minimum": 0, "exclusiveMinimum": True}),
    ("3.0", {"type": "string", "pattern": "^[a-"}),
    ("3.0", {"type": "string", "minLength": "1"}),
    ("3.0", {"type": "string", "enum": "server"}),
    ("3.0", {"type": "string", "format": ["date"]}),
    ("3.0", {"allOf": [], "enum": []}),
    ("3.0", {"$ref": "#/components/schemas/nowhere"}),
    ("3.1", {"$ref": "https://192.0.2.1/more.json", "description": "More"}),
    ("3.1", {"type": "object", "additionalProperties": ["string"]}),
]
EACH = pytest.mark.parametrize(("version", "element"), UNREAD)


def with_field(version: str, schema: str, element: Any) -> Document:
    """A document in which a schema has a field that the page does not have."""
    document = VERSIONS[version]()
    schemas(document)[schema]["properties"]["more"] = element
    return document


@EACH
@pytest.mark.parametrize("schema", [ANSWER, REQUEST])
def test_what_agrees_whichever_way_it_is_read_is_compatible(
    version: str, element: Any, schema: str
) -> None:
    comparison = compared(with_field(version, schema, element))
    assert (comparison.differences, comparison.obstacles) == ((), ())
    assert comparison.exit_code == 0
    (note,) = (each for each in comparison.notes if "whichever way" in each.text)
    assert note.place is not None
    assert "/more" in note.place.pointer


@EACH
def test_what_differs_whichever_way_it_is_read_is_found(version: str, element: Any) -> None:
    document = with_field(version, ANSWER, element)
    field(document, "checkpoint_resp", "status")["enum"].append("running")
    (found,) = compared(document).differences
    assert found.clause.id == "T6.status.values"
    assert found.place.pointer.endswith("/status")
    document = with_field(version, REQUEST, element)
    schemas(document)[REQUEST]["required"] = ["auto_trigger"]
    (found,) = compared(document).differences
    assert found.clause.id == "T4.auto_trigger.optional"
    assert found.place.pointer.endswith(f"{REQUEST}/required")


@pytest.mark.parametrize(
    "steps",
    [
        ("checkpoint_resp", "status"),
        ("plan_resp", "resources"),
        ("checkpoint_req", "plan_id"),
        ("checkpoint_param", "resources"),
    ],
)
@pytest.mark.parametrize("element", [{"type": "any"}, {"$ref": "nowhere.json"}])
def test_what_hangs_on_how_it_is_read_is_inconclusive(steps: tuple[str, str], element: Any) -> None:
    document = VERSIONS["3.0"]()
    name, inner = steps
    schemas(document)[name]["properties"][inner] = element
    comparison = compared(document)
    assert comparison.differences == ()
    assert comparison.exit_code == 3
    (obstacle,) = comparison.obstacles
    assert f"/{inner}" in obstacle.place.pointer


def alternatives(document: Document) -> None:
    kinds = [{"type": "string"}, {"type": "any"}, {"type": "uuid"}]
    field(document, "checkpoint_req")["properties"]["plan_id"] = {"oneOf": kinds}


def denied(document: Document) -> None:
    field(document, "checkpoint_req", "plan_id")["not"] = {"pattern": "^[a-"}


def nothing_else(document: Document) -> None:
    document["openapi"] = "3.1.0"
    own = schemas(document)["checkpoint_req"]
    own["allOf"] = [{"properties": own.pop("properties"), "required": "plan_id"}]
    own["allOf"][0]["patternProperties"] = []
    own["unevaluatedProperties"] = False


def fields_in_a_list(document: Document) -> None:
    own = schemas(document)["checkpoint_req"]
    own["properties"], own["additionalProperties"] = [own["properties"]], False


def a_condition(document: Document) -> None:
    document["openapi"] = "3.1.0"
    own = schemas(document)["checkpoint_req"]
    own["if"], own["then"] = {"required": "plan_id"}, {"required": ["more"]}


@pytest.mark.parametrize(
    "change", [alternatives, denied, nothing_else, fields_in_a_list, a_condition]
)
def test_what_allows_less_where_a_part_allows_more_accuses_nobody(change: Change) -> None:
    document = VERSIONS["3.0"]()
    change(document)
    comparison = compared(document)
    assert (comparison.exit_code, comparison.differences) == (3, ())


def test_a_keyword_of_a_later_version_may_be_read_or_not() -> None:
    document = VERSIONS["3.0"]()
    own = field(document, "checkpoint_resp", "status")
    del own["enum"]
    own["const"] = "available"
    comparison = compared(document)
    assert (comparison.exit_code, comparison.differences) == (3, ())
    assert "no keyword const" in comparison.obstacles[0].problem
    own["const"] = "running"
    (found,) = compared(document).differences
    assert found.clause.id == "T6.status.values"


def test_a_field_that_is_needed_and_cannot_be_read_hides_no_refusal() -> None:
    document = with_field("3.0", REQUEST, {"type": "any"})
    schemas(document)[REQUEST]["required"] = ["more"]
    comparison = compared(document)
    assert [each.clause.id for each in comparison.differences] == ["S200.executed"]
    assert comparison.obstacles == ()


def test_a_reference_into_what_cannot_be_read_is_followed() -> None:
    document = VERSIONS["3.0"]()
    schemas(document)["odd"] = {"type": "odd", "properties": {"name": {"type": "string"}}}
    inner = {"$ref": "#/components/schemas/odd/properties/name"}
    schemas(document)["plan_resp"]["properties"] |= {"name": inner, "more": dict(inner)}
    schemas(document)["plan_resp"]["properties"]["odd"] = {"$ref": "#/components/schemas/odd"}
    assert compared(document).exit_code == 0


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_null_for_a_type_may_mean_the_type_null(version: str) -> None:
    document = VERSIONS[version]()
    either = [{"type": "string"}, {"type": None}]
    schemas(document)["checkpoint_resp"]["properties"]["resource_graph"] = {"anyOf": either}
    assert compared(document).exit_code == (1 if version == "3.0" else 3)


@pytest.mark.parametrize(("constant", "code"), [(None, 1), ("available", 0)])
def test_null_is_a_constant(constant: object, code: int) -> None:
    document = VERSIONS["3.1"]()
    schemas(document)["checkpoint_resp"]["properties"]["status"] = {"const": constant}
    assert compared(document).exit_code == code


def test_with_strict_a_warning_that_hangs_on_it_counts() -> None:
    document = VERSIONS["3.0"]()
    schemas(document)["error"]["properties"]["error_code"] = {"type": "Code"}
    source = parse_source(json.dumps(document).encode(), "vendor.json")
    assert [compare(source, strict=strict).exit_code for strict in (False, True)] == [0, 3]
    post(document)["responses"]["201"] = post(document)["responses"]["200"]
    assert compared(document).exit_code == 1
