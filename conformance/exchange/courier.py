"""Delivers a plan: in order, within the budget and the time limit."""

from __future__ import annotations

import asyncio
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import suppress
from itertools import chain
from typing import Any, TypeVar

from conformance.exchange.budget import Budget, Exhausted
from conformance.exchange.explaining import Outcome, condemned, explains
from conformance.exchange.looking import Looks
from conformance.exchange.open_points import in_order
from conformance.exchange.preflight import NothingToTest, preflight
from conformance.exchange.pursuit import KEPT_FROM_CHOICES, Pursuit
from conformance.exchange.sender import Sender, TargetIsDead, ToldToWait
from conformance.model import Ending, Exchange, JournalFooter
from conformance.page.executed import can_be_asked_again, was_refused
from conformance.page.oracle import EXECUTED, Duty
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan

T = TypeVar("T")
KEPT_FOR_CORE = 3
"""Executions that refused requests leave to the valid ones, should the target execute them."""
KEPT_FOR_REPEATS = 18
"""Requests that generated ones leave to repetitions and to looks at backups later in the run."""
KEPT_FOR_TROUBLE = 40
"""Requests that refusals leave to the rest of the plan, at most, where others met trouble."""
KEPT_TO_EXPLORE = 1
"""Executions that spare requests leave to exploration, should what must be refused be executed."""


