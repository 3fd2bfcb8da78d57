"""Faults that only requests in a row show: each server's name says what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from exploring import IN_A_ROW, explored
from msgspec.structs import replace

from conformance.contract import load_contract
from conformance.contract.clauses import MUST
from conformance.credentials.placeholders import Secrets
from conformance.emulator import Service, World
from conformance.emulator.messages import Checkpoint, Request, Response
from conformance.emulator.service import utc_now
from conformance.emulator.world import Policy, Token
from conformance.explore import explorer
from conformance.explore.histories import walk
from conformance.explore.strategies import Place, places
from conformance.judge.rows import A_HAIR
from conformance.judge.verdicts import Finding
from conformance.model import Exchange
from conformance.page.catalogue import catalogue
from conformance.page.oracle import Duty, Oracle
from conformance.page.registry import REGISTRY
from conformance.plan.drafting import Drafts
from conformance.run.settings import emulator_settings


class Remembering(Service):
    """Remembers how each request was answered, the latest last."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self.statuses: list[int] = []
        self.bodies: list[bytes] = []

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        self.statuses.append(response.status)
        self.bodies.append(request.body)
        return response

    @property
    def somebody(self) -> Token:
        """The owner."""
        return self.world.tokens[0]


class LaxForGoodAfterTwoSuccessesWithDifferentOptions(Remembering):
    """Any flag passes for ever once two executions in a row had different options."""

    is_lax = False

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if self.statuses[-2:] == [200, 200] and self.bodies[-2] != self.bodies[-1]:
            self.is_lax = True
        return response

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        return self.is_lax or super().read_auto_trigger(auto_trigger)


class DoorOpensWhenAGuestIsRefusedRightAfterAnExecution(Remembering):
    """Nobody is asked for a token from the first refusal of permission right after an execution
    on. In the other order the two do nothing.
    """

    def authenticate(self, request: Request) -> Token:
        is_open = (200, 403) in pairwise(self.statuses) and not self.token_value(request)
        return self.somebody if is_open else super().authenticate(request)


class ThirdRepetitionHasTheFirstId(Remembering):
    """The third of the same requests in a row is answered with the record of the first."""

    def checkpoint_id(self, checkpoint: Checkpoint) -> object:
        asked = [each.request for each in self.executed[-3:]]
        is_third = len(asked) == 3 and asked[0] == asked[1] == asked[2]
        return self.executed[-3].id if is_third else checkpoint.id


class UnknownPolicyIsTheLastAfterAnEmptyBody(Remembering):
    """After an empty body, a policy that is not found is the one that was executed last."""

    def look_up_policy(self, plan_id: str) -> Policy | None:
        was_empty = self.bodies[-1:] == [b""] and self.executed
        return super().look_up_policy(plan_id) or (self.executed[-1].policy if was_empty else None)


SETTINGS = emulator_settings(load_contract(), "http://127.0.0.1")
REFUSING = [
    clause
    for clause in catalogue(load_contract()).values()
    if (clause.answers or clause.id in REGISTRY.inputs) and not clause.is_open
]
REQUESTS, EXECUTIONS = 1500, 500
PASSING: dict[type[Service], tuple[str, list[str]]] = {
    ThirdRepetitionHasTheFirstId: ("T6.id.unique", ["valid", "valid", "valid"]),
    UnknownPolicyIsTheLastAfterAnEmptyBody: (
        "S404.unknown-policy",
        ["valid", "", "S404.unknown-policy"],
    ),
}
"""Faults that come and go, each with its clause and what it is shrunk to."""


LASTING: dict[type[Service], str] = {
    LaxForGoodAfterTwoSuccessesWithDifferentOptions: "T4.auto_trigger.type",
    DoorOpensWhenAGuestIsRefusedRightAfterAnExecution: "S401.no-token",
}
"""Faults that stay once they have shown, each with its clause."""


