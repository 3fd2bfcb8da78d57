"""What an exchange may have executed: settled by its response, or in doubt where that was lost.

A run that is killed loses the responses to the requests under way, and so does a gateway that has
502 or 504 for one, or who closes a connection. What must be refused can be asked again: whoever
refuses it now did not execute it then. What may be executed can not, since that could execute it
twice: it stays in doubt, and counts as an execution.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from conformance.model import NEVER_SENT, Exchange, Failure, Response, Tolerances
from conformance.page.answer import Execution
from conformance.page.call import Call, TokenState
from conformance.page.error_codes import published_reason
from conformance.page.json_text import JsonText, NotJson, NotKnown, TooDeep
from conformance.page.oracle import Duty, Expectation
from conformance.page.unread import codings
from conformance.page.weather import asks_to_wait, is_silence, speaks_of_the_moment

FAILED = 500
"""The first status that says that the server failed."""
_NO_SIGN = re.compile(r"[^0-9a-z]")
_MAY_ESCAPE = re.compile(r"[\\%&+]")
"""Signs with which something may be escaped that is no JSON."""


def may_have_executed(exchange: Exchange, expectation: Expectation) -> bool:
    """Whether an exchange has to be counted as an execution."""
    if exchange.response is None:
        return is_spent(exchange) and not expectation.call.is_aside
    if exchange.request.method == "GET":
        answer = Execution(exchange, expectation.call, Tolerances())
        made = answer.checkpoint_id
        return made is not None and not expectation.call.asks_for(made)
    return is_spent(exchange)


def had_nothing_to_execute(exchange: Exchange, expectation: Expectation) -> bool:
    """Whether a target failed on a request that does not say which policy to execute.

    That tells something only of a target which was seen to execute a valid request.
    """
    has_failed = exchange.response is None or exchange.response.status >= FAILED
    return has_failed and not is_lost(exchange) and not names_policy(expectation.call)


def names_policy(call: Call) -> bool:
    """Whether a request may tell anybody which policy to execute.

    It does where the id of the policy stands anywhere in it, however it is spelled, and where that
    cannot be seen.
    """
    read, body = call.json, call.sent_body.decode("latin-1")
    if codings(call.request) or isinstance(read, TooDeep | NotKnown):
        return True
    if isinstance(read, NotJson) and _MAY_ESCAPE.search(body):
        return True
    in_json = _texts(read.value) if isinstance(read, JsonText) else ()
    said = (call.url, body, *(value for _, value in call.request.headers), *in_json)
    wanted = _NO_SIGN.sub("", (call.fixtures.plan_id or "").lower())
    return any(wanted in _NO_SIGN.sub("", text.lower()) for text in said)


def _texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value, names among them."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str(text):
                yield text
            case dict(members):
                waiting += (*members, *members.values())
            case list(items):
                waiting += items


def is_spent(exchange: Exchange) -> bool:
    """Whether an execution that was reserved for a request is spent."""
    if exchange.response is None:
        return exchange.failure is None or exchange.failure.kind not in NEVER_SENT
    return executes(exchange.response)


def executes(response: Response) -> bool:
    """Whether a response spends an execution: no 4xx, no 503, no published code that refuses.

    Nor does what says that the server cannot do such a thing at all (RFC 9110, 15.6.2 and 15.6.6).
    """
    if 400 <= response.status < 500 or response.status in (501, 503, 505):
        return False
    return published_reason(response) is None


def was_refused(exchange: Exchange, expectation: Expectation) -> bool:
    """Whether a request that must be refused was, by a 4xx."""
    status = exchange.response.status if exchange.response else 0
    return expectation.duty is Duty.REFUSE and 400 <= status < 500


def was_rejected(exchange: Exchange, expectation: Expectation) -> bool:
    """Whether an exchange says that a token is none which should be good."""
    is_good = expectation.call.token is TokenState.GOOD
    is_rejection = exchange.response is not None and exchange.response.status == 401
    return is_good and is_rejection and 401 not in expectation.allowed


def is_lost(exchange: Exchange) -> bool:
    """Whether the response to a request was lost with the run that had sent it."""
    return exchange.failure is not None and exchange.failure.kind is Failure.LOST


def can_be_asked_again(expectation: Expectation) -> bool:
    """Whether a request whose response was lost can be sent again: no right target executes it."""
    return expectation.call.is_aside or not expectation.may_execute


class Doubt(Struct):
    """Requests that are the same, whose responses were lost, and what the page says of them."""

    expectation: Expectation
    exchanges: list[Exchange]


class Doubts(Struct):
    """What requests whose responses were lost may have executed, over the exchanges of a run.

    `executed` counts those that were settled so: asked again, the target executed them. Those that
    were cut off on their way are counted, and not in doubt: they are asked again at once.
    """

    executed: int = 0
    _open: dict[str, Doubt] = field(default_factory=dict)
    _cut_off: Counter[str] = field(default_factory=Counter)

    def take_in(self, exchange: Exchange, expectation: Expectation) -> int:
        """Take in an exchange, in the order of the journal; how many executions it gives back."""
        response = exchange.response
        if response is not None and response.status < FAILED and not (self._open or self._cut_off):
            return 0  # nothing is in doubt, and nothing comes to be
        digest = exchange.request.digest
        if is_lost(exchange):
            if may_have_executed(exchange, expectation):
                self._open.setdefault(digest, Doubt(expectation, [])).exchanges.append(exchange)
            return 0
        if not can_be_asked_again(expectation):
            return 0
        if _is_cut_off(exchange) and may_have_executed(exchange, expectation):
            self._cut_off[digest] += 1
            return 0
        is_known = digest in self._open or digest in self._cut_off
        executed = _settled(exchange, expectation) if is_known else None
        if executed is None:
            return 0
        doubt = self._open.pop(digest, None)
        settled = len(doubt.exchanges) if doubt else 0
        self.executed += settled * executed
        return (settled + self._cut_off.pop(digest, 0)) * (not executed)

    def __iter__(self) -> Iterator[Doubt]:
        """What is in doubt still."""
        return iter(tuple(self._open.values()))

    def __contains__(self, exchange: Exchange) -> bool:
        """Whether it is in doubt what the request of an exchange executed."""
        return exchange.request.digest in self._open

    @property
    def ids(self) -> tuple[str, ...]:
        """The exchanges that are in doubt still."""
        return tuple(exchange.id for doubt in self for exchange in doubt.exchanges)

    @property
    def spent(self) -> int:
        """How many executions the lost responses cost."""
        return len(self.ids) + self.executed


def _is_cut_off(exchange: Exchange) -> bool:
    """Whether a gateway, or a connection that was closed, stands in the place of the response.

    Where nothing came in time, the target may have been at work.
    """
    return speaks_of_the_moment(exchange) and not is_silence(exchange)


def _settled(exchange: Exchange, expectation: Expectation) -> bool | None:
    """Whether the same request was executed before; None where an exchange speaks of now alone."""
    response = exchange.response
    if response is None or response.status >= 500 or asks_to_wait(exchange):
        return None
    if published_reason(response) or was_rejected(exchange, expectation):
        return None
    if may_have_executed(exchange, expectation):
        return True if response.status < 300 else None
    return False
