"""What to make of requests that nobody answered before our own timeout, which is no contract.

A target may be slow with all executions, or with those of a whole policy or one server alone. So a
silence is held against it only where it answered well within that time what asks for as much, or,
for a refusal, everything else, and was silent for much longer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct, field

from conformance.judge.persistence import Attempts
from conformance.model import Exchange
from conformance.page.call import MISSING
from conformance.page.ids import canonical, is_uuid
from conformance.page.json_text import NotKnown
from conformance.page.oracle import EXECUTED, Duty, Expectation
from conformance.page.weather import chance, is_silence

WELL_WITHIN = 4
"""A response came well within a time if it took no more than one in so many parts of it."""
MUCH_LONGER = 2
"""How many times the shortest wait the longest one was, at least, where a refusal is compared with
what is of another kind."""
CHANCE_AMONG_ITS_OWN = 0.05
"""How likely it may be, at most, that one execution, or one refusal, is that unlucky among all."""

MOST_REMEMBERED = 4096
"""Requests for which it is remembered what they are like."""
REMEDY = "the target may need longer: raise --timeout"

Asked = int | frozenset[str] | None
"""How much a request asks for: a refusal the ids that may be looked up, by their number; an
execution its servers, None for those of the whole policy."""
Alike = tuple[tuple[object, ...], Asked]
"""What requests have in common that take a target about as long, and how much they ask for."""


class Answered(Struct):
    """How long a target took for what it answered, by what may take it longer."""

    slowest: dict[Alike, float] = field(default_factory=dict)
    served: defaultdict[bool, int] = field(default_factory=lambda: defaultdict(int))
    alike: dict[str, Alike | None] = field(default_factory=dict)

    def take_in(self, expectation: Expectation, exchange: Exchange) -> None:
        """Note a response; one that executes nothing tells nothing of executions."""
        status = exchange.response.status if exchange.response else 0
        executes = _executes(expectation)
        if status != EXECUTED if executes else not 400 <= status < 500:
            return
        self.served[executes] += 1
        if (alike := self._alike(expectation, exchange)) is not None:
            self.slowest[alike] = max(self.slowest.get(alike, 0.0), exchange.duration)

    def _alike(self, expectation: Expectation, exchange: Exchange) -> Alike | None:
        """What a request is like, worked out once for those that are sent over and over."""
        digest = exchange.request.digest
        if digest not in self.alike:
            if len(self.alike) >= MOST_REMEMBERED:
                return _alike(expectation)
            self.alike[digest] = _alike(expectation)
        return self.alike[digest]

    def accuse(self, silent: Attempts, troubled: Sequence[Attempts]) -> bool:
        """Whether a silence can be held against the target; `troubled` are all that met trouble.

        It was quick with all that asks for as much or more, and is hardly ever silent otherwise. A
        refusal may be slow where no other one is: then we waited for it much longer at last, and
        all others were quick, refusals and executions.
        """
        alike = _alike(silent.expectation)
        if alike is None:
            return False
        waits = [each.duration for each in silent.exchanges if is_silence(each)]
        executes, (kind, asked) = _executes(silent.expectation), alike
        times = [
            took
            for (of, other), took in self.slowest.items()
            if of == kind and _is_as_much(other, asked)
        ]
        is_ours = not (executes or silent.last.recording) and self.served[executes] > 0
        if not times and is_ours and max(waits) >= min(waits) * MUCH_LONGER:
            times = list(self.slowest.values())
        if not times or max(times) * WELL_WITHIN > min(waits):
            return False
        served = self.served[executes]
        passed = sum(
            each.tries
            for each in troubled
            if each.overcome and _executes(each.expectation) is executes
        )
        return served * chance(silent.tries, served, passed) < CHANCE_AMONG_ITS_OWN


def _executes(expectation: Expectation) -> bool:
    return expectation.duty in (Duty.EXECUTE, Duty.CHOOSE)


def _is_as_much(other: Asked, asked: Asked) -> bool:
    """Whether a request asks for as much as another of its kind."""
    if isinstance(asked, int):
        return isinstance(other, int) and other >= asked
    if asked is None or other is None:
        return other is asked
    return not isinstance(other, int) and other >= asked


def _alike(expectation: Expectation) -> Alike | None:
    """What takes about as long as a request; None where that is not known.

    An execution: its policy and servers, however they are written; those of the whole policy where
    the list is empty or null, unless it is refused. A refusal: the clauses
    that are broken, and which ids have to be looked up: what is no id is refused without that.
    """
    call = expectation.call
    if expectation.duty in (Duty.UNKNOWN, Duty.NOT_EXECUTE) or isinstance(call.json, NotKnown):
        return None
    if not _executes(expectation):
        ids = (call.project_id, call.provider_id, call.plan_id, *call.named_servers)
        forms = frozenset(isinstance(each, str) and is_uuid(each) for each in ids[3:])
        first = tuple(isinstance(each, str) and is_uuid(each) for each in ids[:3])
        return (False, call.is_oversized, expectation.kinds, first, forms), len(ids)
    if call.resources not in (MISSING, None, []) and not call.named_servers:
        return None
    if not isinstance(call.plan_id, str) or call.auto_trigger not in (MISSING, True, False):
        return None
    servers = frozenset(map(canonical, call.named_servers)) or None
    return (True, call.is_oversized, canonical(call.plan_id)), servers
