"""Asking again: what one answer cannot decide, such as a 503, is asked a few times more.

`run` does so as it goes. Schemathesis has its own order, so here it is done when it is through.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import requests

from conformance.judge.oracle import Duty, Oracle
from conformance.judge.persistence import speaks_of_the_moment
from conformance.model import Exchange

ROUNDS = 4
PAUSE = 0.8
"""Seconds before each round: "busy" counts as lasting only after a few seconds."""
MOST = 20
"""Requests that are asked again, at most."""


class Undecided:
    """The cases that met nothing but trouble, and one that was refused, by their digests."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._cases: dict[str, Any] = {}
        self._decided: set[str] = set()
        self._control: Any = None

    def note(self, case: Any, exchange: Exchange) -> None:
        """Note how an exchange ended."""
        digest = exchange.request.digest
        if self._is_trouble(exchange):
            if digest not in self._decided and len(self._cases) < MOST:
                self._cases[digest] = case
            return
        self._decided.add(digest)
        self._cases.pop(digest, None)
        if exchange.response is not None and exchange.response.status >= 400:
            self._control = self._control or case

    def ask_again(self, base_url: str, sleep: Callable[[float], None] = time.sleep) -> None:
        """Send what is undecided again, a refusal before each: are others answered meanwhile?"""
        for _ in range(ROUNDS):
            if not self._cases:
                return
            sleep(PAUSE)
            for case in tuple(self._cases.values()):
                _call(self._control, base_url)
                _call(case, base_url)

    def _is_trouble(self, exchange: Exchange) -> bool:
        """Whether an exchange decides nothing until it was repeated."""
        if speaks_of_the_moment(exchange):
            return True
        status = exchange.response.status if exchange.response else 0
        if status == 400:
            return self._oracle.expect(exchange.request).duty is Duty.EXECUTE
        return status >= 500


def _call(case: Any, base_url: str) -> None:
    """Send a case; the hooks give the exchange to the judge, answered or not."""
    if case is not None:
        with suppress(requests.RequestException):
            case.call(base_url=base_url)
