"""Any number of emulated targets behind one address, in a process of their own.

The first segment of a path names a target: `http://127.0.0.1:PORT/eu-1` is the endpoint of one. A
name that ends in `~KIND` is that fault of the catalogue, or that variant. `/counts` tells
how many requests each target got and how often it executed its policy.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.emulator import Service, World
from conformance.emulator.app import base_url, serve
from conformance.emulator.asgi import App

HOST = "127.0.0.1"
COUNTS = "counts"
WORLD = World.default().fixtures()
TOKENS = {"CSBS_TOKEN": WORLD["token"], "CSBS_FORBIDDEN_TOKEN": str(WORLD["forbidden_token"])}
"""The environment of a command that is to test a target of the town."""


class Town:
    """An application that has a service for every name it is asked for."""

    def __init__(self, latency: float) -> None:
        world = World.default()
        self._world = replace(world, settings=replace(world.settings, latency=latency))
        self._services: dict[str, Service] = {}
        self._apps: dict[str, ASGIApp] = {}
        self._requests = Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as the target that its path names."""
        name = scope["path"].split("/")[1]
        if name == COUNTS:
            await JSONResponse(self._counts())(scope, receive, send)
            return
        if name not in self._apps:
            self._services[name] = self._service(name)
            self._apps[name] = App(self._services[name])
        self._requests[name] += 1
        start = len(name) + 1
        inner = {**scope, "path": scope["path"][start:], "raw_path": scope["raw_path"][start:]}
        await self._apps[name](inner, receive, send)

    def _service(self, name: str) -> Service:
        from conformance.emulator.faults import CATALOGUE
        from conformance.emulator.variants import VARIANTS

        _, _, kind = name.partition("~")
        if not kind:
            return Service(self._world)
        return (CATALOGUE.get(kind) or VARIANTS[kind]).make(self._world)

    def _counts(self) -> dict[str, list[int]]:
        return {
            name: [self._requests[name], len(service.executed)]
            for name, service in self._services.items()
        }


@dataclass(frozen=True, slots=True)
class Address:
    """Where a town is, and the id of its process."""

    url: str
    process: int

    def endpoint(self, name: str) -> str:
        """The endpoint of a target."""
        return f"{self.url}/{name}"

    def counts(self, name: str) -> tuple[int, int]:
        """Requests that a target got so far, and executions."""
        with urllib.request.urlopen(f"{self.url}/{COUNTS}") as answer:
            requests, executions = json.load(answer)[name]
        return requests, executions


@contextmanager
def town(latency: float = 0.0) -> Iterator[Address]:
    """A town whose every response takes `latency` seconds, for the length of a `with`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.town", "--latency", repr(latency)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Address(process.stdout.readline().strip(), process.pid)
        finally:
            process.stdin.close()


def known(endpoint: str) -> list[str]:
    """The options that say what is known of a target."""
    resources = [part for server in WORLD["resources"] for part in ("--resource", server)]
    ids = ["--project-id", WORLD["project_id"], "--plan-id", WORLD["plan_id"]]
    return ["--endpoint", endpoint, *ids, *resources]


def main() -> None:
    """Serve a town until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds each answer takes")
    latency = parser.parse_args().latency
    serve(Town(latency), HOST, 0, lambda port: print(base_url(HOST, port), flush=True), _until_eof)


def _until_eof() -> None:
    while os.read(0, 4096):
        pass


if __name__ == "__main__":
    main()
