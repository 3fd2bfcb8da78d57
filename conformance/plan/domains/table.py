"""The table of all kinds, by place: plans draw from it, and the documentation shows it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from conformance.plan.domains.fields import missing
from conformance.plan.domains.headers import headers
from conformance.plan.domains.ids import policies, servers
from conformance.plan.domains.kind import Kind
from conformance.plan.domains.login import elsewhere, tokens
from conformance.plan.domains.open_points import open_points
from conformance.plan.domains.orders import in_both_orders
from conformance.plan.domains.texts import compressed, extensions, not_json, sizes
from conformance.plan.domains.types import wrong_types
from conformance.plan.domains.uri import methods, projects, providers
from conformance.plan.drafting import Drafts

DOMAINS = (
    *(
        methods,
        projects,
        providers,
        tokens,
        elsewhere,
        headers,
        not_json,
        wrong_types,
        missing,
        policies,
    ),
    *(servers, sizes, compressed, extensions, open_points),
)


def table(drafts: Drafts) -> Iterator[Kind]:
    """Every kind of value that is not simply right, with requests for one target."""
    return in_both_orders(chain.from_iterable(domain(drafts) for domain in DOMAINS))
