"""An exploration by itself, of a service that is handed its requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from conformance.clock import Clock, simulate
from conformance.contract import load_contract
from conformance.credentials.placeholders import Secrets
from conformance.emulator import Service, World
from conformance.emulator.service import Make
from conformance.exchange.budget import Budget
from conformance.exchange.courier import Courier
from conformance.exchange.sender import Pace, Sender
from conformance.explore.explorer import Explorer
from conformance.journal.writer import JournalWriter
from conformance.judge.run import Judge
from conformance.judge.verdicts import Finding, Judgement
from conformance.model import Ending, Exchange, JournalFooter, JournalHeader
from conformance.page.oracle import Duty
from conformance.plan.drafting import Drafts, Probe
from conformance.prove.direct import ENDPOINT, DirectClient
from conformance.run.settings import emulator_settings

IN_A_ROW = ("history", "refusals in a row", "walk")


class Explored:
    """An exploration of one service, without the plan before it, and what came of it."""

    def __init__(
        self,
        make: Make,
        directory: Path,
        requests: int,
        executions: int,
        *,
        concurrency: int = 2,
        time_limit: float = 60,
        world: World | None = None,
    ) -> None:
        contract = load_contract()
        self.settings = emulator_settings(contract, ENDPOINT, report_dir=directory)
        self.pace = Pace(concurrency, None, time_limit)
        header = JournalHeader("0", contract.sha256, self.settings.fixtures, "deep", 1, 0.0)
        self.judge = Judge(contract, header)
        self.drafts = Drafts(self.settings.fixtures, 1)
        self.budget = Budget(requests, executions)
        self.exchanges: list[Exchange] = []
        self.service: Service
        directory.mkdir(exist_ok=True)
        with JournalWriter(directory / "journal.ndjson", header) as journal:
            self.journal = journal
            self.ending = simulate(partial(self._explore, make, world or World.default(), requests))
            spent = self.budget.requests, self.budget.executions
            footer = JournalFooter(self.ending, 0.0, *spent)
        self.judgement: Judgement = self.judge.conclude(footer)

    def _observe(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        self.judge.observe(exchange)

    async def _explore(self, make: Make, world: World, requests: int, clock: Clock) -> Ending:
        self.service = make(world, lambda: datetime.fromtimestamp(clock.now(), UTC))
        client = DirectClient(self.service, clock, 1.0)
        secrets, oracle = Secrets(self.settings.tokens), self.judge.oracle
        sender = Sender(
            client, self.budget, self.journal, oracle, secrets, self.pace, self._observe,
            clock=clock,
        )  # fmt: skip
        courier = Courier(sender)
        # A valid request first, as the plan has one: it shows that the fixtures work.
        await courier.explore([Probe("first", self.drafts.request(self.drafts.body()))])
        explorer = Explorer(courier, self.judge, self.drafts, 1)
        try:
            async with asyncio.timeout(self.pace.time_limit):
                return await explorer.explore(requests)
        except TimeoutError:
            return Ending.TIME

    def duties(self, exchanges: Iterable[Exchange] | None = None) -> list[Duty]:
        """What had to be done with each request."""
        some = self.exchanges if exchanges is None else exchanges
        return [self.judge.oracle.expect(each.request).duty for each in some]

    def evidence(self, clause_id: str) -> tuple[Finding, ...]:
        """The findings on a clause."""
        return next(v for v in self.judgement.clauses if v.clause.id == clause_id).evidence

    def smallest(self, clause_id: str) -> Finding:
        """The finding on a clause with the smallest request."""
        return min(self.evidence(clause_id), key=lambda finding: finding.exchange.request.size)

    def told(self, exchange: Exchange) -> str:
        """What a request of a history was: the clause that it breaks, or that it is valid."""
        breaches = self.judge.oracle.expect(exchange.request).breaches
        return " and ".join(breach.clause.id for breach in breaches) or "valid"

    def history_of(self, clause_id: str) -> list[str]:
        """What was sent, in order, that breaks a clause."""
        return [self.told(each) for each in self.evidence(clause_id)[0].sequence]


def explored(
    make: Make, directory: Path, requests: int = 600, executions: int = 150, **more: Any
) -> Explored:
    """Explore a service."""
    return Explored(make, directory, requests, executions, **more)


def is_in_a_row(exchange: Exchange) -> bool:
    """Whether a request was sent as part of a history."""
    return (exchange.probe or "").split("/")[1:2] in ([name] for name in IN_A_ROW)


def body_of(finding: Finding) -> Any:
    """The body that was sent."""
    return json.loads(finding.exchange.request.body)
