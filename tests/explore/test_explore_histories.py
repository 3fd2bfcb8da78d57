"""Faults that only requests in a row show: each server's name says what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from exploring import Explored, explored, is_in_a_row

from conformance.contract.clauses import MUST
from conformance.emulator import Service, World
from conformance.emulator.messages import Checkpoint, Refusal, Request, Response
from conformance.emulator.service import utc_now
from conformance.emulator.world import Policy, Token
from conformance.model import Exchange
from conformance.page.oracle import Duty


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


class LaxAfterTwoSuccessesWithDifferentOptions(Remembering):
    """A flag of any type passes right after two executions in a row whose bodies differ."""

    def read_auto_trigger(self, auto_trigger: object) -> bool:
        is_lax = self.statuses[-2:] == [200, 200] and self.bodies[-2] != self.bodies[-1]
        return is_lax or super().read_auto_trigger(auto_trigger)


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


class DoorOpensWhenAGuestIsRefusedAfterAnExecution(Remembering):
    """Nobody is asked for a token right after an execution and a refusal of permission, not when
    the two come in the other order.
    """

    def authenticate(self, request: Request) -> Token:
        is_open = self.statuses[-2:] == [200, 403] and not self.token_value(request)
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


class OwnerIsLockedOutAfterTwoWrongProjects(Remembering):
    """Two requests in a row for other projects lock the owner out, for one request."""

    def authorise(self, token: Token) -> None:
        if self.statuses[-2:] == [404, 404]:
            raise self.no_permission(token)
        super().authorise(token)


LASTING = [LaxForGoodAfterTwoSuccessesWithDifferentOptions]
PASSING = {
    LaxAfterTwoSuccessesWithDifferentOptions: (
        "T4.auto_trigger.type",
        ["valid", "valid", "T4.auto_trigger.type"],
    ),
    DoorOpensWhenAGuestIsRefusedAfterAnExecution: (
        "S401.no-token",
        ["valid", "S403.forbidden-token", "S401.no-token"],
    ),
    ThirdRepetitionHasTheFirstId: ("T6.id.unique", ["valid", "valid", "valid"]),
    UnknownPolicyIsTheLastAfterAnEmptyBody: (
        "S404.unknown-policy",
        ["S400.not-json", "S404.unknown-policy"],
    ),
}
REQUESTS, EXECUTIONS = 2000, 500
