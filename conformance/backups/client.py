"""Asks a target about backups: at its pace, with a fresh token, and again where the moment is bad.

Requests go through the client of a run, with its proxy, trust and limits; what may be sent is for
`page/permitted_backups.py` to say. Nothing here is judged.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass

from conformance.clock import CLOCK, Clock
from conformance.credentials.placeholders import Secrets
from conformance.exchange.client import Carrier
from conformance.exchange.retrying import retry_after
from conformance.exchange.sender import Pace, Renew
from conformance.exchange.single import exchanged
from conformance.exchange.throttle import Throttle
from conformance.model import Exchange, Fixtures, Request, Token
from conformance.page.backups import list_url, record_url
from conformance.page.weather import asks_to_wait
from conformance.plan.drafting import Drafts

UNAUTHORISED = 401
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds before a request that met trouble is sent again, doubled each time."""
MOST_DOUBLINGS = 10
MOST_TRIES = 4
"""How often a request is sent at most that keeps meeting trouble."""


@dataclass
class BackupsClient:
    """The operations on the backups of a run.

    `renew` keeps the token fresh where that can be done.
    """

    carrier: Carrier
    fixtures: Fixtures
    secrets: Secrets
    pace: Pace
    renew: Renew | None = None
    clock: Clock = CLOCK

    def __post_init__(self) -> None:
        pace = self.pace
        self._throttle = Throttle(pace.concurrency, pace.rate, pace.time_limit, self.clock)
        self._until = self.clock.monotonic() + pace.time_limit
        self._renewed_at = -math.inf
        self._headers = Drafts(self.fixtures, 0).request(method="GET").headers

    @property
    def left(self) -> float:
        """Seconds until the time limit."""
        return self._until - self.clock.monotonic()

    def deletion(self, record: str) -> Request:
        """The request that deletes the backups of a record."""
        return Request("DELETE", record_url(self.fixtures, record), self._headers)

    def look(self, record: str) -> Request:
        """The request for the list of the backups that are left of a record."""
        filters = {"checkpoint_id": record, "limit": "1"}
        return Request("GET", list_url(self.fixtures, filters), self._headers)

    async def pause(self, exchange: Exchange, number: int) -> bool:
        """Wait before a request is sent again, for as long as its response asks, and at least as
        the `number` of pauses before it tells; False where the time limit does not allow it.
        """
        backoff = min(FIRST_PAUSE * 2 ** min(number, MOST_DOUBLINGS), LONGEST_PAUSE)
        asked = retry_after(exchange, self.clock.now()) if asks_to_wait(exchange) else None
        wait = max(asked or 0.0, backoff)
        if wait >= self.left:
            return False
        await asyncio.sleep(wait)
        return True

    async def has_renewed_after(self, exchange: Exchange) -> bool:
        """Whether a token was rejected, and there is another now in its place."""
        if exchange.response is None or exchange.response.status != UNAUTHORISED:
            return False
        if self._renewed_at <= exchange.started:
            await self._renew(is_rejected=True)
        return self._renewed_at > exchange.started

    async def once(self, request: Request) -> Exchange:
        """The exchange that a request comes to, sent when it is its turn, and only once."""
        async with self._throttle.turn():
            await self._renew(is_rejected=False)
            exchange = await exchanged(self.carrier, request, lambda: self.secrets, self.clock)
        self._throttle.note(exchange)
        return exchange

    async def _renew(self, *, is_rejected: bool) -> None:
        if self.renew is None or Token.GOOD not in self.secrets.tokens:
            return
        fresh = await self.renew(self.secrets.tokens[Token.GOOD], is_rejected=is_rejected)
        if fresh is not None:
            self.secrets = self.secrets.renewed(fresh)
            self._renewed_at = self.clock.now()
