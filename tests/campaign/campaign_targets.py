"""Many emulated targets behind one address, each with executions of its own to be counted."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from cli_helpers import KNOWN, WORLD
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.emulator import Service
from conformance.emulator.asgi import App
from conformance.emulator.faults import CATALOGUE

KEPT = "kept"
"""What stands for the reference among the names of faults."""


class Town:
    """An application for several services: the first segment of a path names one."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.services = {
            name: Service(WORLD) if fault == KEPT else CATALOGUE[fault].make(WORLD)
            for name, fault in faults.items()
        }
        self.apps: dict[str, ASGIApp] = {
            name: App(service) for name, service in self.services.items()
        }

        self.on_answer: Callable[[str, int, bool], None] = lambda name, status, executed: None
        """Called before a response goes out: target, status, and whether it executed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].split("/")[1]
        start = len(name) + 1
        inner = {**scope, "path": scope["path"][start:], "raw_path": scope["raw_path"][start:]}
        before = self.executions[name]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.on_answer(name, message["status"], self.executions[name] > before)
            await send(message)

        await self.apps[name](inner, receive, answer)

    @property
    def executions(self) -> dict[str, int]:
        """How often the policy was executed on each target, as the targets themselves count."""
        return {name: len(service.executed) for name, service in self.services.items()}


class Door(Town):
    """A town whose targets reject the token of so many requests before they let anybody in."""

    def __init__(self, faults: Mapping[str, str], refusals: Mapping[str, int]) -> None:
        super().__init__(faults)
        self.refusals = dict(refusals)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].split("/")[1]
        if self.refusals.get(name, 0) > 0:
            self.refusals[name] -= 1
            told = {"error_code": "CSBS.0001", "error_msg": "Unauthorized"}
            await JSONResponse(told, 401)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class Busy(Town):
    """A town that takes its time, and notes when requests come and how many there are at once."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(faults)
        self.came: list[float] = []
        self.most = self.here = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.came.append(time.monotonic())
        self.here += 1
        self.most = max(self.most, self.here)
        try:
            await asyncio.sleep(0.01)
            await super().__call__(scope, receive, send)
        finally:
            self.here -= 1


def campaign_file(directory: Path, endpoint: str, names: Mapping[str, str], **options: str) -> Path:
    """A campaign on the targets of a town, with fixtures of the default world; smoke as a rule."""
    options = {"profile": '"smoke"', **options}
    lines = [
        "[defaults]",
        *(
            f'{name} = "{dict(KNOWN)[name.replace("-", "_")]}"'
            for name in ("project-id", "plan-id")
        ),
        f"resource = {list(KNOWN['resources'])}",
        'token-env = "CSBS_TOKEN"',
        *(f"{name.replace('_', '-')} = {value}" for name, value in options.items()),
    ]
    for name in names:
        lines += ["[[target]]", f'name = "{name}"', f'endpoint = "{endpoint}/{name}"']
    file = directory / "campaign.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def kill_holder(file: Path) -> bool:
    """Kill the process that has a file open, at once; whether there was one."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) == str(file):
                os.kill(int(link.parts[2]), signal.SIGKILL)
                return True
        except OSError:
            continue
    return False
