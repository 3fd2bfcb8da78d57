"""The real command in a process of its own, and targets for it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from warm import COLD, WARM

from conformance.emulator import Refusal, Request, Response, Service, World

WORLD = World.default()
KNOWN = WORLD.fixtures()
TOKENS = {"CSBS_TOKEN": KNOWN["token"], "CSBS_FORBIDDEN_TOKEN": str(KNOWN["forbidden_token"])}
REPORTS = {
    *("report.json", "report.html", "junit.xml", "summary.md", "exchanges.har", "reproduce.sh"),
    *("results.sarif", "badge.json", "badge.svg"),
}
EXCHANGE = b'"kind":"exchange"'
NEVER_HANGS = 60.0
"""Seconds after which a command that should have ended has not."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of the test, without what the command would read, and with `changes`."""
    ours = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CSBS_", "GITHUB_")) and name not in ours
    }
    return {**kept, **(changes or {})}


def command(*arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> Outcome:
    """Run the command to its end."""
    done = subprocess.run(
        [WARM, *map(str, arguments)],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=NEVER_HANGS,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def started(
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start the command as the leader of a process group, as a terminal does."""
    return subprocess.Popen(
        [COLD, *map(str, arguments)],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def target_options(endpoint: str, **changes: str) -> list[str]:
    """The options that describe the default world at `endpoint`, but for `changes`."""
    options = {
        "--endpoint": endpoint,
        "--project-id": KNOWN["project_id"],
        "--plan-id": KNOWN["plan_id"],
    }
    options.update({f"--{name.replace('_', '-')}": value for name, value in changes.items()})
    resources = [part for each in KNOWN["resources"] for part in ("--resource", each)]
    return [*(part for pair in options.items() for part in pair), *resources]


class Counting(Service):
    """The reference, which keeps the requests it was sent."""

    def __init__(self, world: World = WORLD) -> None:
        super().__init__(world)
        self.seen: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.seen.append(request)
        return super().handle(request)


class AnswersErrorsInText(Counting):
    """Refuses with a sentence rather than with JSON."""

    def render_refusal(self, refusal: Refusal) -> Response:
        headers = (("Content-Type", "text/plain"), *refusal.headers)
        return Response(refusal.status, headers, refusal.message.encode())


class LeavesTheIdOut(Counting):
    """Answers without the id of the checkpoint."""

    def render_checkpoint(self, checkpoint: Any) -> object:
        rendered = super().render_checkpoint(checkpoint)
        assert isinstance(rendered, dict)
        return {name: value for name, value in rendered.items() if name != "id"}


class CanBeMended(LeavesTheIdOut):
    """Leaves the id out until it is mended."""

    is_mended = False

    def render_checkpoint(self, checkpoint: Any) -> object:
        render = Counting.render_checkpoint if self.is_mended else LeavesTheIdOut.render_checkpoint
        return render(self, checkpoint)


class TakesItsTime(Counting):
    """Needs a twentieth of a second for each response, but for the first `at_once`."""

    def __init__(self, at_once: int = 0) -> None:
        super().__init__()
        self.at_once = at_once

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return response if len(self.seen) <= self.at_once else replace(response, delay=0.05)


def report_of(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "report.json").read_text())
    return found


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def wait_for(journal: Path, text: bytes, times: int = 1) -> None:
    """Wait until the journal of a run holds a text, so many times."""
    deadline = time.monotonic() + NEVER_HANGS
    while time.monotonic() < deadline:
        if journal.exists() and journal.read_bytes().count(text) >= times:
            return
        time.sleep(0.02)
    raise TimeoutError(f"{journal} never held {text!r} {times} times")
