"""What the exchanges of a run showed, before it is known what to make of the doubtful ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from conformance.contract.clauses import Clause
from conformance.events import Listener, nobody
from conformance.judge.history import MOST_STEPS, History
from conformance.judge.persistence import Reckoning, Troubles
from conformance.judge.silence import Answered
from conformance.judge.standing import Standing
from conformance.judge.tentative import Tentative
from conformance.judge.verdicts import Finding
from conformance.model import Exchange
from conformance.page.backup_list import BackupList
from conformance.page.executed import Doubts
from conformance.page.oracle import Duty, Expectation
from conformance.page.tables_2_to_4 import Feature
from conformance.page.weather import Weather
from conformance.text import spelled_out

KEPT_FINDINGS = 5
"""Findings kept of a clause: those with the smallest requests."""


class Tally(Struct):
    """What was seen of one clause: how often it was decided or broken, and what was not.

    `findings` are those with the smallest requests, and `earliest` came first; `breaking` has those
    of all exchanges that broke it, by their ids. `blocked` says why an exchange left it undecided;
    `doubt` says why it cannot pass whatever else was seen.
    """

    exercised: int = 0
    broken: int = 0
    findings: list[Finding] = field(default_factory=list)
    earliest: Finding | None = None
    breaking: dict[str, Finding] = field(default_factory=dict)
    blocked: str = ""
    doubt: str = ""


class Observations(Struct):
    """The state of a judge.

    `hidden` says what kept a valid request from being executed though its fixtures were right, or
    an execution from being seen;
    `said` is what the first published code meant by which a target put off what it may execute;
    `fixtures_work` is whether some response showed that they are;
    `token_worked` is when requests were sent whose good token was not rejected;
    `shown` are the policies and servers that an execution has shown to exist, each in its one
    spelling;
    `kinds` counts the exchanges by the clauses that their requests break;
    `reached` is whether a response showed that the way to the operation is right;
    `untold` are the shapes of valid requests that met what decides nothing, with what that was;
    `backups` is what lists of backups show of the executions;
    `standing` is what executions in a recording show of tokens and ids;
    `respelled` are the options whose UUIDs executions in a recording have in another spelling;
    `doubts` are the requests whose responses were lost with a run that was killed.
    `reckoned` is how much trouble there is, where more is known of it than this state shows.
    `told` is how many responses had the id of a checkpoint, and `misspent` how many executions went
    to requests that must be refused. `tell` hears of each decision.
    """

    tallies: dict[str, Tally]
    backups: BackupList
    weather: Weather = field(default_factory=Weather)
    momentary: Troubles = field(default_factory=Troubles)
    answered: Answered = field(default_factory=Answered)
    faults: Troubles = field(default_factory=Troubles)
    refused: Troubles = field(default_factory=Troubles)
    tentative: Tentative = field(default_factory=Tentative)
    executed: set[Feature] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    checkpoints: dict[str, None] = field(default_factory=dict)
    executions: int = 0
    refusals: int = 0
    untold: dict[Feature, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    respelled: set[str] = field(default_factory=set)
    hidden: str = ""
    said: str = ""
    fixtures_work: bool = False
    token_worked: list[float] = field(default_factory=list)
    reached: bool = False
    policy_lists: list[Exchange] = field(default_factory=list)
    doubts: Doubts = field(default_factory=Doubts)
    reckoned: Reckoning | None = None
    history: History = field(default_factory=History)
    standing: Standing = field(default_factory=Standing)
    told: int = 0
    misspent: int = 0
    tell: Listener = nobody

    @classmethod
    def of(
        cls, clause_ids: Iterable[str], backups: BackupList, tell: Listener = nobody
    ) -> Observations:
        """A state in which nothing was seen yet."""
        return cls({clause_id: Tally() for clause_id in clause_ids}, backups, tell=tell)

    @property
    def reckoning(self) -> Reckoning:
        """How much trouble there is in the run."""
        kinds = (self.momentary, self.faults)
        return self.reckoned or Reckoning.of(self.weather, kinds, self.kinds)

    @property
    def why_none(self) -> str:
        """Why no execution was seen, as far as responses told that."""
        told = f": {self.said}" if self.said else ""
        return self.hidden or f"no valid request was executed{told}"

    def exercised(self, clause_id: str, times: int = 1) -> None:
        """Note that a clause was decided."""
        self.tallies[clause_id].exercised += times

    def all_exercised(self, clause_ids: Iterable[str]) -> None:
        """Note that several clauses were decided."""
        tallies = self.tallies
        for clause_id in clause_ids:
            tallies[clause_id].exercised += 1

    def found(self, finding: Finding, times: int = 1) -> None:
        """Note that an exchange, and others like it, break a clause."""
        finding = replace(
            finding,
            expected=spelled_out(finding.expected),
            received=spelled_out(finding.received),
        )
        self.tell(
            "judge.found",
            clause=finding.clause,
            exchange=finding.exchange,
            expected=finding.expected,
            received=finding.received,
        )
        tally = self.tallies[finding.clause]
        tally.broken += times
        tally.findings.append(finding)
        tally.findings.sort(key=lambda each: each.exchange.request.size)
        del tally.findings[KEPT_FINDINGS:]
        if len(tally.breaking) < MOST_STEPS:
            tally.breaking.setdefault(finding.exchange.id, finding)
        started = finding.exchange.started
        if tally.earliest is None or started < tally.earliest.exchange.started:
            tally.earliest = finding

    def evidence(self, clause_id: str) -> tuple[Finding, ...]:
        """The findings on a clause: one that needs others before it goes first, with those."""
        tally = self.tallies[clause_id]
        if tally.earliest is None:
            return ()
        told = self.history.told(tally.earliest, tally.breaking)
        if not told.earlier:
            return tuple(tally.findings)
        others = [each for each in tally.findings if each.exchange is not told.exchange]
        return (told, *others[: KEPT_FINDINGS - 1])

    def block(self, expectation: Expectation, reason: str) -> None:
        """Note that the response left undecided what the request could have decided."""
        clauses = [breach.clause for breach in expectation.breaches]
        if expectation.duty is Duty.EXECUTE:
            clauses = [shape.clause for shape, _ in expectation.features]
        for clause in clauses:
            self.block_clause(clause, reason)

    def hide(self, expectation: Expectation, reason: str) -> None:
        """Note that a response did not show whether the shapes of a valid request are executed."""
        for feature in sorted(expectation.features, key=lambda each: each[1]):
            self.untold.setdefault(feature, reason)

    def block_clause(self, clause: Clause, reason: str) -> None:
        """Note why a clause could not be seen."""
        tally = self.tallies[clause.id]
        if not tally.blocked:
            self.tell("judge.undecided", clause=clause, why=reason)
        tally.blocked = tally.blocked or reason

    def doubt(self, clause: Clause, reason: str) -> None:
        """Note why a clause cannot pass, though it is not known to be broken."""
        tally = self.tallies[clause.id]
        if not tally.doubt:
            self.tell("judge.doubts", clause=clause, why=reason)
        tally.doubt = tally.doubt or reason
