"""Asking again: what one answer cannot decide, such as a 503, is asked a few times more.

`run` does so as it goes. Schemathesis has its own order, so here it is done when it is through.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests

from conformance.exchange.retrying import REFUSAL_DELAYS
from conformance.judge.oracle import Duty, Oracle
from conformance.judge.persistence import speaks_of_the_moment
from conformance.model import Exchange

MOST = 20
"""Requests that are asked again, at most."""
LONGEST = 40.0
"""Seconds after which no other request is asked again."""


OF_THE_CLIENT = ("User-Agent", "Accept", "Accept-Encoding", "Connection")
"""Headers that depend on the session in which Schemathesis sends a case."""


@dataclass(frozen=True)
class Sent:
    """A case, and the headers that its session added."""

    case: Any
    headers: dict[str, str]

    @classmethod
    def of(cls, case: Any, headers: Mapping[str, str]) -> Sent:
        """A case that went out with these headers, whose names have no case."""
        return cls(case, {name: headers[name] for name in OF_THE_CLIENT if name in headers})

    def again(self, base_url: str) -> None:
        """Send it again; the hooks give the exchange to the judge, answered or not."""
        with suppress(requests.RequestException):
            self.case.call(base_url=base_url, headers=dict(self.headers))


class Undecided:
    """What met nothing but trouble, by its digest, and a request that was refused."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._troubled: dict[str, Sent] = {}
        self._control: Sent | None = None
        self._latest = ""

    def note(self, sent: Sent, exchange: Exchange) -> None:
        """Note how an exchange ended."""
        self._latest = digest = exchange.request.digest
        if self._is_trouble(exchange):
            if len(self._troubled) < MOST:
                self._troubled.setdefault(digest, sent)
            return
        self._troubled.pop(digest, None)
        if exchange.response is not None and exchange.response.status >= 400:
            self._control = self._control or sent

    def ask_again(self, base_url: str) -> None:
        """Send what is undecided again, one after the other, until it is decided or asked enough.

        A refusal goes before each: are others answered meanwhile? One request has to be through
        before the next, since executing one may make the policy busy for the others.
        """
        deadline = time.monotonic() + LONGEST
        for digest, sent in tuple(self._troubled.items()):
            for delay in REFUSAL_DELAYS if time.monotonic() < deadline else ():
                if digest not in self._troubled:
                    break
                time.sleep(delay)
                if self._control is not None:
                    self._control.again(base_url)
                sent.again(base_url)
                if self._latest != digest:  # the ceiling was reached: it went without its token
                    break

    def _is_trouble(self, exchange: Exchange) -> bool:
        """Whether an exchange decides nothing until it was repeated."""
        if speaks_of_the_moment(exchange):
            return True
        status = exchange.response.status if exchange.response else 0
        if status == 400:
            return self._oracle.expect(exchange.request).duty is Duty.EXECUTE
        return status >= 500
