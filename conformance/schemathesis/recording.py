"""What the judge saw of the exchanges that Schemathesis made, a recorder for each target."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from conformance import __version__
from conformance.contract import load_contract
from conformance.contract.clauses import Clause
from conformance.exchange.budget import UNLIMITED, Budget, Exhausted, Reservation
from conformance.gate.outcome import excuse
from conformance.judge.observations import Tally
from conformance.judge.run import Judge, judge
from conformance.judge.verdicts import ClauseVerdict, Finding, Status, exit_code
from conformance.model import (
    Ending,
    Exchange,
    Journal,
    JournalFooter,
    JournalHeader,
    Response,
    Spent,
    TransportFailure,
)
from conformance.page.executed import may_have_executed
from conformance.report.model import Report, gated
from conformance.schemathesis.conversion import (
    FIRST_FINAL,
    failure_now,
    request_of,
    response_of,
    started,
)
from conformance.schemathesis.repeating import Sent, Undecided
from conformance.schemathesis.targets import target_at

JUDGED = frozenset({"POST", "GET"})
"""Other methods are outside the page."""
LONGEST_WAIT = 60.0
"""Seconds that a request waits for the answers to others."""
REMEMBERED = 256
"""Answers whose findings are at hand, for the checks that come after the call."""


class Executions:
    """The budget of the exchange stage for cases that threads send; it limits executions alone."""

    def __init__(self, most: int) -> None:
        self.is_exhausted = False
        """Whether a request was withheld because none was left."""
        self._budget = Budget(UNLIMITED, most)
        self._under_way: dict[str, tuple[Reservation, int]] = {}
        self._changed = threading.Condition()

    @property
    def spent(self) -> int:
        """How often the policy was executed, or may have been."""
        return self._budget.executions.spent

    def reserve(self, case_id: str, kept_back: int = 0) -> bool:
        """Reserve one for a request, if more than `kept_back` are left.

        Waits, LONGEST_WAIT at most, while those of other threads may still be given back. What
        this thread reserved before is over, even where nothing was heard of it.
        """

        def is_settled() -> bool:
            if reservation := self._budget.take(kept_back):
                self._under_way[case_id] = reservation, thread
            owners = {owner for _, owner in self._under_way.values()}
            return reservation is not None or owners == {thread}

        thread = threading.get_ident()
        with self._changed, suppress(Exhausted):
            if case_id not in self._under_way:
                self._changed.wait_for(is_settled, LONGEST_WAIT)
        return case_id in self._under_way

    def settle(self, case_id: str, *, executed: bool) -> None:
        """Spend what a request reserved, or give it back."""
        with self._changed:
            if taken := self._under_way.pop(case_id, None):
                self._budget.settle(structs.replace(taken[0], executed=executed))
                self._changed.notify_all()


class Recorder:
    """Judges the exchanges with one target as they come, in whatever thread."""

    def __init__(self, endpoint: str, executions: Executions) -> None:
        contract = load_contract()
        self.target = target_at(endpoint)
        self.settings = self.target.settings
        self.exchanges: list[Exchange] = []
        self.told: set[str] = set()
        self._today = datetime.now(UTC).date()
        self._header = JournalHeader(
            suite=__version__,
            contract=contract.sha256,
            fixtures=self.settings.fixtures,
            profile="schemathesis",
            seed=0,
            started_at=time.time(),
            only=self.settings.only,
        )
        self._judge = Judge(contract, self._header, self.target.oracle)
        self._lock = threading.RLock()
        self._answered: OrderedDict[int, tuple[Any, list[Finding]]] = OrderedDict()
        self._executions = executions
        self._executed = 0
        self._undecided = Undecided(self.target.oracle)
        self._settled = False
        self._concluded: Report | None = None

    def answered(self, case: Any, response: Any) -> list[Finding]:
        """Take in a response, once; what it breaks beyond doubt."""
        with self._lock:
            known = self._answered.get(id(response))
            if known is None:
                answer = response_of(response, self.target.secrets)
                found = self._observe(case, response.request, answer, None, response.elapsed)
                known = response, found
                self._answered[id(response)] = known
                if len(self._answered) > REMEMBERED:
                    self._answered.popitem(last=False)
            return known[1]

    def failed(self, case: Any, sent: Any) -> None:
        """Take in that no response came."""
        with self._lock:
            self._observe(case, sent, None, failure_now(), 0.0)

    def _observe(
        self,
        case: Any,
        sent: Any,
        response: Response | None,
        failure: TransportFailure | None,
        duration: float,
    ) -> list[Finding]:
        request = request_of(case, sent, self.target.secrets)
        name = f"s{len(self.exchanges) + 1:04}"
        exchange = Exchange(
            *(name, request, response, failure, started(duration), duration),
            probe=recording().planned.get(case.id),
        )
        executed = may_have_executed(exchange, self.target.oracle.expect(request))
        self._executions.settle(case.id, executed=executed)
        if request.method not in JUDGED or (response and response.status < FIRST_FINAL):
            return []
        self._executed += executed
        self.exchanges.append(exchange)
        self._undecided.note(Sent.of(case, sent.headers), exchange)
        tallies = self._judge.seen.tallies
        before = {clause_id: tally.broken for clause_id, tally in tallies.items()}
        self._judge.observe(exchange)
        return [
            _finding_of(exchange, tally)
            for clause_id, tally in tallies.items()
            if tally.broken > before[clause_id]
        ]

    def excuses(self, clause: Clause) -> bool:
        """Whether a clause may be broken: it is waived, or was broken in the baseline."""
        broken = ClauseVerdict(clause, Status.FAILED, 0)
        return excuse(broken, self.target.excuses, self._today) is not None

    @property
    def is_settling(self) -> bool:
        """Whether what is sent now is asked again."""
        return self._settled

    @property
    def owed(self) -> int:
        """How many requests that may be executed will be asked again."""
        return self._undecided.owed

    def settle(self) -> None:
        """Ask again what is undecided, once all else was sent; a second time it does nothing."""
        if not self._settled:
            self._settled = True
            self._undecided.ask_again(self.settings.fixtures.endpoint)

    @property
    def conclusion(self) -> Report:
        """What all exchanges so far come to; worked out anew when there are more."""
        if self._concluded is None or len(self._concluded.exchanges) != len(self.exchanges):
            self._concluded = self._report()
        return self._concluded

    def _report(self) -> Report:
        with self._lock:
            requests = Spent(len(self.exchanges), len(self.exchanges))
            spent = Spent(self._executed, self.settings.execution_limit)
            is_over = self._executions.is_exhausted
            ending = Ending.EXECUTIONS if is_over else Ending.COMPLETE
            footer = JournalFooter(ending, time.time(), requests, spent)
            journal = Journal(self._header, tuple(self.exchanges), footer)
        judgement = judge(load_contract(), journal)
        code = exit_code(judgement, strict=self.settings.strict)
        strict = self.settings.strict
        report = Report(journal.header, footer, journal.exchanges, judgement, code, strict)
        return gated(report, self.target.excuses, self._today)


def _finding_of(exchange: Exchange, tally: Tally) -> Finding:
    """What an exchange broke; the judge may have kept only others that broke the same."""
    own = [finding for finding in tally.findings if finding.exchange is exchange]
    return (own or tally.findings)[0]


@dataclass
class Recording:
    """What this process recorded; `planned` has the names of the cases that come from the plan."""

    planned: dict[str, str] = field(default_factory=dict)
    recorders: dict[str, Recorder] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _executions: Executions | None = None

    @property
    def executions(self) -> Executions:
        """What is left of the executions, for all targets together. Raises UsageError."""
        with self.lock:
            if self._executions is None:
                self._executions = Executions(target_at().settings.execution_limit)
            return self._executions

    @property
    def is_settling(self) -> bool:
        """Whether what is sent now is asked again."""
        return any(recorder.is_settling for recorder in self.recorders.values())

    @property
    def owed(self) -> int:
        """How many requests that may be executed will be asked again, of all targets."""
        return sum(recorder.owed for recorder in self.recorders.values())

    def of(self, endpoint: str) -> Recorder:
        """The recorder of a target. Raises UsageError where its settings are wrong."""
        with self.lock:
            if endpoint not in self.recorders:
                self.recorders[endpoint] = Recorder(endpoint, self.executions)
            return self.recorders[endpoint]


_recording = Recording()


def recording() -> Recording:
    """What this process recorded so far."""
    return _recording


def reports() -> dict[str, Report]:
    """What the exchanges with each target so far come to, by its endpoint."""
    return {endpoint: each.conclusion for endpoint, each in _recording.recorders.items()}


def forget() -> None:
    """Begin anew: forget what was recorded, and read the environment again."""
    global _recording
    _recording = Recording()
    target_at.cache_clear()
