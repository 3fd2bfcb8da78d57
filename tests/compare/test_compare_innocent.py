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
    compared,
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
from conformance.contract import PATH, load_contract
from conformance.contract.schema_clauses import ERROR, RESPONSE

ALL, NEWER, NEWEST = ("2.0", "3.0", "3.1"), ("3.0", "3.1"), ("3.1",)
ON_SUCCESS, ON_ERRORS = map(load_contract().clauses_on, (RESPONSE, ERROR))
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


@rewrite(*NEWER)
def ranges_of_media_types(document: Document) -> None:
    """A range says of no media type that it is sent, as little as one of statuses does."""
    for status, told in (("200", "*/*"), ("400", "application/*"), ("500", "*/*;q=0.5")):
        own = answer(document, status)["content"]
        own[told] = own.pop("application/json")


@rewrite(*NEWER)
def a_range_of_media_types_beside_json(document: Document) -> None:
    own = answer(document, "200")["content"]
    own["*/*"] = own["application/json"]


@rewrite()
def json_among_other_media_types(document: Document) -> None:
    """Swashbuckle and Springfox write whatever a client may ask for."""
    if "swagger" in document:
        document["produces"] = ["application/xml", "application/json"]
    for status in ("200", "400") if "swagger" not in document else ():
        own = answer(document, status)["content"]
        own["text/plain"] = own["text/*"] = own["text/json"] = own["application/json"]


@rewrite()
def nulls_of_a_serializer(document: Document) -> None:
    """What a program writes that has a field for everything, and nothing in most of them."""
    (item,) = document["paths"].values()
    document |= {"servers": None, "webhooks": None, "security": document.get("security")}
    item |= dict.fromkeys(("$ref", "parameters", "get", "servers", "summary"))
    post(document).update(dict.fromkeys(("servers", "security", "callbacks", "tags")))
    answer(document, "503").update(dict.fromkeys(("$ref", "headers", "links")))
    parameter(document, "project_id").update(dict.fromkeys(("style", "content", "example")))
    keywords = ["$ref", "allOf", "oneOf", "not", "format", "pattern", "items", "required", "enum",
                "maxLength", "properties", "additionalProperties", "nullable"]  # fmt: skip
    for element in schemas(document).values():
        for each in (element, *element["properties"].values()):
            each.update({keyword: None for keyword in keywords if keyword not in each})


@rewrite()
def inline_schemas(document: Document) -> None:
    content(document, "200")["schema"] = json.loads(json.dumps(schemas(document)["response"]))


@rewrite()
def references_to_places_in_schemas(document: Document) -> None:
    inner = field(document, "plan_resp")["properties"]
    schemas(document)["copied"] = {"properties": {"name": dict(inner["name"])}}
    inner["name"] = reference(document, "copied/properties/name")


def served(document: Document, url: str, path: str, **variables: object) -> None:
    """Put the operation at a path behind a server; 2.0 has the server's path for a base path."""
    (item,) = document["paths"].values()
    document["paths"] = {path: item}
    if "swagger" in document:
        document["basePath"] = "/" + url.partition("://")[2].partition("/")[2]
    else:
        document["servers"] = [{"url": url, "variables": variables}]


@rewrite()
def the_project_in_the_server(document: Document) -> None:
    region, project = {"default": "eu-de"}, {"default": "b942cc8342734d15bcb246babb1953cf"}
    url = "https://csbs.{region}.cloud/v1/{project_id}"
    path = "/providers/{provider_id}/checkpoints"
    served(document, url, path, region=region, project_id=project)
    _without(document, "project_id")


@rewrite()
def project_and_provider_in_the_server(document: Document) -> None:
    names = {name: {"default": "any"} for name in ("tenant", "kind")}
    served(document, "https://csbs.cloud/v1/{tenant}/providers/{kind}", "/checkpoints", **names)
    _without(document, "project_id", "provider_id")


@rewrite()
def one_project_in_the_server(document: Document) -> None:
    """A document that was made for one project."""
    path = "/providers/{provider_id}/checkpoints"
    served(document, "https://csbs.cloud/v1/b942cc8342734d15bcb246babb1953cf", path)
    _without(document, "project_id")


@rewrite(*NEWER)
def a_version_that_is_only_the_default(document: Document) -> None:
    path = PATH.removeprefix("/v1")
    served(document, "https://csbs.cloud/{version}", path, version={"default": "v2"})


@rewrite(*NEWER)
def a_number_of_the_version(document: Document) -> None:
    path = PATH.removeprefix("/v1")
    served(document, "https://csbs.cloud/api/v{major}/", path, major={"default": "3"})


@rewrite(*NEWER)
def a_base_path_in_a_variable(document: Document) -> None:
    path = PATH.removeprefix("/v1")
    base = {"default": "csbs/v1"}
    served(document, "{scheme}://{host}/{base}", path, base=base, scheme={"default": "https"})


@rewrite(*NEWER)
def a_whole_server_in_a_variable(document: Document) -> None:
    path = PATH.removeprefix("/v1")
    served(document, "{server}", path, server={"default": "https://csbs.cloud/v1"})


@rewrite(*NEWER)
def servers_that_are_relative(document: Document) -> None:
    served(document, "v1", PATH.removeprefix("/v1"))


