"""The real pytest, in a process of its own, on a project of the test's making."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.emulator import Refusal, Request, Response, Service, World

FIXTURES = World.default().fixtures()
TOKENS = {
    "CSBS_TOKEN": FIXTURES["token"],
    "CSBS_FORBIDDEN_TOKEN": str(FIXTURES["forbidden_token"]),
}
IDS = (
    *("--csbs-project-id", FIXTURES["project_id"], "--csbs-plan-id", FIXTURES["plan_id"]),
    *(part for server in FIXTURES["resources"] for part in ("--csbs-resource", server)),
)
NEVER_HANGS = 60.0
APPLICATION = """
import pytest
from conformance.emulator import Service, World
from conformance.emulator.asgi import App

@pytest.fixture(scope="session")
def csbs_target():
    return App(Service(World.default()))
"""


@dataclass(frozen=True)
class Outcome:
    """How pytest ended, and what it printed."""

    code: int
    out: str

    @property
    def counts(self) -> dict[str, int]:
        """`{"passed": 98, "skipped": 1}`, from the last line."""
        last = self.out.strip().splitlines()[-1]
        return {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", last)}


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without what pytest and this suite would read, and with `changes`."""
    ours = ("CSBS_", "PYTEST_", "SCHEMATHESIS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "200", **(changes or {})}


class Simulated:
    """Stands in for the module `time`: what sleeps is at once as late as it wanted to be."""

    def __init__(self) -> None:
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def time(self) -> float:
        return time.time() + self.slept

    def monotonic(self) -> float:
        return time.monotonic() + self.slept


def wait_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the extension of Schemathesis ask again in simulated time."""
    from conformance.schemathesis import conversion, recording, repeating

    simulated = Simulated()
    for module in (conversion, recording, repeating):
        monkeypatch.setattr(module, "time", simulated)


def run_pytest(
    directory: Path, *arguments: str | Path, env: Mapping[str, str] | None = None
) -> Outcome:
    """Run pytest in a directory, with the tokens of the default world unless `env` is given."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *map(str, arguments)],
        cwd=directory,
        env=environment(TOKENS if env is None else env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=NEVER_HANGS,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode())


class Counting(Service):
    """The reference, which counts its requests and executions."""

    def __init__(self) -> None:
        super().__init__(World.default())
        self.requests = 0
        self.executions = 0

    def handle(self, request: Request) -> Response:
        self.requests += 1
        answer = super().handle(request)
        self.executions += answer.status == 200
        return answer


class WithoutId(Counting):
    """Leaves the id of the checkpoint out."""

    def render_checkpoint(self, checkpoint: object) -> object:
        rendered = super().render_checkpoint(checkpoint)  # type: ignore[arg-type]
        assert isinstance(rendered, dict)
        return {name: value for name, value in rendered.items() if name != "id"}


class ErrorsInText(Counting):
    """Refuses with a sentence rather than with JSON, which breaks a `should`."""

    def render_refusal(self, refusal: Refusal) -> Response:
        headers = (("Content-Type", "text/plain"), *refusal.headers)
        return Response(refusal.status, headers, refusal.message.encode())
