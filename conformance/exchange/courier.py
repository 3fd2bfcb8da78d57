"""Delivers a plan: in order, within the budget, repeating what the moment may have spoiled."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.exchange.budget import Budget, Exhausted
from conformance.exchange.client import Client
from conformance.exchange.journal import JournalWriter
from conformance.exchange.retrying import REFUSAL_DELAYS, Cause, Repeat, repeat
from conformance.exchange.throttle import Throttle
from conformance.judge.error_codes import moment
from conformance.judge.execution import Answer, Execution
from conformance.judge.oracle import EXECUTED, Duty, Expectation, Oracle
from conformance.judge.persistence import ATTEMPTS, Weather, speaks_of_the_moment
from conformance.model import (
    Ending,
    Exchange,
    Failure,
    JournalFooter,
    Request,
    Response,
    Tolerances,
    TransportFailure,
)
from conformance.plan.drafting import Probe
from conformance.plan.planner import Plan
from conformance.secrets import Secrets

KEPT_FOR_CORE = 3
"""Executions that refused requests leave to the valid ones, should the target execute them."""
KEPT_FROM_REPEATS = 1
"""Executions that repetitions of refused requests leave to the first valid one."""
KEPT_FOR_REPEATS = 20
"""Requests that generated ones leave to repetitions later in the run."""
KEPT_FROM_CHOICES = 1
"""Executions that open points leave, to repeat the one that needs it."""
GIVEN_UP_AFTER = 20.0
"""Seconds without any answer after which a target counts as dead."""
LEAST_PATIENCE, PATIENCE = 3.0, 10.0
"""Seconds to wait for an answer again, at least, and by how much longer than the slowest so far."""
LONG_SILENCE = 1.0
"""Seconds that a request waited in vain after which it is asked whether others are served."""
REFUSED_CONNECTIONS = 8
BACK_TO_BACK = 0.1
"""Seconds between two executions that show that one need not wait for the other."""


class TargetIsDead(Exception):
    """The target answers nothing any more."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to send: requests in flight, requests a second, seconds for the whole run."""

    concurrency: int = 8
    rate: float | None = None
    time_limit: float = 300.0


