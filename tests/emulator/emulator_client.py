"""Requests to the default world, and the document's tables as assertions written by hand."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.emulator import Request, Response, Service, World

WORLD = World.default()
KNOWN = WORLD.fixtures()
PROJECT, PROVIDER, PLAN = KNOWN["project_id"], KNOWN["provider_id"], KNOWN["plan_id"]
SERVERS, TOKEN = KNOWN["resources"], KNOWN["token"]
NOBODY = "00000000-0000-4000-8000-000000000000"
STATUS_CODES = {200, 400, 401, 403, 404, 500, 503}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def body_of(plan_id: object = PLAN, **parameters: object) -> dict[str, Any]:
    return {"checkpoint": {"plan_id": plan_id, "parameters": parameters}}


def post(
    service: Service,
    body: object = None,
    *,
    token: str | None = TOKEN,
    project: str = PROJECT,
    provider: str = PROVIDER,
    headers: tuple[tuple[str, str], ...] = (),
    media_type: str | None = "application/json",
) -> Response:
    """Send a body (bytes as they are, None for a valid one, the rest as JSON)."""
    raw = body if isinstance(body, bytes) else json.dumps(body_of() if body is None else body)
    login = () if token is None else (("X-Auth-Token", token),)
    claim = () if media_type is None else (("Content-Type", media_type),)
    path = f"/v1/{project}/providers/{provider}/checkpoints"
    data = raw if isinstance(raw, bytes) else raw.encode()
    return service.handle(Request("POST", path, (*login, *claim, *headers), data))


def json_of(response: Response) -> Any:
    assert dict(response.headers)["Content-Type"] == "application/json"
    return json.loads(response.body.decode("utf-8"))


def checkpoint_of(response: Response) -> dict[str, Any]:
    """Return the checkpoint of a 200 that keeps tables 5 to 8."""
    assert response.status == 200, response.body
    document = json_of(response)
    assert set(document) == {"checkpoint"}
    checkpoint = document["checkpoint"]
    check_checkpoint_resp(checkpoint)
    assert isinstance(checkpoint, dict)
    return checkpoint


def check_checkpoint_resp(checkpoint: Any) -> None:
    assert set(checkpoint) == {
        "status",
        "created_at",
        "id",
        "resource_graph",
        "project_id",
        "protection_plan",
        "extra_info",
    }
    assert checkpoint["status"] in ("protecting", "deleting", "available", "error")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", checkpoint["created_at"])
    assert isinstance(checkpoint["id"], str)
    assert checkpoint["id"]
    assert checkpoint["resource_graph"] is None or isinstance(checkpoint["resource_graph"], str)
    assert checkpoint["project_id"] == PROJECT
    assert isinstance(checkpoint["extra_info"], str)
    plan = checkpoint["protection_plan"]
    assert set(plan) == {"id", "name", "resources"}
    assert plan["id"] == PLAN
    assert isinstance(plan["name"], str)
    assert plan["resources"]
    for resource in plan["resources"]:
        assert set(resource) == {"id", "type", "name", "extra_info"}
        assert resource["type"] == "OS::Nova::Server"
        assert all(isinstance(value, str) for value in resource.values())


def check_error(response: Response, status: int, code: str | None = None) -> None:
    assert response.status == status, response.body
    document = json_of(response)
    assert set(document) == {"error_code", "error_msg"}
    assert all(isinstance(value, str) and value for value in document.values())
    if code is not None:
        assert document["error_code"] == code


def server_ids(checkpoint: dict[str, Any]) -> list[str]:
    return [resource["id"] for resource in checkpoint["protection_plan"]["resources"]]
