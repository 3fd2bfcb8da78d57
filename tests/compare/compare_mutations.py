"""Changes that make a vendor's document incompatible, each with the differences it must cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from compare_documents import (
    Document,
    answer,
    content,
    field,
    nullable,
    parameter_schema,
    post,
    reference,
    replace,
    required_parameter,
    schemas,
)

Expected = frozenset[tuple[str, str, str]]
ALL = ("2.0", "3.0", "3.1")
NEWER = ("3.0", "3.1")
NEWEST = ("3.1",)


@dataclass(frozen=True)
class Mutation:
    name: str
    change: Callable[[Document], None]
    expected: Expected
    versions: tuple[str, ...]


MUTATIONS: list[Mutation] = []


def mutation(
    *expected: str, versions: tuple[str, ...] = ALL, name: str = ""
) -> Callable[[Callable[[Document], None]], Callable[[Document], None]]:
    """Register a change; `expected` as `request T2.body.type` or `response EC.x warning`.

    A breach of a `must` is an error, of a `should` a warning.
    """

    def register(change: Callable[[Document], None]) -> Callable[[Document], None]:
        found = frozenset(
            (words[0], words[1], words[2] if len(words) > 2 else "error")
            for words in (text.split() for text in expected)
        )
        MUTATIONS.append(Mutation(name or change.__name__, change, found, versions))
        return change

    return register


def each_required_field() -> Iterator[tuple[str, str, str]]:
    rows = {
        ("response", "T5"): ["checkpoint"],
        ("checkpoint_resp", "T6"): [
            "status", "created_at", "id", "resource_graph", "project_id", "protection_plan",
        ],
        ("plan_resp", "T7"): ["id", "name", "resources"],
        ("resource", "T8"): ["id", "type", "name"],
    }  # fmt: skip
    for (schema, table), names in rows.items():
        for name in names:
            yield schema, name, f"{table}.{name}.present"


def _make_optional(schema: str, name: str) -> Callable[[Document], None]:
    return lambda document: schemas(document)[schema]["required"].remove(name)


def _retype(kind: str, *steps: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        element = field(document, *steps)
        replace(element, {"type": kind, **({"items": {}} if kind == "array" else {})})

    return change


for _schema, _name, _clause in each_required_field():
    mutation(f"response {_clause}", name=f"optional {_schema}.{_name}")(
        _make_optional(_schema, _name)
    )

OF_TYPES: dict[tuple[str, ...], str] = {
    ("checkpoint_resp", "created_at"): "T6.created_at.type",
    ("checkpoint_resp", "project_id"): "T6.project_id.type",
    ("checkpoint_resp", "resource_graph"): "T6.resource_graph.type",
    ("checkpoint_resp", "extra_info"): "T6.extra_info.type",
    ("plan_resp", "id"): "T7.id.type",
    ("plan_resp", "name"): "T7.name.type",
    ("resource", "id"): "T8.id.type",
    ("resource", "name"): "T8.name.type",
    ("resource", "extra_info"): "T8.extra_info.type",
}
for _steps, _clause in OF_TYPES.items():
    mutation(f"response {_clause}", name=f"integer {'.'.join(_steps)}")(_retype("integer", *_steps))

OF_REQUEST_TYPES: dict[tuple[str, ...], str] = {
    ("checkpoint_req", "plan_id"): "T3.plan_id.type",
    ("checkpoint_param", "auto_trigger"): "T4.auto_trigger.type",
    ("checkpoint_param", "resources", "items"): "T4.resources.items",
}
for _steps, _clause in OF_REQUEST_TYPES.items():
    mutation(f"request {_clause}", name=f"integer {'.'.join(_steps)}")(_retype("integer", *_steps))


@mutation("response T6.status.values")
def one_more_status(document: Document) -> None:
    field(document, "checkpoint_resp", "status")["enum"].append("running")


@mutation("response T6.status.values")
def any_status(document: Document) -> None:
    del field(document, "checkpoint_resp", "status")["enum"]


@mutation("response T6.status.values")
def status_in_capitals_as_well(document: Document) -> None:
    field(document, "checkpoint_resp", "status")["enum"].append("AVAILABLE")


@mutation("response T6.status.type")
def status_or_null(document: Document) -> None:
    element = field(document, "checkpoint_resp", "status")
    nullable(document, element)
    element["enum"].append(None)


@mutation("response T6.id.not-empty")
def empty_id(document: Document) -> None:
    del field(document, "checkpoint_resp", "id")["minLength"]


@mutation("response T7.resources.not-empty")
def no_servers(document: Document) -> None:
    del field(document, "plan_resp", "resources")["minItems"]


@mutation("response T8.type.value")
def any_kind_of_object(document: Document) -> None:
    replace(field(document, "resource", "type"), {"type": "string"})


@mutation("response T8.type.value")
def volumes_as_well(document: Document) -> None:
    kinds = ["OS::Nova::Server", "OS::Cinder::Volume"]
    replace(field(document, "resource", "type"), {"type": "string", "enum": kinds})


@mutation("response T6.extra_info.type", "response T8.extra_info.type", versions=NEWER)
def extra_info_as_an_object(document: Document) -> None:
    kinds = [{"type": "string"}, {"type": "object"}]
    replace(field(document, "checkpoint_resp", "extra_info"), {"oneOf": kinds})
    replace(field(document, "resource", "extra_info"), {"anyOf": kinds})


@mutation("response T7.name.type")
def name_or_null(document: Document) -> None:
    nullable(document, field(document, "plan_resp", "name"))


@mutation("response T6.created_at.type", versions=NEWER)
def created_at_as_a_number_too(document: Document) -> None:
    kinds = [{"type": "string"}, {"type": "integer", "minimum": 1_000_000_000}]
    replace(field(document, "checkpoint_resp", "created_at"), {"oneOf": kinds})


@mutation("response T6.created_at.type", versions=("3.0",))
def created_at_after_an_exclusive_bound(document: Document) -> None:
    kind = {"type": "number", "minimum": 5, "exclusiveMinimum": True, "maximum": 6}
    replace(field(document, "checkpoint_resp", "created_at"), kind)


@mutation("response T7.resources.items", versions=NEWER)
def servers_as_plain_ids(document: Document) -> None:
    items = {"oneOf": [reference(document, "resource"), {"type": "string"}]}
    field(document, "plan_resp", "resources")["items"] = items


@mutation("response T7.resources.type", versions=NEWER)
def one_server_without_a_list(document: Document) -> None:
    own = dict(field(document, "plan_resp", "resources"))
    replace(
        field(document, "plan_resp", "resources"),
        {"oneOf": [own, reference(document, "resource")]},
    )


@mutation("response T5.body.type", versions=NEWER)
def answer_or_list(document: Document) -> None:
    own = content(document, "200")["schema"]
    content(document, "200")["schema"] = {"anyOf": [own, {"type": "array", "items": {}}]}


@mutation("response T5.checkpoint.type", versions=NEWER)
def checkpoint_or_text(document: Document) -> None:
    kinds = [reference(document, "checkpoint_resp"), {"type": "string", "format": "uuid"}]
    schemas(document)["response"]["properties"]["checkpoint"] = {"oneOf": kinds}


@mutation("response T6.protection_plan.type", versions=NEWER)
def plan_as_its_id(document: Document) -> None:
    kinds = [reference(document, "plan_resp"), {"type": "string"}]
    schemas(document)["checkpoint_resp"]["properties"]["protection_plan"] = {"anyOf": kinds}


@mutation("response T6.status.present", versions=NEWER)
def only_for_requests(document: Document) -> None:
    """What is writeOnly is in no response."""
    field(document, "checkpoint_resp", "status")["writeOnly"] = True


@mutation("response T6.status.values")
def status_behind_a_chain_of_references(document: Document) -> None:
    names = ["one", "two", "three"]
    for name, following in pairwise(names):
        schemas(document)[name] = reference(document, following)
    schemas(document)["three"] = {"type": "string", "enum": ["available", "ready"]}
    field(document, "checkpoint_resp")["properties"]["status"] = reference(document, "one")


@mutation("response T6.status.values")
def status_in_a_part_of_all(document: Document) -> None:
    own = dict(schemas(document)["checkpoint_resp"])
    kind = {"type": "string", "enum": ["available", "error", "gone"]}
    own["properties"] = {**own["properties"], "status": kind}
    schemas(document)["base"] = own
    schemas(document)["checkpoint_resp"] = {
        "allOf": [reference(document, "base"), {"type": "object", "properties": {"job": {}}}]
    }


@mutation("response T8.name.present")
def a_cycle_beside_it(document: Document) -> None:
    schemas(document)["resource"]["properties"]["parent"] = reference(document, "resource")
    schemas(document)["resource"]["required"].remove("name")


@mutation("response T6.id.type", versions=("2.0",))
def another_answer_with_required_extras(document: Document) -> None:
    """None of the contract's examples fits, so that every witness is made by generating."""
    own = schemas(document)["checkpoint_resp"]
    own["properties"]["job"] = {"type": "string", "pattern": "^job-[0-9]{3}$"}
    own["required"].append("job")
    replace(own["properties"]["id"], {"type": "integer", "minimum": 7})


