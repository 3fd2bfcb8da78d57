"""Pursues a request until it is settled: repeats what the moment may have spoiled.

`retrying` says whether and when; here it is done, within the budget and the time limit, with a
request that was answered before sent in between, so that trouble of all is told from that of one.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress

from conformance.exchange.budget import Exhausted
from conformance.exchange.enough import Past, enough_for
from conformance.exchange.executions import Executions
from conformance.exchange.retrying import REFUSAL_DELAYS, Cause, Repeat, repeat, retry_after
from conformance.exchange.sender import Sender, ToldToWait
from conformance.model import Exchange
from conformance.page.executed import can_be_asked_again, is_lost, names_policy
from conformance.page.oracle import Duty, Expectation
from conformance.page.weather import (
    ATTEMPTS,
    REPEATED,
    asks_to_wait,
    attempts_needed,
    is_closed_for_its_size,
    is_fault,
    is_silence,
    is_trouble,
    may_have_cost,
    speaks_of_the_moment,
)
from conformance.plan.drafting import Probe

KEPT_FROM_REPEATS = 3
"""Executions that repetitions of refused requests leave: to the first valid one, to other refusals,
and to go on. Where silence has taken them, one less: others would be silent, too."""
KEPT_FROM_CHOICES = 3
"""Executions that open points leave: for three at once, or to repeat the one that needs it."""
LENT_AFTER = 10
"""Responses, and no trouble, after which executions that are kept back are lent."""
LONG_SILENCE = 1.0
"""Seconds that a request waited in vain after which it is asked whether others are served."""


class Pursuit:
    """What is known of the requests of one run that were sent through `sender`, and of the target.

    `past` are the exchanges of the run that this one resumes. None of them is sent again, but for
    those whose response was lost and that no right target executes.
    """

    def __init__(self, sender: Sender, past: Iterable[Exchange]) -> None:
        self.sender = sender
        self._clock = sender.clock
        self._tell = sender.tell
        self.oracle = sender.oracle
        self.sent: set[str] = set()
        """The ids of the probes that were sent."""
        self.shown = Executions()
        """What the executions so far have shown of the target."""
        self.still_to_come = 0
        """Requests that repetitions leave to the rest of the plan."""
        self.planned = 0
        """Requests in the plan."""
        self._past: defaultdict[tuple[str | None, str], list[Exchange]] = defaultdict(list)
        self._began = self._clock.monotonic()
        self._spent_before = sender.budget.requests.spent
        self._deferred: list[tuple[Probe, list[Exchange]]] = []
        self._in_trouble: list[tuple[Probe, list[Exchange]]] = []
        self._repeating = asyncio.Lock()
        self._overcome = 0
        self._alone: set[str] = set()
        self._has_lasting_trouble = False
        for exchange in past:
            expectation = self.oracle.expect(exchange.request)
            if is_lost(exchange) and can_be_asked_again(expectation):
                continue
            self._past[exchange.probe, exchange.request.digest].append(exchange)
            self.shown.note(expectation, exchange, is_first=False)

    @property
    def is_unsettled(self) -> bool:
        """Whether something is to be asked again, or the target makes us wait."""
        return bool(self._deferred or self._in_trouble or self.shown.busy_for)

    @property
    def left_to_repeat(self) -> int:
        """How many repetitions leave enough requests for the rest of the plan."""
        return self.sender.budget.requests.left - self.still_to_come

    def enough(self, left: int) -> tuple[int, int]:
        """Limits on requests and on time within which `left` more probes could have been sent."""
        spent, took = self.sender.budget.requests.spent, self._clock.monotonic() - self._began
        return enough_for(left, Past(len(self.sent), spent, spent - self._spent_before, took))

    async def ask_first(self, probe: Probe, kept_back: int) -> Exchange:
        """Send a probe whose response the rest waits for; repeat it if that response is "not now".

        Its last exchange. It is taken up, not sent, when it is pursued later. Asked for again, it
        is sent once more if it met trouble and others were served since.
        """
        expectation = self.oracle.expect(probe.request)
        attempts = self._taken_up(probe)
        is_new = not attempts
        if is_new or self._others_are_served(attempts[-1]):
            attempts.append(await self._attempt(probe, expectation, kept_back, attempts))
        self._past[probe.id, probe.request.digest] = attempts
        is_patient = not (is_new and is_silence(attempts[-1]))  # silence costs a timeout
        if is_patient and speaks_of_the_moment(attempts[-1]) and expectation.call.is_operation:
            await self.pursue(probe, kept_back)
            # So that it is not sent again later.
            self._past[probe.id, probe.request.digest] = attempts
        return attempts[-1]

    async def settle(self, probe: Probe, *, is_sent_later: bool) -> None:
        """Send again what must be refused and whose response was lost; repeat it like any other.

        It is taken up, not sent, when it is pursued later, unless it `is_sent_later` all the same.
        """
        expectation = self.oracle.expect(probe.request)
        attempts = self._taken_up(probe)
        self._past[probe.id, probe.request.digest] = attempts
        attempts.append(await self._attempt(probe, expectation, 0, attempts))
        attempts = await self.pursue(probe, 0)
        if is_sent_later:
            self.sent.discard(probe.id)
        else:
            self._past[probe.id, probe.request.digest] = attempts

    async def pursue(self, probe: Probe, kept_back: int) -> list[Exchange]:
        """Send a probe, and repeat it while that may tell more.

        Only one probe is repeated at a time, so that what is left of the budget settles one doubt
        rather than begins many.
        """
        expectation = self.oracle.expect(probe.request)
        attempts = self._taken_up(probe)
        if attempts:
            self.sent.add(probe.id)
        else:
            attempts.append(await self._attempt(probe, expectation, kept_back, ()))
        if self._again(expectation, attempts) is not None:
            await self._pursue_further(probe, expectation, kept_back, attempts)
        if len(attempts) >= ATTEMPTS and all(map(may_have_cost, attempts)):
            self._has_lasting_trouble = True
        is_unsettled = asks_to_wait(attempts[-1]) or probe.id in self._alone
        if is_unsettled and expectation.call.is_operation:
            self._in_trouble.append((probe, attempts))
        return attempts

    def _others_are_served(self, last: Exchange) -> bool:
        """Whether something was answered since a request met trouble."""
        return may_have_cost(last) and self.sender.weather.latest >= last.ended

    def _taken_up(self, probe: Probe) -> list[Exchange]:
        """What was sent of a probe already, to go on with; nothing if that was taken up before.

        Exchanges go by the name of their probe too, as two probes may send the same request; those
        of a journal that names none go by their request alone.
        """
        digest = probe.request.digest
        return self._past.pop((probe.id, digest), None) or self._past.pop((None, digest), [])

    async def _pursue_further(
        self, probe: Probe, expectation: Expectation, kept_back: int, attempts: list[Exchange]
    ) -> None:
        """Repeat a probe, and add what comes of it to its `attempts`."""
        async with self._repeating:
            while (again := self._again(expectation, attempts)) is not None:
                self._tell(
                    "pursuit.repeats",
                    probe=probe,
                    exchange=attempts[-1],
                    seconds=again.delay,
                    everyone_waits=again.everyone,
                    why=again.cause,
                )
                if again.cause is Cause.REFUSAL and self.shown.need_no_wait:
                    why = "no execution of ours can have made the target busy"
                    self._tell("pursuit.postponed", probe=probe, why=why)
                    self._deferred.append((probe, attempts))
                    return
                if again.cause is Cause.TOKEN and not await self.sender.renew_after(attempts[-1]):
                    return
                served = self.sender.weather.served
                busy_since = self.shown.last
                if not await self._wait(attempts[-1], again):
                    why = "the time limit of the run leaves no time to wait"
                    self._tell("pursuit.left", probe=probe, why=why)
                    if again.everyone and self._speaks_for_all(attempts[-1]):
                        raise ToldToWait
                    return
                least = min(ATTEMPTS, self._enough(expectation, attempts[-1]))
                is_late = len(attempts) >= least - 1 or self._is_the_last_repetition
                is_due = is_late or attempts[-1].duration > LONG_SILENCE
                is_trouble_of_one = again.cause in (Cause.MOMENT, Cause.FAULT)
                if is_trouble_of_one and is_due and self.sender.weather.served == served:
                    kept = self._kept_from_repeats(expectation, kept_back, attempts[-1])
                    is_dear = names_policy(expectation.call) and not self.shown.fails_on_many
                    await self._send_control(kept, may_execute=is_dear)
                is_alone = may_have_cost(attempts[-1]) and self.sender.weather.served == served
                kept = self._kept_from_repeats(expectation, kept_back, attempts[-1])
                attempts.append(await self._attempt(probe, expectation, kept, attempts))
                if is_alone and may_have_cost(attempts[-1]):
                    self._alone.add(probe.id)
                else:
                    self._alone.discard(probe.id)
                if again.cause is Cause.BUSY and busy_since > 0:
                    self.shown.busy_for = attempts[-1].started - busy_since
            last = attempts[-1].response
            if expectation.duty is Duty.EXECUTE and last is not None and last.status == 400:
                self.shown.are_independent = True  # waiting was in vain: it is not busy

    def _kept_from_repeats(self, expectation: Expectation, kept_back: int, last: Exchange) -> int:
        """How many executions the repetition of a request leaves: hardly fewer than the request.

        What may be executed leaves none: it is repeated at its turn.
        """
        if expectation.duty in (Duty.EXECUTE, Duty.CHOOSE):
            return 0
        return max(0, min(KEPT_FROM_REPEATS, kept_back - (kept_back > 2)) - is_silence(last))

    @property
    def _is_the_last_repetition(self) -> bool:
        """Whether one more request that spends an execution leaves none to repeat it."""
        return self.sender.budget.executions.left <= KEPT_FROM_REPEATS + 1

    async def ask_again(self) -> None:
        """Repeat the valid requests that were refused without a code, all of them in rounds."""
        for delay in REFUSAL_DELAYS:
            deferred, self._deferred = self._deferred, []
            if not deferred or not await self._sleep(delay):
                return
            for probe, attempts in deferred:
                expectation = self.oracle.expect(probe.request)
                why = Cause.REFUSAL
                self._tell("pursuit.repeats", probe=probe, exchange=attempts[-1], why=why)
                try:
                    attempts.append(await self._attempt(probe, expectation, 0, attempts))
                except Exhausted:
                    return
                response = attempts[-1].response
                if response is not None and response.status == 400:
                    self._deferred.append((probe, attempts))
        self._deferred = []

    async def ask_at_the_end(self) -> None:
        """Repeat once more what was answered with "not now" alone: that moment may be over.

        Where the target said how long it lasts, that is waited for, if there is time.
        """
        in_trouble, self._in_trouble = self._in_trouble, []
        for probe, attempts in in_trouble:
            asked = retry_after(attempts[-1], attempts[-1].ended) or 0.0
            if not await self.wait_until(attempts[-1].ended + asked):
                continue
            why = "once more, late: that moment may be over"
            self._tell("pursuit.repeats", probe=probe, exchange=attempts[-1], why=why)
            with suppress(Exhausted):
                await self._attempt(probe, self.oracle.expect(probe.request), 0, attempts)

    async def _attempt(
        self,
        probe: Probe,
        expectation: Expectation,
        kept_back: int,
        attempts: Sequence[Exchange],
    ) -> Exchange:
        exchange = await self.sender.send(probe, expectation, kept_back, attempts)
        self.sent.add(probe.id)
        if attempts and not is_trouble(exchange):
            self._overcome += sum(map(is_trouble, attempts))
        self.shown.note(expectation, exchange, is_first=not attempts)
        weather = self.sender.weather
        goes_well = weather.served >= LENT_AFTER and not weather.troubled
        self.sender.budget.is_lending = goes_well and not self.shown.broken
        return exchange

    def _again(self, expectation: Expectation, attempts: Sequence[Exchange]) -> Repeat | None:
        if self.left_to_repeat <= 0 or is_closed_for_its_size(attempts[-1], self.sender.weather):
            return None
        return repeat(
            attempts,
            expectation,
            enough=self._enough(expectation, attempts[-1]),
            renewable=self.sender.is_renewable(attempts[-1]),
            now=self._clock.now(),
        )

    def _enough(self, expectation: Expectation, last: Exchange) -> int:
        """How often a request has to meet trouble."""
        if self._has_lasting_trouble and may_have_cost(last) and not expectation.may_execute:
            is_dear = self.shown.fails_on_many and names_policy(expectation.call)
            return 1 if is_dear else REPEATED
        return attempts_needed(max(self.sender.weather.served, self.planned), self._overcome)

    async def _wait(self, last: Exchange, again: Repeat) -> bool:
        """Wait as long after the last attempt as is asked, or say that there is no time to."""
        until = last.ended + again.delay
        if again.cause is Cause.BUSY:
            until = max(until, self.shown.last + self.shown.busy_for)
        delay = max(0.0, until - self._clock.now())
        if again.everyone and self._has_time_for(delay):
            self.sender.be_quiet(delay)
        return await self._sleep(delay)

    def _speaks_for_all(self, exchange: Exchange) -> bool:
        """Whether a request to wait concerns all requests: a 429 does (RFC 6585, section 4), and
        anything where nothing was served yet.
        """
        is_limit = exchange.response is not None and exchange.response.status == 429
        return is_limit or not self.sender.weather.served

    async def wait_until(self, moment: float) -> bool:
        """Wait until a moment in epoch seconds, or say that the time limit does not allow it."""
        return await self._sleep(max(0.0, moment - self._clock.now()))

    async def _sleep(self, delay: float) -> bool:
        if not self._has_time_for(delay):
            return False
        await asyncio.sleep(delay)
        return True

    def _has_time_for(self, delay: float) -> bool:
        return self._clock.monotonic() + delay < self._began + self.sender.pace.time_limit

    async def _send_control(self, kept_back: int, *, may_execute: bool) -> None:
        """Send a request that was answered before, to see whether others are served meanwhile.

        One that meets trouble is asked no more: those who were refused otherwise may be served.
        Where nothing was refused it is a valid one, if what is in trouble is worth an execution.
        """
        controls, served = self.sender.controls, self.sender.weather.served
        stand_in = {0: self.sender.stand_in} if self.sender.stand_in and may_execute else {}
        for status, control in list((controls or stand_in).items()):
            why = "it was answered before: are others served meanwhile?"
            self._tell("pursuit.asks", probe=control, why=why)
            expectation = self.oracle.expect(control.request)
            try:
                exchange = await self.sender.send(control, expectation, kept_back)
            except Exhausted:
                return
            if asks_to_wait(exchange) and not any(
                probe.request == control.request for probe, _ in self._in_trouble
            ):
                self._in_trouble.append((control, [exchange]))
            if self.sender.weather.served > served or not is_fault(exchange):
                return
            controls.pop(status, None)
