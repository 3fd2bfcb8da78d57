"""Exploration on live targets: what it finds, how small, within which limits."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exploring import body_of, explored, is_in_a_row

from conformance.contract import load_contract
from conformance.contract.clauses import MUST
from conformance.emulator import Service, World
from conformance.emulator.messages import Checkpoint, Request, Response
from conformance.emulator.variants import VARIANTS
from conformance.emulator.world import Policy, Server
from conformance.exchange.budget import Budget
from conformance.exchange.sender import TargetIsDead
from conformance.explore.explorer import Explorer
from conformance.judge.run import Judge
from conformance.judge.verdicts import Verdict
from conformance.model import Ending, Exchange, JournalHeader
from conformance.page.oracle import Duty
from conformance.plan.drafting import Drafts, Probe
from conformance.run.settings import emulator_settings


class LongIdsAreTheDefault(Service):
    """A ``plan_id`` longer than 100 characters stands for the first policy."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        return self.world.policies[0] if len(plan_id) > 100 else super().look_up_policy(plan_id)


class NestedItemsAreSkipped(Service):
    """A list that begins with a list, in the list of ``resources``, is not looked into."""

    def read_resources(self, resources: object) -> tuple[str, ...] | None:
        if isinstance(resources, list):
            items: list[object] = resources
            resources = [item for item in items if not self.is_nested(item)]
        return super().read_resources(resources)

    def is_nested(self, item: object) -> bool:
        return self.is_list(item) and any(self.is_list(each) for each in item[:1])


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
    found = explored(LongIdsAreTheDefault, tmp_path)
    assert found.judgement.verdict is Verdict.VIOLATES
    body = body_of(found.smallest("S404.unknown-policy"))
    assert body["checkpoint"]["parameters"] == {}
    assert 101 <= len(body["checkpoint"]["plan_id"]) <= 104


def test_an_item_nested_twice_is_found_and_shrunk(tmp_path: Path) -> None:
    found = explored(NestedItemsAreSkipped, tmp_path, 1200, 300)
    body = body_of(found.smallest("T4.resources.items"))
    smallest: list[Any] = [[[]]]
    assert body["checkpoint"]["parameters"]["resources"] in (smallest, [smallest])


def test_an_order_of_servers_is_found_and_shrunk(tmp_path: Path) -> None:
    found = explored(ThirdServerFirstHasNoName, tmp_path)
    body = body_of(found.smallest("T7.name.type"))
    assert list(body["checkpoint"]["parameters"]) == ["resources"]
    assert len(body["checkpoint"]["parameters"]["resources"]) == 2


def test_a_history_is_found(tmp_path: Path) -> None:
    found = explored(ForgetsAfterThree, tmp_path, 2000, 500)
    assert {verdict.clause.id for verdict in found.judgement.failed(MUST)} == {"T6.id.type"}


def test_nothing_innocent_is_accused(tmp_path: Path) -> None:
    found = explored(VARIANTS["unknown-fields-refused"].make, tmp_path, 400, 100)
    assert found.judgement.failed(MUST) == []


def test_limits_hold_and_no_request_is_sent_twice_but_in_histories(tmp_path: Path) -> None:
    found = explored(Service, tmp_path, 300, 30)
    assert found.ending is Ending.COMPLETE
    assert found.budget.requests.spent <= 300
    assert found.budget.executions.spent < 30
    assert len(found.exchanges) > 250
    alone = [each.request.digest for each in found.exchanges[1:] if not is_in_a_row(each)]
    assert len(alone) > 120
    assert len(set(alone)) == len(alone)


@pytest.mark.parametrize("executions", [2, 3])
def test_without_executions_to_spare_only_refusals_are_sent(
    tmp_path: Path, executions: int
) -> None:
    found = explored(Service, tmp_path, 150, executions)
    sent = found.duties()[1:]
    assert len(sent) > 80
    executing = [duty for duty in sent if duty in (Duty.EXECUTE, Duty.CHOOSE)]
    assert len(executing) <= executions - 2
    assert found.budget.executions.spent < executions


def test_a_time_limit_ends_it_and_nothing_is_sent_after(tmp_path: Path) -> None:
    world = World.default()
    world = replace(world, settings=replace(world.settings, latency=0.01))
    found = explored(Service, tmp_path, 5000, 500, time_limit=0.5, world=world)
    assert found.ending is Ending.TIME
    assert len(found.exchanges) in (found.budget.requests.spent, found.budget.requests.spent - 1)


class DeadCourier:
    """A courier whose target has died."""

    budget = Budget(10, 10)
    past: tuple[Exchange, ...] = ()
    lost: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.asked: list[Probe] = []

    async def explore(self, probes: list[Probe]) -> list[list[Exchange]]:
        self.asked += probes
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
