"""The contract as an OpenAPI document: well-formed, and its examples keep it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract_document import DOCUMENT, PAGE
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from conformance.contract import PATH, load_contract
from conformance.contract.schema import resolved

CONTRACT = load_contract().document
COMPONENTS = CONTRACT["components"]


def validator(name: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": COMPONENTS}
    return Draft202012Validator(schema)


def examples() -> list[tuple[str, str, Any]]:
    """Every named example of the operation: its name, the schema it stands beside, its value."""
    post = CONTRACT["paths"][PATH]["post"]
    media = [resolved(CONTRACT, post["requestBody"])["content"]["application/json"]]
    media += [
        resolved(CONTRACT, r)["content"]["application/json"] for r in post["responses"].values()
    ]
    return [
        (example["$ref"].rsplit("/", 1)[1], body["schema"]["$ref"].rsplit("/", 1)[1], value)
        for body in media
        for example in body["examples"].values()
        for value in [resolved(CONTRACT, example)["value"]]
    ]


EXAMPLES = examples()


def test_the_contract_is_a_valid_openapi_document() -> None:
    assert list(OpenAPIV31SpecValidator(dict(CONTRACT)).iter_errors()) == []


@pytest.mark.parametrize(
    ("schema", "value"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES]
)
def test_an_example_keeps_the_schema_it_stands_beside(schema: str, value: Any) -> None:
    assert list(validator(schema).iter_errors(value)) == []


def test_every_example_is_used_once() -> None:
    assert sorted(name for name, _, _ in EXAMPLES) == sorted(COMPONENTS["examples"])


def test_every_abnormal_status_code_has_an_example() -> None:
    names = {name for name, _, _ in EXAMPLES}
    assert {f"error_{code}" for code in DOCUMENT["status_codes"]["abnormal"]} <= names


@pytest.mark.parametrize("value", [e[2] for e in EXAMPLES if e[1] == "response"])
def test_the_example_answer_belongs_to_the_example_requests(value: Any) -> None:
    plans = {body["checkpoint"]["plan_id"] for _, schema, body in EXAMPLES if schema == "request"}
    assert value["checkpoint"]["protection_plan"]["id"] in plans
    assert value["checkpoint"]["project_id"] == COMPONENTS["parameters"]["project_id"]["example"]


@pytest.mark.parametrize("name", COMPONENTS["schemas"])
def test_every_schema_is_a_valid_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(COMPONENTS["schemas"][name])


@pytest.mark.skipif(not PAGE.exists(), reason=f"the page's text is not at {PAGE}")
@pytest.mark.parametrize(
    ("heading", "end", "schema"),
    [
        ("• Example request", "Response", "request"),
        ("• Example response", "Status Codes", "response"),
    ],
)
def test_the_pages_own_example_keeps_the_contract_once_it_is_mended(
    heading: str, end: str, schema: str
) -> None:
    text = PAGE.read_text(encoding="utf-8")
    text = text[text.index(heading) :]
    text = text[text.index("\n    {") : text.index(f"\n{end}\n")]
    mended = text.replace('"{"created_by": "manual"}"', '"{}"')
    assert list(validator(schema).iter_errors(json.loads(mended))) == []
