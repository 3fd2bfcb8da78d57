"""Targets over the default world, runs against them, and what came of a run."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from emulated import emulated_fixtures

from conformance.clock import Clock, simulate
from conformance.contract import Contract, load_contract
from conformance.emulator import Refusal, Request, Response, Service, World
from conformance.judge.verdicts import ClauseVerdict, Status
from conformance.model import Fixtures, Token
from conformance.page.oracle import Oracle
from conformance.plan.drafting import Drafts
from conformance.plan.generated import drawn_lines
from conformance.prove.direct import ENDPOINT, DirectClient
from conformance.report.model import Report
from conformance.run import session
from conformance.run.settings import Settings
from conformance.run.watcher import Watcher

WORLD = World.default()
KNOWN = WORLD.fixtures()
CONTRACT: Contract = load_contract()
NOT_NOW = Refusal(503, "any", "not now")


@dataclass(frozen=True)
class Seen:
    """A request as the target saw it; `at` is on the clock of the target, in epoch seconds."""

    at: float
    request: Request

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.request.body)
        except ValueError:
            return None


class Recording(Service):
    """The reference, which remembers what it was asked and when."""

    def __init__(self, world: World = WORLD) -> None:
        super().__init__(world)
        self.seen: list[Seen] = []

    def handle(self, request: Request) -> Response:
        self.seen.append(Seen(self.clock().timestamp(), request))
        return super().handle(request)


class AcceptsEverything(Recording):
    """Executes the policy whatever is sent."""

    def answer(self, request: Request) -> Response:
        policy = self.world.policies[0]
        wanted = self.read_body(json.loads(minimal_body(policy.id)))
        return self.render_execution(self.execute(policy, self.policy_servers(policy), wanted))


def minimal_body(plan_id: str) -> str:
    return json.dumps({"checkpoint": {"plan_id": plan_id, "parameters": {}}})


def wants_auto_trigger(request: Request) -> bool:
    """Whether a request asks for an automatic backup of the whole policy, and nothing else."""
    try:
        parameters = json.loads(request.body)["checkpoint"]["parameters"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return bool(parameters == {"auto_trigger": True} and parameters["auto_trigger"] is True)


def fixtures_of(endpoint: str, world: World = WORLD) -> Fixtures:
    return emulated_fixtures(endpoint, world, frozenset(tokens_of(world)))


def tokens_of(world: World = WORLD) -> dict[Token, str]:
    known = world.fixtures()
    tokens = {Token.GOOD: known["token"]}
    if known["forbidden_token"]:
        tokens[Token.FORBIDDEN] = known["forbidden_token"]
    return tokens


def settings_of(endpoint: str, directory: Path, world: World = WORLD, **changes: Any) -> Settings:
    settings = Settings(fixtures_of(endpoint, world), tokens_of(world), report_dir=directory)
    return replace(settings, **changes)


def run(settings: Settings) -> Report:
    """Plan, send and judge; the journal and the plan are in the report directory."""
    return asyncio.run(session.run(CONTRACT, settings, Watcher()))


def run_against(service: Service, directory: Path, **changes: Any) -> Report:
    """A run in simulated time, whose requests are handed to the service."""
    settings = settings_of(ENDPOINT, directory, service.world, **changes)
    draw(settings.seed)
    return simulate(partial(run_handed, service, settings))


async def run_handed(service: Service, settings: Settings, clock: Clock) -> Report:
    """A run whose requests are handed to the service, for which time passes as in the run."""
    service.clock = lambda: datetime.fromtimestamp(clock.now(), UTC)
    client = DirectClient(service, clock, settings.timeout)
    return await session.run(CONTRACT, settings, Watcher(), clock, client)


@cache
def draw(seed: int = Settings.seed) -> None:
    """Have the generated requests drawn: by a process, for which no simulated time would wait."""
    asyncio.run(drawn_lines(CONTRACT, seed))


def free_port() -> int:
    """A loopback port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def clause(report: Report, clause_id: str) -> ClauseVerdict:
    return next(found for found in report.judgement.clauses if found.clause.id == clause_id)


def failed(report: Report) -> list[str]:
    """The clauses that failed, whatever their level."""
    verdicts = report.judgement.clauses
    return [verdict.clause.id for verdict in verdicts if verdict.status is Status.FAILED]


def records(path: Path) -> list[dict[str, Any]]:
    """The lines of a journal or a plan."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def drafts_and_oracle() -> tuple[Drafts, Oracle]:
    """What writes requests, and what says how they are to be answered."""
    fixtures = fixtures_of("http://127.0.0.1")
    return Drafts(fixtures, 1), Oracle(CONTRACT, fixtures)
