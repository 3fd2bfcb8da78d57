"""Targets that ask to wait, all the time or now and then."""
# ruff: noqa: D102

import random
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

from conformance.emulator.messages import Headers, Request, Response
from conformance.emulator.service import Service, utc_now
from conformance.emulator.variants.registry import variant
from conformance.emulator.world import World


class Counting(Service):
    """Counts its requests, and responses those that ``is_unlucky`` picks with ``trouble``."""

    every = 25
    status = 503
    retry_after: str | None = None

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self.requests = 0

    def handle(self, request: Request) -> Response:
        self.requests += 1
        return self.trouble() if self.is_unlucky() else super().handle(request)

    def is_unlucky(self) -> bool:
        """Whether this request meets trouble."""
        return self.requests % self.every == 0

    def trouble(self) -> Response:
        """Answer a request that is out of luck; it is not executed."""
        wait: Headers = () if self.retry_after is None else (("Retry-After", self.retry_after),)
        body = {"error_code": f"CSBS.0{self.status}", "error_msg": "try again later"}
        return self.render(self.status, body, wait)


@variant("throttled-429")
class Throttled429(Counting):
    """Every 20th request meets 429 with Retry-After: 1."""

    every, status, retry_after = 20, 429, "1"


@variant("throttled-503")
class Throttled503(Counting):
    """Every 25th request meets 503, without a Retry-After."""


@variant("throttled-503-at-once")
class Throttled503AtOnce(Counting):
    """Every 25th request meets 503 with Retry-After: 0."""

    retry_after = "0"


@variant("throttled-502")
class Throttled502(Counting):
    """Every 45th request meets a page of HTML with 502."""

    every, status = 45, 502

    def trouble(self) -> Response:
        return Response(502, (("Content-Type", "text/html"),), b"<h1>Bad Gateway</h1>")


@variant("throttled-502-often", inconclusive=True)
class Throttled502Often(Throttled502):
    """Every 11th request meets a page of HTML with 502: among few executions, that is many."""

    every = 11


@variant("throttled-504")
class Throttled504(Counting):
    """Every 45th request meets 504, though it was carried out."""

    every, status = 45, 504

    def handle(self, request: Request) -> Response:
        self.requests += 1
        response = Service.handle(self, request)
        return self.trouble() if self.is_unlucky() else response


@variant("throttled-date")
class ThrottledDate(Counting):
    """Every 60th request meets 429 with a Retry-After that is a date."""

    every, status = 60, 429

    def trouble(self) -> Response:
        at = format_datetime(self.clock() + timedelta(seconds=1), usegmt=True)
        return self.render(429, {}, (("Retry-After", at),))


@variant("throttled-odd-retry-after")
class ThrottledOddRetryAfter(Counting):
    """Every 40th request meets 503 with a Retry-After that says nothing."""

    every, retry_after = 40, "soon"


@variant("throttled-for-good", inconclusive=True)
class ThrottledForGood(Counting):
    """Every request meets 503 with a Retry-After of an hour."""

    every, retry_after = 1, "3600"


@variant("unavailable", inconclusive=True)
class Unavailable(Counting):
    """Every request meets 503."""

    every = 1


@variant("throttled-by-half", inconclusive=True)
class ThrottledByHalf(Counting):
    """One request in two, at random, meets 503."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self.random = random.Random(1)

    def is_unlucky(self) -> bool:
        return self.random.random() < 0.5


@variant("throttled-by-tenth", inconclusive=True)
class ThrottledByTenth(ThrottledByHalf):
    """One request in ten, at random, meets 503."""

    def is_unlucky(self) -> bool:
        return self.random.random() < 0.1


@variant("rate-limited", inconclusive=True)
class RateLimited(Counting):
    """Sixty requests a second are answered, the others meet 429 without a Retry-After."""

    status = 429
    most = 60

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(world, clock)
        self.times: deque[float] = deque(maxlen=self.most)

    def is_unlucky(self) -> bool:
        now = self.clock().timestamp()
        if len(self.times) == self.most and now - self.times[0] < 1:
            return True
        self.times.append(now)
        return False