@mutation("response T7.id.present", versions=NEWER)
def one_of_several_answers(document: Document) -> None:
    thin = {
        "type": "object",
        "required": ["name", "resources", "kind"],
        "properties": {
            "name": field(document, "plan_resp", "name"),
            "kind": {"type": "string", "enum": ["thin"]},
            "resources": field(document, "plan_resp", "resources"),
            "id": {"type": "string"},
        },
    }
    schemas(document)["thin"] = thin
    schemas(document)["checkpoint_resp"]["properties"]["protection_plan"] = {
        "anyOf": [reference(document, "plan_resp"), reference(document, "thin")]
    }


@mutation("request T4.auto_trigger.optional")
def auto_trigger_required(document: Document) -> None:
    schemas(document)["checkpoint_param"]["required"] = ["auto_trigger"]


@mutation("request T4.resources.optional")
def resources_required(document: Document) -> None:
    schemas(document)["checkpoint_param"]["required"] = ["resources"]


@mutation("request S200.executed")
def a_field_of_its_own_required(document: Document) -> None:
    schemas(document)["checkpoint_req"]["required"].append("region")


@mutation("request S200.executed", "request T4.auto_trigger.values")
def a_field_required_and_a_value_lost(document: Document) -> None:
    schemas(document)["checkpoint_req"]["required"].append("region")
    schemas(document)["checkpoint_req"]["properties"]["region"] = {"type": "string"}
    field(document, "checkpoint_param", "auto_trigger")["enum"] = [True]


