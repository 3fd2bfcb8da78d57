"""Looks at what became of the executions of a run: in the target's list of backups, now and then.

Nothing that is asked here should execute anything, or cost an execution; the first request reserves
one all the same, and where it was executed no other is sent. A target without a list is asked once.
"""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import suppress
from itertools import islice
from urllib.parse import quote, urlencode

from msgspec.structs import replace

from conformance.contract.linked_pages import linked_pages
from conformance.exchange.budget import Exhausted
from conformance.exchange.sender import Sender
from conformance.exchange.suspects import suspects
from conformance.model import Exchange, Fixtures, Request
from conformance.page.backup_list import LAG, BackupList
from conformance.page.backups import Backup, is_deletable, list_url, listed, record_url
from conformance.page.record import Record
from conformance.page.rounds import ROUNDS
from conformance.page.weather import is_trouble
from conformance.plan.drafting import Drafts, Probe

NAME = "backups"
"""What such a request is called in the journal."""
MOST_PAGES = 4
"""Pages of a list that are read in a run that tests; where it has more, its end stays unknown."""
PAUSES = (1.0, 2.0, LAG)
"""Seconds before a list is asked again that does not show all yet: lists lag."""
MOST_ALONE = 2
"""Records that are looked for by their own ids, of those that no list shows."""
A_PAGE = "100"
"""Backups on a page of a list that is asked for over and over."""
SPARE = 5
"""Requests that are left to repetitions where a look can be done without."""


class Looks:
    """Asks for the list of backups; `planned` has the request for it, if anything is to be asked.

    What comes is for the sender's `backups` to read, and for the judge.
    """

    def __init__(self, sender: Sender, planned: Iterable[Probe]) -> None:
        self._sender = sender
        self._planned = next(iter(planned), None)
        self._seen = sender.backups

    async def before(self) -> None:
        """See what is there before anything is executed."""
        if self._planned is not None and self._seen.first is None:
            await self._list(self._planned.request)

    async def after_refusals(
        self, refused: Iterable[Exchange], still_to_come: int, kept_back: int
    ) -> None:
        """See whether what was refused brought backups, and if any came up, which request did.

        To find out leaves the executions that are `kept_back`: somebody else may have made them.
        """
        if self._planned is None or self._seen.first is None or not self._has_room(still_to_come):
            return
        await self._list(self._planned.request)
        if not self._seen.surplus:
            return
        times = [each.created_at for each in self._seen.surplus]
        for suspect in suspects(refused, times, self._sender.oracle):
            if await self._brings_backups(suspect, still_to_come, kept_back):
                return

    async def after_late(
        self, refused: Sequence[Exchange], still_to_come: int, kept_back: int
    ) -> None:
        """The same for what is refused behind an execution, where the record of that is known."""
        if refused and self._seen.records and not self._seen.surplus:
            await self.after_refusals(refused, still_to_come, kept_back)

    async def _brings_backups(self, suspect: Exchange, still_to_come: int, kept_back: int) -> bool:
        """Whether a request brings one more record each time that it is sent alone."""
        assert self._planned is not None
        sender = self._sender
        probe = Probe(suspect.probe or suspect.id, suspect.request)
        for _ in range(ROUNDS):
            before = len(self._seen.surplus)
            if not self._has_room(still_to_come - SPARE):
                return True  # nor is there for another
            try:
                expectation = sender.oracle.expect(probe.request)
                await sender.send(probe, expectation, kept_back, (suspect,))
            except Exhausted:
                return True
            await self._list(self._planned.request)
            if len(self._seen.surplus) != before + 1:
                return False
            sender.budget.take_up(0, executions=1)  # somebody pays for it
        return True

    async def after_the_first(self) -> None:
        """See the record of the first execution, where there is no list."""
        if self._planned is not None and self._seen.is_absent:
            await self._record()

    async def between(self, still_to_come: int) -> None:
        """See how far the backups are, on one page, where that leaves enough to the rest."""
        if self._planned and self._seen.is_shown and self._has_room(still_to_come):
            await self._page(self._planned.request)

    def _has_room(self, still_to_come: int) -> bool:
        """Whether a request can be spared, with so many still to come."""
        return self._sender.budget.requests.left > still_to_come + SPARE

    async def after(self) -> None:
        """See what all executions brought; ask again over some seconds for what is not there."""
        if self._planned is None or not self._seen.records or self._seen.is_absent:
            return
        is_whole = await self._list(self._planned.request)
        for pause in PAUSES:
            if not self._seen.missing and not self._seen.partial:
                return
            if not is_whole:  # what does not show may stand behind what was read
                break
            await asyncio.sleep(pause)
            is_whole = await self._list(self._planned.request)
        sought = (
            each for each in (*self._seen.missing, *self._seen.partial) if is_deletable(each.id)
        )
        for record in islice(sought, MOST_ALONE):
            await self._list(self._get(alone_url(self._sender.oracle.fixtures, record)))

    async def _record(self) -> None:
        """Ask for a record by itself, as OpenStack Karbor shows it."""
        fixtures = self._sender.oracle.fixtures
        for record in self._seen.records.values():
            if is_deletable(record.id):
                await self._page(self._get(record_url(fixtures, record.id)))
                return

    async def _list(self, request: Request) -> bool:
        """Ask for the first pages of a list; whether its end was seen."""
        async for page in pages(request, self._page, MOST_PAGES):
            if not page:
                return True
        return False

    async def _page(self, request: Request) -> Exchange | None:
        """The exchange of a request, sent again where the moment is bad; None where none was."""
        exchange = await look(self._sender, request)
        if exchange is not None and self._seen.is_shown and is_trouble(exchange):
            await asyncio.sleep(PAUSES[0])
            exchange = await look(self._sender, request, (exchange,))
        return exchange

    def _get(self, url: str) -> Request:
        assert self._planned is not None
        return Request("GET", url, self._planned.request.headers)


