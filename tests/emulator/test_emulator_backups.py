"""The backups of executions: listed, shown one by one, deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from emulator_client import (
    KNOWN,
    NOBODY,
    PLAN,
    PROJECT,
    PROVIDER,
    SERVERS,
    TOKEN,
    WORLD,
    Clock,
    body_of,
    check_error,
    checkpoint_of,
    json_of,
    post,
)

from conformance.emulator import Policy, Request, Response, Service, Settings
from conformance.emulator.variants import VARIANTS

SETTINGS = Settings(advance_seconds=60, delete_seconds=10)
LISTED = {
    *("id", "checkpoint_id", "created_at", "updated_at", "name", "description", "resource_id"),
    *("resource_type", "status", "tags", "backup_data", "extend_info"),
}


def made(clock: Clock | None = None) -> Service:
    second = Policy(NOBODY, "second", PROJECT, (SERVERS[0],))
    world = replace(WORLD, settings=SETTINGS, policies=(*WORLD.policies, second))
    return Service(world, clock or Clock())


def ask(service: Service, path: str, method: str = "GET", token: str | None = TOKEN) -> Response:
    headers = () if token is None else (("X-Auth-Token", token),)
    return service.handle(Request(method, f"/v1/{PROJECT}/{path}", headers))


def backups(service: Service, query: str = "") -> list[dict[str, Any]]:
    response = ask(service, f"checkpoint_items{query}")
    assert response.status == 200, response.body
    found: list[dict[str, Any]] = json_of(response)["checkpoint_items"]
    return found


def delete(service: Service, record: str, query: str = "", provider: str = PROVIDER) -> Response:
    return ask(service, f"providers/{provider}/checkpoints/{record}{query}", "DELETE")


def statuses(service: Service, query: str = "") -> list[str]:
    return [each["status"] for each in backups(service, query)]


def test_nothing_was_backed_up() -> None:
    assert backups(made()) == []


def test_an_execution_makes_a_backup_of_each_server() -> None:
    service = made()
    record = checkpoint_of(post(service, body_of(resources=SERVERS[:2], auto_trigger=True)))
    found = backups(service)
    assert [each["resource_id"] for each in found] == SERVERS[:2]
    for each in found:
        assert set(each) == LISTED
        assert each["checkpoint_id"] == record["id"]
        assert each["created_at"] == record["created_at"]
        assert each["extend_info"]["auto_trigger"] is True
        assert ask(service, f"checkpoint_items/{each['id']}").status == 200
    assert found[0]["id"] != found[1]["id"]


def test_a_refusal_makes_none() -> None:
    service = made()
    assert post(service, body_of(NOBODY[::-1])).status == 404
    assert backups(service) == []


def test_a_backup_becomes_available() -> None:
    clock = Clock()
    service = made(clock)
    post(service, body_of(resources=SERVERS[:1]))
    clock.advance(30)
    (backup,) = backups(service)
    assert (backup["status"], backup["extend_info"]["progress"]) == ("protecting", 50)
    assert backup["extend_info"]["finished_at"] is None
    clock.advance(30)
    (backup,) = backups(service)
    assert (backup["status"], backup["extend_info"]["progress"]) == ("available", 100)
    assert backup["updated_at"] == backup["extend_info"]["finished_at"]


def test_a_backup_may_fail() -> None:
    clock = Clock()
    bad = replace(WORLD.servers[0], fail_reason="the disk is broken")
    service = Service(replace(WORLD, servers=(bad, *WORLD.servers[1:])), clock)
    post(service)
    clock.advance(60)
    assert statuses(service) == ["error", "available", "available"]
    assert backups(service)[0]["extend_info"]["fail_reason"] == "the disk is broken"


def test_filters_select() -> None:
    clock = Clock()
    service = made(clock)
    first = checkpoint_of(post(service, body_of(resources=SERVERS[:2])))
    clock.advance(60)
    post(service, body_of(NOBODY, auto_trigger=True))
    ids = [each["id"] for each in backups(service)]
    name = backups(service)[1]["name"]
    for query, places in (
        (f"checkpoint_id={first['id']}", [0, 1]),
        ("checkpoint_id=other", []),
        ("checkpoint_id=", [0, 1, 2]),
        (f"policy_id={PLAN}", [0, 1]),
        (f"policy_id={NOBODY}", [2]),
        (f"resource_id={SERVERS[0]}", [0, 2]),
        (f"resource_id={SERVERS[0]}&policy_id={NOBODY}", [2]),
        ("resource_type=OS%3A%3ANova%3A%3AServer", [0, 1, 2]),
        ("resource_type=OS%3A%3ACinder%3A%3AVolume", []),
        ("status=protecting", [2]),
        ("status=available", [0, 1]),
        (f"name={name}", [1]),
        ("az=az1", [0, 1, 2]),
        ("az=az2", []),
        ("image_type=backup", [0, 1, 2]),
        ("image_type=image", []),
        ("start_time=2026-03-01T12:00:30.000000", [2]),
        ("end_time=2026-03-01T12:00:30.000000", [0, 1]),
        ("start_time=2026-03-01T12:00:00&end_time=2026-03-01T12:00:00", [0, 1]),
        ("all_tenants=1", [0, 1, 2]),
        ("limit=2", [0, 1]),
        ("limit=2&offset=2", [2]),
        (f"limit=2&marker={ids[1]}", [2]),
        (f"limit=1&marker={ids[0]}", [1]),
        ("marker=unknown", []),
        ("limit=0", []),
    ):
        assert [each["id"] for each in backups(service, f"?{query}")] == [ids[p] for p in places], (
            query
        )


@pytest.mark.parametrize(
    "key", ["created_at", "updated_at", "protected_at", "name", "status", "id"]
)
def test_the_list_is_sorted(key: str) -> None:
    clock = Clock()
    service = made(clock)
    for _ in range(2):
        post(service)
        clock.advance(40)
    up, down = (backups(service, f"?sort={key}:{way}") for way in ("asc", "desc"))
    assert backups(service, f"?sort={key}") == up
    if key in LISTED:
        assert [each[key] for each in up] == sorted(each[key] for each in up)
        assert [each[key] for each in down] == [each[key] for each in up][::-1]
    assert {each["id"] for each in up} == {each["id"] for each in down}


def test_a_thousand_are_a_page() -> None:
    service = made()
    for _ in range(400):
        post(service)
    assert len(backups(service)) == 1000
    assert len(backups(service, "?offset=1000")) == 200


@pytest.mark.parametrize("query", ["limit=x", "offset=-1", "sort=size", "sort=id:up", "end_time=x"])
def test_a_query_that_makes_no_sense_400(query: str) -> None:
    check_error(ask(made(), f"checkpoint_items?{query}"), 400)


def test_a_record_is_deleted() -> None:
    clock = Clock()
    service = made(clock)
    record = checkpoint_of(post(service))["id"]
    check_error(delete(service, record), 400, "CSBS.2003")
    clock.advance(60)
    response = delete(service, record)
    assert (response.status, json_of(response)) == (200, {})
    assert statuses(service) == ["deleting"] * 3
    check_error(delete(service, record), 400, "CSBS.2003")
    clock.advance(10)
    assert backups(service) == []
    check_error(delete(service, record), 404, "CSBS.3001")


def test_one_backup_of_a_record_is_deleted() -> None:
    clock = Clock()
    service = made(clock)
    record = checkpoint_of(post(service))["id"]
    clock.advance(60)
    first, *others = backups(service)
    assert delete(service, record, f"?checkpoint_items={first['id']}").status == 200
    clock.advance(10)
    assert backups(service) == others
    check_error(ask(service, f"checkpoint_items/{first['id']}"), 404, "CSBS.3001")
    check_error(delete(service, record, f"?checkpoint_items={first['id']}"), 404, "CSBS.3001")
    assert delete(service, record).status == 200


def test_five_are_deleted_at_once() -> None:
    clock = Clock()
    service = made(clock)
    records = [
        checkpoint_of(post(service, body_of(resources=SERVERS[:1])))["id"] for _ in range(12)
    ]
    clock.advance(60)
    assert {delete(service, record).status for record in records} == {200}
    assert statuses(service) == ["deleting"] * 5 + ["waiting_delete"] * 7
    clock.advance(10)
    assert statuses(service) == ["deleting"] * 5 + ["waiting_delete"] * 2
    clock.advance(10)
    assert statuses(service) == ["deleting"] * 2
    clock.advance(10)
    assert backups(service) == []


def test_login_project_and_provider_are_checked() -> None:
    clock = Clock()
    service = made(clock)
    record = checkpoint_of(post(service))["id"]
    clock.advance(60)
    path = f"providers/{PROVIDER}/checkpoints/{record}"
    for method, each in (("GET", "checkpoint_items"), ("DELETE", path)):
        check_error(ask(service, each, method, token=None), 401)
        check_error(ask(service, each, method, token=KNOWN["forbidden_token"]), 403)
    check_error(delete(service, record, provider=NOBODY), 400, "CSBS.9001")
    headers = (("X-Auth-Token", TOKEN),)
    check_error(service.handle(Request("GET", f"/v1/{NOBODY}/checkpoint_items", headers)), 404)
    check_error(service.handle(Request("DELETE", f"/v1/{NOBODY}/{path}", headers)), 404)
    assert len(backups(service)) == 3


def test_other_methods_are_refused() -> None:
    service = made()
    check_error(ask(service, "checkpoint_items", "POST"), 405)
    check_error(ask(service, "checkpoint_items/x", "DELETE"), 405)
    check_error(ask(service, f"providers/{PROVIDER}/checkpoints/x", "GET"), 405)
    check_error(ask(service, f"providers/{PROVIDER}/checkpoints/", "DELETE"), 404)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name.startswith("list-")])
def test_every_list_survives_a_limit_that_is_no_number(name: str) -> None:
    service = VARIANTS[name].make(WORLD, Clock())
    assert ask(service, "checkpoint_items?limit=abc").status in (400, 403)