@dataclass
class Courier:
    """Sends the requests of one run. `observer` gets every exchange, as it is in the journal."""

    client: Client
    budget: Budget
    journal: JournalWriter
    oracle: Oracle
    secrets: Secrets
    pace: Pace
    observer: Callable[[Exchange], None]
    weather: Weather = field(default_factory=Weather)

    def __post_init__(self) -> None:
        self._count = 0
        self._began = self._last_answer = time.monotonic()
        self._throttle = Throttle(self.pace.concurrency, self.pace.rate)
        self._failures = 0
        self._control: Request | None = None
        self._sent: set[str] = set()
        self._deferred: list[tuple[Probe, list[Exchange]]] = []
        self._last_execution = -1.0
        self._one_at_a_time: bool | None = None
        self._repeating = asyncio.Lock()
        self._overcome = 0
        self._slowest = 0.0
        self._still_to_come = 0
        self._busy_for = 0.0

    async def deliver(
        self,
        plan: Plan,
        generated: Awaitable[Plan] | None,
        explore: Callable[[], Awaitable[Ending]] | None = None,
    ) -> Ending:
        """Send a plan, what `generated` adds to it, then `explore`; say why the run ended."""
        try:
            async with asyncio.timeout(self.pace.time_limit):
                ending = await self._deliver(plan, generated)
                if explore is None or ending is Ending.REQUESTS:
                    return ending
                return await explore()
        except TimeoutError:
            return Ending.TIME
        except asyncio.CancelledError:
            return Ending.INTERRUPTED
        except TargetIsDead:
            return Ending.DEAD

    async def _deliver(self, plan: Plan, generated: Awaitable[Plan] | None) -> Ending:
        ceiling = self.budget.executions.ceiling
        kept_back = min(KEPT_FOR_CORE, ceiling - 1)
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
        endings.append(await self._one_by_one(plan.choices, KEPT_FROM_CHOICES))
        await self._one_by_one(self._while_it_costs_nothing(plan.spare), 0)
        await self._ask_again()
        return _first_trouble(endings)

    @property
    def _left_to_repeat(self) -> int:
        """How many repetitions leave enough requests for the rest of the plan."""
        return self.budget.requests.ceiling - self.budget.requests.spent - self._still_to_come

    @property
    def _room(self) -> int:
        """How many generated requests leave enough for the rest of the plan and repetitions."""
        return max(0, self._left_to_repeat - KEPT_FOR_REPEATS)

    def unsent(self, plan: Plan) -> tuple[str, ...]:
        """The clauses whose probes were planned and not sent."""
        ids: dict[str, None] = {}
        for probe in (*plan.refusals, *plan.choices, *plan.valid, *plan.again):
            if probe.id not in self._sent:
                expectation = self.oracle.expect(probe.request)
                ids.update(dict.fromkeys(breach.clause.id for breach in expectation.breaches))
                if expectation.duty is Duty.EXECUTE:
                    ids.update(dict.fromkeys(shape.clause.id for shape, _ in expectation.features))
        return tuple(ids)

    def footer(self, ending: Ending, plan: Plan) -> JournalFooter:
        """How the run ended, for the journal."""
        return JournalFooter(
            ending, time.time(), self.budget.requests, self.budget.executions, self.unsent(plan)
        )

    async def _side_by_side(self, probes: Sequence[Probe], kept_back: int) -> Ending:
        """Send probes concurrently, starting in their order."""
        waiting = iter(probes)
        workers = min(self.pace.concurrency, len(probes))
        return _first_trouble(
            await together([self._work(waiting, kept_back) for _ in range(workers)])
        )

    def _while_it_costs_nothing(self, probes: Iterable[Probe]) -> Iterator[Probe]:
        """The probes, until the budget is needed to ask one again, or the target makes us wait."""
        for probe in probes:
            if self._deferred or self._busy_for:
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
        attempts = [await self._attempt(probe, expectation, kept_back, ())]
        if self._again(expectation, attempts) is None:
            return attempts
        async with self._repeating:
            while (again := self._again(expectation, attempts)) is not None:
                if again.cause is Cause.REFUSAL and self._can_be_asked_later:
                    self._deferred.append((probe, attempts))
                    return attempts
                served = self.weather.served
                busy_since = self._last_execution
                if not await self._wait(attempts[-1], again):
                    return attempts
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
        return attempts

    async def _attempt(
        self,
        probe: Probe,
        expectation: Expectation,
        kept_back: int,
        attempts: Sequence[Exchange],
    ) -> Exchange:
        exchange = await self._send(probe.request, expectation, kept_back, attempts)
        self._sent.add(probe.id)
        if attempts and not speaks_of_the_moment(exchange):
            self._overcome += sum(speaks_of_the_moment(attempt) for attempt in attempts)
        self._note_execution(expectation, exchange, is_first=not attempts)
        return exchange

    def _again(self, expectation: Expectation, attempts: Sequence[Exchange]) -> Repeat | None:
        if self._left_to_repeat <= 0:
            return None
        return repeat(attempts, expectation, calm=not self._overcome, now=time.time())

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
            self._throttle.be_quiet(delay)
        return await self._sleep(delay)

    async def _sleep(self, delay: float) -> bool:
        if not self._has_time_for(delay):
            return False
        await asyncio.sleep(delay)
        return True

    def _has_time_for(self, delay: float) -> bool:
        return time.monotonic() + delay < self._began + self.pace.time_limit

    async def _send_control(self) -> None:
        """Send a request that was answered before, to see whether others are served meanwhile."""
        if self._control is not None:
            await self._send(self._control, self.oracle.expect(self._control), 0, ())

    async def _send(
        self,
        request: Request,
        expectation: Expectation,
        kept_back: int,
        attempts: Sequence[Exchange],
    ) -> Exchange:
        async with self._throttle.turn(), self.budget.reserve(kept_back) as reservation:
            self._count += 1
            exchange_id = f"x{self._count:04d}"
            self.journal.sent(exchange_id, request.digest, may_execute=expectation.may_execute)
            headers, body = self.secrets.reveal_request(request)
            started, began = time.time(), time.monotonic()
            outcome = await self.client.send(
                request.method, request.url, headers, body, patience=self._patience(attempts)
            )
            duration = time.monotonic() - began
            if isinstance(outcome, Response):
                self._slowest = max(self._slowest, duration)
            response = (
                self.secrets.redact_response(outcome) if isinstance(outcome, Response) else None
            )
            exchange = Exchange(
                id=exchange_id,
                request=request,
                response=response,
                failure=None if isinstance(outcome, Response) else self._without_secrets(outcome),
                started=started,
                duration=duration,
                retry_of=attempts[0].id if attempts else None,
            )
            reservation.executed = self._may_have_executed(exchange, expectation)
        self.journal.completed(exchange)
        self._throttle.note(exchange)
        self.observer(exchange)
        self._note_weather(exchange, expectation)
        return exchange

    def _patience(self, attempts: Sequence[Exchange]) -> float:
        """How long to wait for an answer: for one that did not come before, no longer than others
        needed by far.
        """
        if not attempts or attempts[-1].response is not None or not self.weather.served:
            return math.inf
        return max(LEAST_PATIENCE, PATIENCE * self._slowest)

    def _without_secrets(self, failure: TransportFailure) -> TransportFailure:
        return TransportFailure(failure.kind, self.secrets.redact(failure.detail))

    def _may_have_executed(self, exchange: Exchange, expectation: Expectation) -> bool:
        """Whether an exchange has to be counted as an execution."""
        if exchange.response is None:
            return exchange.failure is None or exchange.failure.kind not in NEVER_SENT
        if exchange.request.method == "GET":
            answer = Execution(exchange, expectation.call, Tolerances())
            return answer.checkpoint_id is not None
        return executes(exchange, expectation)

    def _note_weather(self, exchange: Exchange, expectation: Expectation) -> None:
        response = exchange.response
        if speaks_of_the_moment(exchange):
            self.weather.troubled += 1
            self._failures = self._failures + 1 if response is None else 0
            silent = time.monotonic() - self._last_answer
            never = self.weather.served == 0 and self._failures >= REFUSED_CONNECTIONS
            unreachable = never and exchange.failure and exchange.failure.kind in NEVER_SENT
            if unreachable or (self._failures >= 3 and silent > GIVEN_UP_AFTER):
                raise TargetIsDead
            return
        self.weather.served += 1
        self._failures = 0
        self._last_answer = time.monotonic()
        if (
            self._control is None
            and expectation.duty is Duty.REFUSE
            and response
            and response.status < 500
        ):
            self._control = exchange.request


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


NEVER_SENT = frozenset({Failure.CONNECT, Failure.TLS})


def executes(exchange: Exchange, expectation: Expectation) -> bool:
    """Whether an answer spends an execution: not a 4xx, a 503, or a published code that refuses."""
    assert exchange.response is not None
    status = exchange.response.status
    if 400 <= status < 500 or status == 503:
        return False
    return moment(Answer(exchange, expectation.call)) is None
