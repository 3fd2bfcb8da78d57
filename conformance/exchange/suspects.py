"""Which refused requests may have brought backups that no response told of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from conformance.model import Exchange
from conformance.page.call import TokenState
from conformance.page.executed import was_refused
from conformance.page.json_text import NotKnown
from conformance.page.moments import distance, read_moment
from conformance.page.oracle import Oracle

MOST = 6
"""Refusals that are looked at more closely."""
OF_CHANCE = 4
"""How many requests with the share of all are added to those of each kind: what few requests show
may be chance."""


def suspects(refused: Iterable[Exchange], times: Iterable[str], oracle: Oracle) -> list[Exchange]:
    """The likeliest requests, the likeliest first, of each kind one.

    `times` are those at which something came up. A kind of requests is the likelier, the larger the
    share of them that was under way at one of these moments, and the more they name that exists.
    """
    moments = [moment for each in times if (moment := read_moment(each)) is not None]
    kinds: defaultdict[frozenset[str], list[tuple[float, Exchange]]] = defaultdict(list)
    for exchange in refused:
        expectation = oracle.expect(exchange.request)
        if was_refused(exchange, expectation) and expectation.call.token is TokenState.GOOD:
            kinds[expectation.kinds].append((_away(exchange, moments), exchange))
    share = _beside([each for found in kinds.values() for each in found])

    def likelihood(found: Sequence[tuple[float, Exchange]]) -> float:
        beyond = (_beside(found) * len(found) + share * OF_CHANCE) / (len(found) + OF_CHANCE)
        return beyond * (1 + _known(_likeliest(found, oracle), oracle))

    ranked = sorted(kinds.values(), key=likelihood, reverse=True)
    return [_likeliest(found, oracle) for found in ranked[:MOST]]


def _likeliest(found: Sequence[tuple[float, Exchange]], oracle: Oracle) -> Exchange:
    """Of one kind the nearest to one of the moments; of several, the one that names most."""
    return min(found, key=lambda each: (each[0], -_known(each[1], oracle)))[1]


def _known(exchange: Exchange, oracle: Oracle) -> int:
    """How many ids of the fixtures a request names: what can be begun has to be named."""
    call, fixtures = oracle.expect(exchange.request).call, oracle.fixtures
    try:
        named = set(call.named_ids)
    except NotKnown:
        return 0
    return len(named & {fixtures.plan_id, *fixtures.resources})


def _away(exchange: Exchange, moments: Iterable[datetime]) -> float:
    """Seconds between an exchange and the nearest of some moments."""
    return min((distance(each, exchange.started, exchange.ended) for each in moments), default=0.0)


def _beside(found: Sequence[tuple[float, Exchange]]) -> float:
    """The share of exchanges that were under way at one of the moments."""
    return sum(away == 0 for away, _ in found) / len(found) if found else 0.0
