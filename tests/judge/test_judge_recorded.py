"""Traffic recorded elsewhere, and runs of any length: less is known, and little is kept."""

from __future__ import annotations

import pytest
from judge_helpers import (
    FIXTURES,
    RECORDED,
    answer,
    body,
    clause_in,
    exchange,
    expect,
    failed,
    record_of,
    refusal,
    request,
    verdict_on,
)
from msgspec.structs import replace

from conformance.judge import persistence
from conformance.judge.observations import KEPT_FINDINGS
from conformance.judge.persistence import MOST_KEPT, Attempts, Troubles
from conformance.judge.standing import Standing
from conformance.judge.tentative import KEPT_ALIKE, KEPT_REJECTED, Tentative
from conformance.judge.verdicts import Finding, Status
from conformance.model import Exchange, Response

WORKS = exchange(request(), answer(200, record_of(request())), name="works")
NO_PLAN = request({"checkpoint": {"parameters": {}}})


def refused(status: int, times: int, code: str = "CSBS.0400") -> list[Exchange]:
    return [
        exchange(request(), refusal(status, code), name=f"{n}", at=10 + n * 5) for n in range(times)
    ]


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, ""), (403, ""), (404, ""), (400, "CSBS.3000"), (404, "CSBS.6000")],
)
def test_what_a_valid_request_named_may_be_gone_by_then(status: int, code: str) -> None:
    exchanges = [WORKS, *refused(status, 4, code)]
    assert not failed(verdict_on(exchanges, RECORDED))
    assert clause_in(verdict_on(exchanges), "S200.executed").status is not Status.PASSED


def test_where_nothing_was_executed_it_is_told_what_the_published_code_of_a_response_means() -> (
    None
):
    judgement = verdict_on(refused(500, 3, "CSBS.1001"), RECORDED)
    assert "The policy is executing backup" in judgement.reason
    assert "The policy is executing backup" in clause_in(judgement, "T6.id.present").reason


def test_a_refusal_that_nothing_explains_accuses_all_the_same() -> None:
    assert failed(verdict_on([WORKS, *refused(405, 4, "")], RECORDED)) == {"URI.post"}


@pytest.mark.parametrize(("status", "accused"), [(401, False), (403, False), (404, True)])
def test_a_request_that_names_no_policy_cannot_meet_one_that_is_gone(
    status: int, accused: bool
) -> None:
    judgement = verdict_on([WORKS, exchange(NO_PLAN, refusal(status))], RECORDED)
    assert failed(judgement) == ({"T3.plan_id.mandatory"} if accused else set())


def test_what_a_refusal_of_several_faults_is_about_is_not_known() -> None:
    empty = request({"checkpoint": {}})
    assert not failed(verdict_on([WORKS, exchange(empty, refusal(404))], RECORDED))


def test_a_refusal_that_may_be_about_what_is_gone_takes_nothing_from_one_that_is_right() -> None:
    wrong = request(body(auto_trigger="yes"))
    gone, right = (exchange(wrong, refusal(status), name=str(status)) for status in (404, 400))
    alone = clause_in(verdict_on([WORKS, gone], RECORDED), "T4.auto_trigger.type")
    assert alone.status is Status.INCONCLUSIVE or alone.status is Status.NOT_EXERCISED
    both = verdict_on([WORKS, gone, right], RECORDED)
    assert clause_in(both, "T4.auto_trigger.type").status is Status.PASSED


def cut(came: Response) -> Response:
    return replace(came, body=b"", whole=False)


def test_of_an_answer_without_its_body_the_status_is_judged() -> None:
    judgement = verdict_on([exchange(request(), cut(answer(200)))], RECORDED)
    assert clause_in(judgement, "S200.executed").status is Status.PASSED
    assert clause_in(judgement, "T5.body.media-type").status is Status.PASSED
    assert not clause_in(judgement, "T6.id.present").exchanges
    wrong = verdict_on([WORKS, exchange(NO_PLAN, cut(answer(200)))], RECORDED)
    assert failed(wrong) == {"T3.plan_id.mandatory"}


def test_a_refusal_without_its_body_may_have_said_busy() -> None:
    crashes = [exchange(request(), cut(refusal(500)), name=f"{n}", at=n * 9.0) for n in range(5)]
    judgement = verdict_on([WORKS, *crashes], RECORDED)
    assert not failed(judgement) | failed(judgement, "should")


def test_attempts_are_counted_and_few_are_kept() -> None:
    attempts = Attempts(expect(request()))
    times = 10 * MOST_KEPT
    for exchange_ in refused(400, times):
        attempts.add(exchange_, served=int(exchange_.id))
    assert attempts.tries == times
    assert len(attempts.exchanges) == len(attempts.served_before) == MOST_KEPT
    assert attempts.span == (times - 1) * 5
    assert attempts.last.id == f"{times - 1}"
    assert attempts.served_between
    judgement = verdict_on([WORKS, *refused(500, times, "")])
    assert f", {times} times" in clause_in(judgement, "S200.executed").reason


def test_of_ever_more_requests_in_trouble_the_first_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(persistence, "MOST_REQUESTS", 3)
    troubles = Troubles()
    for number in range(10):
        sent = request(body(auto_trigger=bool(number), note=number))
        troubles.met(expect(sent), exchange(sent, answer(503)), number)
        troubles.met(expect(sent), exchange(sent, answer(503)), number)
    assert [attempts.tries for attempts in troubles.lasting] == [2, 2, 2]


