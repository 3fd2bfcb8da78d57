"""The operations on backups, held against the emulator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from emulated import emulated_fixtures

from conformance.backups.client import BackupsClient, NoList
from conformance.clock import Clock, simulate
from conformance.credentials.placeholders import Secrets
from conformance.emulator import Refusal, Request, Response, Service, World
from conformance.emulator.app import serving_here
from conformance.exchange.client import Client, Connection
from conformance.exchange.sender import Pace
from conformance.model import Exchange, Token
from conformance.page.backups import Backup
from conformance.page.permitted_backups import PermittedBackups

WORLD = World.default()
TOKEN = WORLD.fixtures()["token"]
T = TypeVar("T")


class Executing(Service):
    """The reference, after some executions; it remembers what it is asked for."""

    def __init__(self, executions: int, world: World = WORLD) -> None:
        super().__init__(world)
        self.seen: list[str] = []
        self.executions = executions

    def handle(self, request: Request) -> Response:
        self.seen.append(f"{request.method} {request.path.partition('/checkpoint')[2]}")
        return super().handle(request)

    def begin(self) -> None:
        policy = self.world.policies[0]
        body = b'{"checkpoint":{"plan_id":"%s","parameters":{}}}' % policy.id.encode()
        wanted = self.read_body(self.parse_json(body.decode()))
        for _ in range(self.executions):
            self.execute(policy, self.policy_servers(policy), wanted)


def ask(
    service: Executing, question: Callable[[BackupsClient, Clock], Awaitable[T]], **more: float
) -> T:
    """What a question to a service comes to, in simulated time."""

    async def main(clock: Clock) -> T:
        service.clock = lambda: datetime.fromtimestamp(clock.now(), UTC)
        service.begin()
        async with serving_here(service) as endpoint:
            fixtures = emulated_fixtures(endpoint, service.world)
            records = frozenset(each.id for each in service.executed)
            permitted = PermittedBackups(fixtures, records)
            pace = Pace(concurrency=5, rate=None, time_limit=more.get("time_limit", 60.0))
            async with Client(Connection(5.0), tls=False, permitted=permitted) as carrier:
                secrets = Secrets({Token.GOOD: TOKEN})
                return await question(
                    BackupsClient(carrier, fixtures, secrets, pace, clock=clock), clock
                )

    return simulate(main)


async def all_backups(client: BackupsClient, clock: Clock) -> list[Backup]:
    return [each async for page in client.pages({}) for each in page]


def test_all_pages_are_read() -> None:
    class TwoAPage(Executing):
        def whole_number(self, query: dict[str, str], name: str, default: int) -> int:
            return 2 if name == "limit" else super().whole_number(query, name, default)

    service = TwoAPage(3)
    found = ask(service, all_backups)
    assert len({each.id for each in found}) == len(found) == 9
    assert len(service.seen) == 6


@pytest.mark.parametrize("marker", ["ignored", "last-again"])
def test_a_list_that_never_ends_is_left(marker: str) -> None:
    class Endless(Executing):
        def handle(self, request: Request) -> Response:
            path = (
                request.path.replace("marker=", "other=") if marker == "ignored" else request.path
            )
            return super().handle(replace(request, path=path))

    service = Endless(1)
    assert len(ask(service, all_backups)) == 3
    assert len(service.seen) == 2


def test_where_there_is_no_list_it_is_told() -> None:
    class WithoutList(Executing):
        def list_backups(self, request: Request, project_id: str) -> Response:
            raise self.unknown_path()

    with pytest.raises(NoList, match="404"):
        ask(WithoutList(1), all_backups)


def test_trouble_of_the_moment_is_waited_for() -> None:
    class Troubled(Executing):
        def list_backups(self, request: Request, project_id: str) -> Response:
            if len(self.seen) < 3:
                raise Refusal(503, "any", "not now", (("Retry-After", "7"),))
            return super().list_backups(request, project_id)

    async def timed(client: BackupsClient, clock: Clock) -> tuple[int, float]:
        began = clock.now()
        return len(await all_backups(client, clock)), clock.now() - began

    found, seconds = ask(Troubled(1), timed)
    assert found == 3
    assert 14 <= seconds < 16
    with pytest.raises(NoList, match="503"):
        ask(Troubled(1), timed, time_limit=5.0)


def test_a_record_is_deleted() -> None:
    async def delete(client: BackupsClient, clock: Clock) -> tuple[Exchange, Exchange]:
        (record,) = {each.record for each in await all_backups(client, clock)}
        busy = await client.send(client.deletion(record))
        await client.pause(busy, 99)
        await client.pause(busy, 99)
        return busy, await client.send(client.deletion(record))

    world = replace(WORLD, settings=replace(WORLD.settings, advance_seconds=15))
    busy, done = ask(Executing(1, world), delete)
    assert busy.response is not None
    assert busy.response.status == 400
    assert done.response is not None
    assert done.response.status == 200
    assert TOKEN not in str(done.request)


def test_a_rejected_token_is_taken_anew_once() -> None:
    async def question(client: BackupsClient, clock: Clock) -> int:
        async def renew(token: str, *, is_rejected: bool) -> str | None:
            return TOKEN if is_rejected else None

        client.renew = renew
        client.secrets = Secrets({Token.GOOD: "expired-" + TOKEN})
        return len(await all_backups(client, clock))

    service = Executing(1)
    assert ask(service, question) == 3
    assert len(service.seen) == 3
