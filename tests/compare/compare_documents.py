"""Vendors' documents made from the contract itself, in each version of OpenAPI, to be changed."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any
from unittest import mock

from conformance.compare import comparing
from conformance.compare.model import Comparison
from conformance.compare.source import parse_source
from conformance.contract import PATH, load_contract

Document = dict[str, Any]
REMARKS = frozenset({"x-clauses"})


def contract() -> Document:
    """The contract without clauses: OpenAPI 3.1."""
    plain: Document = json.loads(json.dumps(_plain(load_contract().document)))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key not in REMARKS}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def compared(document: Document) -> Comparison:
    """What is found in a document, without remarks on its form: those decide nothing."""
    return _compared(json.dumps(document))


@cache
def _compared(text: str) -> Comparison:
    with mock.patch.object(comparing, "remarks", return_value=[]):
        return comparing.compare(parse_source(text.encode(), "vendor.json"))


def v31() -> Document:
    return contract()


def v32() -> Document:
    """The same in OpenAPI 3.2, with what only that version has: media types with names."""
    document = contract()
    document["openapi"] = "3.2.0"
    parts = document["components"]
    response = parts["responses"]["no_permission"]["content"]
    parts["mediaTypes"] = {"error": response["application/json"]}
    parts["responses"]["no_permission"]["content"] = {
        "application/json": {"$ref": "#/components/mediaTypes/error"}
    }
    return document


def v30() -> Document:
    """The same in OpenAPI 3.0: `nullable` and enumerations of one."""
    document = contract()
    document["openapi"] = "3.0.3"
    document["info"].pop("summary", None)
    document["info"]["license"].pop("identifier", None)
    _older(document["components"]["schemas"], "nullable")
    _older(document["components"]["parameters"], "nullable")
    return document


def v20() -> Document:
    """The same in Swagger 2.0."""
    new = v31()
    _older(new["components"], "x-nullable")
    parts = new["components"]
    post = new["paths"][PATH]["post"]
    schema = {"$ref": "#/definitions/request"}
    body = {"name": "body", "in": "body", "required": True, "schema": schema}
    parameters = []
    for parameter in parts["parameters"].values():
        plain = {key: parameter[key] for key in ("name", "in", "required")}
        parameters.append({**plain, **parameter["schema"]})
    responses = {}
    for status, reference in post["responses"].items():
        response = parts["responses"][reference["$ref"].rpartition("/")[2]]
        name = "response" if status == "200" else "error"
        told = {"description": response["description"], "schema": {"$ref": f"#/definitions/{name}"}}
        responses[status] = told
    old = {
        "swagger": "2.0",
        "info": {"title": "CSBS", "version": "1"},
        "host": "csbs.region.cloud",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "security": [{"token": []}],
        "securityDefinitions": {
            "token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}
        },
        "paths": {PATH: {"post": {"parameters": [*parameters, body], "responses": responses}}},
        "definitions": json.loads(
            json.dumps(parts["schemas"]).replace("#/components/schemas/", "#/definitions/")
        ),
    }
    return copy.deepcopy(old)


def _older(value: Any, nullable: str) -> None:
    """Write `const` and lists of types as OpenAPI before 3.1 does."""
    if isinstance(value, dict):
        if "const" in value:
            value["enum"] = [value.pop("const")]
        if isinstance(value.get("type"), list):
            (value["type"],) = [kind for kind in value["type"] if kind != "null"]
            value[nullable] = True
        for inner in value.values():
            _older(inner, nullable)
    elif isinstance(value, list):
        for item in value:
            _older(item, nullable)


VERSIONS = {"3.2": v32, "3.1": v31, "3.0": v30, "2.0": v20}


def schemas(document: Document) -> Document:
    """The named schemas of a document."""
    found: Document = document.get("definitions") or document["components"]["schemas"]
    return found


def field(document: Document, *steps: str) -> Document:
    """The schema of a field: the name of a schema, then names of properties or `items`."""
    element: Document = schemas(document)[steps[0]]
    for step in steps[1:]:
        element = element["items"] if step == "items" else element["properties"][step]
    return element


def reference(document: Document, name: str) -> Document:
    """A reference to a named schema."""
    where = "#/definitions/" if "swagger" in document else "#/components/schemas/"
    return {"$ref": where + name}


def post(document: Document) -> Document:
    """The operation."""
    (item,) = document["paths"].values()
    found: Document = item["post"]
    return found


def request_body(document: Document) -> Document:
    """The body of the request, as OpenAPI has it, or the parameter that Swagger 2.0 has."""
    if "swagger" in document:
        return next(each for each in post(document)["parameters"] if each["in"] == "body")
    name = post(document)["requestBody"]["$ref"].rpartition("/")[2]
    body: Document = document["components"]["requestBodies"][name]
    return body


def nullable(document: Document, element: Document) -> None:
    """Let null be a value of a schema that has a type."""
    if "swagger" in document:
        element["x-nullable"] = True
    elif document["openapi"].startswith("3.0"):
        element["nullable"] = True
    else:
        element["type"] = [element["type"], "null"]


def replace(element: Document, new: Document) -> None:
    """Put another schema in the place of one."""
    element.clear()
    element.update(new)


def parameter(document: Document, name: str) -> Document:
    """A parameter of the path; before 3.0 its schema stands in the parameter itself."""
    if "swagger" in document:
        (found,) = [each for each in post(document)["parameters"] if each["name"] == name]
    else:
        found = document["components"]["parameters"][name]
    plain: Document = found
    return plain


def parameter_schema(document: Document, name: str) -> Document:
    """The schema of a parameter of the path."""
    found = parameter(document, name)
    inner: Document = found if "swagger" in document else found["schema"]
    return inner


def required_parameter(where: str, name: str, document: Document) -> Document:
    """A parameter that must be given."""
    kind = {"type": "string"}
    told = kind if "swagger" in document else {"schema": kind}
    return {"name": name, "in": where, "required": True, **told}


def answer(document: Document, status: str) -> Document:
    """A response of the operation, references followed."""
    found: Document = post(document)["responses"][status]
    if "$ref" in found:
        found = document["components"]["responses"][found["$ref"].rpartition("/")[2]]
    return found


def content(document: Document, status: str) -> Document:
    """What holds the `schema` of a response."""
    found = answer(document, status)
    return found if "swagger" in document else found["content"]["application/json"]
