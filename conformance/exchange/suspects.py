"""Which refused requests may have brought backups that no response told of."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.model import Exchange
from conformance.page.call import TokenState
from conformance.page.moments import distance, read_moment
from conformance.page.oracle import Duty, Oracle

MOST = 8
"""Refusals that are looked at more closely."""
NEAR = 1.0
"""Seconds between a request and what it may have brought, by clocks that may differ by more."""


def suspects(refused: Iterable[Exchange], times: Iterable[str], oracle: Oracle) -> list[Exchange]:
    """The likeliest requests, the likeliest first, of each kind one.

    Only one that names the policy and has a good token can have started anything. `times` are those
    at which something came up: the more of the requests of a kind were under way then, the likelier
    it is.
    """
    moments = [moment for each in times if (moment := read_moment(each)) is not None]
    kinds: dict[frozenset[str], list[tuple[float, Exchange]]] = {}
    for exchange in refused:
        expectation = oracle.expect(exchange.request)
        call = expectation.call
        status = exchange.response.status if exchange.response else 0
        is_refusal = expectation.duty is Duty.REFUSE and 400 <= status < 500
        if not is_refusal or call.token is not TokenState.GOOD:
            continue
        away = min(
            (distance(each, exchange.started, exchange.ended) for each in moments), default=0.0
        )
        names_policy = oracle.fixtures.plan_id in call.named_ids
        rank = away if names_policy else away + NEAR
        kinds.setdefault(expectation.kinds, []).append((rank, exchange))
    best = {kind: min(found, key=lambda each: each[0]) for kind, found in kinds.items()}
    share = {
        kind: sum(rank >= NEAR for rank, _ in found) / len(found) for kind, found in kinds.items()
    }
    ranked = sorted(best, key=lambda kind: (best[kind][0] >= NEAR, share[kind], best[kind][0]))
    return [best[kind][1] for kind in ranked[:MOST]]
