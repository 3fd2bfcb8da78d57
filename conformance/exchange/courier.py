"""Delivers a plan: in order, within the budget, repeating what the moment may have spoiled."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from conformance.exchange.budget import Budget, Exhausted
from conformance.exchange.open_points import in_order
from conformance.exchange.preflight import NothingToTest, preflight
from conformance.exchange.retrying import REFUSAL_DELAYS, Cause, Repeat, repeat
from conformance.exchange.sender import Sender, TargetIsDead
from conformance.exchange.throttle import says_not_now
from conformance.judge.oracle import EXECUTED, Duty, Expectation
from conformance.judge.persistence import ATTEMPTS, speaks_of_the_moment
from conformance.model import Ending, Exchange, Failure, JournalFooter, Request
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan

KEPT_FOR_CORE = 3
"""Executions that refused requests leave to the valid ones, should the target execute them."""
KEPT_FROM_REPEATS = 1
"""Executions that repetitions of refused requests leave to the first valid one."""
KEPT_FOR_REPEATS = 20
"""Requests that generated ones leave to repetitions later in the run."""
KEPT_FROM_CHOICES = 1
"""Executions that open points leave, to repeat the one that needs it."""
KEPT_TO_EXPLORE = 1
"""Executions that spare requests leave to exploration, should what must be refused be executed."""
LONG_SILENCE = 1.0
"""Seconds that a request waited in vain after which it is asked whether others are served."""
BACK_TO_BACK = 0.1
"""Seconds between two executions that show that one need not wait for the other."""


class ToldToWait(Exception):
    """The target asked everybody to wait for longer than the run may take."""


class Courier:
    """Delivers the requests of one run through `sender`.

    `past` are the exchanges of the run that this one resumes: none of them is sent again.
    `hindrance` says why nothing could be tested, where the first requests showed it.
    """

    def __init__(self, sender: Sender, past: Iterable[Exchange] = ()) -> None:
        self.sender = sender
        self.oracle = sender.oracle
        self.weather = sender.weather
        self.hindrance = ""
        self._began = time.monotonic()
        self._sent: set[str] = set()
        self._deferred: list[tuple[Probe, list[Exchange]]] = []
        self._in_trouble: list[tuple[Probe, list[Exchange]]] = []
        self._last_execution = -1.0
        self._one_at_a_time: bool | None = None
        self._repeating = asyncio.Lock()
        self._overcome = 0
        self._accepted: set[str] = set()
        self._still_to_come = 0
        self._busy_for = 0.0
        self._past: defaultdict[str, list[Exchange]] = defaultdict(list)
        for exchange in past:
            self._past[exchange.request.digest].append(exchange)
            self._note_execution(self.oracle.expect(exchange.request), exchange, is_first=False)
        self.already_sent = frozenset(self._past)
        """The digests of the requests that the resumed run has sent."""

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
                return await explore()
        except TimeoutError:
            return Ending.TIME
        except asyncio.CancelledError:
            return Ending.INTERRUPTED
        except TargetIsDead:
            return Ending.DEAD
        except NothingToTest as reason:
            self.hindrance = reason.hindrance
            return Ending.HOPELESS
        except ToldToWait:
            return Ending.TOLD_TO_WAIT

    async def _deliver(
        self, plan: Plan, generated: Awaitable[Plan] | None, kept_to_explore: int
    ) -> Ending:
        ceiling = self.budget.executions.ceiling
        kept_back = min(KEPT_FOR_CORE, ceiling - 1)
        with suppress(Exhausted):
            await self._preflight(plan, kept_back)
        self._still_to_come = len(plan.choices) + len(plan.valid) + len(plan.again)
        endings = [await self._side_by_side(plan.refusals, kept_back)]
        if generated is not None:
            plan = await generated
            added = [probe for probe in plan.refusals if probe.id not in self._sent]
            endings.append(await self._side_by_side(added[: self._room], kept_back))
        self._still_to_come = 0
        endings.append(await self._one_by_one(plan.valid[:1], 0))
        endings.append(await self._side_by_side(plan.again, kept_back))
        endings.append(await self._one_by_one(plan.valid[1:], 0))
        await self._ask_again()
        asked = in_order(plan.choices, self._points, self._accepted)
        endings.append(await self._one_by_one(asked, KEPT_FROM_CHOICES))
        answered = (probe for probe in plan.choices if probe.id not in self._sent)
        spare = self._while_it_costs_nothing(chain(plan.spare, answered))
        await self._one_by_one(spare, kept_to_explore)
        await self._ask_again()
        await self._ask_at_the_end()
        return _first_trouble(endings)

    async def _preflight(self, plan: Plan, kept_back: int) -> None:
        """Ask the first questions of a plan. Raises NothingToTest."""

        async def ask(probe: Probe) -> Exchange:
            digest = probe.request.digest
            expectation = self.oracle.expect(probe.request)
            is_new = not self._past[digest]
            attempts = self._past[digest] or [
                await self._attempt(probe, expectation, kept_back, ())
            ]
            self._past[digest] = attempts
            is_patient = not (is_new and _was_silent(attempts[-1]))  # silence costs a timeout
            if is_patient and speaks_of_the_moment(attempts[-1]) and expectation.call.is_operation:
                await self._pursue(probe, kept_back)
                self._past[digest] = attempts  # so that it is not sent again later
            return attempts[-1]

        await preflight(plan, self.oracle, ask)

    @property
    def _left_to_repeat(self) -> int:
        """How many repetitions leave enough requests for the rest of the plan."""
        return self.budget.requests.ceiling - self.budget.requests.spent - self._still_to_come

    @property
    def _room(self) -> int:
        """How many generated requests leave enough for the rest of the plan and repetitions."""
        return max(0, self._left_to_repeat - KEPT_FOR_REPEATS)

    def unsent(self, plan: Plan) -> tuple[str, ...]:
        """The clauses whose probes were planned and not sent, and that were not answered so."""
        ids: dict[str, None] = {}
        for probe in (*plan.refusals, *plan.choices, *plan.valid, *plan.again):
            if probe.id not in self._sent:
                expectation = self.oracle.expect(probe.request)
                ids.update(dict.fromkeys(breach.clause.id for breach in expectation.breaches))
                if expectation.duty is Duty.EXECUTE:
                    ids.update(dict.fromkeys(shape.clause.id for shape, _ in expectation.features))
        return tuple(name for name in ids if name not in self._accepted)

    def footer(self, ending: Ending, plan: Plan) -> JournalFooter:
        """How the run ended, for the journal."""
        return JournalFooter(
            ending,
            time.time(),
            self.budget.requests,
            self.budget.executions,
            self.unsent(plan),
            tuple(self.sender.renewals),
            tuple(self.sender.fresh),
        )

    async def _side_by_side(self, probes: Sequence[Probe], kept_back: int) -> Ending:
        """Send probes concurrently, starting in their order."""
        waiting = iter(probes)
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
            if self._deferred or self._in_trouble or self._busy_for:
                return
            yield probe

    async def _one_by_one(self, probes: Iterable[Probe], kept_back: int) -> Ending:
        """Send probes one after the other, each when the one before it is settled."""
        return await self._work(iter(probes), kept_back)

    async def _work(self, waiting: Iterator[Probe], kept_back: int) -> Ending:
        """Send probes until there are no more or the budget allows none; say which."""
        for probe in waiting:
            try:
                await self._pursue(probe, kept_back)
            except Exhausted as exhausted:
                return exhausted.ending
        return Ending.COMPLETE

    async def explore(self, request: Request) -> list[Exchange]:
        """Send a request that stands in no plan, and what repeats it. Raises Exhausted."""
        return await self._pursue(Probe("explored", request), 0)

    async def _pursue(self, probe: Probe, kept_back: int) -> list[Exchange]:
        """Send a probe, and repeat it while that may tell more.

        Only one probe is repeated at a time, so that what is left of the budget settles one doubt
        rather than begins many.
        """
        expectation = self.oracle.expect(probe.request)
        attempts = self._past.pop(probe.request.digest, [])
        if attempts:
            self._sent.add(probe.id)
        else:
            attempts.append(await self._attempt(probe, expectation, kept_back, ()))
        if self._again(expectation, attempts) is not None:
            await self._pursue_further(probe, expectation, kept_back, attempts)
        if says_not_now(attempts[-1]) and expectation.call.is_operation:
            self._in_trouble.append((probe, attempts))
        return attempts

    async def _pursue_further(
        self, probe: Probe, expectation: Expectation, kept_back: int, attempts: list[Exchange]
    ) -> None:
        """Repeat a probe, and add what comes of it to its `attempts`."""
        async with self._repeating:
            while (again := self._again(expectation, attempts)) is not None:
                if again.cause is Cause.REFUSAL and self._can_be_asked_later:
                    self._deferred.append((probe, attempts))
                    return
                if again.cause is Cause.TOKEN and not await self.sender.renew_after(attempts[-1]):
                    return
                served = self.weather.served
                busy_since = self._last_execution
                if not await self._wait(attempts[-1], again):
                    if again.everyone and self._speaks_for_all(attempts[-1]):
                        raise ToldToWait
                    return
                is_due = len(attempts) >= ATTEMPTS - 1 or attempts[-1].duration > LONG_SILENCE
                if again.cause is Cause.MOMENT and is_due and self.weather.served == served:
                    await self._send_control()
                kept = KEPT_FROM_REPEATS if kept_back > KEPT_FROM_CHOICES else 0
                attempts.append(await self._attempt(probe, expectation, kept, attempts))
                if again.cause is Cause.BUSY and busy_since > 0:
                    self._busy_for = attempts[-1].started - busy_since
            last = attempts[-1].response
            if expectation.duty is Duty.EXECUTE and last is not None and last.status == 400:
                self._one_at_a_time = False  # waiting was in vain: it is not busy

    async def _ask_at_the_end(self) -> None:
        """Repeat once more what was answered with "not now" alone: that moment may be over."""
        in_trouble, self._in_trouble = self._in_trouble, []
        for probe, attempts in in_trouble:
            with suppress(Exhausted):
                await self._attempt(probe, self.oracle.expect(probe.request), 0, attempts)

    async def _attempt(
        self,
        probe: Probe,
        expectation: Expectation,
        kept_back: int,
        attempts: Sequence[Exchange],
    ) -> Exchange:
        exchange = await self.sender.send(probe.request, expectation, kept_back, attempts)
        self._sent.add(probe.id)
        if attempts and not speaks_of_the_moment(exchange):
            self._overcome += sum(speaks_of_the_moment(attempt) for attempt in attempts)
        self._note_execution(expectation, exchange, is_first=not attempts)
        return exchange

    def _again(self, expectation: Expectation, attempts: Sequence[Exchange]) -> Repeat | None:
        if self._left_to_repeat <= 0:
            return None
        return repeat(
            attempts,
            expectation,
            calm=not self._overcome,
            renewable=self.sender.is_renewable(attempts[-1]),
            now=time.time(),
        )

    @property
    def _can_be_asked_later(self) -> bool:
        """Whether a refused valid request need not be waited for.

        It must be where our own execution before it may have made the target busy.
        """
        return self._last_execution < 0 or self._one_at_a_time is False

    async def _ask_again(self) -> None:
        """Repeat the valid requests that were refused without a code, all of them in rounds."""
        for delay in REFUSAL_DELAYS:
            deferred, self._deferred = self._deferred, []
            if not deferred or not await self._sleep(delay):
                return
            for probe, attempts in deferred:
                expectation = self.oracle.expect(probe.request)
                try:
                    attempts.append(await self._attempt(probe, expectation, 0, attempts))
                except Exhausted:
                    return
                response = attempts[-1].response
                if response is not None and response.status == 400:
                    self._deferred.append((probe, attempts))
        self._deferred = []

    def _note_execution(
        self, expectation: Expectation, exchange: Exchange, *, is_first: bool
    ) -> None:
        if exchange.response is None or exchange.response.status != EXECUTED:
            return
        if expectation.duty is Duty.CHOOSE:
            self._accepted.update(breach.clause.id for breach in expectation.breaches)
        if expectation.duty is Duty.EXECUTE and is_first:
            since = exchange.started - self._last_execution
            if 0 <= since < BACK_TO_BACK:
                self._one_at_a_time = False
        self._last_execution = exchange.ended

    async def _wait(self, last: Exchange, again: Repeat) -> bool:
        """Wait as long after the last attempt as is asked, or say that there is no time to."""
        until = last.ended + again.delay
        if again.cause is Cause.BUSY:
            until = max(until, self._last_execution + self._busy_for)
        delay = max(0.0, until - time.time())
        if again.everyone and self._has_time_for(delay):
            self.sender.be_quiet(delay)
        return await self._sleep(delay)

    def _speaks_for_all(self, exchange: Exchange) -> bool:
        """Whether a request to wait concerns all requests: a 429 does (RFC 6585, section 4), and
        anything where nothing was served yet.
        """
        is_limit = exchange.response is not None and exchange.response.status == 429
        return is_limit or not self.weather.served

    async def _sleep(self, delay: float) -> bool:
        if not self._has_time_for(delay):
            return False
        await asyncio.sleep(delay)
        return True

    def _has_time_for(self, delay: float) -> bool:
        return time.monotonic() + delay < self._began + self.sender.pace.time_limit

    async def _send_control(self) -> None:
        """Send a request that was answered before, to see whether others are served meanwhile."""
        control = self.sender.control
        if control is None:
            return
        exchange = await self.sender.send(control, self.oracle.expect(control), 0)
        if says_not_now(exchange) and not any(
            probe.request == control for probe, _ in self._in_trouble
        ):
            self._in_trouble.append((Probe("control", control), [exchange]))


def _was_silent(exchange: Exchange) -> bool:
    return exchange.failure is not None and exchange.failure.kind is Failure.TIMEOUT


async def together(coroutines: Sequence[Coroutine[Any, Any, Ending]]) -> list[Ending]:
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
