"""Deletes what a run created: each deletion noted before it is sent, none after it succeeded."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from msgspec import structs
from msgspec.structs import replace

from conformance.backups.client import MOST_TRIES, BackupsClient
from conformance.backups.fates import (
    Fate,
    Outcome,
    is_accepted,
    is_busy,
    is_not_found,
    may_be_busy,
    outcome_of,
    outcomes,
)
from conformance.contract.linked_pages import linked_pages
from conformance.model import Deletion, Exchange, Request
from conformance.page.weather import is_trouble


class Notes(Protocol):
    """Where deletions are written down; the journal of the run is."""

    def deleting(self, deletion: Deletion) -> None:
        """Note what is about to be sent."""

    def deleted(self, exchange: Exchange) -> None:
        """Note what came of it."""


class Deleter:
    """Deletes records, of which `records` has the ids, each with that of the exchange it came by.

    `before` are the deletions that the journal has already: what those deleted is left alone.
    `settled` is told of each record once it is known what became of it.
    """

    def __init__(
        self,
        client: BackupsClient,
        notes: Notes,
        records: Mapping[str, str],
        before: Iterable[Deletion] = (),
        settled: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        self._client = client
        self._notes = notes
        self._records = records
        self._settled = settled
        self._deletions = list(before)
        self._has_deleted = any(e.exchange and is_accepted(e.exchange) for e in self._deletions)
        self._tried: defaultdict[str, list[Deletion]] = defaultdict(list)
        for each in self._deletions:
            self._tried[each.record].append(each)

    @property
    def deletions(self) -> list[Deletion]:
        """All deletions, in the order in which they were begun, also where they were cut off."""
        return self._deletions

    async def delete(self) -> None:
        """Delete what is left, a few at once."""
        left = [
            each.record
            for each in outcomes(self._records, self._deletions)
            if each.fate is Fate.LEFT
        ]
        waiting = iter(left)

        async def work() -> None:
            for record in waiting:
                await self._delete(record)
                self._settled(self._outcome(record))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(len(left), linked_pages().at_once)):
                group.create_task(work())

    async def _delete(self, record: str) -> None:
        """Delete a record: again while it is busy, and a few times where the moment is bad."""
        request = self._client.deletion(record)
        tries = 0
        while True:
            exchange = await self._attempt(record, request)
            if self._outcome(record).fate is not Fate.LEFT:
                return
            if is_not_found(exchange):
                await self._look(record)
                return
            tries += 1
            may_pass = is_trouble(exchange) or may_be_busy(exchange)
            if not is_busy(exchange) and not (may_pass and tries < MOST_TRIES):
                return
            if not await self._client.pause(exchange, tries - 1):
                return

    def _outcome(self, record: str) -> Outcome:
        return outcome_of(record, self._tried[record], has_deleted=self._has_deleted)

    async def _look(self, record: str) -> None:
        """See whether the list of backups has any of a record that is not found."""
        await self._attempt(record, self._client.look(record))

    async def _attempt(self, record: str, request: Request) -> Exchange:
        exchange = await self._once(record, request)
        if await self._client.has_renewed_after(exchange):
            exchange = await self._once(record, request)
        return exchange

    async def _once(self, record: str, request: Request) -> Exchange:
        place = len(self._deletions)
        noted = Deletion(f"d{place + 1:04d}", record, self._records[record])
        self._notes.deleting(noted)
        self._deletions.append(noted)
        self._tried[record].append(noted)
        exchange = replace(await self._client.once(request), id=noted.id)
        self._notes.deleted(exchange)
        self._has_deleted = self._has_deleted or is_accepted(exchange)
        done = structs.replace(noted, exchange=exchange)
        self._deletions[place] = done
        self._tried[record][-1] = done
        return exchange
