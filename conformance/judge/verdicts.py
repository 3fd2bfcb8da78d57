"""What the judge says: findings, the verdict on each clause, and the verdict on the run."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from conformance.contract.clauses import Clause, Level
from conformance.model import Exchange
from conformance.page.record import ListedRecord, Progress
from conformance.text import counted, named


class Status(StrEnum):
    """The verdict on one clause."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_EXERCISED = "not_exercised"


NOT_KEPT = frozenset({Status.FAILED, Status.INCONCLUSIVE})
"""A clause that was tested and is not known to be kept."""


class Verdict(StrEnum):
    """The verdict on a run."""

    CONFORMS = "conforms"
    VIOLATES = "violates"
    INCONCLUSIVE = "inconclusive"


Groups = Sequence[Sequence[Exchange]]
"""Exchanges in the order in which they are sent again; those of one group are sent at once."""


class Finding(Struct, frozen=True):
    """A clause that an exchange breaks, with what was expected and what was received.

    `against` is the id of an earlier exchange that it contradicts. `earlier` are the exchanges
    without which it may not show again, in the order in which they were sent.
    """

    clause: str
    exchange: Exchange
    expected: str
    received: str
    against: str = ""
    earlier: tuple[Exchange, ...] = ()

    @property
    def beside(self) -> tuple[Exchange, ...]:
        """Those of `earlier` that were being executed at the same time."""
        started = self.exchange.started
        return tuple(each for each in self.earlier if each.ended > started and _is_ok(each))

    @property
    def sequence(self) -> tuple[Exchange, ...]:
        """All exchanges that it takes, in the order in which they were sent."""
        return tuple(sorted((*self.earlier, self.exchange), key=lambda each: each.started))

    @property
    def groups(self) -> Groups:
        """All exchanges that it takes, in order; those that were executed at once in one group."""
        at_once = (*self.beside, self.exchange)
        before = ((each,) for each in self.sequence if each not in at_once)
        return (*before, at_once)


def _is_ok(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status == 200


class ClauseVerdict(Struct, frozen=True):
    """The verdict on one clause: how often it was decided, and why it is not what it could be."""

    clause: Clause
    status: Status
    exchanges: int
    reason: str = ""
    unlock: str = ""
    evidence: tuple[Finding, ...] = ()


class Judgement(Struct, frozen=True):
    """The verdict on a run and on each clause, in the order of the document.

    `missing` says what of the core was not exercised, whatever else was found; empty for nothing.
    `in_doubt` has the ids of the exchanges whose responses were lost with a run that was killed,
    and of which nothing has told since whether they were executions.
    `executions` are the ids of the checkpoints created, and `told` is how many responses had one.
    `backups` are those that were seen in a list, or by their record. `surplus` are the records of
    the policy that came up in a list during the run, and that no response brought.
    """

    verdict: Verdict
    reason: str
    clauses: tuple[ClauseVerdict, ...]
    executions: tuple[str, ...]
    skipped: int
    missing: str = ""
    in_doubt: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said beside the verdict, whatever it is."""
        if not self.in_doubt:
            return ()
        what = counted(len(self.in_doubt), "execution")
        return (
            f"{what} in doubt ({named(self.in_doubt)}): the run was killed before the response was "
            "recorded; this counts against --max-executions",
        )

    told: int = 0
    backups: tuple[Progress, ...] = ()
    surplus: tuple[ListedRecord, ...] = ()

    @property
    def not_kept(self) -> tuple[str, ...]:
        """The clauses that failed or are inconclusive."""
        return tuple(each.clause.id for each in self.clauses if each.status in NOT_KEPT)

    def failed(self, level: Level) -> list[ClauseVerdict]:
        """The clauses of a level that failed."""
        return [c for c in self.clauses if c.status is Status.FAILED and c.clause.level is level]

    def count(self, status: Status) -> int:
        """How many clauses have a status."""
        return sum(verdict.status is status for verdict in self.clauses)


def exit_code(judgement: Judgement, *, strict: bool) -> int:
    """The exit code of a run that was neither misused nor interrupted: 0, 1 or 3."""
    if judgement.verdict is Verdict.VIOLATES or (strict and judgement.failed(Level.SHOULD)):
        return 1
    return 3 if judgement.verdict is Verdict.INCONCLUSIVE else 0
