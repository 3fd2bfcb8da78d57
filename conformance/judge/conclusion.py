"""The end of a run: what to make of the doubtful exchanges, and the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conformance.contract.clauses import Clause, is_given, is_selected
from conformance.judge import shortage
from conformance.judge.acceptance import explain
from conformance.judge.accusing import accuse_moment, accuse_shapes
from conformance.judge.backups import settle_backups, why_not_seen
from conformance.judge.blame import by_suspects
from conformance.judge.core import missing_core, run_verdict
from conformance.judge.expiry import EXPIRED, may_have_expired
from conformance.judge.history import TurningPoint
from conformance.judge.lost import doubt_hidden, doubt_lost, perhaps_executed
from conformance.judge.mistyped import fixture_to_blame, fixtures_are_doubtful, untrusted
from conformance.judge.observations import Observations, Tally
from conformance.judge.persistence import Attempts
from conformance.judge.recorded import (
    NO_BODY,
    OF_TWO_PROJECTS,
    may_have_changed,
    says_too_little,
    why_unseen,
)
from conformance.judge.tentative import Alike
from conformance.judge.trouble import lasting_faults, settle_moments
from conformance.judge.verdicts import ClauseVerdict, Judgement, Status
from conformance.model import Fixtures, JournalFooter, JournalHeader
from conformance.page.hindrance import OBJECT_STATUSES
from conformance.page.registry import REGISTRY
from conformance.page.status_codes import IS_EXECUTED
from conformance.page.uri import OWN_PROJECT
from conformance.page.weather import ATTEMPTS, BUSY_SPAN


def conclude(
    seen: Observations,
    clauses: Mapping[str, Clause],
    header: JournalHeader,
    footer: JournalFooter,
) -> Judgement:
    """The verdict on a run of which `seen` is what its exchanges showed."""
    seen.token_worked.sort()
    settle_moments(seen, is_own_run=header.fixtures.complete)
    faults = lasting_faults(seen, header.profile)
    accused = [*_lasting_refusals(seen, header.fixtures, footer), *faults]
    turn = seen.history.turning_point([attempts.exchanges for attempts in accused])
    for attempts in accused:
        seen.tell("judge.accuses", exchange=attempts.last, why=attempts.outcome)
    if turn is not None:
        seen.tell("judge.turns", exchange=turn.since, why=turn.in_words)
    _settle_tentative(seen, footer, turn)
    if turn is None:
        accuse_shapes(seen, accused)
    else:
        accuse_moment(seen, accused, turn)
    if seen.standing.went_beyond(header.fixtures.project_id):
        seen.doubt(OWN_PROJECT, OF_TWO_PROJECTS)
    doubt_lost(seen, clauses, footer)
    doubt_hidden(seen)
    settle_backups(seen, header.fixtures, footer)
    verdicts = [
        _clause_verdict(clause, seen.tallies[clause.id], seen, header, footer)
        for clause in clauses.values()
        if is_selected(clause.id, header.only)
    ]
    for each in verdicts:
        why = each.reason or f"{each.exchanges} exchanges decided it"
        seen.tell("judge.verdict", clause=each.clause, verdict=each.status, why=why)
    missing = missing_core(verdicts, seen, header, footer)
    short = shortage.in_words(verdicts, seen, header, footer)
    verdict, reason = run_verdict(verdicts, missing, short)
    seen.tell("judge.ends", verdict=verdict, why=reason)
    executions = tuple(seen.checkpoints)
    return Judgement(
        *(verdict, reason, tuple(verdicts), executions, seen.skipped, missing),
        in_doubt=seen.doubts.ids,
        told=seen.told,
        backups=seen.backups.progress,
        surplus=seen.backups.surplus,
    )


def _lasting_refusals(
    seen: Observations, fixtures: Fixtures, footer: JournalFooter
) -> list[Attempts]:
    """The refusals of valid requests that accuse the target; the others leave clauses undecided."""
    accused, unsure = [], []
    for attempts in seen.refused.requests.values():
        status = attempts.last.response.status if attempts.last.response else 0
        fixture = fixture_to_blame(seen, attempts) if fixtures_are_doubtful(seen) else ""
        mistyped = untrusted(seen, attempts.last, attempts.expectation.call)
        stood = seen.standing.times(attempts.exchanges, attempts.expectation.call)
        changed = may_have_changed(attempts.last, attempts.expectation, stood)
        if reason := fixture or mistyped or changed:
            seen.block(attempts.expectation, reason)
            settled = attempts.overcome or (changed and seen.standing.renewed(attempts.last))
            if (mistyped or changed) and (stood or not settled):
                seen.doubt(IS_EXECUTED, reason)
        elif (
            status == 401
            and not stood
            and may_have_expired(seen, attempts.last, attempts.expectation.call.token, footer)
        ):
            if not attempts.overcome:
                seen.block(attempts.expectation, EXPIRED)
                seen.doubt(IS_EXECUTED, EXPIRED)
        elif attempts.unread:
            if status != 400 or not attempts.overcome:
                seen.block(attempts.expectation, NO_BODY)
                seen.doubt(IS_EXECUTED, f"{attempts.outcome} to a valid request: {NO_BODY}")
                seen.hide(attempts.expectation, NO_BODY)
        elif status != 400 or (not attempts.overcome and _asked_long_enough(attempts)):
            accused.append(attempts)
        elif not attempts.overcome:
            unsure.append(attempts)
    blamed = set(explain([each.expectation for each in accused], perhaps_executed(seen)).values())
    for attempts in unsure:
        reason = f"{attempts.last.outcome} to a valid request, which may mean busy"
        seen.block(attempts.expectation, reason)
        if blamed.isdisjoint(attempts.expectation.features):
            seen.doubt(IS_EXECUTED, reason)
    return accused


def _asked_long_enough(attempts: Attempts) -> bool:
    return attempts.tries >= ATTEMPTS and attempts.span >= BUSY_SPAN


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
    stood = seen.standing.times((each.exchange for each in alike.findings), call)
    for finding, times in alike.counted():
        exchange = finding.exchange
        stands = stood if seen.standing.times([exchange], call) else 0
        if fixtures_are_doubtful(seen) and alike.status in OBJECT_STATUSES:
            reason = f"the response was {alike.status}, which a wrong fixture would explain"
        elif (
            not stands
            and alike.token_was_rejected
            and may_have_expired(seen, exchange, call.token, footer)
        ):
            reason = EXPIRED
        elif turn is not None and turn.explains(exchange):
            reason = turn.in_words
        elif changed := may_have_changed(exchange, alike.expectation, stands):
            reason = changed
            if stands and is_to_blame:
                tally.doubt = tally.doubt or reason
        elif why := untrusted(seen, exchange, replace(call, request=exchange.request)):
            reason = why
        elif says_too_little(exchange):
            reason = f"{exchange.outcome}: {NO_BODY}"
            if is_to_blame:
                tally.doubt = tally.doubt or reason
        else:
            if is_to_blame:
                seen.exercised(alike.clause, times)
                seen.found(finding, times)
            else:
                why = "another clause that the request breaks explains it"
                seen.tell("judge.excuses", clause=alike.clause, exchange=exchange, why=why)
            continue
        seen.tell("judge.excuses", clause=alike.clause, exchange=exchange, why=reason)
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
    if REGISTRY.is_seen_elsewhere(clause.id) and not tally.blocked:
        return verdict(Status.NOT_EXERCISED, why_not_seen(clause, seen.backups))
    if clause.observed:
        return verdict(Status.NOT_EXERCISED, clause.observed)
    undecided = Status.NOT_EXERCISED if clause.is_open else Status.INCONCLUSIVE
    if tally.blocked:
        return verdict(undecided, tally.blocked)
    if clause.id in footer.unsent:
        unlock = shortage.remedy(header, footer)
        return verdict(undecided, f"not sent: {footer.ending.value}", unlock)
    if clause.is_shown_by_executions and not seen.executions:
        return verdict(Status.INCONCLUSIVE, seen.why_none)
    return verdict(Status.NOT_EXERCISED, why_unseen(clause, complete=fixtures.complete))
