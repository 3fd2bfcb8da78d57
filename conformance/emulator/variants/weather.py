"""Unlucky moments: outages, lost connections and tokens that expire."""
# ruff: noqa: D102

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from conformance.emulator.messages import Request, Response
from conformance.emulator.raw import RawService
from conformance.emulator.service import Service, utc_now
from conformance.emulator.variants.registry import variant
from conformance.emulator.variants.throttling import Counting, ThrottledByHalf
from conformance.emulator.world import World


@variant("outage")
class Outage(Counting):
    """After 60 requests, all meet 503 for half a second."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self.outage_from: float | None = None

    def is_unlucky(self) -> bool:
        if self.requests < 60:
            return False
        if self.outage_from is None:
            self.outage_from = self.clock().timestamp()
        return self.clock().timestamp() - self.outage_from < 0.5


@variant("outages", inconclusive=True)
class Outages(Counting):
    """The last fifth of every half second, all requests meet 503."""

    def is_unlucky(self) -> bool:
        return self.clock().timestamp() % 0.5 > 0.4


@variant("three-at-a-time", inconclusive=True)
class ThreeAtATime(RawService):
    """No more than three requests are worked on at a time; others meet 503 with Retry-After: 0."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self.free = threading.Semaphore(3)

    def respond(self, request: Request) -> Response:
        if not self.free.acquire(blocking=False):
            return self.render(503, {}, (("Retry-After", "0"),))
        try:
            time.sleep(0.002)
            return self.handle(request)
        finally:
            self.free.release()


@variant("connections-reset")
class ConnectionsReset(Counting):
    """One request in 40 has its connection reset before it is looked at."""

    every = 40

    def trouble(self) -> Response:
        return Response(500, hang_up=True)


@variant("answers-lost")
class AnswersLost(ConnectionsReset):
    """One request in 40 is carried out, and its connection reset instead of a response."""

    def handle(self, request: Request) -> Response:
        self.requests += 1
        response = Service.handle(self, request)
        return replace(response, hang_up=True) if self.is_unlucky() else response


@variant("answers-cut")
class AnswersCut(AnswersLost):
    """One response in 40 is cut off after ten bytes."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        return replace(response, hang_up=False, cut_after=10) if response.hang_up else response


@variant("passing-500", inconclusive=True)
class Passing500(Counting):
    """Every 45th request meets an internal error, which a should advises against.

    An error without a code may have executed the policy: enough of them use the executions up.
    """

    every, status = 45, 500


@variant("errors-at-random", inconclusive=True)
class ErrorsAtRandom(ThrottledByHalf):
    """One request in 25, at random, meets an internal error."""

    status = 500

    def is_unlucky(self) -> bool:
        return self.random.random() < 0.04


@variant("maintenance")
class Maintenance(Counting):
    """After 60 requests, all meet 503 with Retry-After: 1 for two seconds."""

    retry_after = "1"

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self.since: float | None = None

    def is_unlucky(self) -> bool:
        now = self.clock().timestamp()
        if self.since is None and self.requests >= 60:
            self.since = now
        return self.since is not None and now - self.since < 2


@variant("slow-executions", inconclusive=True)
class SlowExecutions(Service):
    """An execution is answered after eleven seconds, everything else at once."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        is_execution = request.method == "POST" and response.status == 200
        return replace(response, delay=11.0) if is_execution else response


@variant("slow-policies", inconclusive=True)
class SlowPolicies(SlowExecutions):
    """An execution without a list of servers takes eleven seconds, one with a list none."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        is_quick = self.executed and self.executed[-1].request.resources is not None
        return replace(response, delay=0.0 if is_quick else response.delay)


@variant("token-expires", inconclusive=True)
class TokenExpires(Counting):
    """The token expires after 100 requests: from then on, 401."""

    uses = 100

    def is_unlucky(self) -> bool:
        return self.requests > self.uses

    def trouble(self) -> Response:
        return self.render_refusal(self.bad_token())


@variant("token-expires-late", inconclusive=True)
class TokenExpiresLate(TokenExpires):
    """The token expires after 212 requests: from then on, 401."""

    uses = 212
