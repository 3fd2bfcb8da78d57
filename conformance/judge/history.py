"""What came before: the exchanges without which a finding may not show on a fresh server.

Only a run of our own has a history: what else was sent to the target of a recording is not known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from conformance.judge.acceptance import explain
from conformance.judge.rows import A_HAIR, shortest_row
from conformance.judge.verdicts import Finding
from conformance.model import Exchange, Tolerances
from conformance.page.answer import Execution
from conformance.page.oracle import EXECUTED, Duty, Expectation

MOST_STEPS = 4096
"""Exchanges of a run that are remembered; what comes after them has no history."""
MOST_BEFORE = 256
"""Exchanges that are named as coming before a finding: the latest ones, as many as a run sends."""


class Step(NamedTuple):
    """An exchange that was answered, and what the page says about it."""

    expectation: Expectation
    exchange: Exchange

    @property
    def is_executed(self) -> bool:
        """Whether the policy was executed: that may change what comes after it."""
        response = self.exchange.response
        is_ok = response is not None and response.status == EXECUTED
        return is_ok and self.expectation.call.is_operation

    @property
    def is_valid(self) -> bool:
        """Whether it had to be executed."""
        return self.expectation.duty is Duty.EXECUTE

    @property
    def record(self) -> str | None:
        """The id of the checkpoint that was answered."""
        return Execution(self.exchange, self.expectation.call, Tolerances()).checkpoint_id


KEYS: tuple[Callable[[Step], Hashable], ...] = (
    lambda step: None,
    lambda step: str(step.expectation.call.resources),
    lambda step: str(step.expectation.call.body),
    lambda step: step.exchange.asked,
)
"""What an id may be made of: nothing, the servers, what the body says, the whole request."""


class TurningPoint(Struct, frozen=True):
    """The moment from which on every valid request was refused.

    `until` is the last that was executed, `between` what was sent after it, and `since` the first
    that was refused.
    """

    before: tuple[Exchange, ...]
    until: Exchange
    between: tuple[Exchange, ...]
    since: Exchange

    def explains(self, exchange: Exchange) -> bool:
        """Whether a response may be due to what happened, whatever was asked."""
        came, refused = exchange.response, self.since.response
        is_alike = came is not None and refused is not None and came.status == refused.status
        return is_alike and exchange.started > self.until.started

    @property
    def in_words(self) -> str:
        """What it leaves undecided, and why."""
        return f"from {self.since.id} on every valid request was refused: {self.since.outcome}"


class History(Struct):
    """The exchanges of a run, in the order in which they were answered."""

    steps: list[Step] = field(default_factory=list)

    def add(self, expectation: Expectation, exchange: Exchange) -> None:
        """Take in one exchange."""
        if len(self.steps) < MOST_STEPS:
            self.steps.append(Step(expectation, exchange))

    def told(self, finding: Finding, breaking: Mapping[str, Finding]) -> Finding:
        """The earliest finding on a clause, with what it needs to show again, if it needs any.

        `breaking` has the findings on the clause by the ids of their exchanges. Where it
        was kept in between, and the same requests in a row showed it more than once, the latest
        time is told, with the fewest.
        """
        step = next((each for each in self.steps if each.exchange is finding.exchange), None)
        if step is None or finding.earlier:
            return finding
        if finding.against and self._is_made_of_the_request():
            earlier = [each.exchange for each in self.steps if each.exchange.id == finding.against]
        elif finding.against or not self._is_explained(finding.clause, step, frozenset(breaking)):
            is_again = self._was_kept_again(finding.clause, step, breaking)
            sent = [each.exchange for each in self.steps]
            if is_again and (row := shortest_row(sent, breaking)):
                finding = breaking[row[-1].id]
                earlier = [*self._an_execution_before(row, finding.against), *row[:-1]]
                return replace(finding, earlier=tuple(earlier))
            earlier = self._executed_before_or_beside(finding.exchange)
            earlier += self._since_it_was_kept(finding, step, breaking, earlier)
            earlier = earlier or self._just_before(finding.exchange)
        else:
            return finding
        return replace(finding, earlier=_in_order(earlier))

    def _was_kept_again(self, clause_id: str, step: Step, breaking: Container[str]) -> bool:
        """Whether a clause was kept behind the first time that it was broken.

        Where it never was, all that came later breaks it, whatever it stands in a row with.
        """
        return any(
            each.exchange.started > step.exchange.started and each.exchange.id not in breaking
            for each in self._decided_alike(clause_id, step)
        )

    def _executed_before_or_beside(self, exchange: Exchange) -> list[Exchange]:
        """What was executed when a request was sent, and valid ones that were under way then."""
        return [
            each.exchange
            for each in self.steps
            if each.is_executed
            and (each.exchange.ended <= exchange.started or each.is_valid)
            and each.exchange.started < exchange.ended
            and each.exchange is not exchange
        ]

    def _an_execution_before(self, row: Sequence[Exchange], against: str) -> list[Exchange]:
        """What a row that was shown on a target with a history takes on a fresh server as well.

        The exchange that it contradicts, or else the last valid request that was executed before,
        where the row has neither.
        """
        executed = [each.exchange for each in self.steps if each.is_executed and each.is_valid]
        if against and all(each.id != against for each in row):
            return [each.exchange for each in self.steps if each.exchange.id == against]
        if any(each in executed for each in row[:-1]):
            return []
        return [each for each in executed if each.ended <= row[0].started + A_HAIR][-1:]

    def _since_it_was_kept(
        self, finding: Finding, step: Step, breaking: Container[str], known: list[Exchange]
    ) -> list[Exchange]:
        """What else was answered since the clause was last kept, if possible by the same request.

        Where something was executed since then, only what came behind that; what is `known` to
        matter leaves room for so much. Where it was never kept, what came last.
        """
        began = step.exchange.started + A_HAIR
        ended = [each.exchange for each in self.steps if each.exchange.ended <= began]
        alike = [each.exchange for each in self._decided_alike(finding.clause, step)]
        kept = [each for each in alike if each.ended <= began and each.id not in breaking]
        if not kept:
            return [each for each in self._just_before(step.exchange) if each not in known]
        same = [each for each in kept if each.asked == step.exchange.asked]
        since = max(each.started for each in same or kept)
        executed = [each.started for each in known if each.started > since]
        since = min(executed, default=since)
        later = [each for each in ended if each.started > since and each not in known]
        return later[max(0, len(later) + len(known) - MOST_BEFORE) :]

    def _just_before(self, exchange: Exchange) -> list[Exchange]:
        """The response that came last before a request was sent."""
        ended = [each.exchange for each in self.steps if each.exchange.ended <= exchange.started]
        return [max(ended, key=lambda each: each.ended)] if ended else []

    def _is_made_of_the_request(self) -> bool:
        """Whether something in the requests tells which executions were answered with one id."""
        executed = [each for each in self.steps if each.is_executed and each.record is not None]
        ids = [each.record for each in executed]
        keys = ([key(each) for each in executed] for key in KEYS)
        return any(
            len(set(of)) == len(set(ids)) == len(set(zip(of, ids, strict=True))) for of in keys
        )

    def _is_explained(self, clause_id: str, step: Step, broken: frozenset[str]) -> bool:
        """Whether what was asked explains which exchanges break a clause, the first in `step`.

        It does not where a request like it kept the clause, where the clause was kept until some
        moment and never again, or where nothing that must be refused came before an execution.
        """
        decided = self._decided_alike(clause_id, step)
        if not decided:
            return True
        kept = [each for each in decided if each.exchange.id not in broken]
        is_earlier = [each.exchange.started < step.exchange.started for each in kept]
        if step.expectation.refusing and not any(is_earlier):
            executed = [each for each in self.steps if each.is_executed and each.is_valid]
            ended = min((each.exchange.ended for each in executed), default=math.inf)
            return step.exchange.started < ended
        if not kept or all(is_earlier):
            return not kept
        if not step.is_valid:
            return step.exchange.asked not in {each.exchange.asked for each in kept}
        valid = [each for each in decided if each.is_valid]
        wrong = [each.expectation for each in valid if each.exchange.id in broken]
        right = [each.expectation.features for each in valid if each.exchange.id not in broken]
        return all(explain(wrong, frozenset().union(*right)).values())

    def _decided_alike(self, clause_id: str, step: Step) -> list[Step]:
        """The exchanges that decided a clause in the way that `step` did.

        Where a valid request was refused, those are the others with the same request.
        """
        if any(breach.clause.id == clause_id for breach in step.expectation.breaches):
            decisive = [(each, each.expectation.decisive) for each in self.steps]
            return [each for each, clause in decisive if clause and clause.id == clause_id]
        if step.is_executed:
            return [each for each in self.steps if each.is_executed]
        same = [each for each in self.steps if each.exchange.asked == step.exchange.asked]
        return same if step.is_valid and any(each.is_executed for each in same) else []

    def turning_point(self, refused: Sequence[Sequence[Exchange]]) -> TurningPoint | None:
        """The moment from which on every valid request was refused, where there is one.

        `refused` are the valid requests that were, each with its attempts. One of them has to be
        like those that were executed before: other refusals may be due to what was asked.
        """
        first = min((each[0] for each in refused), key=lambda each: each.started, default=None)
        valid = [each for each in self.steps if each.is_valid]
        executed = [each for each in valid if each.is_executed]
        if first is None or not executed:
            return None
        until = max((each.exchange for each in executed), key=lambda each: each.started)
        if until.started > first.started:
            return None
        known = frozenset().union(*(each.expectation.features for each in executed))
        later = [each for each in valid if any(each.exchange is one[0] for one in refused)]
        if not any(each.expectation.features <= known for each in later):
            return None
        started = [each.exchange for each in self.steps if each.exchange.started < first.started]
        return TurningPoint(
            before=_in_order(
                each.exchange
                for each in self.steps
                if each.is_executed
                and each.exchange.started <= until.started
                and each.exchange is not until
            ),
            until=until,
            between=_in_order(each for each in started if each.started > until.started),
            since=first,
        )


def _in_order(exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """The exchanges in the order in which they were sent; of very many, the latest."""
    return tuple(sorted(exchanges, key=lambda each: each.started)[-MOST_BEFORE:])
