"""What a vendor may write otherwise, and what is open by the contract, is no difference."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import yaml
from compare_documents import (
    VERSIONS,
    Document,
    answer,
    content,
    field,
    nullable,
    parameter,
    parameter_schema,
    post,
    reference,
    replace,
    schemas,
)

from conformance.compare.comparing import compare
from conformance.compare.source import parse_source
from conformance.contract import PATH

ALL, NEWER, NEWEST = ("2.0", "3.0", "3.1"), ("3.0", "3.1"), ("3.1",)
REWRITES: list[tuple[Callable[[Document], None], tuple[str, ...]]] = []


def rewrite(*versions: str) -> Callable[[Callable[[Document], None]], Callable[[Document], None]]:
    def register(change: Callable[[Document], None]) -> Callable[[Document], None]:
        REWRITES.append((change, versions or ALL))
        return change

    return register


@rewrite()
def nothing(document: Document) -> None:
    pass


@rewrite()
def other_names_of_parameters(document: Document) -> None:
    (item,) = document["paths"].values()
    document["paths"] = {"/v1/{tenant}/providers/{kind}/checkpoints": item}
    parameter(document, "project_id")["name"] = "tenant"
    parameter(document, "provider_id")["name"] = "kind"


@rewrite()
def a_base_path(document: Document) -> None:
    (item,) = document["paths"].values()
    document["paths"] = {PATH.removeprefix("/v1"): item}
    if "swagger" in document:
        document["basePath"] = "/csbs/v1"
    else:
        document["servers"] = [{"url": "https://cloud.example/csbs/v1/"}]


@rewrite(*NEWER)
def a_version_in_a_variable(document: Document) -> None:
    (item,) = document["paths"].values()
    document["paths"] = {PATH.removeprefix("/v1"): item}
    variables = {"release": {"default": "v2", "enum": ["v1", "v2"]}}
    document["servers"] = [{"url": "/{release}", "variables": variables}]


@rewrite()
def the_provider_in_the_path(document: Document) -> None:
    (item,) = document["paths"].values()
    fixed = PATH.replace("{provider_id}", "fc4d5750-22e7-4798-8a46-f48f62c4c1da")
    document["paths"] = {fixed: item, PATH: {"post": {"responses": {}}}}
    own = post({"paths": {PATH: item}})["parameters"]
    own[:] = [each for each in own if "provider_id" not in json.dumps(each)]


@rewrite()
def other_operations(document: Document) -> None:
    document["paths"]["/v1/{project_id}/policies"] = {"get": {"responses": {"418": {}}}}
    document["paths"][PATH]["get"] = {"responses": {"200": {"description": "list"}}}


@rewrite()
def other_names_of_schemas(document: Document) -> None:
    own = schemas(document)
    text = json.dumps(document)
    for name in list(own):
        text = text.replace(f'schemas/{name}"', f'schemas/Vendor.{name}~1V1"')
        text = text.replace(f'definitions/{name}"', f'definitions/Vendor.{name}~1V1"')
    renamed = json.loads(text)
    inner = schemas(renamed)
    for name in list(inner):
        inner[f"Vendor.{name}/V1"] = inner.pop(name)
    replace(document, renamed)


@rewrite()
def a_reference_with_escapes(document: Document) -> None:
    schemas(document)["a b{c}%"] = schemas(document).pop("resource")
    where = reference(document, "a%20b%7Bc%7D%25")
    field(document, "plan_resp", "resources")["items"] = where


@rewrite()
def parts_of_all(document: Document) -> None:
    own = schemas(document)["checkpoint_resp"]
    names = own["required"]
    first = {"type": "object", "required": names[:3], "properties": {}}
    second = {"type": "object", "required": names[3:], "properties": own["properties"]}
    schemas(document)["first"], schemas(document)["second"] = first, second
    both = [reference(document, "first"), reference(document, "second")]
    schemas(document)["checkpoint_resp"] = {"allOf": both}


@rewrite(*NEWER)
def one_of_one(document: Document) -> None:
    own = schemas(document)["checkpoint_resp"]["properties"]
    own["protection_plan"] = {"oneOf": [reference(document, "plan_resp")]}


@rewrite(*NEWER)
def one_of_several_statuses(document: Document) -> None:
    names = ["protecting", "deleting", "available", "error"]
    choices = [{"type": "string", "enum": [name]} for name in names]
    replace(field(document, "checkpoint_resp", "status"), {"oneOf": choices})


@rewrite(*NEWER)
def any_of_with_a_discriminator(document: Document) -> None:
    kinds = [reference(document, "checkpoint_resp"), reference(document, "checkpoint_resp")]
    schemas(document)["response"]["properties"]["checkpoint"] = {
        "anyOf": kinds,
        "discriminator": {"propertyName": "status"},
    }


@rewrite(*NEWEST)
def conditions_that_add_nothing(document: Document) -> None:
    own = schemas(document)["checkpoint_resp"]
    own["if"] = {"properties": {"status": {"const": "error"}}, "required": ["status"]}
    own["then"] = {"required": ["reason"], "properties": {"reason": {"type": "string"}}}


@rewrite()
def fewer_statuses(document: Document) -> None:
    field(document, "checkpoint_resp", "status")["enum"] = ["protecting", "error"]


@rewrite()
def narrower_answers(document: Document) -> None:
    field(document, "checkpoint_resp", "id").update(format="uuid", minLength=36, maxLength=36)
    field(document, "checkpoint_resp", "created_at")["format"] = "date-time"
    field(document, "plan_resp", "resources")["maxItems"] = 20
    schemas(document)["checkpoint_resp"]["additionalProperties"] = False


@rewrite()
def more_in_answers(document: Document) -> None:
    own = schemas(document)["checkpoint_resp"]
    own["required"].extend(["extra_info", "job"])
    own["properties"]["job"] = {"type": "string", "pattern": "^job-[0-9]{3}$"}
    schemas(document)["resource"]["properties"]["more"] = {"type": "object"}


@rewrite()
def no_null_for_the_graph(document: Document) -> None:
    replace(field(document, "checkpoint_resp", "resource_graph"), {"type": "string"})


@rewrite(*NEWER)
def always_null_for_the_graph(document: Document) -> None:
    own = field(document, "checkpoint_resp", "resource_graph")
    if document["openapi"].startswith("3.0"):
        replace(own, {"type": "string", "nullable": True, "enum": [None]})
    else:
        replace(own, {"type": "null"})


@rewrite()
def a_cycle(document: Document) -> None:
    schemas(document)["resource"]["properties"]["parent"] = reference(document, "resource")
    own = schemas(document)["checkpoint_resp"]["properties"]
    own["earlier"] = {"type": "array", "items": reference(document, "checkpoint_resp")}


@rewrite()
def optional_fields_of_its_own(document: Document) -> None:
    schemas(document)["checkpoint_req"]["properties"]["region"] = {"type": "string"}
    schemas(document)["checkpoint_param"]["properties"]["count"] = {"type": "integer"}


@rewrite()
def no_other_fields_in_requests(document: Document) -> None:
    for name in ("request", "checkpoint_req", "checkpoint_param"):
        schemas(document)[name]["additionalProperties"] = False


@rewrite()
def any_request(document: Document) -> None:
    replace(schemas(document)["checkpoint_req"], {"type": "object"})


@rewrite()
def null_for_options(document: Document) -> None:
    for name in ("auto_trigger", "resources"):
        nullable(document, field(document, "checkpoint_param", name))


@rewrite()
def uuids_for_ids(document: Document) -> None:
    field(document, "checkpoint_req", "plan_id")["format"] = "uuid"
    field(document, "checkpoint_param", "resources", "items").update(format="uuid", maxLength=36)
    parameter_schema(document, "project_id")["pattern"] = "^[0-9a-f]{32}$"


@rewrite()
def no_empty_list_and_no_server_twice(document: Document) -> None:
    field(document, "checkpoint_param", "resources").update(minItems=1, uniqueItems=True)


@rewrite()
def as_many_servers_as_a_request_holds(document: Document) -> None:
    field(document, "checkpoint_param", "resources")["maxItems"] = 5000


@rewrite()
def default_values(document: Document) -> None:
    field(document, "checkpoint_param", "auto_trigger")["default"] = False
    field(document, "checkpoint_resp", "status")["default"] = "protecting"


@rewrite()
def examples_and_extensions(document: Document) -> None:
    field(document, "checkpoint_resp", "status")["example"] = "running"
    schemas(document)["request"]["example"] = {"nothing": "of this kind"}
    schemas(document)["request"]["x-order"] = 3
    post(document)["x-codegen"] = {"$ref": "nowhere"}
    document["x-vendor"] = [1, 2]


@rewrite()
def optional_parameters(document: Document) -> None:
    text: Document = {"type": "string"}
    kind: Document = text if "swagger" in document else {"schema": text}
    more: list[Document] = [{"name": "dry_run", "in": "query", **kind}]
    more += [{"name": "X-Auth-Token", "in": "header", "required": True, **kind}]
    more += [{"name": "Content-Type", "in": "header", "required": True, **kind}]
    post(document)["parameters"] += more


@rewrite()
def parameters_of_the_path(document: Document) -> None:
    (item,) = document["paths"].values()
    own = item["post"]["parameters"]
    item["parameters"] = [each for each in own if each.get("in") != "body"]
    item["post"]["parameters"] = [each for each in own if each.get("in") == "body"]


@rewrite()
def no_parameters_told(document: Document) -> None:
    own = post(document)["parameters"]
    post(document)["parameters"] = [each for each in own if each.get("in") == "body"]


@rewrite()
def not_a_word_on_login(document: Document) -> None:
    del document["security"]


@rewrite()
def two_ways_to_log_in(document: Document) -> None:
    basic = {"type": "basic"} if "swagger" in document else {"type": "http", "scheme": "basic"}
    inner = document.get("securityDefinitions") or document["components"]["securitySchemes"]
    inner["basic"] = basic
    document["security"] = [{"basic": []}, {"token": []}]


@rewrite()
def no_404(document: Document) -> None:
    """400 is right for what does not exist."""
    del post(document)["responses"]["404"]


@rewrite()
def no_500_and_no_503(document: Document) -> None:
    for status in ("500", "503"):
        del post(document)["responses"][status]


@rewrite()
def statuses_of_the_moment_and_of_large_requests(document: Document) -> None:
    own = post(document)["responses"]
    for status in ("413", "415", "429", "502", "504"):
        own[status] = own["400"]


@rewrite()
def one_default_for_errors(document: Document) -> None:
    own = post(document)["responses"]
    post(document)["responses"] = {"200": own["200"], "default": own["400"]}


@rewrite(*NEWER)
def charset_and_patterns_of_media_types(document: Document) -> None:
    own = answer(document, "200")["content"]
    own["application/json; charset=utf-8"] = own.pop("application/json")
    body = document["components"]["requestBodies"]["checkpoint"]["content"]
    body["*/*"] = body.pop("application/json")


@rewrite()
def inline_schemas(document: Document) -> None:
    content(document, "200")["schema"] = json.loads(json.dumps(schemas(document)["response"]))


@rewrite()
def references_to_places_in_schemas(document: Document) -> None:
    inner = field(document, "plan_resp")["properties"]
    inner["name"] = reference(document, "plan_resp/properties/id")


CASES = [
    pytest.param(change, version, id=f"{version} {change.__name__}")
    for change, versions in REWRITES
    for version in versions
]


def test_there_are_enough_rewrites() -> None:
    assert len(REWRITES) >= 25


@pytest.mark.parametrize(("change", "version"), CASES)
def test_a_rewrite_is_no_difference(change: Callable[[Document], None], version: str) -> None:
    document = VERSIONS[version]()
    change(document)
    comparison = compare(parse_source(json.dumps(document).encode(), "vendor.json"))
    assert comparison.differences == ()
    assert comparison.obstacles == ()
    assert (comparison.exit_code, comparison.tried) == (0, ())
    assert comparison.proved == 39


@pytest.mark.parametrize("version", ALL)
def test_yaml_says_the_same_as_json(version: str) -> None:
    document = VERSIONS[version]()
    field(document, "checkpoint_resp", "status")["enum"].append("running")
    text = yaml.safe_dump(document, sort_keys=False)
    first = compare(parse_source(json.dumps(document).encode(), "v"))
    second = compare(parse_source(text.encode(), "v"))
    assert [(d.clause.id, d.place.pointer, d.witness) for d in first.differences] == [
        (d.clause.id, d.place.pointer, d.witness) for d in second.differences
    ]
    (difference,) = second.differences
    assert text.splitlines()[difference.place.line - 1].strip() == "status:"
