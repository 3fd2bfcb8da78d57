"""What is not given is asked for, and what no list shows is taken from the user."""

from __future__ import annotations

import os
import pty
import subprocess
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from cli_helpers import KNOWN, Counting, environment
from init_helpers import GOOD, JSON, PLAN, PROJECT, Lists, a_policy, answering, looked, refusal
from warm import COLD

from conformance.emulator import Response
from conformance.emulator.app import serving


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSBS_TOKEN", GOOD)


def on_a_terminal(place: Path, *arguments: str, answers: Sequence[tuple[str, str]]) -> str:
    """What the command shows on a terminal, whose user answers what is asked, and nothing else."""
    control, terminal = pty.openpty()
    process = subprocess.Popen(
        [COLD, "init", *arguments],
        cwd=place,
        env=environment({"TERM": "dumb", "COLUMNS": "200", "ANY_NAME": GOOD}),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown, seen = b"", 0
    for question, answer in answers:
        while (found := shown.find(question.encode(), seen)) < 0:
            shown += os.read(control, 1000)
        seen = found + len(question)
        os.write(control, answer.encode() + b"\n")
    with suppress(OSError):  # nobody writes there any more
        while more := os.read(control, 1000):
            shown += more
    assert process.wait(timeout=60) == 0, shown
    os.close(control)
    return shown.decode()


def test_the_user_is_asked_on_a_terminal(tmp_path: Path) -> None:
    service = Lists(lambda query: {"policies": [a_policy(1), a_policy(2, servers=3)]})
    with serving(service) as endpoint:
        shown = on_a_terminal(
            tmp_path,
            answers=[
                ("log in with [token-env]:", ""),
                ("[CSBS_TOKEN]:", "ANY_NAME"),
                ("endpoint", "ftp://x"),
                ("endpoint", endpoint),
                ("project-id", PROJECT),
                ("take number", "7"),
                ("take number", "2"),
            ],
        )
    assert "policy-0002  3 servers  p2" in shown
    assert "read -rs CSBS_TOKEN" in shown
    assert GOOD not in shown
    known = tomllib.loads((tmp_path / "csbs.toml").read_text())
    assert (known["endpoint"], known["project-id"]) == (endpoint, PROJECT)
    assert known["token-env"] == "ANY_NAME"
    assert known["plan-id"] == "policy-0002"


NO_LIST = [
    Response(404, JSON, b"{}"),
    Response(405, JSON, b"{}"),
    Response(501, JSON, b"{}"),
    Response(403, JSON, b"{}"),
    Response(200, JSON, b"[]"),
]


@pytest.mark.parametrize("answer", NO_LIST, ids=lambda answer: str(answer.status))
def test_a_target_without_a_list(tmp_path: Path, answer: Response) -> None:
    servers = tuple(KNOWN["resources"])
    service = Lists(lambda query: answer)
    known, said = looked(service, tmp_path, plan_id=PLAN, resource=servers)
    assert (known["plan-id"], known["resource"]) == (PLAN, KNOWN["resources"])
    assert said[0].startswith("no list of policies: ")
    assert "400 Bad Request, and nothing was executed" in said[2]


def test_ids_that_no_list_shows_are_asked_for(tmp_path: Path) -> None:
    user = answering(plan_id=PLAN, resource=" ".join(KNOWN["resources"]))
    known, _ = looked(Lists(lambda query: NO_LIST[0]), tmp_path, ask=user)
    assert (known["plan-id"], known["resource"]) == (PLAN, KNOWN["resources"])


def test_a_policy_whose_servers_nobody_knows(tmp_path: Path) -> None:
    user = answering(plan_id=PLAN, resource=" ")
    known, said = looked(Lists(lambda query: NO_LIST[0]), tmp_path, ask=user)
    assert "resource" not in known
    assert "with 0 servers" in said[1]


def test_a_rejected_token_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    service = Lists(lambda query: Response(401, JSON, b"{}"))
    assert "--token-env" in refusal(service, tmp_path, ask=answering(), plan_id=PLAN)


def test_a_user_without_a_token_is_asked_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CSBS_TOKEN")
    user = answering(log="token-env", token_env="NOT_SET")
    assert "NOT_SET is not set; export it first" in refusal(Counting(), tmp_path, ask=user)
    monkeypatch.setenv("ELSEWHERE", GOOD)
    user = answering(token_env="ELSEWHERE")
    known, _ = looked(Counting(), tmp_path, ask=user, forbidden_token_env="ELSEWHERE")
    assert known["token-env"] == known["forbidden-token-env"] == "ELSEWHERE"


def test_a_token_in_a_file_is_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CSBS_TOKEN")
    (tmp_path / "token").write_text(GOOD)
    file = str(tmp_path / "token")
    known, _ = looked(Counting(), tmp_path, ask=answering(), token_file=file)
    assert known["token-file"] == file
    assert GOOD not in (tmp_path / "csbs.toml").read_text()


def test_a_token_that_is_given_in_place_of_its_name_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CSBS_TOKEN")
    assert GOOD not in refusal(Counting(), tmp_path, ask=answering(token_env=GOOD))