@mutation("request T3.parameters.empty")
def parameters_not_empty(document: Document) -> None:
    schemas(document)["checkpoint_param"]["minProperties"] = 1


@mutation("request T4.auto_trigger.values")
def auto_trigger_never_true(document: Document) -> None:
    field(document, "checkpoint_param", "auto_trigger")["enum"] = [False]


@mutation("request T3.plan_id.type warning")
def short_policy_ids(document: Document) -> None:
    field(document, "checkpoint_req", "plan_id")["maxLength"] = 10


@mutation("request T3.plan_id.type warning")
def policy_ids_in_digits(document: Document) -> None:
    field(document, "checkpoint_req", "plan_id")["pattern"] = "^[0-9]+$"


@mutation("request T3.plan_id.type warning")
def policy_ids_of_another_format(document: Document) -> None:
    field(document, "checkpoint_req", "plan_id")["format"] = "email"


@mutation("request T3.plan_id.type")
def no_policy_id_at_all(document: Document) -> None:
    field(document, "checkpoint_req", "plan_id")["maxLength"] = 0


@mutation("request T4.resources.accepted warning")
def short_server_ids(document: Document) -> None:
    field(document, "checkpoint_param", "resources", "items")["maxLength"] = 10


@mutation("request T4.resources.accepted warning")
def servers_of_one_installation(document: Document) -> None:
    own = ["3f7a7a11-1c84-4a1b-9f6c-0d2f5d7b8c90", "9b1f2d7e-6a34-4f0e-8f6a-51d1c1f0a7de"]
    field(document, "checkpoint_param", "resources", "items")["enum"] = own


