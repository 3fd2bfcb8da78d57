"""Requests that must be refused: status and error code, and that nothing was executed."""

import json
from dataclasses import replace

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
    post,
)

from conformance.emulator import (
    Policy,
    Project,
    Request,
    Response,
    Server,
    Service,
    Settings,
    Token,
    World,
)
from conformance.emulator.error_codes import BY_CODE, ErrorCode, ErrorKind

MIDDLE = len(TOKEN) // 2
OTHER_PROJECT = "11111111111111111111111111111111"
TWO_PROJECTS = replace(
    WORLD,
    projects=(*WORLD.projects, Project(OTHER_PROJECT)),
    tokens=(*WORLD.tokens, Token("other-token", OTHER_PROJECT)),
    policies=(*WORLD.policies, Policy(NOBODY, "theirs", OTHER_PROJECT, (SERVERS[0],))),
)
NO_STRINGS: list[object] = [None, 1, 10**30, True, [PLAN], {"id": PLAN}]
NO_OBJECTS: list[object] = [None, 1, "", [], True]
NO_BOOLEANS: list[object] = [0, 1, 0.0, "true", "", [], {}, [True]]
NO_LISTS_OF_STRINGS: list[object] = [
    *(0, "", SERVERS[0], {}, True),
    *([1], [None], [SERVERS], [SERVERS[0], 1]),
]


def raw(text: str) -> bytes:
    return text.encode()


def checkpoint_without(name: str) -> dict[str, object]:
    body = body_of()
    del body["checkpoint"][name]
    return body


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("nobody's", id="unknown"),
        pytest.param(TOKEN[:-1], id="last-character-missing"),
        pytest.param(TOKEN[1:], id="first-character-missing"),
        pytest.param(TOKEN + "x", id="one-character-more"),
        pytest.param(TOKEN[:MIDDLE] + "~" + TOKEN[MIDDLE + 1 :], id="other-character"),
        pytest.param(TOKEN.upper(), id="other-case"),
        pytest.param("tökén", id="not-ascii"),
        pytest.param("\ud800", id="no-unicode"),
    ],
)
def test_without_a_good_token_401(token: str | None) -> None:
    service = Service(WORLD)
    response = post(service, token=token)
    check_error(response, 401)
    assert "WWW-Authenticate" in dict(response.headers)
    assert TOKEN not in response.body.decode()
    assert not service.executed


def test_two_tokens_are_none() -> None:
    check_error(post(Service(WORLD), headers=(("x-auth-token", TOKEN),)), 401)


def test_without_permission_403() -> None:
    service = Service(WORLD)
    check_error(post(service, token=KNOWN["forbidden_token"]), 403)
    assert not service.executed


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(raw("{"), id="cut-off"),
        pytest.param(raw("{'checkpoint': 1}"), id="single-quotes"),
        pytest.param(raw(json.dumps(body_of()) + "x"), id="trailing-garbage"),
        pytest.param(b"checkpoint=1", id="form"),
        pytest.param(b'{"checkpoint": "\xff"}', id="bad-utf-8"),
        pytest.param(json.dumps(body_of()).encode("utf-16"), id="utf-16"),
        pytest.param(b"[" * 100_000, id="deep-and-cut-off"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="deep"),
        pytest.param(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, id="deep-objects"),
        pytest.param(b"9" * 10_000, id="number-too-long"),
        pytest.param(raw(json.dumps(body_of(more=float("nan")))), id="NaN"),
        pytest.param(raw(json.dumps(body_of(more=float("-inf")))), id="Infinity"),
        pytest.param(raw(json.dumps(body_of("\ud800"))), id="surrogate-in-plan-id"),
        pytest.param(raw(json.dumps(body_of(more="\udc00"))), id="surrogate-in-unknown-field"),
        pytest.param(None, id="null"),
        pytest.param([body_of()], id="list"),
        pytest.param("text", id="string"),
        pytest.param({}, id="checkpoint-missing"),
        pytest.param({"checkpoint": None}, id="checkpoint-null"),
        pytest.param({"checkpoint": []}, id="checkpoint-a-list"),
        pytest.param({"checkpoint": json.dumps(body_of())}, id="checkpoint-a-string"),
        pytest.param(body_of()["checkpoint"], id="not-wrapped"),
        pytest.param(checkpoint_without("plan_id"), id="plan-id-missing"),
        pytest.param(checkpoint_without("parameters"), id="parameters-missing"),
        *(pytest.param(body_of(value), id=f"plan-id-{value!r}") for value in NO_STRINGS),
        *(
            pytest.param(
                {"checkpoint": {"plan_id": PLAN, "parameters": value}}, id=f"parameters-{value!r}"
            )
            for value in NO_OBJECTS
        ),
        *(
            pytest.param(body_of(auto_trigger=value), id=f"auto-trigger-{value!r}")
            for value in NO_BOOLEANS
        ),
        *(
            pytest.param(body_of(resources=value), id=f"resources-{value!r}")
            for value in NO_LISTS_OF_STRINGS
        ),
    ],
)
def test_a_wrong_body_400(body: object) -> None:
    service = Service(WORLD)
    sent = b"null" if body is None else body
    check_error(post(service, sent), 400)
    assert not service.executed


@pytest.mark.parametrize("plan_id", [NOBODY, "", "ü", PLAN[:-1], PLAN.replace("-", ""), "x" * 9999])
def test_an_unknown_policy_404(plan_id: str) -> None:
    check_error(post(Service(WORLD), body_of(plan_id)), 404, "CSBS.3000")


@pytest.mark.parametrize("resources", [[NOBODY], [*SERVERS, NOBODY], [""], [SERVERS[0] + " "]])
def test_an_unknown_server_400(resources: list[str]) -> None:
    check_error(post(Service(WORLD), body_of(resources=resources)), 400, "CSBS.6000")


