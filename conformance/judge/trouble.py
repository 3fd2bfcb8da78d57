"""What to make of trouble at the end of a run: "not now", no response, and internal errors."""

from __future__ import annotations

from conformance.contract.clauses import Clause
from conformance.judge.blame import is_cleared, suspects
from conformance.judge.observations import Observations
from conformance.judge.persistence import Attempts
from conformance.judge.recorded import NO_BODY
from conformance.judge.shortage import SMOKE
from conformance.judge.silence import REMEDY
from conformance.judge.verdicts import Finding
from conformance.page.executed import may_have_executed
from conformance.page.json_text import NotKnown, TooDeep
from conformance.page.oracle import Duty
from conformance.page.status_codes import (
    BAD_REQUEST,
    IS_EXECUTED,
    LISTED,
    MOMENTARY,
    MOMENTARY_ERROR,
)
from conformance.page.unread import is_no_text
from conformance.page.weather import BUSY_SPAN, is_closed_for_its_size, is_silence


def settle_moments(seen: Observations, *, is_own_run: bool) -> None:
    """Hold trouble of the moment against the target only where chance is no explanation.

    In a recording nobody can wait longer. How a request is refused that is none of the page's is
    open: any response to it is right but an execution.
    """
    reckoning, troubled = seen.reckoning, list(seen.momentary.requests.values())
    for attempts in seen.momentary.lasting:
        if attempts.expectation.duty is Duty.NOT_EXECUTE:
            _may_be_refused_so(seen, attempts)
            continue
        outcome = attempts.outcome if attempts.tries > 1 else f"{attempts.outcome}, once"
        if all(is_closed_for_its_size(each, seen.weather) for each in attempts.exchanges):
            seen.block(attempts.expectation, outcome)
            continue
        was_silent = any(map(is_silence, attempts.exchanges))
        may_be_slow = was_silent and not seen.answered.accuse(attempts, troubled)
        may_be_busy = attempts.expectation.may_execute and attempts.span < BUSY_SPAN
        clause = MOMENTARY_ERROR if is_no_text(attempts.last.request) else MOMENTARY
        is_sure = not (may_be_slow or may_be_busy or attempts.unread)
        if is_sure and reckoning.excludes_chance(attempts):
            expected = f"{attempts.expectation}, since other requests were served meanwhile"
            seen.exercised(clause.id)
            seen.found(Finding(clause.id, attempts.last, expected, outcome))
        elif clause is MOMENTARY:
            remedy = REMEDY if was_silent and is_own_run else "this may be passing trouble"
            seen.doubt(MOMENTARY, f"{outcome}: {remedy}")
        hid = f"{outcome}: {REMEDY}" if may_be_slow and is_own_run else outcome
        seen.block(attempts.expectation, hid)


def _may_be_refused_so(seen: Observations, attempts: Attempts) -> None:
    """Whether trouble is how a request is refused that must only not be executed.

    It is where others are served, unless nothing came back, or what may follow an execution.
    """
    last = attempts.last
    is_unknown = last.response is None or may_have_executed(last, attempts.expectation)
    if is_unknown or not seen.reckoning.excludes_chance(attempts):
        seen.block(attempts.expectation, attempts.outcome)
        return
    for clause in attempts.expectation.not_executing:
        seen.exercised(clause.id)


def lasting_faults(seen: Observations, profile: str) -> list[Attempts]:
    """Judge 5xx answers that are not of the moment; return the valid requests among them.

    A run of a `profile` that has few executions can repeat little of what may have been one.
    """
    accused, reckoning = [], seen.reckoning
    remedy = "; --profile standard can repeat it" if profile == SMOKE else ""
    for attempts in seen.faults.requests.values():
        expectation, last = attempts.expectation, attempts.last
        if expectation.duty is Duty.NOT_EXECUTE:  # the page says nothing of how it is refused
            continue
        status = last.response.status if last.response else 0
        received = attempts.outcome
        says_nothing = isinstance(expectation.call.json, NotKnown | TooDeep)
        clauses = {
            Duty.REFUSE: _refusals_to_blame(seen, attempts),
            Duty.CHOOSE: _open_points_to_blame(seen, attempts),
            # Who has a right to it is executed, and who has none is refused: nobody gets 500.
            Duty.UNKNOWN: () if says_nothing else (BAD_REQUEST,),
        }.get(expectation.duty, ())
        if is_no_text(last.request):
            seen.exercised(MOMENTARY_ERROR.id)
            seen.found(Finding(MOMENTARY_ERROR.id, last, str(expectation), received))
        elif attempts.unread or not reckoning.excludes_chance(attempts):
            if attempts.unread:
                seen.doubt(MOMENTARY_ERROR, f"{received}: {NO_BODY}")
            else:
                seen.exercised(MOMENTARY_ERROR.id)
                seen.found(Finding(MOMENTARY_ERROR.id, last, str(expectation), received))
            seen.block(expectation, f"{received}{remedy}")
            why = NO_BODY if attempts.unread else f"this may be passing trouble{remedy}"
            doubt = f"{received}: {why}"
            if not attempts.overcome and expectation.duty is Duty.EXECUTE:
                seen.doubt(IS_EXECUTED, doubt)
            elif not attempts.overcome and expectation.duty in (Duty.REFUSE, Duty.CHOOSE):
                seen.doubt(BAD_REQUEST if status == 500 else LISTED, doubt)
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
