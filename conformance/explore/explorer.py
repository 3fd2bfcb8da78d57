"""Runs Hypothesis against a live target, and keeps the smallest request that breaks each clause."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

import hypothesis
from hypothesis import HealthCheck, Phase, configuration

from conformance.exchange.budget import Exhausted
from conformance.exchange.courier import Courier
from conformance.explore.strategies import sequences
from conformance.judge.oracle import Duty
from conformance.judge.run import Judge
from conformance.model import Ending, Exchange, Request
from conformance.plan.drafting import Drafts
from conformance.plan.generated import cache_directory


class Broken(Exception):
    """A request broke a clause. Each clause has a subclass, so that each is shrunk by itself."""


@dataclass
class Explorer:
    """Explores one target through its courier; `judge` has seen all that was sent before."""

    courier: Courier
    judge: Judge
    drafts: Drafts
    seed: int
    ending: Ending = Ending.COMPLETE
    _kinds: dict[str, type[Broken]] = field(default_factory=dict)
    _stopped: bool = False

    async def explore(self, examples: int) -> Ending:
        """Send what Hypothesis makes up, until `examples` were tried or a ceiling is reached.

        Without executions to spare only requests that must be refused are sent.
        """
        loop = asyncio.get_running_loop()
        search = self._search(loop, examples)
        try:
            await loop.run_in_executor(None, search)
        finally:
            self._stopped = True
        return self.ending

    def _search(self, loop: asyncio.AbstractEventLoop, examples: int) -> Callable[[], None]:
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_directory() / "hypothesis"))
        configuration.set_hypothesis_home_dir(str(cache_directory() / "hypothesis"))
        executions = self.courier.budget.executions
        may_execute = executions.spent < executions.ceiling

        @hypothesis.seed(self.seed)
        @hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            verbosity=hypothesis.Verbosity.quiet,
        )
        @hypothesis.given(sequences(self.drafts, may_execute=may_execute))
        def keeps_the_page(sequence: list[Request]) -> None:
            for request in sequence:
                if self._stopped:
                    return
                self._raise_if_broken(loop, request, may_execute=may_execute)

        def search() -> None:
            # What was found is in the judge; how Hypothesis tells it is not needed.
            with suppress(Broken, BaseExceptionGroup, hypothesis.errors.HypothesisException):
                keeps_the_page()

        return search

    def _raise_if_broken(
        self, loop: asyncio.AbstractEventLoop, request: Request, *, may_execute: bool
    ) -> None:
        duty = self.judge.oracle.expect(request).duty
        if duty in (Duty.EXECUTE, Duty.CHOOSE) and not may_execute:
            return
        future: Future[list[Exchange]] = asyncio.run_coroutine_threadsafe(
            self.courier.explore(request), loop
        )
        try:
            attempts = future.result()
        except Exhausted as exhausted:
            self.ending = exhausted.ending
            self._stopped = True
            return
        for clause_id in self.judge.broken_by(attempts):
            kind = self._kinds.setdefault(clause_id, type("Broken", (Broken,), {}))
            raise kind(clause_id)
