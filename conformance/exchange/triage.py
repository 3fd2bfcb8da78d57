"""Decides which requests that must be refused go on, and which are put off to the end of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from conformance.contract.clauses import Clause
from conformance.exchange.pursuit import Pursuit
from conformance.exchange.queueing import Queue, Settled
from conformance.model import Exchange
from conformance.page.executed import names_policy, was_refused
from conformance.page.oracle import BODY, OF_URI
from conformance.plan.drafting import Probe

KEPT_FOR_TROUBLE = 40
"""Requests that refusals leave to the rest of the plan, at most, where others met trouble."""


class Triage:
    """The decisions on one run, by what its `pursuit` has shown.

    `exchanges` are those of the run, which whoever sends them adds; `postponed` are the probes that
    were put off, and `postponed_for_requests` the ids of those that only lack requests.
    """

    def __init__(self, pursuit: Pursuit) -> None:
        self.pursuit = pursuit
        self.sender = pursuit.sender
        self.oracle = pursuit.oracle
        self.exchanges: list[Exchange] = []
        self.postponed: list[Probe] = []
        self.postponed_for_requests: set[str] = set()
        self._settled = Settled()

    def queue(self, probes: Iterable[Probe]) -> Queue:
        """The probes for workers side by side, without those that are put off."""
        return Queue(probes, self._broken_by, self._settled, self._is_put_off)

    def _broken_by(self, probe: Probe) -> frozenset[str]:
        return self.oracle.expect(probe.request).kinds

    def _is_put_off(self, probe: Probe) -> bool:
        """Whether a probe is postponed to the end.

        It is if it varies a breach which an execution has shown already, or one that is never
        answered: each of those may cost one more execution. So are all others from where trouble
        has taken the requests that what is planned for later needs.
        """
        why = self._why_in_vain(probe)
        if not why and self._are_requests_scarce:
            why = "what is planned for later needs the requests that are left"
            self.postponed_for_requests.add(probe.id)
        if why:
            self.sender.tell("courier.postponed", probe=probe, why=why)
            self.postponed.append(probe)
        return bool(why)

    @property
    def refused(self) -> frozenset[Clause]:
        """The clauses for which a request that breaks nothing else was refused."""
        expected = ((each, self.oracle.expect(each.request)) for each in self.exchanges)
        decisive = (known.decisive for each, known in expected if was_refused(each, known))
        return frozenset(clause for clause in decisive if clause is not None)

    def is_harmless(self, probe: Probe) -> bool:
        """Whether it is likely that a refusal costs no execution, even where the target fails: it
        names no policy, or is wrong in its URI, which nearly every target refuses.
        """
        expectation = self.oracle.expect(probe.request)
        is_of_uri = any(each.source.section in OF_URI for each in expectation.refusing)
        return is_of_uri or not names_policy(expectation.call)

    def likely_refused_first(self, probes: Sequence[Probe]) -> Iterator[Probe]:
        """The probes: each time one that breaks what was refused before, if there is one."""
        left = list(probes)
        while left:
            refused, expected = self.refused, self.oracle.expect
            likely = (p for p in left if expected(p.request).decisive in refused)
            chosen = next(likely, left[0])
            left.remove(chosen)
            yield chosen

    def tells_nothing(self, probe: Probe) -> bool:
        """Whether it is known already what becomes of a probe, at the cost of an execution."""
        return bool(self._why_in_vain(probe))

    def _why_in_vain(self, probe: Probe) -> str:
        if self.is_shown(probe):
            return "an execution has shown already that what it is about is broken"
        if not self._settled.never.isdisjoint(self._broken_by(probe)):
            return "nothing that breaks the same was answered"
        expectation = self.oracle.expect(probe.request)
        is_of_body = BODY in expectation.reckoned_by
        if is_of_body and self.fails_mostly and names_policy(expectation.call):
            return "the target fails on more of what is wrong than it refuses"
        return ""

    @property
    def fails_mostly(self) -> bool:
        """Whether the target failed on what breaks more clauses than it refused anything for.

        Where a policy is named, each failure may have cost an execution.
        """
        shown = self.pursuit.shown
        return shown.fails_on_many and len(shown.crashed) > len(self.refused)

    def is_shown(self, probe: Probe) -> bool:
        """Whether an execution has shown already that the target breaks what a probe is about."""
        refusing = self.oracle.expect(probe.request).refusing
        return bool(refusing) and {clause.id for clause in refusing} <= self.pursuit.shown.broken

    @property
    def _are_requests_scarce(self) -> bool:
        """Whether what is planned for later needs the requests that are left.

        It meets as much trouble, perhaps, as there was until now.
        """
        troubled = self.sender.weather.troubled
        if not self.pursuit.still_to_come or not troubled:
            return False
        return self.pursuit.left_to_repeat < min(troubled, KEPT_FOR_TROUBLE)
