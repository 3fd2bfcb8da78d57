"""What the peers are given: the contract narrowed to the fixtures, examples, configurations."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from conformance.contract import contract_path
from conformance.emulator import World

DATA = Path(__file__).with_name("data")
BAD_TOKEN = "not-a-token"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
PATH = "/v1/{project_id}/providers/{provider_id}/checkpoints"
OPERATION = f"POST::{PATH}"
FIXTURES = World.default().fixtures()
FORBIDDEN_TOKEN = FIXTURES["forbidden_token"] or ""


def prepare(directory: Path) -> None:
    """Write all input files into a directory."""
    contract = narrowed()
    _write(directory / "contract.json", contract)
    _write(directory / "contract-3.0.json", version_3_0(contract))
    _write(directory / "contract-portman.json", unsecured(contract))
    _write(directory / "portman.json", portman())
    (directory / "examples").mkdir()
    for name, example in examples().items():
        _write(directory / "examples" / f"{name}.json", example)
    _write(directory / "contract-specmatic.json", without_examples(contract))
    for file in DATA.iterdir():
        shutil.copy(file, directory)


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1))


def narrowed() -> Any:
    """The contract with the ids of the fixtures as the only values of what names an object.

    So every legal request that a tool makes up can be executed, and echoes are compared.
    """
    contract = yaml.safe_load(contract_path().read_text())
    parts = contract["components"]
    parts["parameters"]["project_id"]["schema"] = _one_of(FIXTURES["project_id"])
    schemas = {name: schema.get("properties", {}) for name, schema in parts["schemas"].items()}
    plan_id = FIXTURES["plan_id"]
    schemas["checkpoint_req"]["plan_id"] |= _one_of(plan_id)
    schemas["checkpoint_param"]["resources"]["items"] |= _one_of(*FIXTURES["resources"])
    schemas["checkpoint_resp"]["project_id"] |= _one_of(FIXTURES["project_id"])
    schemas["plan_resp"]["id"] |= _one_of(plan_id, plan_id.upper())
    contract["servers"] = [{"url": "/"}]
    return _without(contract, "x-clauses")


def _one_of(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _without(node: Any, *keys: str) -> Any:
    if isinstance(node, dict):
        return {key: _without(part, *keys) for key, part in node.items() if key not in keys}
    return [_without(part, *keys) for part in node] if isinstance(node, list) else node


def without_examples(contract: Any) -> Any:
    """For Specmatic, which takes its examples from files of their own."""
    return _without(contract, "example", "examples")


def unsecured(contract: Any) -> Any:
    """For Portman: the token is an ordinary header, so that a variation can change it."""
    return _without(contract, "security", "securitySchemes")


def version_3_0(contract: Any) -> Any:
    """The contract as OpenAPI 3.0 without references, for Dredd.

    Dredd knows no 3.1, and refuses a component schema that is called `resource`.
    """
    whole = dict(contract, openapi="3.0.3")
    whole["info"] = _without(contract["info"], "summary", "license")
    whole["paths"] = _as_3_0(contract["paths"], contract)
    whole["components"] = {"securitySchemes": contract["components"]["securitySchemes"]}
    return whole


def _as_3_0(node: Any, contract: Any) -> Any:
    if isinstance(node, list):
        return [_as_3_0(part, contract) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        found = contract
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return _as_3_0(found, contract)
    copy = {key: _as_3_0(part, contract) for key, part in node.items()}
    if isinstance(copy.get("const"), str):
        copy["enum"] = [copy.pop("const")]
    if isinstance(copy.get("type"), list):
        copy["type"] = next(kind for kind in copy["type"] if kind != "null")
        copy["nullable"] = True
    return copy


def examples() -> dict[str, Any]:
    """Specmatic's examples. One for 404 cannot be: the contract has no other policy to name."""
    good, plan = FIXTURES["token"], {"plan_id": FIXTURES["plan_id"]}
    minimal = {**plan, "parameters": {}}
    full = {**plan, "parameters": {"auto_trigger": False, "resources": FIXTURES["resources"]}}
    return {
        "minimal": _example(good, minimal, 200),
        "full": _example(good, full, 200),
        "plan_id-missing": _example(good, {"parameters": {}}, 400),
        "parameters-missing": _example(good, plan, 400),
        "bad-token": _example(BAD_TOKEN, minimal, 401),
        "forbidden": _example(FORBIDDEN_TOKEN, minimal, 403),
    }


def _example(token: str, checkpoint: dict[str, Any], status: int) -> dict[str, Any]:
    shown = yaml.safe_load(contract_path().read_text())["components"]["examples"]
    answer = "response_protecting" if status == 200 else f"error_{status}"
    headers = {"Content-Type": "application/json"}
    path = PATH.format(**FIXTURES)
    return {
        "http-request": {
            "method": "POST",
            "path": path,
            "headers": {**headers, "X-Auth-Token": token},
            "body": {"checkpoint": checkpoint},
        },
        "http-response": {"status": status, "headers": headers, "body": shown[answer]["value"]},
    }


def portman() -> dict[str, Any]:
    """Portman's configuration: its contract tests, and variations for every refusal."""
    checks = [{name: {"enabled": True}} for name in ("contentType", "jsonBody", "schemaValidation")]
    success = [{"statusSuccess": {"enabled": True}}, *checks]
    body, header = "overwriteRequestBody", "overwriteRequestHeaders"
    parameters = "checkpoint.parameters"
    first = FIXTURES["resources"][0]

    def variation(name: str, status: int, **how: Any) -> dict[str, Any]:
        tests = [{"statusCode": {"enabled": True, "code": status}}, *checks]
        one = {"name": name, "tests": {"contractTests": tests}, **how}
        return {"openApiOperation": OPERATION, "openApiResponse": str(status), "variations": [one]}

    def changed(name: str, status: int, part: str, *entries: dict[str, Any]) -> dict[str, Any]:
        return variation(name, status, overwrites=[{part: list(entries)}])

    def put(key: str, value: object) -> dict[str, Any]:
        return {"key": key, "value": value, "overwrite": True}

    missing = [{"requestBody": [{"requiredFields": {"enabled": True}}]}]
    gone = {"key": parameters, "remove": True}
    text = {"key": parameters, "value": "text", "insert": True}
    variations = [
        changed("no token", 401, header, {"key": "X-Auth-Token", "remove": True}),
        changed("bad token", 401, header, put("X-Auth-Token", BAD_TOKEN)),
        changed("forbidden", 403, header, put("X-Auth-Token", FORBIDDEN_TOKEN)),
        changed("unknown policy", 404, body, put("checkpoint.plan_id", UNKNOWN)),
        variation("missing", 400, fuzzing=missing),
        changed("plan_id", 400, body, put("checkpoint.plan_id", 7)),
        changed("parameters", 400, body, gone, text),
        changed("auto_trigger", 400, body, put(f"{parameters}.auto_trigger", "yes")),
        changed("resources", 400, body, put(f"{parameters}.resources", "text")),
        changed("automatic", 200, body, put(f"{parameters}.auto_trigger", True)),
        changed("one server", 200, body, put(f"{parameters}.resources[0]", first)),
    ]
    token = {"key": "X-Auth-Token", "value": FIXTURES["token"], "insert": True}
    return {
        "version": 1.0,
        "tests": {
            "contractTests": [{"openApiOperation": OPERATION, **check} for check in success],
            "variationTests": variations,
        },
        "overwrites": [{"openApiOperation": OPERATION, header: [token]}],
        "globals": {"securityOverwrites": {"remove": True}},
    }