class Courier:
    """Delivers the requests of one run through `sender`.

    `past` are the exchanges of the run that this one resumes, and `lost` the digests of what it
    sent besides: nothing that may be executed is sent again.
    `hindrance` says why nothing could be tested, where the first requests showed it.
    """

    def __init__(
        self, sender: Sender, past: Iterable[Exchange] = (), lost: Collection[str] = ()
    ) -> None:
        self.sender = sender
        self.oracle = sender.oracle
        self.hindrance = ""
        self.past = tuple(past)
        self._pursuit = Pursuit(sender, self.past)
        self._postponed: list[Probe] = []
        self._postponed_for_requests: set[str] = set()
        self._refused: list[Exchange] = []
        self._valid: list[list[Exchange]] = []
        self.lost = frozenset(lost)

    @property
    def budget(self) -> Budget:
        """What may be sent, and what was."""
        return self.sender.budget

    async def deliver(
        self,
        plan: Plan,
        generated: Awaitable[Plan] | None,
        explore: Callable[[], Awaitable[Ending]] | None = None,
    ) -> Ending:
        """Send a plan, what `generated` adds to it, then `explore`; say why the run ended."""
        try:
            async with asyncio.timeout(self.sender.pace.time_limit):
                ending = await self._deliver(plan, generated, KEPT_TO_EXPLORE if explore else 0)
                if explore is None or ending is Ending.REQUESTS:
                    return ending
                return _first_trouble([ending, await explore()])
        except TimeoutError:
            return Ending.TIME
        except asyncio.CancelledError:
            return Ending.INTERRUPTED
        except TargetIsDead:
            return Ending.DEAD if self.sender.has_responded else Ending.UNREACHED
        except NothingToTest as reason:
            self.hindrance = reason.hindrance
            return Ending.HOPELESS
        except ToldToWait:
            return Ending.TOLD_TO_WAIT

    async def _deliver(
        self, plan: Plan, generated: Awaitable[Plan] | None, kept_to_explore: int
    ) -> Ending:
        limit = self.budget.executions.limit
        kept_back = min(KEPT_FOR_CORE, limit - 1, max(1, limit - 2))
        endings = [await self._settle_doubts(plan)]
        with suppress(Exhausted):
            await self._preflight(plan, kept_back)
        looks = Looks(self.sender, plan.looks)
        await looks.before()
        later = (*plan.valid, *plan.again, *plan.choices, *plan.overlapping)
        self._pursuit.still_to_come = len(later)
        self._pursuit.planned = len(plan.probes)
        endings.append(await self._side_by_side(plan.refusals, kept_back))
        if generated is not None:
            plan = await generated
            added = [probe for probe in plan.refusals if probe.id not in self._pursuit.sent]
            endings.append(await self._side_by_side(added[: self._room], kept_back))
        await looks.after_refusals(self._refused, self._pursuit.still_to_come)
        self._pursuit.still_to_come = 0
        endings.append(await self._one_by_one(plan.valid[:1], 0))
        await looks.after_the_first()
        if Ending.EXECUTIONS in endings:
            endings.append(await self._go_on(plan.refusals))
        endings.append(await self._beside_an_execution(plan.again, plan.valid[1:]))
        endings.append(await self._one_by_one(plan.valid[2:], 0))
        await looks.between(len(plan.choices) + len(plan.overlapping))
        await self._pursuit.ask_again()
        explaining = (*plan.apart, *plan.spare)
        await self._explain_refusals(explaining, KEPT_FROM_CHOICES + kept_to_explore)
        if self._pursuit.left_to_repeat <= len(plan.choices):  # later there may be none
            await self._pursuit.ask_at_the_end()
        asked = in_order(plan.choices, self._points, self._pursuit.accepted)
        endings.append(await self._one_by_one(asked, KEPT_FROM_CHOICES + kept_to_explore))
        await self._pursuit.ask_at_the_end()  # while an execution is left, which any request needs
        endings.append(await self._at_once(plan.overlapping[:2], kept_to_explore))
        await self._at_once(plan.overlapping[2:], kept_to_explore)
        answered = (probe for probe in plan.choices if probe.id not in self._pursuit.sent)
        to_blame = condemned(self._outcomes())
        left = (
            probe
            for probe in plan.spare
            if probe.id not in self._pursuit.sent
            and to_blame.isdisjoint(self.oracle.expect(probe.request).features)
        )
        spare = self._while_it_costs_nothing(chain(left, answered))
        await self._one_by_one(spare, kept_to_explore)
        postponed = self._while_it_costs_nothing(tuple(self._postponed))
        await self._one_by_one(postponed, kept_to_explore)
        await self._pursuit.ask_again()
        await self._pursuit.ask_at_the_end()
        await looks.after()
        if not self._postponed_for_requests <= self._pursuit.sent:
            endings.append(Ending.REQUESTS)
        return _first_trouble(endings)

    async def _settle_doubts(self, plan: Plan) -> Ending:
        """Ask again what must be refused and whose response was lost, one by one.

        Each counts as an execution until its response says that it was none, and so may this one.
        """
        later = {probe.id for probe in plan.again}  # what they show, they show beside an execution
        for doubt in self.sender.doubts:
            first = doubt.exchanges[0]
            probe = Probe(first.probe or first.id, first.request)
            if not can_be_asked_again(doubt.expectation) or self._is_shown(probe):
                continue
            try:
                await self._pursuit.settle(probe, is_sent_later=probe.id in later)
            except Exhausted as exhausted:
                return exhausted.ending
        return Ending.COMPLETE

    async def _preflight(self, plan: Plan, kept_back: int) -> None:
        """Ask the first questions of a plan. Raises NothingToTest."""

        async def ask(probe: Probe) -> Exchange:
            return await self._pursuit.ask_first(probe, kept_back)

        await preflight(plan, self.oracle, ask)

    @property
    def _room(self) -> int:
        """How many generated requests leave enough for the rest of the plan and repetitions."""
        return max(0, self._pursuit.left_to_repeat - KEPT_FOR_REPEATS)

    def _left_out(self, plan: Plan) -> list[Probe]:
        """The probes that decide something and were planned and not sent."""
        valid = (*plan.valid, *plan.overlapping[:2])
        planned = (*plan.refusals, *plan.choices, *valid, *plan.again)
        return [probe for probe in planned if probe.id not in self._pursuit.sent]

    def enough(self, plan: Plan) -> int:
        """A limit on executions within which all that was left out could have been sent.

        It is so even if the target executes each; what varies a breach that is known is not needed.
        """
        needless = {probe.id for probe in self._postponed}
        left = [probe for probe in self._left_out(plan) if probe.id not in needless]
        return self.budget.executions.spent + len(left)

    def unsent(self, plan: Plan) -> tuple[str, ...]:
        """The clauses whose probes were planned and not sent, and that were not answered so."""
        ids: dict[str, None] = {}
        for probe in self._left_out(plan):
            expectation = self.oracle.expect(probe.request)
            ids.update(dict.fromkeys(breach.clause.id for breach in expectation.breaches))
            if expectation.duty is Duty.EXECUTE:
                ids.update(dict.fromkeys(shape.clause.id for shape, _ in expectation.features))
        return tuple(name for name in ids if name not in self._pursuit.accepted)

    def footer(self, ending: Ending, plan: Plan) -> JournalFooter:
        """How the run ended, for the journal."""
        return JournalFooter(
            ending,
            self.sender.clock.now(),
            self.budget.requests,
            self.budget.executions,
            self.unsent(plan),
            tuple(self.sender.renewals),
            tuple(self.sender.fresh),
            self.enough(plan),
            *self._pursuit.enough(len(self._left_out(plan))),
        )

    async def _go_on(self, refusals: Sequence[Probe]) -> Ending:
        """Send the refusals that were kept from their executions, at the risk of one more.

        Most of them are refused, also by a target that executed, or crashed on, many before. Those
        that break what was refused already go first: they cost nothing.
        """
        sent = self._pursuit.sent
        left = [p for p in refusals if p.id not in sent and not self._is_shown(p)]
        executions = self.budget.executions
        kept = max(0, executions.limit - executions.spent - 1)
        return await self._work(self._likely_refused_first(left), kept)

    def _likely_refused_first(self, probes: Sequence[Probe]) -> Iterator[Probe]:
        """The probes: each time one that breaks what was refused before, if there is one."""
        left = list(probes)
        while left:
            refused = {
                expectation.decisive
                for each in self._refused
                if was_refused(each, expectation := self.oracle.expect(each.request))
            } - {None}
            expected = self.oracle.expect
            likely = (p for p in left if expected(p.request).decisive in refused)
            chosen = next(likely, left[0])
            left.remove(chosen)
            yield chosen

    async def _beside_an_execution(self, again: Sequence[Probe], valid: Sequence[Probe]) -> Ending:
        """Send refusals again, and the first of the other valid requests while they are under way.

        The valid requests keep what they need, as long as there is that much.
        """
        left = self.budget.executions.limit - self.budget.executions.spent
        if left < 2:  # what is refused gives its own back
            return _first_trouble(
                [await self._side_by_side(again, 0), await self._one_by_one(valid[:1], 0)]
            )
        kept = max(0, min(len(valid) - 1, left - 2))
        beside = [self._side_by_side(again, kept), self._one_by_one(valid[:1], 0)]
        return _first_trouble(await together(beside))

    async def _at_once(self, pair: Sequence[Probe], kept_back: int = 0) -> Ending:
        """Have two valid requests under way at once, or one by one where that is not allowed."""
        executions = self.budget.executions
        is_allowed = self.sender.pace.concurrency > 1 and not self._pursuit.is_unsettled
        if not is_allowed:
            why = "--concurrency is 1, or something is still to be asked again"
            self.sender.tell("courier.not_at_once", probes=pair, why=why)
        if not is_allowed or executions.limit - executions.spent < len(pair) + kept_back:
            return await self._one_by_one(pair, kept_back)
        sent = await together([self._one_by_one([each], kept_back) for each in pair])
        await self._pursuit.ask_again()
        return _first_trouble(sent)

    async def _explain_refusals(self, probes: Sequence[Probe], kept_back: int) -> None:
        """Send those valid requests that tell why others were refused, if any were.

        They keep back what others need where there is enough, and never pass the limit.
        """
        executions = self.budget.executions
        kept = min(kept_back, max(0, executions.limit - executions.spent - 1))
        for probe in probes:
            if explains(self.oracle.expect(probe.request), self._outcomes()):
                why = "it tells why other valid requests were refused"
                self.sender.tell("courier.explains", probe=probe, why=why)
                await self._one_by_one([probe], kept)
        await self._pursuit.ask_again()

    def _outcomes(self) -> list[Outcome]:
        """The valid requests that were executed or refused, in order."""
        return [
            (self.oracle.expect(attempts[-1].request), attempts[-1].response.status == EXECUTED)
            for attempts in self._valid
            if attempts and attempts[-1].response is not None
        ]

    def _telling(self, probes: Iterable[Probe]) -> Iterator[Probe]:
        """The probes, without those that vary a breach which an execution has shown already.

        Each of those may cost one more execution: they are postponed to the end. So are all others
        from where trouble has taken the requests that what is planned for later needs.
        """
        for probe in probes:
            why = ""
            if self._is_shown(probe):
                why = "an execution has shown already that what it is about is broken"
            elif self._are_requests_scarce:
                why = "what is planned for later needs the requests that are left"
                self._postponed_for_requests.add(probe.id)
            if why:
                self.sender.tell("courier.postponed", probe=probe, why=why)
                self._postponed.append(probe)
            else:
                yield probe

    @property
    def _are_requests_scarce(self) -> bool:
        """Whether what is planned for later needs the requests that are left.

        It meets as much trouble, perhaps, as there was until now.
        """
        troubled = self.sender.weather.troubled
        if not self._pursuit.still_to_come or not troubled:
            return False
        return self._pursuit.left_to_repeat < min(troubled, KEPT_FOR_TROUBLE)

    def _is_shown(self, probe: Probe) -> bool:
        """Whether an execution has shown already that the target breaks what a probe is about."""
        refusing = self.oracle.expect(probe.request).refusing
        return bool(refusing) and {clause.id for clause in refusing} <= self._pursuit.broken

    async def _side_by_side(self, probes: Sequence[Probe], kept_back: int) -> Ending:
        """Send probes concurrently, starting in their order."""
        waiting = self._telling(probes)
        workers = min(self.sender.pace.concurrency, len(probes))
        return _first_trouble(
            await together([self._work(waiting, kept_back) for _ in range(workers)])
        )

    def _points(self, probe: Probe) -> frozenset[str]:
        """The open points in a probe, by their clauses."""
        breaches = self.oracle.expect(probe.request).breaches
        return frozenset(breach.clause.id for breach in breaches)

    def _while_it_costs_nothing(self, probes: Iterable[Probe]) -> Iterator[Probe]:
        """The probes, until the budget is needed to ask one again, or the target makes us wait."""
        for probe in probes:
            if self._pursuit.is_unsettled:
                return
            yield probe

    async def _one_by_one(self, probes: Iterable[Probe], kept_back: int) -> Ending:
        """Send probes one after the other, each when the one before it is settled."""
        return await self._work(iter(probes), kept_back)

    async def _work(self, waiting: Iterator[Probe], kept_back: int) -> Ending:
        """Send probes until there are no more or the budget allows none; say which."""
        for probe in waiting:
            try:
                attempts = await self._pursuit.pursue(probe, kept_back)
                if self.oracle.expect(probe.request).duty is Duty.EXECUTE:
                    self._valid.append(attempts)
                self._refused += attempts
            except Exhausted as exhausted:
                why, spent = exhausted.ending, self.budget.executions.spent
                self.sender.tell(
                    "courier.left", probe=probe, kept_back=kept_back, executed=spent, why=why
                )
                return exhausted.ending
        return Ending.COMPLETE

    async def explore(self, probes: Sequence[Probe]) -> list[list[Exchange]]:
        """Send probes that stand in no plan, at once where that is allowed, and what repeats them.

        Each comes back with its attempts. Raises Exhausted.
        """
        exhausted: list[Exhausted] = []

        async def pursue(probe: Probe) -> list[Exchange]:
            try:
                return await self._pursuit.pursue(probe, 0)
            except Exhausted as reason:  # whatever is under way beside it comes to its end
                exhausted.append(reason)
                return []

        if self.sender.pace.concurrency > 1:
            attempts = await together([pursue(probe) for probe in probes])
        else:
            attempts = [await pursue(probe) for probe in probes]
        if exhausted:
            raise exhausted[0]
        await self._pursuit.ask_again()
        return attempts


async def together(coroutines: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Run coroutines side by side; where one fails, end the others and raise what it raised."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _first_trouble(endings: Iterable[Ending]) -> Ending:
    return next((ending for ending in endings if ending is not Ending.COMPLETE), Ending.COMPLETE)
