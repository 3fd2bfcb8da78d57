"""Asks a target about backups: at its pace, with a fresh token, and again where the moment is bad.

Requests go through the client of a run, with its proxy, trust and limits; what may be sent is for
`page/permitted_backups.py` to say. Nothing here is judged.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from conformance.clock import CLOCK, Clock
from conformance.contract.linked_pages import linked_pages
from conformance.credentials.placeholders import Secrets
from conformance.exchange.client import Carrier
from conformance.exchange.retrying import retry_after
from conformance.exchange.sender import Pace, Renew
from conformance.exchange.single import exchanged
from conformance.exchange.throttle import Throttle
from conformance.model import Exchange, Fixtures, Request, Token
from conformance.page.backups import Backup, backup_url, list_url, listed, record_url
from conformance.page.weather import asks_to_wait, is_trouble
from conformance.plan.drafting import Drafts
from conformance.text import shorten

UNAUTHORISED = 401
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds before a request that met trouble is sent again, doubled each time."""
MOST_TRIES = 4
MOST_PAGES = 100


class NoList(Exception):
    """The target shows no list of backups, or no more of it; the message says what came instead."""


@dataclass
class BackupsClient:
    """The operations on the backups of a run.

    `observe` gets every exchange. `renew` keeps the token fresh where that can be done.
    """

    carrier: Carrier
    fixtures: Fixtures
    secrets: Secrets
    pace: Pace
    renew: Renew | None = None
    observe: Callable[[Exchange], None] = lambda exchange: None
    clock: Clock = CLOCK
    count: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        pace = self.pace
        self._throttle = Throttle(pace.concurrency, pace.rate, pace.time_limit, self.clock)
        self._until = self.clock.monotonic() + pace.time_limit
        self._headers = Drafts(self.fixtures, 0).request(method="GET").headers

    @property
    def left(self) -> float:
        """Seconds until the time limit."""
        return self._until - self.clock.monotonic()

    def deletion(self, record: str) -> Request:
        """The request that deletes the backups of a record."""
        return Request("DELETE", record_url(self.fixtures, record), self._headers)

    def get(self, url: str) -> Request:
        """A request for what is at a URL."""
        return Request("GET", url, self._headers)

    async def pages(self, filters: Mapping[str, str]) -> AsyncIterator[tuple[Backup, ...]]:
        """The backups that the filters let through, page by page; none is kept here.

        A page may hold fewer than were asked for, so that only an empty one, or one that ends where
        the last one did, is the end. Raises NoList.
        """
        marker, markers = "", set[str]()
        for _ in range(MOST_PAGES):
            behind = {"marker": marker} if marker else {}
            wanted = {**filters, "limit": str(linked_pages().longest_page), **behind}
            exchange = await self.patiently(self.get(list_url(self.fixtures, wanted)))
            page = listed(exchange)
            if page is None:
                raise NoList(told(exchange))
            if not page or page[-1].id in markers:
                return
            yield page
            marker = page[-1].id
            markers.add(marker)
        raise NoList(f"it has more than {MOST_PAGES} pages")

    async def backup(self, backup_id: str) -> Exchange:
        """The exchange that asks for one backup."""
        return await self.patiently(self.get(backup_url(self.fixtures, backup_id)))

    async def patiently(self, request: Request) -> Exchange:
        """The exchange that a request without consequences comes to, after some tries at most."""
        exchange = await self.send(request)
        for number in range(MOST_TRIES - 1):
            if not is_trouble(exchange) or not await self.pause(exchange, number):
                break
            exchange = await self.send(request)
        return exchange

    async def pause(self, exchange: Exchange, number: int) -> bool:
        """Wait before a request is sent again, for as long as its response asks, and at least as
        the `number` of pauses before it tells; False where the time limit does not allow it.
        """
        backoff = min(FIRST_PAUSE * 2**number, LONGEST_PAUSE)
        asked = retry_after(exchange, self.clock.now()) if asks_to_wait(exchange) else None
        wait = max(asked or 0.0, backoff)
        if wait >= self.left:
            return False
        await asyncio.sleep(wait)
        return True

    async def send(self, request: Request) -> Exchange:
        """The exchange that a request comes to; sent again only where another token may do."""
        exchange = await self.once(request)
        if await self.has_renewed_after(exchange):
            exchange = await self.once(request)
        return exchange

    async def has_renewed_after(self, exchange: Exchange) -> bool:
        """Whether a token was rejected, and another was taken in its place."""
        return _is_rejected(exchange) and await self._renewed(is_rejected=True)

    async def once(self, request: Request) -> Exchange:
        """The exchange that a request comes to, sent when it is its turn, and only once."""
        async with self._throttle.turn():
            await self._renewed(is_rejected=False)
            self.count += 1
            name = f"b{self.count:04d}"
            exchange = await exchanged(self.carrier, request, self.secrets, self.clock, name)
        self._throttle.note(exchange)
        self.observe(exchange)
        return exchange

    async def _renewed(self, *, is_rejected: bool) -> bool:
        if self.renew is None or Token.GOOD not in self.secrets.tokens:
            return False
        fresh = await self.renew(self.secrets.tokens[Token.GOOD], is_rejected=is_rejected)
        if fresh is not None:
            self.secrets = self.secrets.renewed(fresh)
        return fresh is not None


def _is_rejected(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status == UNAUTHORISED


def told(exchange: Exchange) -> str:
    """What came of an exchange, in a few words."""
    what = "no response: " if exchange.response is None else ""
    return f"{what}{shorten(exchange.outcome, 80)}"
