"""Vendors' documents made from the contract itself, in each version of OpenAPI, to be changed."""

from __future__ import annotations

import copy
import json
from typing import Any

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


def v31() -> Document:
    return contract()


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
        "securityDefinitions": {"token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}},
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
