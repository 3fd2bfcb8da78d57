"""Sends one request: within the budget, at the pace that suits the target, noted in the journal."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec import Struct

from conformance.clock import CLOCK, Clock
from conformance.credentials.placeholders import Secrets
from conformance.events import Listener, nobody
from conformance.exchange.budget import Budget
from conformance.exchange.client import Carrier
from conformance.exchange.retrying import retry_after
from conformance.exchange.throttle import Throttle, Turns, Unshared
from conformance.journal.writer import JournalWriter
from conformance.model import NEVER_SENT, Exchange, Response, Token, TransportFailure
from conformance.page.backup_list import BackupList
from conformance.page.call import TokenState
from conformance.page.executed import Doubts, had_nothing_to_execute, may_have_executed
from conformance.page.oracle import EXECUTED, Duty, Expectation, Oracle
from conformance.page.weather import ATTEMPTS, LONGER, Weather, asks_to_wait, is_silence
from conformance.plan.drafting import Probe

GIVEN_UP_AFTER = 20.0
"""Seconds without any response after which a target counts as dead."""
LEAST_PATIENCE, PATIENCE = 3.0, 10.0
"""Seconds to wait for a list of policies, at least, and by how much longer than the slowest so far:
nothing depends on it."""
REFUSED_CONNECTIONS = 8
MOST_PUT_OFF, LONGEST_PUT_OFF = 20, 60.0
"""Responses in a row that all ask to wait, and seconds over which, after which waiting is vain."""


class TargetIsDead(Exception):
    """The target answers nothing any more."""


class ToldToWait(Exception):
    """The target asked everybody to wait for longer than the run may take, or over and over."""


class Pace(Struct, frozen=True):
    """How fast to send: requests in flight, requests a second, seconds for the whole run."""

    concurrency: int
    rate: float | None
    time_limit: float


class Renew(Protocol):
    """Takes the good token anew where that is needed; see `login/renewal.py`."""

    async def __call__(self, token: str, *, is_rejected: bool) -> str | None:
        """The token to go on with, where it is to be another."""


@dataclass
class Sender:
    """The one way to a target. `observer` gets every exchange, as it is in the journal.

    `weather` is how often requests were answered. `controls` are refusals that were, one for each
    status; where there is none, an execution is the `stand_in` for them. `renew` keeps the token
    fresh where that can be done; `renewals` are when it may have become another, and `fresh` when
    it did because it was rejected.
    `doubts` are what was lost with a run that is resumed, and `backups` what lists of backups show
    of the executions. `turns` are for limits that other runs have a part in. `tell` hears why
    something was sent, repeated or left.
    """

    client: Carrier
    budget: Budget
    journal: JournalWriter
    oracle: Oracle
    secrets: Secrets
    pace: Pace
    observer: Callable[[Exchange], None]
    weather: Weather = field(default_factory=Weather)
    controls: dict[int, Probe] = field(default_factory=dict)
    stand_in: Probe | None = None
    renew: Renew | None = None
    clock: Clock = CLOCK
    renewals: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    doubts: Doubts = field(default_factory=Doubts)
    turns: Turns = field(default_factory=Unshared)
    tell: Listener = nobody
    backups: BackupList = field(init=False)

    def __post_init__(self) -> None:
        self.backups = BackupList(self.oracle.fixtures)
        self._count = 0
        self._last_answer = self.clock.monotonic()
        self._throttle = Throttle(
            *(self.pace.concurrency, self.pace.rate, self.pace.time_limit, self.clock, self.tell)
        )
        self._failures = 0
        self._put_off = 0
        self._put_off_since = 0.0
        self._slowest = 0.0
        self._slow_with: frozenset[str] = frozenset()
        self._accepted = False
        self.has_responded = False
        """Whether there ever was a response, whatever it said."""

    def be_quiet(self, seconds: float) -> None:
        """Send nothing for some seconds."""
        self._throttle.be_quiet(seconds)

    async def send(
        self,
        probe: Probe,
        expectation: Expectation,
        kept_back: int,
        attempts: Sequence[Exchange] = (),
    ) -> Exchange:
        """Send a probe that may follow `attempts`, and leave `kept_back` executions to others.

        Raises Exhausted where the budget allows no more, TargetIsDead, and ToldToWait.
        """
        executes = not (expectation.call.is_look and self.backups.is_harmless)
        async with (
            self._throttle.turn(),
            self.turns.turn(),
            self.budget.reserve(kept_back, executes=executes) as reservation,
        ):
            await self._keep_token_fresh()
            self._count += 1
            exchange_id, request = f"x{self._count:04d}", probe.request
            self.journal.sent(exchange_id, request.digest, may_execute=expectation.may_execute)
            headers, body = self.secrets.reveal_request(request)
            patience, times = self._patience(expectation), self._times(expectation, attempts)
            started, began = self.clock.now(), self.clock.monotonic()
            outcome = await self.client.send(
                request.method, request.url, headers, body, patience=patience, times=times
            )
            # Only now: the response may repeat a token that was taken anew while it was awaited.
            secrets = self.secrets.and_signature(headers)
            exchange = Exchange(
                id=exchange_id,
                request=request,
                response=_redacted(outcome, secrets),
                failure=_failure(outcome, secrets),
                started=started,
                duration=self.clock.monotonic() - began,
                retry_of=attempts[0].id if attempts else None,
                probe=probe.id,
            )
            reservation.executed, reservation.gives_back = self._cost(exchange, expectation)
        self.journal.completed(exchange)
        self._throttle.note(exchange)
        if times > 1 and exchange.response is not None:
            self._slow_with |= expectation.kinds
        self._take_in(exchange, expectation)
        self._give_up_if_dead(exchange)
        self._give_up_if_put_off(exchange)
        return exchange

    async def _keep_token_fresh(self, *, is_rejected: bool = False) -> None:
        if self.renew is None:
            return
        fresh = await self.renew(self.secrets.tokens[Token.GOOD], is_rejected=is_rejected)
        if fresh is None:
            return
        self.secrets = self.secrets.renewed(fresh)
        self.renewals.append(self.clock.now())
        self.journal.renewed(self.renewals[-1], is_rejected=is_rejected)
        self.tell("sender.took_another_token", was_rejected=is_rejected)
        if is_rejected:
            self.fresh.append(self.renewals[-1])

    def is_renewable(self, exchange: Exchange) -> bool:
        """Whether there may be another good token than the one that was sent with an exchange."""
        can_be_had = self.renew is not None and self._accepted
        return can_be_had or self._is_another_since(exchange)

    async def renew_after(self, exchange: Exchange) -> bool:
        """Whether the good token is another now than the one that an exchange was rejected with."""
        if not self._is_another_since(exchange):
            await self._keep_token_fresh(is_rejected=True)
        return self._is_another_since(exchange)

    def _is_another_since(self, exchange: Exchange) -> bool:
        return bool(self.renewals) and self.renewals[-1] > exchange.started

    def replay(self, exchange: Exchange) -> None:
        """Take in an exchange of the run that this one resumes, and count what it executed."""
        expectation = self.oracle.expect(exchange.request)
        executed, gives_back = self._cost(exchange, expectation)
        self.budget.take_up(0, executed - gives_back)
        self._take_in(exchange, expectation)

    def _cost(self, exchange: Exchange, expectation: Expectation) -> tuple[bool, int]:
        """Whether an exchange counts as an execution, and how many that were counted it gives back.

        Who was seen to execute a valid request, and fails where none is named, executed nothing.
        """
        if self.stand_in is not None and had_nothing_to_execute(exchange, expectation):
            return False, 0
        gives_back = self.doubts.take_in(exchange, expectation)
        return may_have_executed(exchange, expectation), gives_back

    def resume_after(self, sent: int) -> None:
        """Count on from the requests that were sent before."""
        self._count = sent

    def _patience(self, expectation: Expectation) -> float:
        """How long to wait for a response: where there may never be one, no longer than others
        needed by far.
        """
        if not expectation.call.is_aside or not self.weather.served:
            return math.inf
        return max(LEAST_PATIENCE, PATIENCE * self._slowest)

    def _times(self, expectation: Expectation, attempts: Sequence[Exchange]) -> float:
        """How many times the timeout to wait for a response.

        More than once where nothing else is left but that a refusal is slow, or one like it was.
        What has to be executed is given the timeout, no more.
        """
        if expectation.duty is Duty.EXECUTE:
            return 1.0
        is_last = sum(map(is_silence, attempts)) >= ATTEMPTS - 1
        is_slow = not self._slow_with.isdisjoint(expectation.kinds)
        return LONGER if is_last or is_slow else 1.0

    def _take_in(self, exchange: Exchange, expectation: Expectation) -> None:
        self.observer(exchange)
        self.backups.take_in(exchange, expectation)
        response = exchange.response
        if response is not None:
            self.has_responded = True
            self._slowest = max(self._slowest, exchange.duration)
            if expectation.call.token is TokenState.GOOD and response.status != 401:
                self._accepted = True
        if expectation.call.is_aside:
            return
        if self.weather.take_in(exchange):
            self._failures = self._failures + 1 if response is None else 0
            return
        self._failures = 0
        self._last_answer = self.clock.monotonic()
        if response is None:
            return
        refused = expectation.duty is Duty.REFUSE and response.status < 500
        executed = expectation.duty is Duty.EXECUTE and response.status == EXECUTED
        if refused and response.status not in self.controls:
            self.controls[response.status] = Probe(exchange.probe or "control", exchange.request)
        elif self.stand_in is None and executed:
            self.stand_in = Probe(exchange.probe or "control", exchange.request)

    def _give_up_if_dead(self, exchange: Exchange) -> None:
        silent = self.clock.monotonic() - self._last_answer
        never = self.weather.served == 0 and self._failures >= REFUSED_CONNECTIONS
        unreachable = never and exchange.failure and exchange.failure.kind in NEVER_SENT
        if unreachable or (self._failures >= 3 and silent > GIVEN_UP_AFTER):
            why = f"{self._failures} failures in a row, no response for {silent:.0f} s"
            self.tell("sender.gave_up", exchange=exchange, why=why)
            raise TargetIsDead

    def _give_up_if_put_off(self, exchange: Exchange) -> None:
        """Raise ToldToWait where all that came for long is to wait: the run learns nothing."""
        if not asks_to_wait(exchange) or not retry_after(exchange, self.clock.now()):
            self._put_off = 0
            return
        if not self._put_off:
            self._put_off_since = self.clock.monotonic()
        self._put_off += 1
        since = self.clock.monotonic() - self._put_off_since
        if self._put_off >= MOST_PUT_OFF and since >= LONGEST_PUT_OFF:
            why = f"{self._put_off} responses in a row ask to wait, for {since:.0f} s"
            self.tell("sender.gave_up", exchange=exchange, why=why)
            raise ToldToWait


def _redacted(outcome: Response | TransportFailure, secrets: Secrets) -> Response | None:
    return secrets.redact_response(outcome) if isinstance(outcome, Response) else None


def _failure(outcome: Response | TransportFailure, secrets: Secrets) -> TransportFailure | None:
    if isinstance(outcome, Response):
        return None
    return TransportFailure(outcome.kind, secrets.redact(outcome.detail))
