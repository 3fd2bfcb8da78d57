"""What a run planned and never sent."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from conformance.exchange.pursuit import Pursuit
from conformance.exchange.triage import Triage
from conformance.page.oracle import Duty
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan


class Unsent(Struct, frozen=True):
    """The `clauses` of so many `probes` that were not sent, and the executions that are enough.

    Clauses that were executed in other probes are none of them. It is enough even if the target
    executes each probe; those that vary a breach that is known are not needed. Those that go while
    requests are left are no reason to call a run short, but would be sent if it had been longer.
    """

    clauses: tuple[str, ...]
    probes: int
    executions: int


def unsent(plan: Plan, pursuit: Pursuit, triage: Triage) -> Unsent:
    """What decides something, was planned and was not sent."""
    probes = _left_out(plan, pursuit)
    while_left = _not_sent(plan.while_left if probes else (), pursuit)
    ids: dict[str, None] = {}
    for probe in probes:
        expectation = pursuit.oracle.expect(probe.request)
        ids.update(dict.fromkeys(breach.clause.id for breach in expectation.breaches))
        if expectation.duty is Duty.EXECUTE:
            ids.update(dict.fromkeys(shape.clause.id for shape, _ in expectation.features))
    clauses = tuple(name for name in ids if name not in pursuit.shown.accepted)
    needless = {probe.id for probe in triage.postponed}
    more = [*probes, *while_left]
    return Unsent(clauses, len(more), sum(probe.id not in needless for probe in more))


def _left_out(plan: Plan, pursuit: Pursuit) -> list[Probe]:
    valid = (*plan.valid, *plan.overlapping[:2])
    planned = (*plan.refused, *plan.choices, *valid, *plan.again)
    return _not_sent(planned, pursuit)


def _not_sent(probes: Iterable[Probe], pursuit: Pursuit) -> list[Probe]:
    return [probe for probe in probes if probe.id not in pursuit.sent]
