"""The judge: a fold over the exchanges of a run that ends in a verdict on every clause.

It looks at what was sent, never at why. What one exchange shows is decided at once (`observe`);
what needs the whole run, such as whether a token was good, is decided at the end (`conclude`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from conformance.contract import Contract
from conformance.contract.clauses import MUST, Clause
from conformance.events import Listener, nobody
from conformance.judge.backups import look
from conformance.judge.conclusion import conclude
from conformance.judge.deciding import (
    Errors,
    decide,
    decide_all,
    decide_by_schema,
    exempt_by,
    is_unlisted,
)
from conformance.judge.observations import Observations
from conformance.judge.persistence import Troubles
from conformance.judge.recorded import UNSEEN, says_too_little, spelled_otherwise
from conformance.judge.verdicts import Finding, Judgement
from conformance.model import (
    Ending,
    Exchange,
    Journal,
    JournalFooter,
    JournalHeader,
    Spent,
    Tolerances,
)
from conformance.page.answer import Execution, Sighting
from conformance.page.backup_list import BackupList
from conformance.page.call import TokenState
from conformance.page.catalogue import catalogue
from conformance.page.error_codes import published_reason
from conformance.page.executed import is_lost
from conformance.page.hindrance import OBJECT_STATUSES
from conformance.page.ids import canonical
from conformance.page.oracle import EXECUTED, Duty, Expectation, Oracle
from conformance.page.registry import REGISTRY
from conformance.page.status_codes import BAD_REQUEST, IS_EXECUTED, LISTED, MOMENTARY
from conformance.page.uri import POST
from conformance.page.weather import is_fault

NO_SUCH_METHOD = frozenset({405, 501})
MOST_LISTS = 8
REDIRECTED = 300
"""The first status behind those that say that a request succeeded (RFC 9110, section 15)."""
"""Lists of policies that are kept: the first ones, and the latest."""


class Judge:
    """Judges the exchanges of one run as they come; `tell` hears of each decision."""

    def __init__(
        self,
        contract: Contract,
        header: JournalHeader,
        oracle: Oracle | None = None,
        tell: Listener = nobody,
    ) -> None:
        self.contract = contract
        self.header = header
        self.oracle = oracle or Oracle(contract, header.fixtures)
        self.clauses = catalogue(contract)
        backups = BackupList(header.fixtures, header.tolerances)
        self.seen = Observations.of(self.clauses, backups, tell)
        self._errors = Errors(contract.error)
        self._memories: dict[str, dict[bytes, Sighting]] = {name: {} for name in REGISTRY.memories}

    def observe(self, exchange: Exchange) -> None:
        """Take in one exchange, in the order in which they completed."""
        expectation = self.oracle.expect(exchange.request)
        seen = self.seen
        came = exchange.response or exchange.failure
        seen.tell("judge.takes", exchange=exchange, page=expectation, came=came)
        seen.doubts.take_in(exchange, expectation)
        if is_lost(exchange):
            return
        if expectation.call.is_policy_list:
            del seen.policy_lists[MOST_LISTS - 1 :]
            seen.policy_lists.append(exchange)
            return
        look(seen, self.contract, exchange, expectation)
        if expectation.call.is_look and self._is_own_run:
            return
        for kind in expectation.reckoned_by:
            seen.kinds[kind] += 1
        if expectation.duty is Duty.UNKNOWN and not expectation.call.is_operation:
            seen.skipped += 1
        elif seen.weather.take_in(exchange):
            self._waits(exchange, "it speaks of the moment")
            self._met(seen.momentary, expectation, exchange)
        elif exchange.response is None:  # nobody read it: it may have broken anything
            self._hidden(expectation, str(exchange.failure))
        else:
            seen.momentary.overcome(exchange)
            seen.answered.take_in(expectation, exchange)
            if not is_fault(exchange):
                seen.faults.overcome(exchange)
            if self._is_own_run:
                seen.history.add(expectation, exchange)
            self._answered(expectation, Execution(exchange, expectation.call, self.tolerances))

    @property
    def tolerances(self) -> Tolerances:
        """How much the target may differ."""
        return self.header.tolerances

    def conclude(self, footer: JournalFooter) -> Judgement:
        """The verdict, once the run has ended as `footer` says."""
        return conclude(self.seen, self.clauses, self.header, footer)

    def broken_by(self, attempts: Sequence[Exchange]) -> list[str]:
        """The `must` clauses that one request, with its repetitions, breaks by itself.

        What this judge has seen stands: fixtures and token that worked, ids that were given out.
        """
        trial = Judge(self.contract, self.header, self.oracle)
        trial._memories = self._memories
        trial.seen.reckoned = self.seen.reckoning
        trial.seen.executions = self.seen.executions
        trial.seen.fixtures_work = self.seen.fixtures_work
        trial.seen.executed = set(self.seen.executed)
        trial.seen.shown = set(self.seen.shown)
        trial.seen.token_worked = [math.inf]
        for exchange in attempts:
            trial.observe(exchange)
        trial.seen.answered = self.seen.answered
        trial.seen.momentary = self.seen.momentary.only(attempts[0].asked)
        trial.seen.faults = self.seen.faults.only(attempts[0].asked)
        none = Spent(0, 0)
        judgement = trial.conclude(JournalFooter(Ending.COMPLETE, 0.0, none, none))
        return [verdict.clause.id for verdict in judgement.failed(MUST)]

    def _answered(self, expectation: Expectation, answer: Execution) -> None:
        status = answer.response.status
        if status == 400 and expectation.call.token is TokenState.GOOD:
            self.seen.reached = True
        if expectation.call.token is TokenState.GOOD and status == EXECUTED:
            started = answer.exchange.started
            self.seen.token_worked.append(started)
        decide_all(self.seen, REGISTRY.answers, answer)
        self.seen.exercised(MOMENTARY.id)
        if expectation.duty is Duty.NOT_EXECUTE:
            if is_fault(answer.exchange):  # it tells how much trouble there is
                self._met(self.seen.faults, expectation, answer.exchange)
            self._judge_elsewhere(expectation, answer)
            return
        is_read = status not in expectation.call.refused_unread
        if status >= 400 and is_read:
            self._errors.decide(self.seen, answer)
        self._judge_status(expectation, answer)

    def _judge_elsewhere(self, expectation: Expectation, answer: Execution) -> None:
        """Judge the response to a request that is none of the page's: it must not be executed."""
        executed = answer.response.status == EXECUTED and answer.checkpoint_id is not None
        for clause in expectation.not_executing:
            self.seen.exercised(clause.id)
            if executed:
                self._found(clause, answer, expectation, "200 and a checkpoint")
        self.seen.misspent += executed

    def _judge_status(self, expectation: Expectation, answer: Execution) -> None:
        status = answer.response.status
        if status in NO_SUCH_METHOD and expectation.duty is Duty.EXECUTE:
            self._found(POST, answer, expectation)
        elif is_unlisted(status, expectation, self.contract.statuses):
            self.seen.exercised(LISTED.id)
            self._found(LISTED, answer, expectation)
            self._answered_otherwise(expectation, answer)
        elif said := published_reason(answer.response):
            if expectation.may_execute:
                self.seen.said = self.seen.said or said[1]
            self._hidden(expectation, said[1])
        elif status >= 500:
            self._waits(answer.exchange, "a server error may pass")
            self._met(self.seen.faults, expectation, answer.exchange)
        else:
            self._judge_listed_status(expectation, answer)

    def _answered_otherwise(self, expectation: Expectation, answer: Execution) -> None:
        """Note a status that the page does not list: it hides what the response decides.

        A valid request that brought a checkpoint was executed all the same.
        """
        status = answer.response.status
        reason = f"answered {status}, which the page does not list"
        is_executed = EXECUTED < status < REDIRECTED and answer.checkpoint_id is not None
        if expectation.duty is not Duty.EXECUTE or not is_executed:
            self._hidden(expectation, reason)
            return
        self.seen.hidden = self.seen.hidden or reason
        self.seen.fixtures_work = True
        self.seen.executed |= expectation.features
        self.seen.all_exercised(expectation.kept)

    def _judge_listed_status(self, expectation: Expectation, answer: Execution) -> None:
        self.seen.exercised(LISTED.id)
        if answer.response.status in expectation.allowed:
            self._kept(expectation, answer)
        elif expectation.duty is Duty.EXECUTE:
            self._waits(answer.exchange, "a fixture, the token or a busy target may be the reason")
            self._met(self.seen.refused, expectation, answer.exchange)
        elif expectation.duty is not Duty.UNKNOWN:
            self._wrong_status(expectation, answer)

    def _wrong_status(self, expectation: Expectation, answer: Execution) -> None:
        """Note a listed status that the request may not get.

        A 401, 403 or 404 may come from a wrong fixture, and which of several broken clauses it is
        about may show elsewhere: that is known at the end.
        """
        self._remember_checkpoint(answer)
        status = answer.response.status
        self.seen.misspent += status == EXECUTED
        for clause in (b.clause for b in expectation.breaches if status not in b.clause.answers):
            is_unread = says_too_little(answer.exchange)
            if status in OBJECT_STATUSES or not expectation.decisive or is_unread:
                outcome = answer.exchange.outcome
                expected = expectation.because_of(clause)
                finding = Finding(clause.id, answer.exchange, expected, outcome)
                why = f"a fixture, or what else the request breaks, may explain it: {clause.id}"
                self._waits(answer.exchange, why)
                self.seen.tentative.add(expectation, finding)
            else:
                self.seen.exercised(clause.id)
                self._found(clause, answer, expectation)

    def _kept(self, expectation: Expectation, answer: Execution) -> None:
        """Note a response whose status is allowed, and judge what an execution brought."""
        is_executed = answer.response.status == EXECUTED
        if expectation.decisive or (is_executed and expectation.duty is Duty.CHOOSE):
            self.seen.all_exercised(breach.clause.id for breach in expectation.breaches)
        if expectation.duty is Duty.REFUSE:
            self.seen.refusals += 1
            self.seen.exercised(BAD_REQUEST.id)
        if is_executed:
            self.seen.refused.overcome(answer.exchange)
            self.seen.standing.executed(answer.exchange, expectation.call)
            if expectation.duty is not Duty.EXECUTE and answer.exchange.recording:
                self.seen.respelled.update(spelled_otherwise(expectation.call))
            self._judge_execution(expectation, answer)

    def _judge_execution(self, expectation: Expectation, answer: Execution) -> None:
        self._remember_checkpoint(answer)
        if expectation.duty in (Duty.EXECUTE, Duty.CHOOSE):
            self.seen.fixtures_work = True
            self.seen.shown.update(map(canonical, expectation.call.named_ids))
            given = map(canonical, self.header.fixtures.resources)
            self.seen.shown |= answer.listed_servers.intersection(given)
        if expectation.duty is Duty.EXECUTE:
            if answer.response.whole:
                self.seen.executions += 1
            else:
                self.seen.hidden = self.seen.hidden or UNSEEN
            self.seen.executed |= expectation.features
            self.seen.all_exercised((*expectation.kept, IS_EXECUTED.id, POST.id))
        exempt = exempt_by(answer.call)
        decide_by_schema(self.seen, self.contract.response, answer, exempt)
        decide_all(self.seen, REGISTRY.executions, answer)
        for clause_id, (clause, judge) in REGISTRY.memories.items():
            decide(self.seen, clause, judge, answer.exchange, answer, self._memories[clause_id])

    def _found(
        self, clause: Clause, answer: Execution, expectation: Expectation, received: str = ""
    ) -> None:
        received = received or answer.exchange.outcome
        expected = expectation.because_of(clause)
        self.seen.found(Finding(clause.id, answer.exchange, expected, received))

    def _met(self, troubles: Troubles, expectation: Expectation, exchange: Exchange) -> None:
        """Note trouble, and how many requests had been served by then."""
        weather = self.seen.weather
        latest = math.inf if exchange.recording else weather.latest
        troubles.met(expectation, exchange, weather.served, latest)

    def _hidden(self, expectation: Expectation, reason: str) -> None:
        """Note a response that decides nothing, though the fixtures of the request were right."""
        if expectation.duty is Duty.EXECUTE:
            self.seen.hidden = self.seen.hidden or reason
            self.seen.fixtures_work = True
            self.seen.hide(expectation, reason)
        self.seen.block(expectation, reason)

    def _waits(self, exchange: Exchange, why: str) -> None:
        self.seen.tell("judge.waits", exchange=exchange, why=f"{why}; the end of the run tells")

    def _remember_checkpoint(self, answer: Execution) -> None:
        if answer.response.status != EXECUTED or not self._is_own_run:
            return
        if (name := answer.checkpoint_id) is not None:
            self.seen.told += 1
            self.seen.checkpoints[name] = None

    @property
    def _is_own_run(self) -> bool:
        return self.header.fixtures.complete


def judge(contract: Contract, journal: Journal) -> Judgement:
    """The verdict on a whole journal."""
    judging = Judge(contract, journal.header)
    for exchange in journal.exchanges:
        judging.observe(exchange)
    return judging.conclude(journal.footer)
