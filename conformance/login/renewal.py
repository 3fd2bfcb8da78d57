"""Takes the token of a run anew: before it expires where that moment is known, and once a response
has rejected it.

Requests are planned and judged with a placeholder, whichever token stood there. The judge is told
when the token became another (`JournalFooter.renewals`): a rejection before accuses nobody on the
ground that the new token works.
"""

from __future__ import annotations

import asyncio
import time

from conformance.errors import UsageError
from conformance.login.source import TokenSource
from conformance.page.authentication import FRESH

PAUSE = 10.0
"""Seconds until a source that gave no other token is asked again."""


class Renewal:
    """Renews the token that a source gave."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source
        self._due = source.due
        self._not_before = self._fresh_until = 0.0
        self._asking = asyncio.Lock()

    async def __call__(self, token: str, *, is_rejected: bool) -> str | None:
        """Another token than `token` to go on with, where one is needed and can be had.

        It is needed where the last one is due, or `is_rejected` and was not given just now.
        """
        async with self._asking:
            now = time.monotonic()
            is_needed = now >= (self._fresh_until if is_rejected else self._due)
            if not is_needed or now < self._not_before:
                return None
            self._not_before = (
                now + PAUSE
            )  # should it fail: the run goes on while the old one lasts
            try:
                access = await asyncio.to_thread(self._source.take)
            except UsageError:
                return None
            self._due = access.due
            if access.token == token:
                return None
            self._not_before, self._fresh_until = 0.0, time.monotonic() + FRESH
        return access.token