@mutation("request T4.resources.accepted")
def one_word_for_all_servers(document: Document) -> None:
    field(document, "checkpoint_param", "resources", "items")["enum"] = ["all"]


@mutation("request T4.resources.accepted")
def a_pattern_of_one_word_for_all_servers(document: Document) -> None:
    field(document, "checkpoint_param", "resources", "items")["pattern"] = "^all$"


@mutation("request T4.resources.accepted")
def servers_without_a_name(document: Document) -> None:
    field(document, "checkpoint_param", "resources", "items")["maxLength"] = 0


@mutation("request T4.resources.accepted", versions=NEWER)
def servers_that_are_nothing(document: Document) -> None:
    replace(field(document, "checkpoint_param", "resources", "items"), {"not": {}})


@mutation("request T4.resources.accepted", versions=NEWEST)
def no_server_at_all(document: Document) -> None:
    field(document, "checkpoint_param", "resources")["items"] = False


@mutation("request T4.resources.accepted", versions=NEWEST)
def one_server_by_its_place(document: Document) -> None:
    own = field(document, "checkpoint_param", "resources")
    own["prefixItems"] = [own["items"]]
    own["items"] = False


@mutation("request T4.resources.accepted warning", "request T4.resources.accepted")
def one_server_at_most_of_a_form(document: Document) -> None:
    """The number is wrong, and the form of the ids remains open."""
    field(document, "checkpoint_param", "resources")["maxItems"] = 1
    field(document, "checkpoint_param", "resources", "items")["maxLength"] = 10


@mutation("request T4.resources.accepted warning")
def a_hundred_servers_at_most_of_a_form(document: Document) -> None:
    field(document, "checkpoint_param", "resources")["maxItems"] = 100
    field(document, "checkpoint_param", "resources", "items")["pattern"] = "^[0-9a-f]{32}$"


@mutation("request T4.resources.accepted")
def one_server_at_most(document: Document) -> None:
    field(document, "checkpoint_param", "resources")["maxItems"] = 1


@mutation("request T4.resources.accepted warning")
def a_hundred_servers_at_most(document: Document) -> None:
    field(document, "checkpoint_param", "resources")["maxItems"] = 100


@mutation("request T4.resources.accepted")
def two_servers_at_least(document: Document) -> None:
    field(document, "checkpoint_param", "resources")["minItems"] = 2


@mutation("request T4.resources.type")
def one_server_as_a_text(document: Document) -> None:
    replace(field(document, "checkpoint_param", "resources"), {"type": "string"})


@mutation("request T3.plan_id.mandatory")
def another_name_for_the_policy(document: Document) -> None:
    own = schemas(document)["checkpoint_req"]
    own["properties"]["policy"] = own["properties"].pop("plan_id")
    own["required"].remove("plan_id")
    own["additionalProperties"] = False


@mutation("request T4.resources.accepted")
def no_field_for_servers(document: Document) -> None:
    own = schemas(document)["checkpoint_param"]
    del own["properties"]["resources"]
    own["additionalProperties"] = False


@mutation("request T3.plan_id.mandatory", versions=NEWER)
def only_for_answers(document: Document) -> None:
    """What is readOnly is in no request."""
    field(document, "checkpoint_req", "plan_id")["readOnly"] = True


@mutation("request T3.parameters.type")
def parameters_as_a_list(document: Document) -> None:
    own = {"type": "array", "items": reference(document, "checkpoint_param")}
    schemas(document)["checkpoint_req"]["properties"]["parameters"] = own


@mutation("request T2.checkpoint.type", versions=NEWER)
def checkpoint_as_its_policy(document: Document) -> None:
    schemas(document)["request"]["properties"]["checkpoint"] = {"type": "string"}


@mutation("request T2.body.type")
def several_requests_in_a_list(document: Document) -> None:
    own = dict(schemas(document)["request"])
    schemas(document)["single"] = own
    items = reference(document, "single")
    replace(schemas(document)["request"], {"type": "array", "items": items})


@mutation("request T4.resources.accepted", versions=NEWER)
def either_a_flag_or_servers(document: Document) -> None:
    own = schemas(document)["checkpoint_param"]
    own["not"] = {"required": ["auto_trigger", "resources"]}


