"""How fast a throttle lets requests pass, in simulated time."""

from __future__ import annotations

import asyncio

import pytest
from exchange_helpers import drafts_and_oracle

from conformance.clock import Clock, simulate
from conformance.exchange.throttle import Throttle
from conformance.model import Exchange, Failure, Response, TransportFailure

DRAFTS, _ = drafts_and_oracle()


def came(status: int, started: float) -> Exchange:
    headers = (("Retry-After", "1"),) if status != 400 else ()
    request = DRAFTS.request(DRAFTS.body())
    return Exchange("x", request, Response(status, "", headers, b""), None, started, 0.1)


@pytest.mark.parametrize("status", [429, 503])
def test_what_was_under_way_when_an_outage_began_teaches_no_pace(status: int) -> None:
    async def two_turns(clock: Clock) -> float:
        throttle = Throttle(8, None, 300.0, clock)
        await asyncio.sleep(1)
        began = clock.now()
        throttle.note(came(400, began - 0.5))
        throttle.note(came(status, began))
        throttle.note(came(400, began - 0.1))  # answered late
        await asyncio.sleep(1.1)
        throttle.note(came(status, clock.now()))  # the outage lasts
        await asyncio.sleep(1.1)
        before = clock.monotonic()
        for _ in range(2):
            async with throttle.turn():
                pass
        return clock.monotonic() - before

    assert simulate(two_turns) < 0.5


def refused(started: float) -> Exchange:
    failure = TransportFailure(Failure.REFUSED, "")
    return Exchange("x", DRAFTS.request(DRAFTS.body()), None, failure, started, 0.0)


@pytest.mark.parametrize(("served", "least", "most"), [(True, 0.3, 0.5), (False, 0.0, 0.01)])
def test_a_target_that_served_and_takes_no_connection_is_waited_for(
    served: bool, least: float, most: float
) -> None:
    async def next_turn(clock: Clock) -> float:
        throttle = Throttle(8, None, 300.0, clock)
        if served:
            throttle.note(came(400, clock.now()))
        before = clock.monotonic()
        for _ in range(2):
            async with throttle.turn():
                pass
            for _ in range(8):  # all that were under way
                throttle.note(refused(clock.now()))
        async with throttle.turn():
            return clock.monotonic() - before

    assert least <= simulate(next_turn) <= most
