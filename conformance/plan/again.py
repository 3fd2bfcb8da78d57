"""Refusals for when the policy has been executed: what was remembered must not make them pass."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance.plan.domains.login import without_permission
from conformance.plan.drafting import Drafts, Probe
from conformance.plan.executions import first_parameters, first_valid
from conformance.plan.flaws import FORBIDDEN, Flaws, inside, outside


def again(drafts: Drafts) -> Iterator[Probe]:
    """A refusal for every clause that a request can break: the first valid one, one thing wrong.

    Where that is not the body, its bytes are those that were executed. The token without
    permission, which nothing has tried before, goes first: a target that mistakes one token for the
    other may allow both, or neither, from then on.
    """
    elsewhere = dict(outside(drafts, partial(first_valid, drafts)))
    yield from _named({FORBIDDEN: elsewhere.pop(FORBIDDEN)})
    for kind in without_permission(drafts):
        yield from kind.probes
    yield from _named({**elsewhere, **inside(drafts, first_parameters(drafts))})


def _named(flaws: Flaws) -> Iterator[Probe]:
    for clause, requests in flaws.items():
        for number, request in enumerate(requests):
            yield Probe(f"{clause}/again{f'-{number + 1}' if number else ''}", request)