@mutation("request T4.auto_trigger.optional", versions=NEWEST)
def servers_need_a_flag(document: Document) -> None:
    schemas(document)["checkpoint_param"]["dependentRequired"] = {"resources": ["auto_trigger"]}


@mutation("request S200.executed")
def a_parameter_of_the_query(document: Document) -> None:
    post(document)["parameters"].append(required_parameter("query", "region", document))


@mutation("request S200.executed")
def a_header_of_its_own(document: Document) -> None:
    post(document)["parameters"].append(required_parameter("header", "X-Region", document))


@mutation("request S200.executed")
def project_ids_as_numbers(document: Document) -> None:
    parameter_schema(document, "project_id")["type"] = "integer"


@mutation("request S200.executed warning")
def short_project_ids(document: Document) -> None:
    parameter_schema(document, "project_id")["maxLength"] = 8


@mutation("request T1.provider_id.value")
def another_provider(document: Document) -> None:
    kind = {"type": "string", "enum": ["00000000-22e7-4798-8a46-f48f62c4c1da"]}
    own = parameter_schema(document, "provider_id")
    own.pop("const", None)
    own.update(kind)


@mutation("request S200.executed")
def no_body(document: Document) -> None:
    if "swagger" in document:
        own = post(document)["parameters"]
        own[:] = [each for each in own if each["in"] != "body"]
    else:
        del post(document)["requestBody"]


@mutation("request S200.executed")
def a_body_in_xml(document: Document) -> None:
    if "swagger" in document:
        document["consumes"] = ["application/xml"]
    else:
        own = document["components"]["requestBodies"]["checkpoint"]["content"]
        own["application/xml"] = own.pop("application/json")


@mutation("request URI.post")
def another_method(document: Document) -> None:
    (item,) = document["paths"].values()
    item["put"] = item.pop("post")


@mutation("request URI.https warning")
def http_only(document: Document) -> None:
    if "swagger" in document:
        document["schemes"] = ["http"]
    else:
        document["servers"] = [{"url": "http://csbs.region.cloud"}]


@mutation("request S200.executed warning")
def another_way_to_log_in(document: Document) -> None:
    if "swagger" in document:
        document["securityDefinitions"] = {"token": {"type": "basic"}}
    else:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "basic"}}


@mutation("response S.listed")
def created(document: Document) -> None:
    post(document)["responses"]["201"] = {"description": "Created"}


@mutation("response S.listed", "response EC.body.json warning")
def conflict(document: Document) -> None:
    post(document)["responses"]["409"] = {"description": "Conflict"}


@mutation("response S.listed", versions=NEWER)
def any_success(document: Document) -> None:
    post(document)["responses"]["2XX"] = {"description": "Done"}


@mutation("response URI.post", "response EC.body.json warning")
def not_implemented(document: Document) -> None:
    post(document)["responses"]["501"] = {"description": "Not implemented"}


@mutation("response S200.executed")
def never_executed(document: Document) -> None:
    del post(document)["responses"]["200"]


@mutation("response S200.executed", "response S.listed")
def accepted_instead(document: Document) -> None:
    post(document)["responses"]["202"] = post(document)["responses"].pop("200")


@mutation("response S400.not-json warning")
def never_a_bad_request(document: Document) -> None:
    del post(document)["responses"]["400"]


@mutation(
    "response S400.not-json warning",
    "response S401.no-token warning",
    "response S403.forbidden-token warning",
    "response S404.unknown-policy warning",
    "response T1.project_id.own warning",
)
def nothing_but_executions(document: Document) -> None:
    responses = post(document)["responses"]
    post(document)["responses"] = {"200": responses["200"]}


@mutation("response S401.no-token warning")
def never_unauthorised(document: Document) -> None:
    del post(document)["responses"]["401"]


@mutation("response S403.forbidden-token warning")
def never_forbidden(document: Document) -> None:
    del post(document)["responses"]["403"]


@mutation("response T5.body.media-type", "response EC.body.json warning", versions=("2.0",))
def any_answer_in_xml(document: Document) -> None:
    post(document)["produces"] = ["application/xml", "text/plain"]


