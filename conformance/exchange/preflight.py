"""The first questions to a target: is there anything at all that could be tested?

A request that must be refused costs nothing and shows the way in; the list of policies shows the
fixtures. Neither is believed alone: a target may be wrong about either. Only where valid requests
meet the same hindrance is nothing more sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from conformance.exchange.sender import TargetIsDead
from conformance.model import NEVER_SENT, Exchange
from conformance.page.hindrance import hindrance
from conformance.page.oracle import BAD_REQUEST, Oracle
from conformance.page.policy_list import contradiction
from conformance.page.tables_2_to_4 import Shape
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan

Ask = Callable[[Probe], Awaitable[Exchange]]
"""Sends a probe, and what repeats it; the last exchange."""


class NothingToTest(Exception):
    """What stands in the way, and would stand in the way of every request."""

    def __init__(self, hindrance: str) -> None:
        super().__init__(hindrance)
        self.hindrance = hindrance


async def preflight(plan: Plan, oracle: Oracle, ask: Ask) -> None:
    """Ask the first questions of a plan. Raises NothingToTest and TargetIsDead."""
    if not plan.preflight:
        return
    refused, *lists = plan.preflight
    first = await ask(refused)
    met = hindrance(first)
    if met is not None:
        if first.failure is not None and first.failure.kind in NEVER_SENT:
            raise TargetIsDead
        if plan.valid and await _is_met_by_others(plan, ask, first):
            if first.response is None:
                raise TargetIsDead
            raise NothingToTest(met.value)
        await ask(refused)  # a moment may have spoiled it, and others are served
        return
    for probe in lists:
        wrong = contradiction([await ask(probe)], oracle.fixtures)
        if wrong and await _is_refused(plan, oracle, ask, about_servers=wrong.about_servers):
            raise NothingToTest(wrong.value)


async def _is_met_by_others(plan: Plan, ask: Ask, first: Exchange) -> bool:
    """Whether valid requests meet the hindrance that the first question met.

    A status such as 401 speaks for itself. A 400 speaks by its code, and some targets have one code
    for whatever they cannot read: there the plainest valid request has to meet it, too.
    """
    is_of_a_code = first.response is not None and first.response.status == BAD_REQUEST
    plainest = min(plan.valid, key=lambda probe: probe.request.size)
    for probe in (plan.valid[0], plainest) if is_of_a_code else plan.valid[:1]:
        if hindrance(await ask(probe)) is not hindrance(first):
            return False
    return True


async def _is_refused(plan: Plan, oracle: Oracle, ask: Ask, *, about_servers: bool) -> bool:
    """Whether a valid request that needs the doubtful fixture is refused."""
    for probe in plan.valid:
        shapes = {shape for shape, _ in oracle.expect(probe.request).features}
        if Shape.RESOURCES in shapes or not about_servers:
            response = (await ask(probe)).response
            return response is not None and 400 <= response.status < 500
    return False
