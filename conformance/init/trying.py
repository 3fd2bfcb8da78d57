"""Tries a configuration the way a run begins: with a request that must be refused.

A run asks this first, and for the list of policies, which `init` has read by then. What a run would
send to make sure of a hindrance is a valid request, which is executed: it is not sent here.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.contract import load_contract
from conformance.exchange.client import Client
from conformance.exchange.single import exchanged
from conformance.model import Exchange
from conformance.page.hindrance import hindrance
from conformance.page.oracle import EXECUTED
from conformance.page.weather import speaks_of_the_moment
from conformance.run.planning import make_planner
from conformance.run.settings import Settings
from conformance.text import shorten, visible_line

LONGEST = 80
"""Characters of an outcome, which a target may have written."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial came to, in a line, and whether anything stands in the way of a run."""

    told: str
    is_fine: bool


async def tried(client: Client, settings: Settings) -> Trial:
    """Send the first request of a run, once."""
    first, *_ = make_planner(load_contract(), settings).directed.preflight
    return told_of(await exchanged(client, first.request, lambda: settings.secrets))


def told_of(exchange: Exchange) -> Trial:
    """What the response to a request that must be refused says of a configuration."""
    outcome = visible_line(shorten(exchange.outcome, LONGEST))
    met = hindrance(exchange)
    if met is not None:
        return Trial(f"tried with an invalid request: {outcome}; {met.value}", is_fine=False)
    if exchange.response is None or speaks_of_the_moment(exchange):
        return Trial(f"tried with an invalid request: {outcome}; try again later", is_fine=False)
    if exchange.response.status == EXECUTED:
        told = "tried with an invalid request, and it was accepted: a backup may have begun"
        return Trial(told, is_fine=True)
    told = f"tried with an invalid request: {outcome}, and nothing was executed"
    return Trial(told, is_fine=True)