@mutation("response T5.body.media-type", versions=NEWER)
def an_answer_in_xml(document: Document) -> None:
    own = answer(document, "200")["content"]
    own["application/xml"] = own.pop("application/json")


@mutation("response T5.body.media-type", versions=NEWER)
def a_range_without_json(document: Document) -> None:
    own = answer(document, "200")["content"]
    own["text/*"] = own.pop("application/json")


@mutation("response T5.body.json")
def an_answer_without_a_body(document: Document) -> None:
    own = answer(document, "200")
    own.pop("content", None)
    own.pop("schema", None)


@mutation("response EC.error_code.present warning")
def errors_without_a_code(document: Document) -> None:
    schemas(document)["error"]["required"].remove("error_code")


@mutation("response EC.error_code.type warning")
def error_codes_as_numbers(document: Document) -> None:
    replace(field(document, "error", "error_code"), {"type": "integer"})


@mutation("response EC.body.type warning", versions=NEWER)
def errors_or_texts(document: Document) -> None:
    own = dict(schemas(document)["error"])
    schemas(document)["object"] = own
    kinds = [reference(document, "object"), {"type": "string"}]
    replace(schemas(document)["error"], {"oneOf": kinds})


@mutation("response EC.body.json warning", versions=NEWER)
def errors_as_text(document: Document) -> None:
    answer(document, "400")["content"] = {"text/plain": {"schema": {"type": "string"}}}


@mutation(
    "response EC.error_code.present warning",
    "response EC.error_code.type warning",
    "response EC.error_msg.present warning",
    "response EC.error_msg.type warning",
)
def errors_of_another_make(document: Document) -> None:
    replace(
        schemas(document)["error"],
        {"type": "object", "required": ["code"], "properties": {"code": {"type": "integer"}}},
    )


@mutation("request URI.post")
def a_path_that_ends_with_a_slash(document: Document) -> None:
    document["paths"] = {f"{path}/": item for path, item in document["paths"].items()}


@mutation("request URI.post")
def a_path_with_two_slashes_in_a_row(document: Document) -> None:
    document["paths"] = {
        path.replace("}/", "}//", 1): item for path, item in document["paths"].items()
    }


@mutation("request URI.post")
def another_version_as_a_parameter(document: Document) -> None:
    (item,) = document["paths"].values()
    document["paths"] = {"/{version}/{project_id}/providers/{provider_id}/checkpoints": item}
    kind = {"type": "string", "enum": ["v2", "v3"]}
    told = kind if "swagger" in document else {"schema": kind}
    item["parameters"] = [{"name": "version", "in": "path", "required": True, **told}]


@mutation("request S200.executed", versions=("2.0",))
def a_form_where_json_is_consumed(document: Document) -> None:
    own = post(document)["parameters"]
    own[:] = [each for each in own if each["in"] != "body"]
    own.append({"name": "plan_id", "in": "formData", "type": "string"})


@mutation("request S200.executed")
def a_body_in_a_json_of_its_own(document: Document) -> None:
    if "swagger" in document:
        document["consumes"] = ["application/vnd.csbs+json"]
    else:
        own = document["components"]["requestBodies"]["checkpoint"]["content"]
        own["application/vnd.csbs+json"] = own.pop("application/json")


@mutation("response S.listed", "response EC.body.json warning")
def redirections(document: Document) -> None:
    post(document)["responses"]["3XX"] = {"description": "Elsewhere"}
    post(document)["responses"]["503"] = {"description": "Later"}


@mutation("request S200.executed warning", versions=("2.0",))
def an_authorization_of_its_own(document: Document) -> None:
    post(document)["parameters"].append(required_parameter("header", "Authorization", document))


@mutation("request T1.provider_id.value", versions=NEWER)
def a_provider_behind_a_point(document: Document) -> None:
    document["components"]["parameters"]["provider_id"]["style"] = "label"


@mutation("request S200.executed", versions=NEWER)
def a_project_behind_its_name(document: Document) -> None:
    document["components"]["parameters"]["project_id"]["style"] = "matrix"
