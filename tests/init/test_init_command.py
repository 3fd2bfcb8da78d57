"""`init` looks at a target on a real socket, lets choose, and writes what `run` reads."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import KNOWN, TOKENS, Counting, command
from fake_identity import Identity, clouds
from init_helpers import GOOD, JSON, PLAN, PROJECT, Lists, a_policy, answering, looked, refusal

from conformance.emulator import Response
from conformance.emulator.app import serving
from conformance.errors import UsageError
from conformance.init.listing import LIMIT
from conformance.run.options import LoginOptions, names_in


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSBS_TOKEN", GOOD)


def test_the_command_writes_what_run_reads(tmp_path: Path) -> None:
    service = Counting()
    with serving(service) as endpoint:
        options = ["--endpoint", endpoint, "--project-id", PROJECT]
        done = command("init", *options, cwd=tmp_path, env=TOKENS)
        assert (done.code, done.err) == (0, "")
        assert [request.method for request in service.seen] == ["GET", "GET", "POST"]
        assert not service.executed
        again = command("init", *options, cwd=tmp_path, env=TOKENS)
        ran = command("run", "--config", "csbs.toml", "--profile", "smoke", "--quiet",
                      cwd=tmp_path, env=TOKENS)  # fmt: skip
    assert (
        "next: csbs-conformance run --config csbs.toml\nit executes the policy at most 10 "
        in done.out
    )
    assert again.code == 2
    assert "--force" in again.err
    assert (ran.code, ran.out) == (0, "conforms\n")
    text = (tmp_path / "csbs.toml").read_text(encoding="utf-8")
    known = tomllib.loads(text)
    assert known["resource"] == KNOWN["resources"]
    assert (known["plan-id"], known["project-id"]) == (PLAN, PROJECT)
    assert GOOD not in text + done.out


def test_several_policies_and_nobody_to_ask(tmp_path: Path) -> None:
    service = Lists(lambda query: {"policies": [a_policy(1), a_policy(2)]})
    assert "--plan-id" in refusal(service, tmp_path)


def test_a_policy_is_picked_by_its_id_in_any_spelling(tmp_path: Path) -> None:
    known, _ = looked(Counting(), tmp_path, plan_id=PLAN.upper())
    assert known["plan-id"] == PLAN


def test_an_id_that_the_list_does_not_have(tmp_path: Path) -> None:
    assert "--plan-id is not in" in refusal(Counting(), tmp_path, plan_id="another")


def pages(number: int, most: int) -> Callable[[dict[str, str]], Any]:
    """A list of policies in pages of at most `most`, by marker."""

    def page(query: dict[str, str]) -> Any:
        assert query["limit"] == str(LIMIT)
        ids = [f"policy-{n:04}" for n in range(number)]
        start = ids.index(query["marker"]) + 1 if "marker" in query else 0
        return {"policies": [a_policy(n) for n in range(number)[start : start + most]]}

    return page


@pytest.mark.parametrize(("number", "most"), [(1, 100), (100, 100), (101, 100), (30, 7)])
def test_all_pages_are_read(tmp_path: Path, number: int, most: int) -> None:
    service = Lists(pages(number, most))
    last = f"policy-{number - 1:04}"
    known, said = looked(service, tmp_path, plan_id=last)
    assert known["plan-id"] == last
    assert len(said) == number + 5
    assert len(service.seen) == -(-number // most) + 2


def test_a_long_list_is_not_shown_whole(tmp_path: Path) -> None:
    service = Lists(lambda query: {"policies": [a_policy(n) for n in range(1000)]})
    _, said = looked(service, tmp_path, plan_id="policy-0999")
    assert len(said) == 206
    assert said[201] == "and 800 more, which are not shown"


def test_a_list_that_knows_no_pages(tmp_path: Path) -> None:
    service = Lists(lambda query: {"policies": [a_policy(1), a_policy(2)]})
    _, said = looked(service, tmp_path, ask=answering(take="1"))
    assert len(service.seen) == 3
    assert said[0] == "found 2 policies"


def test_a_list_without_end(tmp_path: Path) -> None:
    numbers = iter(range(10**6))
    service = Lists(lambda query: {"policies": [a_policy(next(numbers))]})
    _, said = looked(service, tmp_path, ask=answering(take="1"))
    assert len(service.seen) == 51
    assert any(line.startswith("there may be more: ") for line in said)


def test_a_target_that_refuses_markers(tmp_path: Path) -> None:
    refused = Response(400, JSON, b'{"error_code": "CSBS.0001", "error_msg": "marker"}')
    service = Lists(lambda query: refused if "marker" in query else {"policies": [a_policy(1)]})
    known, said = looked(service, tmp_path)
    assert known["plan-id"] == "policy-0001"
    assert any("there may be more: behind the first 1" in line for line in said)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Response(401, JSON, b"{}"), "--os-cloud); give a new one"),
        (Response(403, JSON, b"{}"), "lacks the permission"),
        (Response(404, JSON, b"{}"), "--endpoint"),
        (Response(405, JSON, b"{}"), "give --plan-id"),
        (Response(500, JSON, b"{}"), "give --plan-id"),
        (Response(302, (("Location", "http://elsewhere/"),)), "redirects elsewhere"),
        (Response(200, JSON, b"<html>"), "no list of policies"),
        (Response(200, JSON, b""), "no list of policies"),
        (Response(200, JSON, b"[]"), "no list of policies"),
        (Response(200, JSON, b'{"policies": {}}'), "no list of policies"),
        (Response(200, JSON, b"[" * 100_000), "no list of policies"),
        (Response(200, JSON, b'{"policies": []}'), "no backup policy"),
        (Response(200, JSON, b'{"policies": [1, {}, {"id": 7}, {"id": ""}]}'), "no backup policy"),
        (Response(200, JSON, b"{}", hang_up=True), "gave no answer"),
    ],
)
def test_an_odd_list_is_told_in_one_line(tmp_path: Path, answer: Response, told: str) -> None:
    assert told in refusal(Lists(lambda query: answer), tmp_path)


def test_nobody_listens(tmp_path: Path) -> None:
    told = refusal(Counting(), tmp_path, endpoint="http://127.0.0.1:9")
    assert "start the target" in told


def test_texts_of_a_target_do_no_harm(tmp_path: Path) -> None:
    evil = 'x"\n[table]\n\x1b[31m\ud800 ' + "n" * 500
    ids = [
        {"id": evil},
        {"id": GOOD},
        {"id": "s" * 300},
        {"id": "fine", "name": evil},
        {"id": "fine"},
    ]
    service = Lists(lambda query: {"policies": [
        {"id": evil}, {"id": GOOD}, a_policy(1, name=evil, resources=ids)]})  # fmt: skip
    known, said = looked(service, tmp_path)
    assert set(known) == {"endpoint", "project-id", "plan-id", "resource"}
    assert known["resource"] == ["fine"]
    text = (tmp_path / "csbs.toml").read_text(encoding="utf-8")
    for each in (text, *said):
        assert re.sub(r"\n", "", each).isprintable()
        assert GOOD not in each
    assert max(map(len, [*said, *text.splitlines()])) < 200


def test_a_policy_without_servers(tmp_path: Path) -> None:
    known, said = looked(Lists(lambda query: {"policies": [a_policy(1, servers=0)]}), tmp_path)
    assert "resource" not in known
    assert any("with 0 servers" in line for line in said)


def test_force_replaces_the_file(tmp_path: Path) -> None:
    output = tmp_path / "csbs.toml"
    output.write_text("old")
    known, _ = looked(Counting(), tmp_path, force=True)
    assert known["plan-id"] == PLAN
    assert [path.name for path in tmp_path.iterdir()] == ["csbs.toml"]


def test_a_file_that_is_there_stays_and_nothing_is_asked(tmp_path: Path) -> None:
    (tmp_path / "csbs.toml").symlink_to("nowhere")
    service = Counting()
    with pytest.raises(UsageError, match="--force"):
        looked(service, tmp_path)
    assert not service.seen
    assert (tmp_path / "csbs.toml").is_symlink()


def test_a_cloud_says_where_the_target_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Identity(PROJECT, [GOOD]) as identity:
        identity.catalogue = {"csbs": "http://127.0.0.1:9"}
        named = clouds(f"{identity.url}/v3").replace("test:", "for-init:")
        (tmp_path / "clouds.yaml").write_text(named)
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
        known, _ = looked(Counting(), tmp_path, os_cloud="for-init", project_id=None)
    assert known["os-cloud"] == "for-init"
    assert known["project-id"] == PROJECT
    assert "token-env" not in known


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"endpoint": None}, "--endpoint is missing"),
        ({"project_id": None}, "--project-id is missing"),
        ({"project_id": ""}, "--project-id is empty"),
        ({"endpoint": "ftp://x"}, "--endpoint"),
        ({"proxy": "no proxy"}, "--proxy"),
        ({"ca_bundle": Path("nowhere.pem")}, "--ca-bundle"),
        ({"token_env": "ABSENT"}, "--token-env"),
        ({"output": Path("/nowhere/csbs.toml")}, "--output"),
        ({"output": Path("/")}, "--output"),
    ],
)
def test_wrong_use(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    service = Counting()
    assert told in refusal(service, tmp_path, **changes)
    assert not service.seen


def test_a_proxy_with_a_password_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conformance.init.command import _known, settings_to_try

    options = {
        **dict.fromkeys(names_in(LoginOptions)),
        **dict.fromkeys(("plan_id", "ca_bundle", "client_cert")),
        "endpoint": "https://csbs.here",
        "project_id": PROJECT,
        "resource": (),
        "insecure": True,
        "timeout": 1.0,
    }
    for proxy, kept in (("http://u:secret@p:1", False), ("http://p:1", True)):
        asked = {**options, "proxy": proxy}
        known = _known(asked, settings_to_try(asked))
        assert ("proxy" in known) is kept
        assert known["insecure"] is True


def test_some_servers_of_the_policy(tmp_path: Path) -> None:
    wanted = KNOWN["resources"][1]
    known, _ = looked(Counting(), tmp_path, resource=(wanted.upper(), wanted))
    assert known["resource"] == [wanted]


def test_a_server_of_another_policy(tmp_path: Path) -> None:
    assert "--resource is not among" in refusal(Counting(), tmp_path, resource=("another",))
