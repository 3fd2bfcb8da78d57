"""What the executions of a run have shown of its target so far."""

from __future__ import annotations

from conformance.model import Exchange, Response
from conformance.page.error_codes import published_reason
from conformance.page.oracle import EXECUTED, Duty, Expectation
from conformance.page.unread import is_no_text

CRASHED = 500
"""The status of a response that spends an execution though nothing may have been executed."""
FEW = 2
"""Clauses of which a target may fail on what breaks them before that is said of it in general."""
BACK_TO_BACK = 0.1
"""Seconds between two executions that show that one need not wait for the other."""


class Executions:
    """What is known, and when the `last` execution ended; that is negative before the first.

    `are_independent` is whether it is known that the target refuses no valid request because it
    executes another; `busy_for` are the seconds for which it did so, where it was seen to.
    """

    def __init__(self) -> None:
        self.accepted: set[str] = set()
        """The ids of the clauses whose open points the target executed."""
        self.broken: set[str] = set()
        """The ids of the clauses that alone forbade what the target executed, or crashed on."""
        self.crashed: set[str] = set()
        """Those of them that it crashed on."""
        self.last = -1.0
        self.are_independent = False
        self.busy_for = 0.0

    @property
    def fails_on_many(self) -> bool:
        """Whether it failed on what breaks more than a few clauses."""
        return len(self.crashed) > FEW

    @property
    def need_no_wait(self) -> bool:
        """Whether a refused valid request need not be waited for.

        It must be where our own execution before it may have made the target busy.
        """
        return self.last < 0 or self.are_independent

    def note(self, expectation: Expectation, exchange: Exchange, *, is_first: bool) -> None:
        """Note what an exchange shows; `is_first` is whether its request was not sent before."""
        if exchange.response is None or exchange.response.status != EXECUTED:
            has_crashed = exchange.response is not None and _has_crashed(exchange.response)
            is_read = not is_no_text(exchange.request)  # what is not read shows nothing of others
            if has_crashed and is_read and expectation.duty is Duty.REFUSE and expectation.decisive:
                self.broken.add(expectation.decisive.id)
                self.crashed.add(expectation.decisive.id)
            return
        if not expectation.call.is_operation:  # the list of policies executes none
            return
        if expectation.duty is Duty.REFUSE and expectation.decisive:
            self.broken.add(expectation.decisive.id)
        if expectation.duty is Duty.CHOOSE:
            self.accepted.update(breach.clause.id for breach in expectation.breaches)
        if expectation.duty is Duty.EXECUTE and is_first:
            since = exchange.started - self.last
            if 0 <= since < BACK_TO_BACK:
                self.are_independent = True
        self.last = exchange.ended


def _has_crashed(response: Response) -> bool:
    """Whether a response is an internal error; one with a published code says why it refuses."""
    return response.status == CRASHED and published_reason(response) is None
