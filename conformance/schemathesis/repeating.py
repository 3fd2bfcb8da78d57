"""Asking again: what one response cannot decide, such as a 503, is asked a few times more.

`run` does so as it goes, and says what is worth it. Schemathesis has its own order, so here it is
done when it is through.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests
from hypothesis.errors import UnsatisfiedAssumption

from conformance.exchange.retrying import Repeat, repeat
from conformance.model import Exchange
from conformance.page.oracle import Expectation, Oracle
from conformance.page.weather import ATTEMPTS, attempts_needed, is_trouble

MOST = 100
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
        """Send it again; the hooks give the exchange to the judge, answered or not.

        When the limit on executions is reached, it is not sent.
        """
        with suppress(requests.RequestException, UnsatisfiedAssumption):
            self.case.call(base_url=base_url, headers=dict(self.headers))


@dataclass
class Pending:
    """A request that met nothing but trouble, and its exchanges so far."""

    sent: Sent
    expectation: Expectation
    exchanges: list[Exchange] = field(default_factory=list)

    def next(self, enough: int) -> Repeat | None:
        """How to ask it again; None where that was done `enough` times."""
        return repeat(self.exchanges, self.expectation, enough=enough, now=time.time())


class Undecided:
    """What met nothing but trouble, by its digest, and a request that was refused."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._pending: dict[str, Pending] = {}
        self._control: Sent | None = None
        self._latest = ""
        self._served = 0
        self._overcome = 0

    def note(self, sent: Sent, exchange: Exchange) -> None:
        """Note how an exchange ended."""
        self._latest = digest = exchange.request.digest
        expectation = self._oracle.expect(exchange.request)
        self._served += exchange.response is not None and not is_trouble(exchange)
        if repeat([exchange], expectation, enough=ATTEMPTS, now=time.time()):
            if len(self._pending) < MOST:
                pending = self._pending.setdefault(digest, Pending(sent, expectation))
                pending.exchanges.append(exchange)
            return
        if overcome := self._pending.pop(digest, None):
            self._overcome += sum(map(is_trouble, overcome.exchanges))
        if exchange.response is not None and exchange.response.status >= 400:
            self._control = self._control or sent

    @property
    def owed(self) -> int:
        """How many requests that may be executed are undecided."""
        return sum(pending.expectation.may_execute for pending in self._pending.values())

    def ask_again(self, base_url: str) -> None:
        """Send what is undecided again, one after the other, until it is decided or asked enough.

        A refusal goes before each: are others answered meanwhile? One request has to be through
        before the next, since executing one may make the policy busy for the others. What may be
        executed comes last, since any request needs an execution that is left.
        """
        deadline = time.monotonic() + LONGEST
        asked: set[str] = set()
        while waiting := [digest for digest in self._pending if digest not in asked]:
            digest = min(waiting, key=lambda each: self._pending[each].expectation.may_execute)
            asked.add(digest)
            self._until_decided(digest, base_url, deadline)

    def _until_decided(self, digest: str, base_url: str, deadline: float) -> None:
        while pending := self._pending.get(digest):
            again = pending.next(attempts_needed(self._served, self._overcome))
            if again is None or time.monotonic() + again.delay > deadline:
                break
            time.sleep(again.delay)
            if self._control is not None:
                self._control.again(base_url)
            pending.sent.again(base_url)
            if self._latest != digest:  # the limit was reached: it went without its token
                break
