"""What a kill left undecided is not passed, and accuses nobody."""

from __future__ import annotations

from typing import Any

from judge_helpers import (
    SERVERS,
    answer,
    body,
    clause_in,
    exchange,
    record_of,
    refusal,
    request,
    verdict_on,
)

from conformance.judge.verdicts import Status, Verdict
from conformance.model import Ending, Exchange, Failure, Request

WRONG, TEXT = request(body(plan_id=1)), request(body(auto_trigger="true"))


def executed(name: str, sent: Request) -> Exchange:
    return exchange(sent, answer(200, record_of(sent, name)), name=name)


def refused(name: str, sent: Request) -> Exchange:
    return exchange(sent, refusal(400), name=name)


def lost(name: str, sent: Request) -> Exchange:
    return exchange(sent, Failure.LOST, name=name)


CORE = [
    executed("a", request()),
    executed("b", request(body(auto_trigger=True, resources=[SERVERS[0]]))),
]
KNOWN = [*CORE, refused("c", TEXT)]


def test_what_is_lost_and_refused_later_leaves_no_trace() -> None:
    settled = verdict_on([*KNOWN, lost("d", WRONG), refused("e", WRONG)])
    assert settled == verdict_on([*KNOWN, refused("e", WRONG)])
    assert (settled.verdict, settled.remarks) == (Verdict.CONFORMS, ())


def test_what_is_lost_and_not_asked_again_is_undecided_whatever_else_was_refused() -> None:
    other = refused("d", request(body(plan_id=2)))
    judgement = verdict_on([*KNOWN, other, lost("e", WRONG)])
    assert clause_in(judgement, "T3.plan_id.type").status is Status.INCONCLUSIVE
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert "--max-executions" in judgement.reason
    assert judgement.in_doubt == ("e",)


def test_a_valid_request_that_is_lost_is_in_doubt_and_undoes_nothing_that_was_seen() -> None:
    judgement = verdict_on([*KNOWN, lost("d", CORE[0].request)])
    assert judgement.verdict is Verdict.CONFORMS
    (remark,) = judgement.remarks
    assert remark.startswith("1 execution in doubt (d)")


def test_what_it_alone_had_shown_is_undecided() -> None:
    no_servers = request(body(auto_trigger=False))
    judgement = verdict_on([*KNOWN, lost("d", no_servers)])
    found = clause_in(judgement, "T4.auto_trigger.values")
    assert (found.status, judgement.verdict) == (Status.INCONCLUSIVE, Verdict.INCONCLUSIVE)
    assert "is not sent again" in found.reason


def test_a_form_that_may_have_been_executed_is_not_blamed_for_a_refusal() -> None:
    minimal, plain = request(), request(body(auto_trigger=True))
    attempts = [exchange(minimal, refusal(400), name=f"r{n}", at=float(n)) for n in range(4)]
    judgement = verdict_on([*attempts, refused("c", TEXT), lost("d", plain)])
    assert clause_in(judgement, "T2.body.json-forms").status is not Status.FAILED
    assert judgement.verdict is not Verdict.CONFORMS


def test_what_the_kill_left_no_execution_for_is_not_passed_by_other_requests() -> None:
    unsent = ("T4.auto_trigger.type",)
    at_the_limit: Any = {"ending": Ending.EXECUTIONS, "unsent": unsent}
    as_it_is = verdict_on(KNOWN, **at_the_limit)
    assert clause_in(as_it_is, unsent[0]).status is Status.PASSED
    killed = verdict_on([*KNOWN, lost("d", CORE[0].request)], **at_the_limit)
    found = clause_in(killed, unsent[0])
    assert (found.status, killed.verdict) == (Status.INCONCLUSIVE, Verdict.INCONCLUSIVE)
    assert "1 execution of --max-executions went to the kill" in found.reason


def test_a_run_in_which_the_kill_cost_the_last_execution_says_so() -> None:
    at_the_limit: Any = {"ending": Ending.EXECUTIONS, "unsent": ("S200.executed",)}
    by_refusals = verdict_on([refused("c", TEXT), lost("d", WRONG)], **at_the_limit)
    assert "1 execution of --max-executions went to the kill of the run" in by_refusals.reason
    by_itself = verdict_on([refused("c", TEXT), lost("d", request())], **at_the_limit)
    assert by_itself.reason.startswith(Failure.LOST.value)


def test_what_only_an_execution_shows_waits_for_one_whose_response_was_lost() -> None:
    sent = request(body(resources=[]))  # which may be executed, or refused
    verdict = clause_in(verdict_on([lost("a", sent)]), "T6.id.present")
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.reason.startswith(Failure.LOST.value)
