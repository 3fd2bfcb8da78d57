"""Exploration on live targets: what it finds, how small, within which limits."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conformance.clock import Clock, simulate
from conformance.contract import load_contract
from conformance.contract.clauses import MUST
from conformance.credentials.placeholders import Secrets
from conformance.emulator import Service, World
from conformance.emulator.messages import Checkpoint, Request, Response
from conformance.emulator.variants import VARIANTS
from conformance.emulator.world import Policy, Server
from conformance.exchange.budget import Budget
from conformance.exchange.courier import Courier
from conformance.exchange.sender import Pace, Sender, TargetIsDead
from conformance.explore.explorer import Explorer
from conformance.journal.writer import JournalWriter
from conformance.judge.run import Judge
from conformance.judge.verdicts import Finding, Judgement, Verdict
from conformance.model import Ending, Exchange, JournalFooter, JournalHeader
from conformance.page.oracle import Duty
from conformance.plan.drafting import Drafts, Probe
from conformance.prove.direct import ENDPOINT, DirectClient
from conformance.run.settings import emulator_settings


class Explored:
    """An exploration by itself, without the plan before it, and what came of it."""

    def __init__(
        self,
        service: Service,
        directory: Path,
        requests: int = 600,
        executions: int = 150,
        time_limit: float = 60,
    ) -> None:
        contract = load_contract()
        self.service = service
        self.settings = emulator_settings(contract, ENDPOINT, report_dir=directory)
        header = JournalHeader("0", contract.sha256, self.settings.fixtures, "deep", 1, 0.0)
        self.judge = Judge(contract, header)
        self.drafts = Drafts(self.settings.fixtures, 1)
        self.budget = Budget(requests, executions)
        self.exchanges: list[Exchange] = []
        with JournalWriter(directory / "journal.ndjson", header) as journal:
            self.journal = journal
            self.ending = simulate(partial(self._explore, requests, time_limit))
            spent = self.budget.requests, self.budget.executions
            footer = JournalFooter(self.ending, 0.0, *spent)
        self.judgement: Judgement = self.judge.conclude(footer)

    def _observe(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        self.judge.observe(exchange)

    async def _explore(self, requests: int, time_limit: float, clock: Clock) -> Ending:
        async with DirectClient(self.service, clock, 1.0) as client:
            secrets = Secrets(self.settings.tokens)
            oracle, pace = self.judge.oracle, Pace(2, None, time_limit)
            courier = Courier(
                Sender(client, self.budget, self.journal, oracle, secrets, pace, self._observe)
            )
            # A valid request first, as the plan has one: it shows that the fixtures work.
            valid = self.drafts.request(self.drafts.body())
            await courier.explore(Probe("explored/first", valid))
            explorer = Explorer(courier, self.judge, self.drafts, 3)
            try:
                async with asyncio.timeout(time_limit):
                    return await explorer.explore(requests)
            except TimeoutError:
                return Ending.TIME

    def duties(self) -> list[Duty]:
        return [self.judge.oracle.expect(each.request).duty for each in self.exchanges]

    def smallest(self, clause_id: str) -> Finding:
        verdicts = {verdict.clause.id: verdict for verdict in self.judgement.clauses}
        found = verdicts[clause_id].evidence
        return min(found, key=lambda finding: finding.exchange.request.size)


def body_of(finding: Finding) -> Any:
    return json.loads(finding.exchange.request.body)


class LongIdsAreTheDefault(Service):
    """A ``plan_id`` longer than 100 characters stands for the first policy."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        return self.world.policies[0] if len(plan_id) > 100 else super().look_up_policy(plan_id)


