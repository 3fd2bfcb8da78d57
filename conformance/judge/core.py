"""The verdict on a whole run, and what of its core was not seen."""

from __future__ import annotations

from conformance.contract.clauses import Fixture, Level, is_given, is_selected
from conformance.judge.expiry import EXPIRED
from conformance.judge.mistyped import fixture_to_blame, untrusted
from conformance.judge.observations import Observations
from conformance.judge.persistence import Attempts
from conformance.judge.verdicts import ClauseVerdict, Status, Verdict
from conformance.model import Fixtures, JournalFooter, JournalHeader
from conformance.page.hindrance import hindrance
from conformance.page.policy_list import Contradiction, contradiction


def run_verdict(verdicts: list[ClauseVerdict], missing: str, short: str) -> tuple[Verdict, str]:
    """The verdict on a run, and why; `short` is what the limit on executions left undecided."""
    more = f"; {short}" if short else ""
    musts = [verdict for verdict in verdicts if verdict.clause.level is Level.MUST]
    failed = [verdict for verdict in musts if verdict.status is Status.FAILED]
    if failed:
        return Verdict.VIOLATES, f"{failed[0].clause.id}: {failed[0].reason}{more}"
    unseen = [verdict for verdict in musts if verdict.status is Status.INCONCLUSIVE]
    if missing:
        return Verdict.INCONCLUSIVE, f"{missing}{more}"
    if unseen and short and unseen[0].unlock:
        return Verdict.INCONCLUSIVE, short
    if unseen:
        first = unseen[0]
        unlock = f"; unlock with {first.unlock}" if first.unlock else ""
        return Verdict.INCONCLUSIVE, f"{first.clause.id}: {first.reason}{unlock}{more}"
    return Verdict.CONFORMS, ""


def missing_core(
    verdicts: list[ClauseVerdict], seen: Observations, header: JournalHeader, footer: JournalFooter
) -> str:
    """What a run must have seen to say anything, where it has not."""
    for pattern in header.only:
        selected = [each for each in verdicts if is_selected(each.clause.id, (pattern,))]
        if not any(verdict.exchanges for verdict in selected):
            return f"no exchange decided what --only {pattern!r} selects"
    if header.only:
        return ""
    if not seen.executions:
        return seen.hidden or _why_nothing_was_executed(seen, header.fixtures, footer)
    return "" if seen.refusals else "no request was refused"


def _why_nothing_was_executed(seen: Observations, fixtures: Fixtures, footer: JournalFooter) -> str:
    absent = [
        need.unlock
        for need in (Fixture.LOGIN, Fixture.PROJECT, Fixture.PLAN)
        if not is_given(need, fixtures)
    ]
    if absent:
        could = "could be sent" if fixtures.complete else "is known in a recording"
        return f"no valid request {could} without {' and '.join(absent)}"
    if seen.respelled:
        options = " and ".join(sorted(seen.respelled))
        return (
            f"no valid request is known: the recording has the UUIDs of {options} in another "
            "spelling, which may be refused; give them as they stand there"
        )
    for attempts in seen.refused.requests.values():
        if seen.fixtures_work:
            return f"no valid request was executed ({attempts.last.outcome}): {EXPIRED}"
        if fixture := _why_refused(seen, attempts, fixtures):
            return f"no valid request was executed ({attempts.last.outcome}): {fixture}"
    for attempts in (*seen.momentary.lasting, *seen.faults.lasting):
        outcome = attempts.outcome
        met = hindrance(attempts.last) if fixtures.complete else None
        return f"no valid request was executed: {outcome}" + (f"; {met.value}" if met else "")
    if seen.said:
        return seen.why_none
    ending: str = footer.ending.value
    return f"no valid request was executed: {ending}"


def _why_refused(seen: Observations, attempts: Attempts, fixtures: Fixtures) -> str:
    """What in the fixtures a refused valid request speaks against; the list has the first word."""
    by_list = contradiction(seen.policy_lists, fixtures)
    if by_list is Contradiction.PLAN:
        return str(by_list.value)
    call = attempts.expectation.call
    return fixture_to_blame(seen, attempts) or untrusted(seen, attempts.last, call)
