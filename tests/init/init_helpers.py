"""Targets for `init`, users who answer, and what it writes of them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cli_helpers import KNOWN, WORLD, Counting

from conformance.emulator import Request, Response
from conformance.emulator.app import serving
from conformance.errors import UsageError
from conformance.init.asking import Ask
from conformance.init.command import init
from conformance.run.options import LoginOptions, names_in

PROJECT, PLAN, GOOD = KNOWN["project_id"], KNOWN["plan_id"], KNOWN["token"]
JSON = (("Content-Type", "application/json"),)


class Lists(Counting):
    """Answers every GET with a list of its own making, and keeps all requests."""

    def __init__(self, answer: Callable[[dict[str, str]], Any]) -> None:
        super().__init__(WORLD)
        self.make = answer

    def handle(self, request: Request) -> Response:
        if request.method != "GET":
            return super().handle(request)
        self.seen.append(request)
        query = {k: v[-1] for k, v in parse_qs(urlsplit(request.path).query).items()}
        made = self.make(query)
        if isinstance(made, Response):
            return made
        return Response(200, JSON, made if isinstance(made, bytes) else json.dumps(made).encode())


def a_policy(number: int, servers: int = 1, **changes: Any) -> dict[str, Any]:
    resources = [{"id": f"server-{number}-{n}", "name": f"s{n}"} for n in range(servers)]
    return {"id": f"policy-{number:04}", "name": f"p{number}", "resources": resources, **changes}


def answering(**answers: str) -> Ask:
    """A user who answers each question by the word it begins with, and is asked no other."""

    def ask(question: str, check: Callable[[str], str], default: str | None = None) -> str:
        word = question.rsplit("\n", 1)[-1].split()[0].strip(",:").replace("-", "_")
        return check(answers.get(word) or default or answers[word])

    return ask


def looked(
    service: Counting, place: Path, ask: Ask | None = None, code: int = 0, **changes: Any
) -> tuple[dict[str, Any], list[str]]:
    """What `init` writes of a target, and what it says; it ends with `code`, executing nothing."""
    said: list[str] = []
    output = place / "csbs.toml"
    with serving(service) as endpoint:
        options: dict[str, Any] = {
            **dict.fromkeys(names_in(LoginOptions)),
            "endpoint": endpoint,
            "project_id": PROJECT,
            "plan_id": None,
            "resource": (),
            "output": output,
            "force": False,
            "timeout": 10.0,
            "proxy": None,
            "ca_bundle": None,
            "client_cert": None,
            "insecure": False,
        }
        try:
            assert init({**options, **changes}, said.append, ask) == code
        finally:
            assert not service.executed
            assert [request.method for request in service.seen].count("POST") <= 1
    return tomllib.loads(output.read_text(encoding="utf-8")), said


def refusal(service: Counting, place: Path, **changes: Any) -> str:
    with pytest.raises(UsageError) as caught:
        looked(service, place, **changes)
    assert not (place / "csbs.toml").exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


class Refuses(Counting):
    """Answers the operation in its own way."""

    def __init__(self, answer: Response) -> None:
        super().__init__(WORLD)
        self.answered = answer

    def handle(self, request: Request) -> Response:
        usual = super().handle(request)
        return usual if request.method == "GET" else self.answered
