"""The end of a run: what to make of the doubtful exchanges, and the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.contract.clauses import Clause, Fixture, Level, is_given, is_selected
from conformance.judge import shortage
from conformance.judge.accusing import accuse_moment, accuse_shapes
from conformance.judge.blame import by_suspects, is_cleared, suspects
from conformance.judge.expiry import EXPIRED, may_have_expired
from conformance.judge.history import TurningPoint
from conformance.judge.lost import doubt_lost
from conformance.judge.observations import Observations, Tally
from conformance.judge.persistence import Attempts
from conformance.judge.recorded import may_have_changed, why_unseen
from conformance.judge.silence import REMEDY, is_silence
from conformance.judge.tentative import Alike
from conformance.judge.verdicts import ClauseVerdict, Finding, Judgement, Status, Verdict
from conformance.model import (
    Exchange,
    Fixtures,
    JournalFooter,
    JournalHeader,
)
from conformance.page.call import Call, canonical
from conformance.page.hindrance import (
    OBJECT_STATUSES,
    Hindrance,
    hindrance,
    is_signed,
    wrong_fixture,
)
from conformance.page.oracle import Duty
from conformance.page.policy_list import Contradiction, contradiction
from conformance.page.status_codes import (
    BAD_REQUEST,
    IS_EXECUTED,
    LISTED,
    MOMENTARY,
    MOMENTARY_ERROR,
)
from conformance.page.weather import ATTEMPTS, BUSY_SPAN

UNKNOWN_ID_STATUSES = frozenset({400, 404})
"""Statuses that an id which names nothing may get."""


def conclude(
    seen: Observations,
    clauses: Mapping[str, Clause],
    header: JournalHeader,
    footer: JournalFooter,
) -> Judgement:
    """The verdict on a run of which `seen` is what its exchanges showed."""
    seen.token_worked.sort()
    _settle_moments(seen, is_own_run=header.fixtures.complete)
    accused = [*_lasting_refusals(seen, header.fixtures, footer), *_lasting_faults(seen)]
    turn = seen.history.turning_point([attempts.exchanges for attempts in accused])
    _settle_tentative(seen, footer, turn)
    if turn is None:
        accuse_shapes(seen, accused)
    else:
        accuse_moment(seen, accused, turn)
    doubt_lost(seen, clauses, footer)
    verdicts = [
        _clause_verdict(clause, seen.tallies[clause.id], seen, header, footer)
        for clause in clauses.values()
        if is_selected(clause.id, header.only)
    ]
    missing = _missing_core(verdicts, seen, header, footer)
    short = shortage.in_words(verdicts, seen, header, footer)
    verdict, reason = _run_verdict(verdicts, missing, short)
    executions = tuple(seen.checkpoints)
    return Judgement(
        *(verdict, reason, tuple(verdicts), executions, seen.skipped, missing),
        in_doubt=seen.doubts.ids,
        told=seen.told,
    )


def _settle_moments(seen: Observations, *, is_own_run: bool) -> None:
    """Hold trouble of the moment against the target only where chance is no explanation.

    In a recording nobody can wait longer.
    """
    reckoning, troubled = seen.reckoning, list(seen.momentary.requests.values())
    for attempts in seen.momentary.lasting:
        outcome = attempts.outcome if attempts.tries > 1 else f"{attempts.outcome}, once"
        was_silent = any(map(is_silence, attempts.exchanges))
        may_be_slow = was_silent and not seen.answered.accuse(attempts, troubled)
        if may_be_slow or not reckoning.excludes_chance(attempts):
            remedy = REMEDY if was_silent and is_own_run else "this may be passing trouble"
            seen.doubt(MOMENTARY, f"{outcome}: {remedy}")
        else:
            expected = f"{attempts.expectation}, since other requests were served meanwhile"
            seen.found(Finding(MOMENTARY.id, attempts.last, expected, outcome))
        hid = f"{outcome}: {REMEDY}" if may_be_slow and is_own_run else outcome
        seen.block(attempts.expectation, hid)


def _lasting_refusals(
    seen: Observations, fixtures: Fixtures, footer: JournalFooter
) -> list[Attempts]:
    """The refusals of valid requests that accuse the target; the others leave clauses undecided."""
    accused = []
    for attempts in seen.refused.requests.values():
        status = attempts.last.response.status if attempts.last.response else 0
        fixture = _wrong_fixture(seen, attempts) if _fixtures_are_doubtful(seen) else ""
        untrusted = _untrusted(seen, attempts.last, attempts.expectation.call)
        if reason := (
            fixture or untrusted or may_have_changed(attempts.last, attempts.expectation)
        ):
            seen.block(attempts.expectation, reason)
            if untrusted and not attempts.overcome:
                seen.doubt(IS_EXECUTED, untrusted)
        elif status == 401 and may_have_expired(
            seen, attempts.last, attempts.expectation.call.token, footer
        ):
            if not attempts.overcome:
                seen.block(attempts.expectation, EXPIRED)
                seen.doubt(IS_EXECUTED, EXPIRED)
        elif status != 400 or (not attempts.overcome and _asked_long_enough(attempts)):
            accused.append(attempts)
        elif not attempts.overcome:
            reason = f"{attempts.last.outcome} to a valid request, which may mean busy"
            seen.block(attempts.expectation, reason)
            seen.doubt(IS_EXECUTED, reason)
    return accused


def _asked_long_enough(attempts: Attempts) -> bool:
    return attempts.tries >= ATTEMPTS and attempts.span >= BUSY_SPAN


def _fixtures_are_doubtful(seen: Observations) -> bool:
    """Whether all that is known of valid requests could come from a wrong fixture."""
    if seen.fixtures_work:
        return False
    return all(_wrong_fixture(seen, attempts) for attempts in seen.refused.requests.values())


def _wrong_fixture(seen: Observations, attempts: Attempts) -> str:
    """Which fixture a refusal of a valid request may speak of; empty where it speaks of none."""
    met = wrong_fixture(attempts.last.response)
    if met is Hindrance.PATH and seen.reached:
        met = Hindrance.OBJECT
    if met is Hindrance.TOKEN and is_signed(attempts.last.request):
        met = Hindrance.KEYS
    return str(met.value) if met else ""


def _untrusted(seen: Observations, refusal: Exchange, call: Call) -> str:
    """Which id of a refused request was never shown to exist, so that it may be mistyped.

    Only an execution shows that one exists; a list of policies may be of other days, or wrong.
    """
    if refusal.response is None or refusal.response.status not in UNKNOWN_ID_STATUSES:
        return ""
    unshown = [each for each in call.named_servers if canonical(each) not in seen.shown]
    if unshown:
        return f"no execution has shown that the server {unshown[0]} exists; check --resource"
    if isinstance(call.plan_id, str) and canonical(call.plan_id) not in seen.shown:
        return "no execution has shown that the policy exists; check --plan-id and --project-id"
    return ""


def _lasting_faults(seen: Observations) -> list[Attempts]:
    """Judge 5xx answers that are not of the moment; return the valid requests among them."""
    accused, reckoning = [], seen.reckoning
    for attempts in seen.faults.requests.values():
        expectation, last = attempts.expectation, attempts.last
        if expectation.duty is Duty.NOT_EXECUTE:  # the page says nothing of how it is refused
            continue
        status = last.response.status if last.response else 0
        received = attempts.outcome
        clauses = {
            Duty.REFUSE: _refusals_to_blame(seen, attempts),
            Duty.CHOOSE: _open_points_to_blame(seen, attempts),
        }.get(expectation.duty, ())
        if not reckoning.excludes_chance(attempts):
            seen.exercised(MOMENTARY_ERROR.id)
            seen.found(Finding(MOMENTARY_ERROR.id, last, str(expectation), received))
            seen.block(expectation, received)
            if not attempts.overcome and expectation.duty is Duty.EXECUTE:
                seen.doubt(IS_EXECUTED, f"{received}: this may be passing trouble")
            elif not attempts.overcome and expectation.duty in (Duty.REFUSE, Duty.CHOOSE):
                seen.doubt(BAD_REQUEST, f"{received}: this may be passing trouble")
        elif expectation.duty is Duty.EXECUTE:
            accused.append(attempts)
        else:
            for clause in clauses if status == 500 else (LISTED,):
                seen.exercised(clause.id)
                seen.found(Finding(clause.id, last, str(expectation), received))
            seen.block(expectation, received)
    return accused


def _open_points_to_blame(seen: Observations, attempts: Attempts) -> tuple[Clause, ...]:
    """The open points of a request that failed: of several, those that failed elsewhere too."""
    status = attempts.last.response.status if attempts.last.response else 0
    clauses = suspects(seen, attempts.expectation, status)
    elsewhere = {
        breach.clause.id
        for other in seen.faults.lasting
        if other is not attempts
        for breach in other.expectation.breaches
    }
    return tuple(clause for clause in clauses if clause.id in elsewhere) or clauses


def _refusals_to_blame(seen: Observations, attempts: Attempts) -> tuple[Clause, ...]:
    """The clauses of a bad request that failed: an open point too, where what is bad is cleared."""
    expectation = attempts.expectation
    failed_alone = {other.expectation.decisive for other in seen.faults.lasting}
    for clause in expectation.refusing:
        if clause in failed_alone or not is_cleared(seen, clause):
            return (BAD_REQUEST,)
    open_points = (b.clause for b in expectation.breaches if b.clause.is_open)
    return BAD_REQUEST, *(clause for clause in open_points if not is_cleared(seen, clause))


def _settle_tentative(seen: Observations, footer: JournalFooter, turn: TurningPoint | None) -> None:
    """Judge wrong statuses that a wrong fixture, a token or another clause might explain.

    Requests that break one clause go first: what they show explains those that break several.
    """
    for alike in seen.tentative.of(decisive=True):
        _settle(seen, alike, footer, turn, is_to_blame=True)
    for to_blame, group in by_suspects(seen):
        broken = {clause_id for clause_id, tally in seen.tallies.items() if tally.broken}
        breaches = {breach.clause.id for breach in group[0].expectation.breaches}
        for alike in group:
            is_to_blame = broken.isdisjoint(breaches) and alike.clause in to_blame
            _settle(seen, alike, footer, turn, is_to_blame=is_to_blame)


def _settle(
    seen: Observations,
    alike: Alike,
    footer: JournalFooter,
    turn: TurningPoint | None,
    *,
    is_to_blame: bool,
) -> None:
    call = alike.expectation.call
    tally = seen.tallies[alike.clause]
    for finding, times in alike.counted():
        exchange = finding.exchange
        if _fixtures_are_doubtful(seen) and alike.status in OBJECT_STATUSES:
            reason = f"the response was {alike.status}, which a wrong fixture would explain"
        elif alike.token_was_rejected and may_have_expired(seen, exchange, call.token, footer):
            reason = EXPIRED
        elif turn is not None and turn.explains(exchange):
            reason = turn.in_words
        elif changed := may_have_changed(exchange, alike.expectation):
            reason = changed
        elif why := _untrusted(seen, exchange, replace(call, request=exchange.request)):
            reason = why
        else:
            if is_to_blame:
                seen.exercised(alike.clause, times)
                seen.found(finding, times)
            continue
        tally.blocked = tally.blocked or reason


def _clause_verdict(
    clause: Clause, tally: Tally, seen: Observations, header: JournalHeader, footer: JournalFooter
) -> ClauseVerdict:
    fixtures = header.fixtures

    def verdict(status: Status, reason: str = "", unlock: str = "") -> ClauseVerdict:
        return ClauseVerdict(clause, status, tally.exercised, reason, unlock, evidence)

    evidence = seen.evidence(clause.id)
    if tally.broken:
        first = evidence[0]
        return verdict(Status.FAILED, f"expected {first.expected}; received {first.received}")
    if tally.doubt:
        return verdict(Status.INCONCLUSIVE, tally.doubt)
    if tally.exercised:
        return verdict(Status.PASSED)
    if absent := [need for need in clause.needs if not is_given(need, fixtures)]:
        options = " and ".join(need.unlock for need in absent)
        return verdict(Status.NOT_EXERCISED, f"needs {options}", options)
    if clause.observed:
        return verdict(Status.NOT_EXERCISED, clause.observed)
    if tally.blocked:
        return verdict(Status.INCONCLUSIVE, tally.blocked)
    if clause.id in footer.unsent:
        unlock = shortage.remedy(header, footer)
        status = Status.NOT_EXERCISED if clause.is_open else Status.INCONCLUSIVE
        return verdict(status, f"not sent: {footer.ending.value}", unlock)
    if clause.is_shown_by_executions and not seen.executions:
        return verdict(Status.INCONCLUSIVE, seen.hidden or "no valid request was executed")
    return verdict(Status.NOT_EXERCISED, why_unseen(clause, complete=fixtures.complete))


def _run_verdict(verdicts: list[ClauseVerdict], missing: str, short: str) -> tuple[Verdict, str]:
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


def _missing_core(
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
    for attempts in seen.refused.requests.values():
        if seen.fixtures_work:
            return f"no valid request was executed ({attempts.last.outcome}): {EXPIRED}"
        if fixture := _why_refused(seen, attempts, fixtures):
            return f"no valid request was executed ({attempts.last.outcome}): {fixture}"
    for attempts in (*seen.momentary.lasting, *seen.faults.lasting):
        outcome = attempts.outcome
        met = hindrance(attempts.last) if fixtures.complete else None
        return f"no valid request was executed: {outcome}" + (f"; {met.value}" if met else "")
    ending: str = footer.ending.value
    return f"no valid request was executed: {ending}"


def _why_refused(seen: Observations, attempts: Attempts, fixtures: Fixtures) -> str:
    """What in the fixtures a refused valid request speaks against; the list has the first word."""
    by_list = contradiction(seen.policy_lists, fixtures)
    if by_list is Contradiction.PLAN:
        return str(by_list.value)
    call = attempts.expectation.call
    return _wrong_fixture(seen, attempts) or _untrusted(seen, attempts.last, call)
