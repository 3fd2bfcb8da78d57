"""Refusals for when the policy has been executed: what was remembered must not make them pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from msgspec.structs import replace

from conformance.credentials.placeholders import Derivation, placeholder
from conformance.model import Token
from conformance.plan.domains.fields import without
from conformance.plan.domains.kind import Kind
from conformance.plan.domains.login import FORBIDDEN
from conformance.plan.drafting import ANY_OF_ITS_KIND, IN_CAPITALS, Drafts, Probe
from conformance.plan.executions import first_parameters, first_valid
from conformance.plan.flaws import NO_TOKEN, Flaws, inside, outside

UNKNOWN_POLICY = "S404.unknown-policy"
"""The clause of what a target sees last while the second valid request is under way."""
SENT_BEFORE = {
    "S401.bad-token": "random",
    "T3.plan_id.type": "null",
    "T3.parameters.type": "an empty list",
    "T4.auto_trigger.type": "one as a fraction",
    "T4.resources.items": "null behind",
    UNKNOWN_POLICY: "near-miss",
    "S404.unknown-server": "near-miss",
}
"""Clauses by which a request is refused that was refused before, and its kind. The second valid
request has nothing but `auto_trigger`, and is executed by then: many languages take one for true.
"""

LIKE_A_LIST = "two in one"
"""The kind of a text that may be taken for the list of servers that was executed."""
AT_LAST = {
    UNKNOWN_POLICY: 2,
    "S404.unknown-server": 2,
    "S401.near-miss": 1,
    "T1.project_id.own": 1,
    FORBIDDEN: 1,
    "T4.auto_trigger.type": 1,
    NO_TOKEN: 1,
    "T1.provider_id.value": 1,
    "T4.resources.items": 1,
}
"""Clauses by which a request is refused once more when most executions are over, and how often in a
row: what a target looked up last, it may take for known."""
KEPT_WITH_CONNECTIONS = {"T3.parameters.mandatory": "parameters", "T3.plan_id.mandatory": "plan_id"}
"""Clauses on names that are left out, and the names."""


def again(drafts: Drafts, kinds: Iterable[Kind], valid: Sequence[Probe]) -> Iterator[Probe]:
    """A refusal for every clause that a request can break: the first valid one, one thing wrong.

    Where that is not the body, its bytes are those that were executed. Some are of `kinds`, byte
    for byte: a target must not take for right what it has seen before, nor a text for the list of
    servers that it executed. The token without permission, which nothing has tried before, goes
    first: a target that mistakes one token for the other may allow both, or neither, from then on.
    An unknown policy comes behind the others: it is what a target may mix up with the policy of the
    request that is under way beside them. Last come one without a token and one with that token:
    each goes alone beside one of the `valid` requests, in their order. It has its body, but no odd
    headers: trouble with those would cost executions twice.
    """
    elsewhere = dict(outside(drafts, first_valid(drafts)))
    no_token, forbidden = elsewhere.pop(NO_TOKEN), elsewhere.pop(FORBIDDEN)
    kinds = tuple(kinds)
    for kind in kinds:
        if kind.clause == FORBIDDEN or kind.name == LIKE_A_LIST:
            yield from kind.probes
    yield from _named({FORBIDDEN: forbidden})
    within = inside(drafts, first_parameters(drafts))
    wrong = {name: some for name, some in within.items() if name not in KEPT_WITH_CONNECTIONS}
    before = {k.clause: k.drafted[:1] for k in kinds if SENT_BEFORE.get(k.clause) == k.name}
    refused = {**elsewhere, **wrong, **before}
    refused[UNKNOWN_POLICY] = refused.pop(UNKNOWN_POLICY)  # the last of these
    yield from _named(refused)
    weak_alone = (Probe(f"{FORBIDDEN}/alone", request) for request in forbidden)
    last = [*_named({NO_TOKEN: no_token}), *weak_alone]
    yield from map(_like, last, valid)
    yield from last[len(valid) :]


def at_last(drafts: Drafts) -> Iterator[Probe]:
    """Refusals for when most executions are over: a check may stand for the first ones only."""
    of_smallest = partial(drafts.request, drafts.body())
    flaws = {**outside(drafts, of_smallest), **inside(drafts, first_parameters(drafts))}
    for clause, times in AT_LAST.items():
        for request in flaws[clause][:1]:
            for number in range(1, times + 1):
                yield Probe(f"{clause}/at-last{f'-{number}' if number > 1 else ''}", request)


def behind(drafts: Drafts) -> Iterator[Probe]:
    """Requests in which something is missing, each for the moment right behind an execution.

    They go over its connection: a target may have kept with that who was asking, or what for.
    """
    body = drafts.body(**first_parameters(drafts))
    yield Probe(f"{NO_TOKEN}/behind", first_valid(drafts)(token=None))
    weak = placeholder(Token.FORBIDDEN)
    yield Probe(f"{FORBIDDEN}/behind", first_valid(drafts)(token=weak))
    for clause, name in KEPT_WITH_CONNECTIONS.items():
        incomplete = drafts.request(
            without(body, name), media_type=IN_CAPITALS, accept=ANY_OF_ITS_KIND
        )
        yield Probe(f"{clause}/behind", incomplete)
    near = first_valid(drafts)(token=Derivation.MIDDLE_CHANGED.placeholder)
    yield Probe("S401.near-miss/behind", near)


def _like(refused: Probe, valid: Probe) -> Probe:
    """A request that is refused for who asks, with the body of a valid one."""
    return replace(refused, request=replace(refused.request, body=valid.request.body))


def _named(flaws: Flaws) -> Iterator[Probe]:
    for clause, requests in flaws.items():
        for number, request in enumerate(requests):
            yield Probe(f"{clause}/again{f'-{number + 1}' if number else ''}", request)
