"""Services over the default world, and the deletion of what they were asked to create."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exchange_helpers import CONTRACT, settings_of

from conformance.clock import Clock, simulate
from conformance.emulator import Project, Request, Response, Service, World
from conformance.emulator.app import serving_here
from conformance.emulator.backups import Backup
from conformance.emulator.messages import Checkpoint, CheckpointReq
from conformance.report.model import Report
from conformance.run import session
from conformance.run.cleanup import cleaned_up
from conformance.run.watcher import Watcher

WORLD = replace(World.default(), settings=replace(World.default().settings, advance_seconds=20))


class Watched(Service):
    """The reference, which remembers all but the requests to execute."""

    def __init__(self, world: World = WORLD) -> None:
        super().__init__(world)
        self.deleted: list[str] = []
        self.asked: list[Request] = []

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if request.method == "DELETE":
            self.asked.append(request)
            if response.status == 200:
                self.deleted.append(request.segments[-1])
        return response


class Shared(Watched):
    """Somebody else executes the same policy as soon as this run does; the list shows it."""

    others = "24626f11-b54a-44ea-8e69-7463e527506a"

    def present(self, project: Project) -> Iterator[Backup]:
        policy = self.world.policies[0]
        servers = self.policy_servers(policy)
        for number in range(2 * bool(self.executed)):
            wanted = CheckpointReq(policy.id, auto_trigger=True)
            at = self.executed[0].created_at
            yield Backup(
                Checkpoint(f"{self.others[:-1]}{number}", at, policy, servers, wanted), servers[0]
            )
        yield from super().present(project)


@dataclass
class Ran:
    """A run whose backups were deleted: its report before and after, and its directory."""

    before: Report
    after: Report
    directory: Path
    lines: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        path = self.directory / "journal.ndjson"
        self.lines = [json.loads(line) for line in path.read_bytes().splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["kind"] == kind]


def ran(service: Service, directory: Path, *, times: int = 1, cut: int = 0, **changes: Any) -> Ran:
    """A run in simulated time that is cleaned up, so many times.

    The first time is killed once the journal has as many lines as `cut` says, where it says so.
    """

    async def main(clock: Clock) -> Ran:
        nonlocal cut
        service.clock = lambda: datetime.fromtimestamp(clock.now(), UTC)
        async with serving_here(service) as endpoint:
            options = {"profile": "smoke", **changes}
            settings = settings_of(endpoint, directory, service.world, **options)
            watcher = Watcher()
            before = await session.run(CONTRACT, settings, watcher, clock)
            after = before
            for _ in range(times):
                after = await cleaned_up(after, settings, watcher, clock)
                _cut_off(directory / "journal.ndjson", cut)
                cut = 0
            return Ran(before, after, directory)

    return simulate(main)


def _cut_off(journal: Path, lines: int) -> None:
    """Leave the first lines of a journal, and half of the next."""
    if lines:
        kept = journal.read_bytes().splitlines(keepends=True)
        torn = b"".join(kept[lines : lines + 1])
        journal.write_bytes(b"".join(kept[:lines]) + torn[: len(torn) // 2])