def looks_behind(
    exchanges: Iterable[Exchange], seen: BackupList, fixtures: Fixtures
) -> Iterator[Probe]:
    """The requests that may have been sent to look, beside those that are planned.

    They follow from what came before: the page behind another, and what asks for a record alone.
    """
    first = Drafts(fixtures, 0).backups()
    for request in (first, of_short_pages(fixtures)):
        yield Probe(NAME, request)
    for exchange in exchanges:
        if (page := listed(exchange)) and is_deletable(page[-1].id):
            start = exchange.request.url.partition("&marker=")[0]
            yield Probe(NAME, _with(replace(first, url=start), {"marker": page[-1].id}))
    for record in filter(lambda each: is_deletable(each.id), seen.records.values()):
        for url in (alone_url(fixtures, record), record_url(fixtures, record.id)):
            yield Probe(NAME, replace(first, url=url))


def of_short_pages(fixtures: Fixtures) -> Request:
    """The request for the policy's backups that is sent over and over: the newest come first."""
    return Drafts(fixtures, 0).backups(A_PAGE)


def alone_url(fixtures: Fixtures, record: Record) -> str:
    """The URL of the list of a record's backups alone."""
    filters = {"checkpoint_id": record.id, "limit": str(linked_pages().longest_page)}
    return list_url(fixtures, filters)


async def look(
    sender: Sender, request: Request, attempts: Sequence[Exchange] = ()
) -> Exchange | None:
    """The exchange of a request that looks at backups; None where none may be sent."""
    if sender.backups.executes:
        return None
    with suppress(Exhausted):
        return await sender.send(Probe(NAME, request), sender.oracle.expect(request), 0, attempts)
    return None


async def pages(
    request: Request, ask: Callable[[Request], Awaitable[Exchange | None]], most: int
) -> AsyncIterator[tuple[Backup, ...]]:
    """The pages of a list of backups, at most so many; an empty one says that its end was seen.

    Pages may hold fewer than were asked for, so that only an empty one is the end, or one that ends
    where the last one did. What stands behind an id that no request can carry is not read.
    """
    marker = ""
    for _ in range(most):
        behind = {"marker": marker} if marker else {}
        exchange = await ask(_with(request, behind))
        page = listed(exchange) if exchange is not None else None
        if page is None:
            return
        is_end = not page or page[-1].id == marker
        yield () if is_end else page
        if is_end or not is_deletable(page[-1].id):
            return
        marker = page[-1].id


def _with(request: Request, parameters: Mapping[str, str]) -> Request:
    """The request with more parameters in its query."""
    more = urlencode(parameters, quote_via=quote)
    return Request("GET", f"{request.url}&{more}" if more else request.url, request.headers)