class NestedItemsAreSkipped(Service):
    """A list in a list of ``resources`` is not looked into."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        if isinstance(resources, list):
            kept = [item for item in resources if not (isinstance(item, list) and item[:1] == [[]])]
            resources = kept
        return super().read_resources(resources)


class ThirdServerFirstHasNoName(Service):
    """Where the third server of the policy comes first of several, the policy has no name."""

    def plan_name(self, checkpoint: Checkpoint) -> object:
        servers: tuple[Server, ...] = checkpoint.servers
        odd = len(servers) > 1 and servers[0] == self.world.servers[2]
        return None if odd else checkpoint.policy.name


class ForgetsAfterThree(Service):
    """After three unauthenticated requests in a row the next execution has no id."""

    refused = 0

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        self.refused = self.refused + 1 if response.status == 401 else 0
        return response

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        return None if self.refused > 2 else super().checkpoint_id(checkpoint)


def test_a_long_id_that_passes_is_found_and_shrunk(tmp_path: Path) -> None:
    found = Explored(LongIdsAreTheDefault(World.default()), tmp_path)
    assert found.judgement.verdict is Verdict.VIOLATES
    body = body_of(found.smallest("S404.unknown-policy"))
    assert body["checkpoint"]["parameters"] == {}
    assert 101 <= len(body["checkpoint"]["plan_id"]) <= 104


def test_an_item_nested_twice_is_found_and_shrunk(tmp_path: Path) -> None:
    found = Explored(NestedItemsAreSkipped(World.default()), tmp_path, 1200, 300)
    body = body_of(found.smallest("T4.resources.items"))
    assert body["checkpoint"]["parameters"] == {"resources": [[[]]]}


def test_an_order_of_servers_is_found_and_shrunk(tmp_path: Path) -> None:
    found = Explored(ThirdServerFirstHasNoName(World.default()), tmp_path)
    body = body_of(found.smallest("T7.name.type"))
    assert list(body["checkpoint"]["parameters"]) == ["resources"]
    assert len(body["checkpoint"]["parameters"]["resources"]) == 2


def test_a_history_is_found(tmp_path: Path) -> None:
    found = Explored(ForgetsAfterThree(World.default()), tmp_path, 1000, 200)
    assert {verdict.clause.id for verdict in found.judgement.failed(MUST)} == {"T6.id.type"}


def test_nothing_innocent_is_accused(tmp_path: Path) -> None:
    service = VARIANTS["unknown-fields-refused"].make(World.default())
    assert isinstance(service, Service)
    found = Explored(service, tmp_path, 400, 100)
    assert found.judgement.failed(MUST) == []


def test_limits_hold_and_no_request_is_sent_twice_alone(tmp_path: Path) -> None:
    found = Explored(Service(World.default()), tmp_path, 300, 30)
    assert found.ending is Ending.COMPLETE
    assert found.budget.requests.spent <= 300
    assert found.budget.executions.spent < 30
    assert len(found.exchanges) > 250
    digests = {each.request.digest for each in found.exchanges}
    assert len(digests) > 0.85 * len(found.exchanges)


@pytest.mark.parametrize("executions", [2, 3])
def test_without_executions_to_spare_only_refusals_are_sent(
    tmp_path: Path, executions: int
) -> None:
    found = Explored(Service(World.default()), tmp_path, 150, executions)
    sent = found.duties()[1:]
    assert len(sent) > 80
    executing = [duty for duty in sent if duty in (Duty.EXECUTE, Duty.CHOOSE)]
    assert len(executing) <= executions - 2
    assert found.budget.executions.spent < executions


def test_a_time_limit_ends_it_and_nothing_is_sent_after(tmp_path: Path) -> None:
    found = Explored(Service(World.default()), tmp_path, 5000, 500, time_limit=0.5)
    assert found.ending is Ending.TIME
    assert len(found.exchanges) in (found.budget.requests.spent, found.budget.requests.spent - 1)


class DeadCourier:
    """A courier whose target has died."""

    budget = Budget(10, 10)
    already_sent: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.asked: list[Probe] = []

    async def explore(self, probe: Probe) -> list[Exchange]:
        self.asked.append(probe)
        raise TargetIsDead


@contextmanager
def dead_explorer() -> Iterator[tuple[Explorer, DeadCourier]]:
    contract = load_contract()
    fixtures = emulator_settings(contract, "http://127.0.0.1:1").fixtures
    judge = Judge(contract, JournalHeader("0", "", fixtures, "deep", 1, 0.0))
    courier: Any = DeadCourier()
    courier.budget = Budget(1000, 1000)
    yield Explorer(courier, judge, Drafts(fixtures, 1), 1), courier


def test_a_dead_target_is_said_to_be_dead_and_asked_no_more() -> None:
    with dead_explorer() as (explorer, courier):
        with pytest.raises(TargetIsDead):
            asyncio.run(explorer.explore(100))
        assert len(courier.asked) == 1