def test_a_server_of_another_policy_400() -> None:
    world = replace(WORLD, servers=(*WORLD.servers, Server(NOBODY, "elsewhere")))
    check_error(post(Service(world), body_of(resources=[NOBODY])), 400, "CSBS.6000")


@pytest.mark.parametrize("provider", [NOBODY, PROVIDER[:-1], PROVIDER + "%20", "..", "%ff"])
def test_a_wrong_provider_400(provider: str) -> None:
    check_error(post(Service(WORLD), provider=provider), 400, "CSBS.9001")


@pytest.mark.parametrize("project", [OTHER_PROJECT, "nobody", PROJECT.upper(), "%00", "\ud800"])
def test_a_project_that_is_not_the_tokens_404(project: str) -> None:
    service = Service(TWO_PROJECTS)
    check_error(post(service, project=project), 404)
    assert not service.executed


def test_a_token_executes_nothing_of_another_project() -> None:
    service = Service(TWO_PROJECTS)
    check_error(post(service, body_of(NOBODY), project=OTHER_PROJECT), 404, "CSBS.0404")
    assert not service.executed
    assert post(service, body_of(NOBODY), project=OTHER_PROJECT, token="other-token").status == 200


def test_a_policy_of_another_project_404() -> None:
    check_error(post(Service(TWO_PROJECTS), body_of(NOBODY)), 404, "CSBS.3000")


def test_of_several_faults_the_login_comes_first_and_the_provider_last() -> None:
    service = Service(WORLD)
    assert post(service, b"", token=None, provider=NOBODY).status == 401
    assert post(service, b"", token=KNOWN["forbidden_token"], provider=NOBODY).status == 403
    check_error(post(service, b"", provider=NOBODY), 400, "CSBS.0400")
    check_error(post(service, body_of(NOBODY), provider=NOBODY), 400, "CSBS.9001")


def send(method: str, path: str, token: str = TOKEN) -> Response:
    return Service(WORLD).handle(Request(method, path, (("X-Auth-Token", token),)))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "post"])
def test_another_method_405(method: str) -> None:
    response = send(method, f"/v1/{PROJECT}/providers/{PROVIDER}/checkpoints")
    check_error(response, 405)
    assert dict(response.headers)["Allow"] == "POST"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "*",
        "/v1",
        f"/v2/{PROJECT}/providers/{PROVIDER}/checkpoints",
        f"/v1//providers/{PROVIDER}/checkpoints",
        f"/v1/{PROJECT}/providers//checkpoints",
        f"/v1/{PROJECT}/providers/{PROVIDER}/checkpoints/",
        f"//v1/{PROJECT}/providers/{PROVIDER}/checkpoints",
        f"/v1/{PROJECT}%2Fproviders/{PROVIDER}/checkpoints",
    ],
)
def test_an_unknown_path_404(path: str) -> None:
    check_error(send("POST", path), 404)


def test_a_body_over_the_limit_413() -> None:
    service = Service(WORLD)
    body = json.dumps(body_of()).encode()
    limit = service.max_body_bytes
    checkpoint_of(post(service, body.ljust(limit)))
    check_error(post(service, body.ljust(limit + 1)), 413)


def test_a_policy_is_busy_for_a_while() -> None:
    clock = Clock()
    service = Service(replace(WORLD, settings=Settings(busy_seconds=5)), clock)
    checkpoint_of(post(service))
    clock.advance(4.9)
    check_error(post(service), 400, "CSBS.2003")
    check_error(post(service, b""), 400, "CSBS.0400")
    clock.advance(0.1)
    checkpoint_of(post(service))


def test_the_quota_ends_the_executions() -> None:
    service = Service(replace(WORLD, settings=Settings(quota=2)))
    checkpoint_of(post(service))
    check_error(post(service, body_of(NOBODY)), 404)
    checkpoint_of(post(service))
    check_error(post(service), 400, "CSBS.9006")


def with_state(code: str) -> World:
    first, *rest = WORLD.servers
    return replace(WORLD, servers=(replace(first, state=code), *rest))


@pytest.mark.parametrize(
    "row",
    [row for row in ErrorCode if row.kind in (ErrorKind.STATE, ErrorKind.BUSY)],
    ids=lambda row: row.code,
)
def test_the_state_of_a_server_is_told_with_its_code(row: ErrorCode) -> None:
    service = Service(with_state(row.code))
    check_error(post(service), row.status, row.code)
    checkpoint_of(post(service, body_of(resources=[SERVERS[1]])))


def test_a_policy_without_servers_500() -> None:
    empty = Policy(NOBODY, "empty", PROJECT, ())
    service = Service(replace(WORLD, policies=(*WORLD.policies, empty)))
    check_error(post(service, body_of(NOBODY)), 500, "CSBS.6032")


def test_the_error_table_is_the_published_one() -> None:
    published = {
        (400, "CSBS.0001 CSBS.0002 CSBS.2003 CSBS.2004 CSBS.6000 CSBS.6001 CSBS.6003 CSBS.6004"),
        (400, "CSBS.6005 CSBS.6006 CSBS.6007 CSBS.6010 CSBS.6015 CSBS.6027 CSBS.6031 CSBS.6033"),
        (400, "CSBS.6061 CSBS.9001 CSBS.9006 BackupService.4008"),
        (403, "CSBS.9009"),
        (404, "CSBS.3000 CSBS.3001"),
        (500, "CSBS.1001 CSBS.1002 CSBS.2001 CSBS.6030 CSBS.6032 CSBS.9998 CSBS.9999"),
    }
    expected = {(code, status) for status, codes in published for code in codes.split()}
    assert {(code, row.status) for code, row in BY_CODE.items() if row.published} == expected
