"""The list that a client finds its policy in."""

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
    check_error,
    json_of,
)

from conformance.emulator import Policy, Request, Response, Service

SECOND = Policy(NOBODY, "second", PROJECT, (SERVERS[0],))
SERVICE = Service(replace(WORLD, policies=(*WORLD.policies, SECOND)))


def get(query: str = "", token: str | None = TOKEN, project: str = PROJECT) -> Response:
    headers = () if token is None else (("X-Auth-Token", token),)
    return SERVICE.handle(Request("GET", f"/v1/{project}/policies{query}", headers))


def test_a_policy_lists_its_servers() -> None:
    response = get("?limit=1")
    assert response.status == 200
    document: Any = json_of(response)
    (policy,) = document["policies"]
    assert policy["id"] == PLAN
    assert policy["project_id"] == PROJECT
    assert policy["provider_id"] == PROVIDER
    assert [resource["id"] for resource in policy["resources"]] == SERVERS
    assert policy["resources"][0] == {
        "id": SERVERS[0],
        "type": "OS::Nova::Server",
        "name": "server0",
        "extra_info": {},
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [PLAN, NOBODY]),
        ("?limit=1&offset=1", [NOBODY]),
        ("?limit=0", []),
        ("?offset=9", []),
        ("?name=second", [NOBODY]),
        ("?name=N%C3%A4chtliche+Sicherung", [PLAN]),
        ("?name=third", []),
        ("?name=", [PLAN, NOBODY]),
        ("?sort=y&all_tenants=1", [PLAN, NOBODY]),
        (f"?marker={PLAN}", [NOBODY]),
        (f"?marker={NOBODY}", []),
        (f"?marker={PLAN}&limit=0", []),
        ("?marker=", [PLAN, NOBODY]),
        ("?marker=unknown", []),
    ],
)
def test_the_query_selects(query: str, expected: list[str]) -> None:
    document: Any = json_of(get(query))
    assert [policy["id"] for policy in document["policies"]] == expected


@pytest.mark.parametrize("query", ["?limit=-1", "?limit=", "?offset=x", f"?limit={'9' * 5000}"])
def test_a_number_that_is_none_400(query: str) -> None:
    check_error(get(query), 400)


def test_the_list_has_the_same_login() -> None:
    check_error(get(token=None), 401)
    check_error(get(token="nobody's"), 401)
    check_error(get(token=KNOWN["forbidden_token"]), 403)
    check_error(get(project=NOBODY), 404)


def test_the_list_is_only_read() -> None:
    headers = (("X-Auth-Token", TOKEN),)
    response = SERVICE.handle(Request("POST", f"/v1/{PROJECT}/policies", headers))
    check_error(response, 405)
    assert dict(response.headers)["Allow"] == "GET"
