"""How fast to send: never faster than the user wants, and slower where the target asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Protocol

from conformance.clock import Clock
from conformance.events import Listener, nobody
from conformance.exchange.retrying import retry_after
from conformance.model import NEVER_SENT, Exchange
from conformance.page.weather import asks_to_wait

FIRST_INTERVAL, LONGEST_INTERVAL, SPEED_UP = 0.05, 1.0, 0.98
"""Seconds between requests once a target throttles, and the factor by which each response cuts
them."""
INTERVAL_MARGIN = 1.05
"""How much longer they are than those at which the target served."""
LONGEST_PACE, PACE_MARGIN, PACE_SPEED_UP = 1.2, 1.1, 0.995
"""The same for a pace that was learned from pauses that the target asked for."""
FIRST_OUTAGE, LONGEST_OUTAGE = 0.1, 1.0
"""Seconds for which nothing is sent to a target that served before and takes no connection now;
each outage in a row is waited for twice as long."""
CALM = 25
"""Answers in a row after which one more request may be in flight again."""


class Turns(Protocol):
    """Who else has to let a request pass: a limit that several runs share."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Waits for a turn, and holds it while a request is in flight."""


class Unshared:
    """No such limit."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Lets every request pass."""
        return nullcontext()


class Throttle:
    """Lets requests pass, a bounded number at a time and at a bounded rate.

    A 429 that does not say how long to wait slows all requests down; every "not now" halves how
    many may be in flight. From those that say how long to wait a pace is learned that needs no more
    of them. Answers undo all three, bit by bit. `tell` hears of each change.
    """

    def __init__(
        self,
        concurrency: int,
        rate: float | None,
        longest_wait: float,
        clock: Clock,
        tell: Listener = nobody,
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._longest_wait = longest_wait
        self._limit = self._lanes = concurrency
        self._least_interval = 1 / rate if rate else 0.0
        self._interval = 0.0
        self._in_flight = 0
        self._quiet_until = self._next_slot = 0.0
        self._slowed = self._resumed = 0.0
        self._served = 0
        self._is_refusing, self._has_refused = False, False
        self._counted_from, self._counted = self._clock.monotonic(), 0
        self._freed = asyncio.Event()
        self._pace = 0.0
        self._pause_ended = self._clock.monotonic()
        self._since_pause = self._before_pause = 0
        self._pace_helps = True
        self._outage, self._has_served = FIRST_OUTAGE, False

    def be_quiet(self, seconds: float) -> None:
        """Let nothing pass for some seconds."""
        self._quiet_until = max(self._quiet_until, self._clock.monotonic() + seconds)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and hold it while a request is in flight."""
        await self._wait()
        self._in_flight += 1
        interval = max(self._least_interval, self._interval, self._pace)
        self._next_slot = self._clock.monotonic() + interval
        try:
            yield
        finally:
            self._in_flight -= 1
            self._freed.set()

    async def _wait(self) -> None:
        while True:
            wait = max(self._quiet_until, self._next_slot) - self._clock.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            elif self._in_flight >= self._lanes:
                self._freed.clear()
                await self._freed.wait()
            else:
                return

    def note(self, exchange: Exchange) -> None:
        """Take from an exchange how fast its target wants to be asked, and when again."""
        response = exchange.response
        self._wait_for_an_outage(exchange)
        asked = retry_after(exchange, self._clock.now()) if asks_to_wait(exchange) else None
        if asked is not None and asked <= self._longest_wait:
            self._tell("throttle.quiet", exchange=exchange, seconds=asked, why="Retry-After")
            self.be_quiet(asked)
        if response is None or not asks_to_wait(exchange):
            self._interval *= SPEED_UP
            self._pace *= PACE_SPEED_UP
            if self._is_refusing and exchange.started > self._slowed:
                self._learn_interval()
            self._counted += 1
            self._served += 1
            self._since_pause += exchange.started >= self._resumed
            if self._served % CALM == 0 and self._lanes < self._limit:
                self._lanes += 1
                why = f"{CALM} answers in a row that do not ask to wait"
                self._tell("throttle.widened", in_flight=self._lanes, why=why)
        elif exchange.started > self._slowed:
            self._slowed = self._clock.now()
            self._served = 0
            self._lanes = max(1, self._lanes // 2)
            if asked and asked <= self._longest_wait:
                self._learn_pace(asked)
            elif asked is None and response.status == 429:
                self._interval = min(max(2 * self._interval, FIRST_INTERVAL), LONGEST_INTERVAL)
                self._is_refusing = True
            self._tell(
                "throttle.slowed",
                exchange=exchange,
                in_flight=self._lanes,
                interval=self._interval,
                pace=self._pace,
                why=exchange.outcome,
            )

    def _wait_for_an_outage(self, exchange: Exchange) -> None:
        """Be quiet where no connection can be made: requests would be spent on nothing."""
        failure = exchange.failure
        if failure is None or failure.kind not in NEVER_SENT:
            self._outage = FIRST_OUTAGE
        elif self._has_served and self._clock.monotonic() >= self._quiet_until:
            self._tell("throttle.quiet", exchange=exchange, seconds=self._outage, why=failure.kind)
            self.be_quiet(self._outage)
            self._outage = min(2 * self._outage, LONGEST_OUTAGE)
        self._has_served |= exchange.response is not None

    def _learn_interval(self) -> None:
        """Go as fast as the target served from the end of one spell of 429 to that of the next.

        Before the first spell it may have served a burst, so that this tells less.
        """
        now = self._clock.monotonic()
        learned = INTERVAL_MARGIN * (now - self._counted_from) / max(self._counted, 1)
        if not self._has_refused:
            learned = max(learned, FIRST_INTERVAL)
        self._interval = min(self._interval, learned)
        why = f"so fast it served {self._counted} since the last 429"
        self._tell("throttle.learned", interval=self._interval, why=why)
        self._is_refusing, self._has_refused = False, True
        self._counted_from, self._counted = now, 0

    def _learn_pace(self, asked: float) -> None:
        """Go as fast as the target served from its last pause to the end of this one.

        Where it serves no more at that pace than without, it counts requests, and pace is no help.
        What was under way when it asked for the pause is not counted: one outage may ask for
        several, and the second would look like the limit of a target that serves next to nothing.
        """
        self._resumed = self._clock.now() + asked
        began, self._pause_ended = self._pause_ended, self._clock.monotonic() + asked
        served, self._since_pause = self._since_pause, 0
        if not served:  # the pause was too short
            return
        is_first, before, self._before_pause = not self._before_pause, self._before_pause, served
        if self._pace and served < 2 * before:
            self._pace_helps = False
            why = f"{served} served at this pace, {before} without: it counts requests"
            self._tell("throttle.learned", pace=0.0, why=why)
        self._pace = 0.0
        if self._pace_helps and not is_first:  # one pause alone may be for something else
            self._pace = min(PACE_MARGIN * (self._pause_ended - began) / served, LONGEST_PACE)
