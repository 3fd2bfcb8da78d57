"""Delivers a plan: in order, within the budget and the time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice

from conformance.exchange.budget import Budget, Exhausted
from conformance.exchange.dispatch import PAIR, Dispatch, first_trouble, gathered
from conformance.exchange.explaining import condemned, explains
from conformance.exchange.looking import Looks
from conformance.exchange.open_points import in_order
from conformance.exchange.preflight import NothingToTest, preflight
from conformance.exchange.pursuit import KEPT_FROM_CHOICES, Pursuit
from conformance.exchange.sender import Sender, TargetIsDead, ToldToWait
from conformance.exchange.standing_clock import moves_by
from conformance.exchange.triage import Triage
from conformance.exchange.unsent import unsent
from conformance.model import Ending, Exchange, JournalFooter
from conformance.page.executed import can_be_asked_again
from conformance.page.oracle import Duty
from conformance.plan.domains.while_left import BEFORE_OPEN_POINTS
from conformance.plan.drafting import Probe
from conformance.plan.echoed import echoed
from conformance.plan.planner import Plan

KEPT_FOR_CORE = 3
"""Executions that refused requests leave to the valid ones, should the target execute them."""
KEPT_FOR_OBJECTS = 2
"""Executions that refusals of what is written wrong leave to those of objects that do not exist."""
KEPT_FOR_REPEATS = 15
"""Requests that generated ones leave to repetitions and to looks at backups later in the run."""
KEPT_WITHOUT_TROUBLE = 4
"""The same, of those sent while requests are left: nothing had to be repeated before."""
KEPT_FOR_LOOKS = 5
"""Requests that looks at backups take at the end."""
AT_ONCE = 3
"""Valid requests that are under way at once; the rest of those planned for it go two by two."""
BESIDE_OTHERS = 3
"""Refusals that go right behind an execution that others were sent beside, or over its connection;
the rest go where nothing else was under way."""
WITH_A_REPETITION = 2
"""Requests that one needs which may have to be repeated."""
KEPT_FOR_A_PAIR = 2 * WITH_A_REPETITION
"""Requests that two more at once need: a target that is busy refuses each of them once."""
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
        self._triage = Triage(self._pursuit)
        self._dispatch = Dispatch(self._pursuit, self._triage)
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
                return first_trouble([ending, await explore()])
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
        settled = await self._settle_doubts(plan)
        with suppress(Exhausted):
            await self._preflight(plan, kept_back)
        looks = Looks(self.sender, plan.looks)
        await looks.before()
        plan, endings = await self._refuse(plan, generated, looks, kept_back)
        endings = [settled, *endings, *await self._repeat_and_execute(plan, looks)]
        endings += await self._choose_and_overlap(plan, kept_to_explore)
        await self._use_the_rest(plan, kept_to_explore)
        await looks.after()
        if not self._triage.postponed_for_requests <= self._pursuit.sent:
            endings.append(Ending.REQUESTS)
        return first_trouble(endings)

    async def _refuse(
        self, plan: Plan, generated: Awaitable[Plan] | None, looks: Looks, kept_back: int
    ) -> tuple[Plan, list[Ending]]:
        """Send what must be refused, a valid request before the last of it; the whole plan then."""
        send = self._dispatch.side_by_side
        later = (*plan.valid, *plan.again, *plan.behind, *plan.in_a_row)
        later += (*plan.choices, *plan.overlapping)
        self._pursuit.still_to_come = len(later) + len(plan.late)
        self._pursuit.planned = len(plan.probes) - len(plan.while_left)
        kept_for_late = KEPT_FOR_OBJECTS if plan.late else 0
        kept_early = min(self.budget.executions.limit - 1, kept_back + kept_for_late)
        endings = [await self._harmless_first(plan, kept_early)]
        endings.append(await send([*self._unsent(plan.refusals)], kept_early))
        if generated is not None:
            plan = await generated
            added = [probe for probe in plan.refusals if probe.id not in self._pursuit.sent]
            endings.append(await send(added[: self._room], kept_early))
        valid = len(plan.valid)
        await looks.after_refusals(self._triage.exchanges, self._pursuit.still_to_come, valid)
        self._pursuit.still_to_come = 0
        endings.append(await self._dispatch.one_by_one(plan.valid[:1], 0))
        await looks.after_the_first()
        self._pursuit.still_to_come = len(later)
        endings = await self._gone_on(endings, plan.refusals)
        so_far = len(self._triage.exchanges)
        late = (*plan.late, *self._echoed(plan))
        kept_then = max(0, min(kept_back, self._left) - 1)
        endings.append(await send(plan.behind[:1], kept_then, 1))
        endings.append(await self._dispatch.one_a_clause_first(late, kept_then))
        refused = self._triage.exchanges[so_far:]
        await looks.after_late(refused, self._pursuit.still_to_come, valid - 1)
        self._pursuit.still_to_come = 0
        return plan, await self._gone_on(endings, (*plan.behind, *late, *plan.refusals))

    async def _repeat_and_execute(self, plan: Plan, looks: Looks) -> list[Ending]:
        """Send valid requests, and beside them what must be refused once more.

        The last one waits until it is known how many executions the open points leave. Behind the
        third go wrong tokens in a row: a target may lock their owner out behind so many.
        """
        valid, _ = _parted(plan)
        first_alone = max(0, len(plan.again) - len(valid[2:]))
        again, alone = plan.again[:first_alone], plan.again[first_alone:]
        endings: list[Ending] = []
        if self._triage.fails_mostly:  # each refusal may cost one of the executions that are left
            endings.append(await self._dispatch.one_by_one(valid[1:], 0))
            valid = valid[:1]
        endings.append(await self._dispatch.beside_an_execution(again, valid[1:]))
        await self._pursuit.ask_again()
        send = self._dispatch.beside_each
        endings.append(await send(alone, valid[2:], plan.behind[1:BESIDE_OTHERS], plan.in_a_row))
        await looks.between(len(plan.choices) + len(plan.overlapping))
        return endings

    async def _choose_and_overlap(self, plan: Plan, kept_to_explore: int) -> list[Ending]:
        """Send what the page leaves open, and then valid requests that are under way at once.

        The last of the others goes before the last open points where those are likely to be
        executed, and behind them otherwise, if an execution is left.
        """
        _, last = _parted(plan)
        kept = KEPT_FROM_CHOICES + kept_to_explore
        await self._explain_refusals((*last, *plan.apart, *plan.spare), kept)
        first = plan.while_left[:BEFORE_OPEN_POINTS]
        await self._while_requests_are_left(plan, first, plan.choices)
        if self._pursuit.left_to_repeat <= len(plan.choices):  # later there may be none
            await self._pursuit.ask_at_the_end()
        accepted = self._pursuit.shown.accepted
        right_behind = plan.behind[BESIDE_OTHERS:]
        behind = (probe for probe in right_behind if not self._triage.tells_nothing(probe))
        asked = in_order(plan.choices, self._points, accepted, self._unsent(last))
        needed = len((*last, *right_behind, *plan.overlapping[:AT_ONCE]))
        followed = self._followed(self._leaving(needed, asked), behind)
        endings = [await self._dispatch.one_by_one(followed, kept)]
        await self._while_requests_are_left(plan, first)
        await self._while_requests_are_left(plan, plan.while_left, most=1)
        await self._pursuit.ask_at_the_end()  # while an execution is left, which any request needs
        if self._left - kept_to_explore > AT_ONCE:
            followed = self._followed(self._unsent(last), behind)
            endings.append(await self._dispatch.one_by_one(followed, 0))
        await self._pursuit.ask_again()
        if plan.overlapping and self._left > kept_to_explore:
            await self._pursuit.wait_until(moves_by(self._dispatch.executions))
        if self._left - kept_to_explore >= len(plan.overlapping):
            await self._last_two(plan, kept_to_explore, len(right_behind) + AT_ONCE)
        await self._dispatch.side_by_side([*behind], min(PAIR, max(0, self._left - 1)), 1)
        endings.append(await self._dispatch.at_once(plan.overlapping[:AT_ONCE], kept_to_explore))
        await self._explain_refusals(self._unsent(plan.apart), 0)
        endings.append(await self._dispatch.one_by_one(self._unsent(last), kept_to_explore))
        await self._pursuit.ask_again()  # before the last execution is spent
        await self._last_two(plan, kept_to_explore)
        return endings

    def _followed(self, probes: Iterable[Probe], behind: Iterator[Probe]) -> Iterator[Probe]:
        """The probes, and right behind each that was executed one of those for that place."""
        for probe in probes:
            spent = self.budget.executions.spent
            yield probe
            if self.budget.executions.spent > spent:
                yield from islice(behind, 1)

    async def _last_two(self, plan: Plan, kept_to_explore: int, follow: int = 0) -> None:
        """Send the last two of those that go at once: before the others, where all of them may go.

        What they ask for was never asked for before, and what that leaves behind shows in the rest:
        they leave enough to so many requests that `follow`.
        """
        if self._pursuit.left_to_repeat >= KEPT_FOR_A_PAIR + follow:
            pair = [*self._unsent(plan.overlapping[AT_ONCE:])]
            await self._dispatch.at_once(pair, kept_to_explore)

    async def _while_requests_are_left(
        self,
        plan: Plan,
        probes: Sequence[Probe],
        open_points: Sequence[Probe] = (),
        most: int | None = None,
    ) -> None:
        """Send more refusals, as many as leave enough to open points and to what follows.

        None go to a target that had to be asked anything again: more of that may come. At `most` so
        many go at once: some of them have to come twice in a row.
        """
        is_troubled = self.sender.weather.troubled or self._dispatch.repeats
        executed = [*self._unsent(plan.valid), *plan.overlapping][: self._left]
        follows = (*open_points, *executed, *self._unsent(plan.behind))
        later = KEPT_WITHOUT_TROUBLE + (KEPT_FOR_LOOKS if self.sender.backups.is_shown else 0)
        room = self._pursuit.left_to_repeat - len(follows) - later
        if self._left > 1 and room > 0 and not is_troubled:
            more = [*islice(self._unsent(probes), room)]
            await self._dispatch.side_by_side(more, min(PAIR, self._left - 1), most)

    async def _use_the_rest(self, plan: Plan, kept_to_explore: int) -> None:
        """Send what is left of the plan, as far as it costs nothing that others need."""
        to_blame = condemned(self._dispatch.outcomes)
        left = (
            probe
            for probe in self._unsent(plan.spare)
            if to_blame.isdisjoint(self.oracle.expect(probe.request).features)
        )
        spare = self._while_it_costs_nothing(chain(left, self._unsent(plan.choices)))
        await self._dispatch.one_by_one(spare, kept_to_explore)
        postponed = self._while_it_costs_nothing(tuple(self._triage.postponed))
        await self._dispatch.one_by_one(postponed, kept_to_explore)
        await self._pursuit.ask_again()
        await self._pursuit.ask_at_the_end()

    async def _harmless_first(self, plan: Plan, kept_back: int) -> Ending:
        """Where the target failed on the first thing that was wrong, send what names no policy.

        A valid request goes before it: where that is executed, the failures on these cost nothing,
        and show as well what the target makes of what is wrong. What is wrong in the URI goes with
        them: nearly every target refuses that, which shows that others are served.
        """
        if not self._pursuit.shown.crashed:
            return Ending.COMPLETE
        for probe in plan.valid[:1]:
            with suppress(Exhausted):
                await self._pursuit.ask_first(probe, 0)
        harmless = filter(self._triage.is_harmless, plan.refusals)
        return await self._dispatch.side_by_side([*harmless], kept_back)

    def _echoed(self, plan: Plan) -> Iterator[Probe]:
        """Refusals made of what the first execution brought, for clauses that are asked again."""
        wanted = {self.oracle.expect(probe.request).decisive for probe in plan.again} - {None}
        executions = self._dispatch.executions
        for probe in echoed(executions[0]) if executions else ():
            expectation = self.oracle.expect(probe.request)
            if expectation.duty is Duty.REFUSE and expectation.decisive in wanted:
                yield probe

    async def _settle_doubts(self, plan: Plan) -> Ending:
        """Ask again what must be refused and whose response was lost, one by one.

        Each counts as an execution until its response says that it was none, and so may this one.
        """
        later = {probe.id for probe in plan.again}  # what they show, they show beside an execution
        for doubt in self.sender.doubts:
            first = doubt.exchanges[0]
            probe = Probe(first.probe or first.id, first.request)
            if not can_be_asked_again(doubt.expectation) or self._triage.is_shown(probe):
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
    def _left(self) -> int:
        """How many executions are left."""
        return self.budget.executions.left

    @property
    def _room(self) -> int:
        """How many generated requests leave enough for the rest of the plan and repetitions."""
        return max(0, self._pursuit.left_to_repeat - KEPT_FOR_REPEATS)

    def footer(self, ending: Ending, plan: Plan) -> JournalFooter:
        """How the run ended, for the journal."""
        left = unsent(plan, self._pursuit, self._triage)
        return JournalFooter(
            ending,
            self.sender.clock.now(),
            self.budget.requests,
            self.budget.executions,
            left.clauses,
            tuple(self.sender.renewals),
            tuple(self.sender.fresh),
            self.budget.executions.spent + left.executions,
            *self._pursuit.enough(left.probes),
        )

    async def _gone_on(self, endings: list[Ending], refusals: Sequence[Probe]) -> list[Ending]:
        """Send the refusals that were kept from their executions, at the risk of one more.

        Most of them are refused, also by a target that executed, or crashed on, many before. Those
        that break what was refused already go first: they cost nothing. What comes of it stands in
        the place of `endings` for want of executions. One that fails on most of what is wrong gets
        the valid requests first.
        """
        if Ending.EXECUTIONS not in endings or self._left <= 1 or self._triage.fails_mostly:
            return endings
        sent = self._pursuit.sent
        left = [p for p in refusals if p.id not in sent and not self._triage.tells_nothing(p)]
        kept = max(0, self._left - 1)
        ended = await self._dispatch.work(self._triage.likely_refused_first(left), kept)
        return [*(each for each in endings if each is not Ending.EXECUTIONS), ended]

    async def _explain_refusals(self, probes: Iterable[Probe], kept_back: int) -> None:
        """Send those valid requests that tell why others were refused, if any were.

        They keep back what others need where there is enough, and never pass the limit.
        """
        kept = min(kept_back, max(0, self._left - 1))
        for probe in probes:
            if explains(self.oracle.expect(probe.request), self._dispatch.outcomes):
                why = "it tells why other valid requests were refused"
                self.sender.tell("courier.explains", probe=probe, why=why)
                await self._dispatch.one_by_one([probe], kept)
        await self._pursuit.ask_again()

    def _while_it_costs_nothing(self, probes: Iterable[Probe]) -> Iterator[Probe]:
        """The probes, until the budget is needed to ask one again, or the target makes us wait."""
        for probe in probes:
            if self._pursuit.is_unsettled or self._pursuit.left_to_repeat < WITH_A_REPETITION:
                return
            yield probe

    def _leaving(self, requests: int, probes: Iterable[Probe]) -> Iterator[Probe]:
        """The probes, until no more than so many requests are left, which others need."""
        for probe in probes:
            if self._pursuit.left_to_repeat <= requests:
                self._triage.postponed_for_requests.add(probe.id)
                return
            yield probe

    def _unsent(self, probes: Iterable[Probe]) -> Iterator[Probe]:
        """The probes that were not sent by the time at which each is asked for."""
        return (probe for probe in probes if probe.id not in self._pursuit.sent)

    def _points(self, probe: Probe) -> frozenset[str]:
        """The open points in a probe, by their clauses."""
        breaches = self.oracle.expect(probe.request).breaches
        return frozenset(breach.clause.id for breach in breaches)

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
            attempts = await gathered([pursue(probe) for probe in probes])
        else:
            attempts = [await pursue(probe) for probe in probes]
        if exhausted:
            raise exhausted[0]
        await self._pursuit.ask_again()
        return attempts


def _parted(plan: Plan) -> tuple[tuple[Probe, ...], tuple[Probe, ...]]:
    """The valid requests of a plan that go before the open points, and the one that goes behind."""
    size = len(plan.valid) - bool(plan.overlapping)
    return plan.valid[:size], plan.valid[size:]
