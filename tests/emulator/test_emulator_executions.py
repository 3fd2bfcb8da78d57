"""Requests that must be executed, and what the response then says."""

import json
from dataclasses import replace

import pytest
from emulator_client import (
    NOON,
    PLAN,
    PROJECT,
    PROVIDER,
    SERVERS,
    TOKEN,
    WORLD,
    Clock,
    body_of,
    checkpoint_of,
    post,
    server_ids,
)

from conformance.emulator import CheckpointStatus, Request, Service, Settings

CLAIM = ("Content-Type", "application/json")


def with_repeated_key() -> bytes:
    checkpoint = json.dumps(body_of()["checkpoint"])
    return f'{{"checkpoint": 1, "checkpoint": {checkpoint}}}'.encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(body_of(), SERVERS, id="no-optional-field"),
        pytest.param(body_of(auto_trigger=False, resources=SERVERS), SERVERS, id="all-fields"),
        pytest.param(body_of(resources=[SERVERS[1]]), [SERVERS[1]], id="one-server"),
        pytest.param(body_of(resources=SERVERS[::-1]), SERVERS[::-1], id="other-order"),
        pytest.param(body_of(resources=[]), SERVERS, id="empty-list-is-left-out"),
        pytest.param(body_of(resources=[SERVERS[0]] * 2), [SERVERS[0]], id="duplicates"),
        pytest.param(body_of(more=1) | {"more": [{"a": 1}]}, SERVERS, id="unknown-fields"),
        pytest.param(
            b" \r\n\t" + json.dumps(body_of()).encode() + b"\n", SERVERS, id="white-space"
        ),
    ],
)
def test_valid_bodies_are_executed(body: object, expected: list[str]) -> None:
    service = Service(WORLD)
    assert server_ids(checkpoint_of(post(service, body))) == expected
    assert len(service.executed) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(body_of(auto_trigger=None), id="null-as-boolean"),
        pytest.param(body_of(resources=None), id="null-as-list"),
        pytest.param(with_repeated_key(), id="repeated-key"),
    ],
)
def test_what_the_page_leaves_open_is_refused(body: object) -> None:
    assert post(Service(WORLD), body).status == 400


@pytest.mark.parametrize("media_type", [None, "", "text/plain", "\x00"])
def test_a_body_that_does_not_claim_to_be_json_is_refused(media_type: str | None) -> None:
    assert post(Service(WORLD), media_type=media_type).status == 400


def test_another_spelling_of_an_id_names_nothing() -> None:
    service = Service(WORLD)
    assert post(service, provider=PROVIDER.upper()).status == 400
    assert post(service, body_of(PLAN.upper())).status == 404
    assert post(service, body_of(resources=[SERVERS[0].upper()])).status == 400


def test_percent_encoding_in_the_path_is_undone() -> None:
    checkpoint_of(post(Service(WORLD), provider=PROVIDER.replace("-", "%2D")))


def test_the_name_of_the_token_field_has_no_case() -> None:
    path = f"/v1/{PROJECT}/providers/{PROVIDER}/checkpoints?ignored=1"
    body = json.dumps(body_of()).encode()
    for name in ("X-Auth-Token", "x-auth-token", "X-AUTH-TOKEN"):
        checkpoint_of(Service(WORLD).handle(Request("POST", path, ((name, TOKEN), CLAIM), body)))


@pytest.mark.parametrize(("auto_trigger", "created_by"), [(True, "auto"), (False, "manual")])
def test_extra_info_tells_what_triggered_the_backup(auto_trigger: bool, created_by: str) -> None:
    checkpoint = checkpoint_of(post(Service(WORLD), body_of(auto_trigger=auto_trigger)))
    assert checkpoint["extra_info"] == f'{{"created_by": "{created_by}"}}'


def test_the_answer_is_that_of_the_example() -> None:
    response = post(Service(WORLD, Clock()), body_of(resources=[SERVERS[2]]))
    checkpoint = checkpoint_of(response)
    del checkpoint["id"]
    assert checkpoint == {
        "status": "protecting",
        "created_at": "2026-03-01T12:00:00.000000",
        "resource_graph": None,
        "project_id": PROJECT,
        "protection_plan": {
            "id": PLAN,
            "name": "Nächtliche Sicherung",
            "resources": [
                {
                    "id": SERVERS[2],
                    "type": "OS::Nova::Server",
                    "name": "服务器-3",
                    "extra_info": "{}",
                }
            ],
        },
        "extra_info": '{"created_by": "manual"}',
    }
    assert "服务器-3".encode() in response.body


def test_every_execution_has_an_id_of_its_own() -> None:
    service = Service(WORLD)
    ids = {checkpoint_of(post(service))["id"] for _ in range(20)}
    assert len(ids) == 20
    assert ids == {checkpoint.id for checkpoint in service.executed}


def test_a_checkpoint_becomes_available() -> None:
    clock = Clock()
    service = Service(replace(WORLD, settings=Settings(advance_seconds=10)), clock)
    post(service)
    (checkpoint,) = service.executed
    assert checkpoint.created_at == NOON
    clock.advance(9.9)
    assert service.status_of(checkpoint) is CheckpointStatus.PROTECTING
    clock.advance(0.1)
    assert service.status_of(checkpoint) is CheckpointStatus.AVAILABLE


def test_without_an_advance_the_answer_is_available() -> None:
    service = Service(replace(WORLD, settings=Settings(advance_seconds=0)), Clock())
    assert checkpoint_of(post(service))["status"] == "available"


def test_latency_is_handed_to_the_transport() -> None:
    service = Service(replace(WORLD, settings=Settings(latency=0.5)))
    assert post(service).delay == 0.5
    assert post(service, b"").delay == 0.5
    assert post(Service(WORLD)).delay == 0


def test_a_subclass_overrides_one_decision() -> None:
    class TakesNumbersForBooleans(Service):
        def is_boolean(self, value: object) -> bool:  # type: ignore[override]
            return isinstance(value, int)

    body = body_of(auto_trigger=1)
    assert post(Service(WORLD), body).status == 400
    checkpoint_of(post(TakesNumbersForBooleans(WORLD), body))