@pytest.fixture(autouse=True)
def _in_a_row_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only requests in a row are sent."""

    def some(drafts: Drafts) -> list[Place]:
        return [place for place in places(drafts) if place.name in IN_A_ROW]

    monkeypatch.setattr(explorer, "places", some)
    monkeypatch.setattr(explorer, "SWEPT", 0)


def on_a_new_server(make: type[Service], finding: Finding) -> list[int]:
    """How a server to which nothing was sent answers the requests of a finding, in order."""
    service, secrets = make(World.default()), Secrets(SETTINGS.tokens)
    statuses = []
    for exchange in finding.sequence:
        headers, body = secrets.reveal_request(exchange.request)
        path = urlsplit(exchange.request.url).path
        answer = service.handle(Request(exchange.request.method, path, tuple(headers), body))
        statuses.append(answer.status)
    return statuses


@pytest.mark.parametrize("make", PASSING)
def test_what_comes_and_goes_is_shrunk_to_the_requests_that_it_takes(
    make: type[Service], tmp_path: Path
) -> None:
    clause, history = PASSING[make]
    found = explored(make, tmp_path, REQUESTS, EXECUTIONS)
    assert {verdict.clause.id for verdict in found.judgement.failed(MUST)} == {clause}
    told = found.history_of(clause)
    assert len(told) == len(history)
    assert all(one in ("", other) for one, other in zip(history, told, strict=True))
    assert on_a_new_server(make, found.evidence(clause)[0])[-1] == 200


@pytest.mark.parametrize("make", LASTING)
def test_what_changes_for_good_is_told_with_all_that_a_new_server_needs(
    make: type[Service], tmp_path: Path
) -> None:
    clause = LASTING[make]
    found = explored(make, tmp_path, REQUESTS, EXECUTIONS)
    assert {verdict.clause.id for verdict in found.judgement.failed(MUST)} == {clause}
    (finding, *_) = found.evidence(clause)
    assert on_a_new_server(make, finding)[-1] == 200
    assert on_a_new_server(make, replace(finding, earlier=()))[-1] in (400, 401)


@pytest.mark.parametrize("make", LASTING)
def test_what_breaks_a_clause_in_a_row_is_sent_once_more_by_itself(
    make: type[Service], tmp_path: Path
) -> None:
    found = explored(make, tmp_path, REQUESTS, EXECUTIONS)
    exchange = found.evidence(LASTING[make])[0].exchange
    place = found.exchanges.index(exchange)
    next_ones = [each.request for each in found.exchanges[place + 1 :][:3]]
    assert next_ones.count(exchange.request) == 1


def test_requests_are_under_way_at_once_and_only_where_that_is_allowed(tmp_path: Path) -> None:
    at_once = explored(Service, tmp_path / "two", 400, 100, concurrency=2)
    one_by_one = explored(Service, tmp_path / "one", 400, 100, concurrency=1)
    assert overlaps(at_once.exchanges) > 3
    assert overlaps(one_by_one.exchanges) == 0


def overlaps(exchanges: list[Exchange]) -> int:
    sent = sorted(exchanges, key=lambda each: each.started)
    return sum(one.ended > other.started + A_HAIR for one, other in pairwise(sent))


def test_the_same_seed_and_responses_take_the_same_path(tmp_path: Path) -> None:
    runs = [explored(Service, tmp_path / name, 400, 100) for name in "ab"]
    paths = [[(each.probe, each.request.digest) for each in run.exchanges] for run in runs]
    assert sorted(paths[0]) == sorted(paths[1])
    assert len(paths[0]) > 300


def test_without_executions_to_spare_requests_in_a_row_must_all_be_refused(tmp_path: Path) -> None:
    found = explored(Service, tmp_path, 400, 2)
    assert set(found.duties(found.exchanges[1:])) <= {Duty.REFUSE, Duty.NOT_EXECUTE}
    assert len(found.exchanges) > 300


def test_a_walk_has_each_kind_of_request_right_behind_each() -> None:
    oracle = Oracle(load_contract(), SETTINGS.fixtures)
    pairs: Counter[tuple[str, ...]] = Counter()
    for part in walk(Drafts(SETTINGS.fixtures, 1)):
        expected = [oracle.expect(request) for (request,) in part]
        kinds = [each.decisive.id if each.decisive else str(each.duty) for each in expected]
        pairs.update(pairwise(kinds))
    every = {kind for kind, _ in pairs}
    assert every == {str(Duty.EXECUTE), *(clause.id for clause in REFUSING)}
    assert set(pairs.values()) == {1}
    assert len(pairs) == len(every) ** 2