@pytest.mark.parametrize("times", [1, KEPT_ALIKE, 100])
def test_wrong_refusals_that_are_alike_are_counted_and_few_are_kept(times: int) -> None:
    wrong = [exchange(NO_PLAN, refusal(404), name=f"{n}", at=1.0 + n) for n in range(times)]
    judgement = verdict_on([WORKS, *wrong])
    verdict = clause_in(judgement, "T3.plan_id.mandatory")
    assert verdict.status is Status.FAILED
    assert verdict.exchanges == times
    assert len(verdict.evidence) == min(times, KEPT_FINDINGS)


def test_the_smallest_of_many_are_kept() -> None:
    tentative = Tentative()
    for size in (9, 3, 7, 1, 8, 2, 6, 4, 5):
        sent = request({"checkpoint": {"parameters": {}, "note": "x" * size}})
        finding = Finding("T3.plan_id.mandatory", exchange(sent, refusal(404)), "400", "404")
        tentative.add(expect(sent), finding)
    (alike,) = tentative.of(decisive=False)
    sizes = [finding.exchange.request.size for finding in alike.findings]
    assert sizes == sorted(sizes)
    assert len(sizes) == KEPT_ALIKE
    assert sum(times for _, times in alike.counted()) == 9
    assert not list(tentative.of(decisive=True))


def test_rejections_of_the_token_are_told_apart_by_when_they_came() -> None:
    early = [exchange(NO_PLAN, refusal(401), name=f"e{n}", at=1.0) for n in range(7)]
    late = [exchange(NO_PLAN, refusal(401), name=f"l{n}", at=99.0) for n in range(7)]
    again = replace(WORKS, id="again", started=WORKS.started + 50)
    verdict = clause_in(verdict_on([WORKS, *early, again, *late]), "T3.plan_id.mandatory")
    assert verdict.status is Status.FAILED
    assert verdict.exchanges == len(early)
    tentative = Tentative()
    for each in early * KEPT_REJECTED:
        tentative.add(expect(NO_PLAN), Finding("T3.plan_id.mandatory", each, "400", "401"))
    (alike,) = tentative.of(decisive=True)
    assert len(alike.findings) == KEPT_REJECTED


def test_the_statuses_that_are_printed_are_the_clauses() -> None:
    """Whatever else the request might have been answered, were more of it known."""
    unknown = request({"checkpoint": {"parameters": {}}}, token="{{recorded-token}}")
    judgement = verdict_on(
        [WORKS, exchange(unknown, answer(200, record_of(WORKS.request)))], RECORDED
    )
    assert clause_in(judgement, "T3.plan_id.mandatory").reason.startswith("expected 400 to ")


@pytest.mark.parametrize("status", [200, 400, 404, 413, 415, 431])
def test_of_a_request_of_which_nothing_is_known_any_answer_is_right(status: int) -> None:
    unknown = replace(request(b"", media_type=None), whole=False, all_headers=False)
    came = answer(200, record_of(request(), "x")) if status == 200 else refusal(status)
    judgement = verdict_on([WORKS, exchange(unknown, came)], RECORDED)
    assert not failed(judgement)
    assert clause_in(judgement, "S200.executed").exchanges == 1


def test_an_answer_of_unknown_headers_decides_nothing_on_them() -> None:
    bare = replace(answer(200, record_of(request(), "x"), headers=()), all_headers=False)
    late = replace(bare, body=bare.body.replace(b"2026-03", b"2026-05"))
    errors = replace(refusal(400), headers=(), all_headers=False)
    sent = [(request(), bare), (request(), late), (NO_PLAN, errors)]
    exchanges = [exchange(each, came, name=f"{n}") for n, (each, came) in enumerate(sent)]
    judgement = verdict_on(exchanges, RECORDED)
    assert failed(judgement) <= {"T6.id.unique"}
    for undecided in ("T5.body.media-type", "EC.body.json", "EC.body.token"):
        assert not clause_in(judgement, undecided).exchanges
    assert clause_in(judgement, "T6.created_at.fresh").exchanges == 1


def test_what_a_recording_cannot_tell_is_said_of_recordings_and_of_such_clauses_alone() -> None:
    seen = [exchange(request(), answer(200, record_of(request())))]
    untold = "a recording does not tell which tokens were never issued"
    for fixtures, reason in ((RECORDED, untold), (FIXTURES, "no response showed it")):
        judgement = verdict_on(seen, fixtures)
        assert clause_in(judgement, "S401.bad-token").reason == reason
        assert clause_in(judgement, "S400.not-json").reason == "no response showed it"


def test_a_token_gave_way_where_another_works_later() -> None:
    def recorded(token: int, at: float, status: int) -> Exchange:
        came = answer(200, record_of(request())) if status == 200 else refusal(status)
        return replace(exchange(request(), came, at=at), token=token, recording=1)

    rejected, call = recorded(1, 5.0, 401), expect(request(), RECORDED).call
    for at, other, gave_way in ((1.0, 2, False), (9.0, 2, True), (9.0, 1, False)):
        standing = Standing()
        standing.executed(recorded(other, at, 200), call)
        assert standing.renewed(rejected) is gave_way
