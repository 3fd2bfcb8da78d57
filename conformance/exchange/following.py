"""Follows the backups of a run until they are available or in error: gently, one list for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from conformance.exchange.looking import look, of_short_pages, pages
from conformance.exchange.retrying import retry_after
from conformance.exchange.sender import Sender
from conformance.model import Exchange, Request
from conformance.page.backups import is_deletable, record_url
from conformance.page.record import Record
from conformance.page.weather import asks_to_wait, is_trouble
from conformance.text import counted

FIRST_PAUSE, LONGEST_PAUSE, SLOWER = 1.0, 30.0, 1.5
"""Seconds between the first two looks and the last ones, and how much longer each pause is."""
MOST_PAGES = 100
MOST_REQUESTS = 1000
"""Requests that following may send, beside the limit on those that test."""

Told = Callable[[int, int], None]
"""Is told how many records are settled, and how many there are."""


class Follower:
    """Follows what `sender` has executed."""

    def __init__(self, sender: Sender, told: Told = lambda settled, records: None) -> None:
        self._sender = sender
        self._seen = sender.backups
        self._told = told
        self._list = of_short_pages(sender.oracle.fixtures)
        self._latest: Exchange | None = None

    async def follow(self, seconds: float) -> str:
        """Look until all is settled, or the seconds are over; what to say of what is not."""
        with self._sender.budget.widened(MOST_REQUESTS):
            return await self._follow(seconds)

    async def _follow(self, seconds: float) -> str:
        clock, pause = self._sender.clock, FIRST_PAUSE
        until = clock.monotonic() + seconds
        while left := self._seen.unsettled:
            self._tell()
            await self._look(left)
            if not self._is_shown:
                return f"--follow: the target shows no backups: {self._outcome}"
            wait = max(pause, self._asked_to_wait())
            if not self._seen.unsettled or clock.monotonic() + wait > until:
                break
            await asyncio.sleep(wait)
            pause = min(pause * SLOWER, LONGEST_PAUSE)
        self._tell()
        if left := self._seen.unsettled:
            what = counted(len(left), "record")
            return f"--follow: after {seconds:g} s {what} of {len(self._seen.records)} unfinished"
        return ""

    def _tell(self) -> None:
        records = len(self._seen.records)
        self._told(records - len(self._seen.unsettled), records)

    @property
    def _is_shown(self) -> bool:
        """Whether the target shows backups in any way, or may do so at another moment."""
        is_moment = self._latest is not None and is_trouble(self._latest)
        return self._seen.is_shown or bool(self._seen.alike) or is_moment

    @property
    def _outcome(self) -> str:
        return self._latest.outcome if self._latest is not None else "no request is left"

    def _asked_to_wait(self) -> float:
        if self._latest is None or not asks_to_wait(self._latest):
            return 0.0
        return retry_after(self._latest, self._sender.clock.now()) or 0.0

    async def _look(self, left: Collection[Record]) -> None:
        """See how far the records are: on as many pages of the list as show all that is unsettled,
        or one by one where there is no list.
        """
        if not self._seen.alike:
            began = self._sender.clock.now()
            async for _ in pages(self._list, self._ask, MOST_PAGES):
                if self._has_shown(left, began):
                    return
        if self._seen.is_shown or (self._latest is not None and is_trouble(self._latest)):
            return
        for record in left:
            if is_deletable(record.id):
                url = record_url(self._sender.oracle.fixtures, record.id)
                await self._ask(Request("GET", url, self._list.headers))
                if not self._seen.alike:
                    return

    def _has_shown(self, left: Collection[Record], began: float) -> bool:
        """Whether all backups of some records were shown since a moment."""
        return all(
            not self._seen.without(record)
            and all(each.exchange.started >= began for each in self._seen.of(record))
            and any(True for _ in self._seen.of(record))
            for record in left
        )

    async def _ask(self, request: Request) -> Exchange | None:
        self._latest = await look(self._sender, request)
        return self._latest
