"""Takes the token of a run anew before it expires.

Requests are planned and judged with a placeholder, so which token stood there changes nothing but
this: a rejection by an expired token must not be followed by the success of a new one, or it would
be held against the target. So a token is renewed well before its end, and never once an answer has
rejected it.
"""

from __future__ import annotations

import asyncio
import time

from conformance.errors import UsageError
from conformance.login.openstack import Cloud
from conformance.secrets import Secrets

PAUSE = 10.0
"""Seconds until an identity service that gave no token is asked again."""


class Renewal:
    """Renews the token that a cloud gave."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._not_before = 0.0
        self._asking = asyncio.Lock()

    async def __call__(self, secrets: Secrets, *, is_rejected: bool) -> Secrets:
        """The secrets with a token that is good for a while, as far as it can be had.

        `is_rejected` says that the last answer to the token was a 401.
        """
        async with self._asking:
            now = time.monotonic()
            if is_rejected or now < max(self._not_before, self._cloud.due):
                return secrets
            try:
                access = await asyncio.to_thread(self._cloud.access)
            except UsageError:  # the run goes on with the old one while that lasts
                self._not_before = time.monotonic() + PAUSE
                return secrets
        return secrets.renewed(access.token)