@rewrite(*NEWER)
def servers_at_the_path(document: Document) -> None:
    served(document, "https://elsewhere.cloud/v2", PATH.removeprefix("/v1"))
    (item,) = document["paths"].values()
    item["servers"] = [{"url": "http://csbs.cloud/v1"}, {"url": "https://csbs.cloud/v1/"}]


@rewrite(*NEWER)
def servers_at_the_operation(document: Document) -> None:
    served(document, "https://elsewhere.cloud/v2", PATH.removeprefix("/v1"))
    post(document)["servers"] = [{"url": "https://csbs.cloud/v2"}, {"url": "https://csbs.cloud/v1"}]


@rewrite()
def the_version_as_a_parameter(document: Document) -> None:
    (item,) = document["paths"].values()
    document["paths"] = {"/{version}/{tenant_id}/providers/{provider_id}/checkpoints": item}
    parameter(document, "project_id")["name"] = "tenant_id"
    schema = {"type": "string", "enum": ["v1", "v3"]}
    told = schema if "swagger" in document else {"schema": schema}
    item["parameters"] = [{"name": "version", "in": "path", "required": True, **told}]


@rewrite("3.0", "3.1")
def a_base_path_with_slashes_of_its_own(document: Document) -> None:
    document["servers"] = [{"url": "https://csbs.example.com//cloud//v1/"}]
    document["paths"] = {path.removeprefix("/v1"): item for path, item in document["paths"].items()}


@rewrite()
def another_path_that_ends_with_a_slash(document: Document) -> None:
    document["paths"][f"{PATH}/"] = {"post": {"responses": {}}}


@rewrite(*NEWER)
def parameters_beside_a_reference_to_a_path(document: Document) -> None:
    (item,) = document["paths"].values()
    inner = item["post"].pop("parameters")
    document["x-items"] = {"checkpoints": item}
    document["paths"] = {PATH: {"$ref": "#/x-items/checkpoints", "parameters": inner}}


@rewrite()
def ranges_of_errors(document: Document) -> None:
    own = post(document)["responses"]
    post(document)["responses"] = {"200": own["200"], "4XX": own["400"], "5XX": own["500"]}


@rewrite()
def ranges_and_default_beside_every_status(document: Document) -> None:
    own = post(document)["responses"]
    own |= {"4XX": own["400"], "5XX": own["500"], "default": own["400"]}


@rewrite()
def one_range_of_success(document: Document) -> None:
    post(document)["responses"]["2XX"] = post(document)["responses"].pop("200")


@rewrite(*NEWER)
def headers_that_no_parameter_describes(document: Document) -> None:
    """OpenAPI 3 has Accept, Authorization and Content-Type elsewhere, and ignores these."""
    for name in ("Accept", "Authorization", "Content-Type"):
        kind = {"type": "string", "enum": ["x"]}
        told = {"name": name, "in": "header", "required": True, "schema": kind}
        post(document)["parameters"].append(told)


@rewrite("2.0")
def a_content_type_with_a_charset(document: Document) -> None:
    kind = {"type": "string", "enum": ["application/json;charset=utf8"]}
    told = {"name": "Content-Type", "in": "header", "required": True, **kind}
    post(document)["parameters"].append(told)


def _without(document: Document, *names: str) -> None:
    own = post(document)["parameters"]
    own[:] = [each for each in own if not any(name in json.dumps(each) for name in names)]


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
    comparison = compared(document)
    assert comparison.differences == ()
    assert comparison.obstacles == ()
    assert (comparison.exit_code, comparison.tried) == (0, ())
    assert comparison.proved == len(ON_SUCCESS) + len(ON_ERRORS)


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


@pytest.mark.parametrize("version", ALL)
def test_default_alone_may_describe_success(version: str) -> None:
    """Nothing is said of errors then, and nothing proved."""
    document = VERSIONS[version]()
    own = post(document)["responses"]
    post(document)["responses"] = {"default": own["200"]}
    comparison = compare(parse_source(json.dumps(document).encode(), "vendor.json"))
    assert (comparison.differences, comparison.obstacles) == ((), ())
    assert (comparison.exit_code, comparison.proved) == (0, len(ON_SUCCESS))


@pytest.mark.parametrize(("status", "noted"), [("507", 1), ("500", 0), ("502", 0), ("5XX", 0)])
def test_a_server_error_that_is_not_listed_is_noted(status: str, noted: int) -> None:
    document = VERSIONS["3.0"]()
    own = post(document)["responses"]
    own[status] = own["400"]
    comparison = compared(document)
    assert comparison.differences == ()
    assert [note.text for note in comparison.notes] == [
        "the status 507, which the page does not list, is judged as 500 is"
    ][:noted]


@pytest.mark.parametrize("version", NEWER)
@pytest.mark.parametrize(
    ("told", "kept"),
    [("*/*", []), ("application/*", []), ("application/xml", ["application/json"])],
)
def test_what_a_client_may_ask_for_beside_json_is_noted(
    version: str, told: str, kept: list[str]
) -> None:
    document = VERSIONS[version]()
    own = answer(document, "200")["content"]
    element = own.pop("application/json")
    own.update(dict.fromkeys([told, *kept], element))
    comparison = compare(parse_source(json.dumps(document, indent=1).encode(), "vendor.json"))
    (note,) = comparison.notes
    assert told in note.text
    assert "JSON" in note.text
    assert note.place is not None
    assert note.place.line > 0
