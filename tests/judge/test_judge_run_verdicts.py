"""Whole runs in which nothing can be held against the target, and what is said of them then."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

import pytest
from judge_helpers import (
    ENDPOINT,
    FIXTURES,
    NOBODY,
    PLANNED,
    PROJECT,
    PROVIDER,
    RECORDED,
    SERVERS,
    WEAK,
    Answers,
    Came,
    Target,
    answer,
    body,
    clause_in,
    exchange,
    expect,
    failed,
    planned_requests,
    record_of,
    refusal,
    request,
    run_against,
    verdict_on,
)
from msgspec.structs import replace

from conformance.contract.clauses import Level
from conformance.credentials.placeholders import Derivation, placeholder
from conformance.judge.verdicts import Status, Verdict, exit_code
from conformance.model import Ending, Exchange, Failure, Fixtures, Request, Response, Token
from conformance.page.call import TokenState
from conformance.page.error_codes import PUBLISHED, CodeKind
from conformance.page.hindrance import Hindrance
from conformance.page.oracle import Duty, Expectation

CONFORMS, VIOLATES, INCONCLUSIVE = Verdict.CONFORMS, Verdict.VIOLATES, Verdict.INCONCLUSIVE
EXECUTED, VALUES = "S200.executed", "T4.auto_trigger.values"
MOMENTS = [code for code, (kind, _) in PUBLISHED.items() if kind.decides_nothing]
STATUS_OF = {
    "CSBS.9009": 403,
    "CSBS.1001": 500,
    "CSBS.1002": 500,
    "CSBS.2001": 500,
    "CSBS.6030": 500,
}


def moment(code: str) -> Response:
    return refusal(STATUS_OF.get(code, 400), code)


def valid(came: Came) -> Answers:
    return lambda _, expectation, __: came if expectation.duty is Duty.EXECUTE else None


def executable(came: Came) -> Answers:
    return lambda _, expectation, __: came if expectation.may_execute else None


def everything(came: Came) -> Answers:
    return lambda *_: came


def with_good_token(came: Came) -> Answers:
    return lambda _, seen, __: came if seen.call.token is TokenState.GOOD else None


def first_time(answers: Answers, *, times: int = 1) -> Answers:
    return lambda sent, seen, before: answers(sent, seen, before) if before < times else None


def at_random(came: Came, rate: float, seed: int) -> Answers:
    """Trouble for some requests, whatever they are."""
    dice = Random(seed)
    return lambda *_: came if dice.random() < rate else None


@pytest.mark.parametrize("code", MOMENTS)
def test_busy_state_limit_and_account_are_never_a_violation(code: str) -> None:
    judgement = verdict_on(run_against(valid(moment(code))))
    assert judgement.verdict is INCONCLUSIVE
    assert failed(judgement) == set()
    assert PUBLISHED[code][1] in judgement.reason


@pytest.mark.parametrize("code", MOMENTS)
def test_a_target_that_says_so_to_every_request_leaves_everything_open(code: str) -> None:
    judgement = verdict_on(run_against(everything(moment(code))))
    assert judgement.verdict is INCONCLUSIVE
    assert failed(judgement) == set()
    assert clause_in(judgement, "S404.unknown-policy").status is Status.INCONCLUSIVE


@pytest.mark.parametrize("code", ["CSBS.2003", "CSBS.6032", "CSBS.9006", "CSBS.6003"])
def test_a_published_code_for_an_open_point_leaves_it_open(code: str) -> None:
    came = refusal(400, code)
    exchanges = run_against(lambda _, seen, __: came if seen.duty is Duty.CHOOSE else None)
    judgement = verdict_on(exchanges)
    assert judgement.verdict is CONFORMS, judgement.reason
    assert clause_in(judgement, "T4.resources.duplicates").status is Status.NOT_EXERCISED


@pytest.mark.parametrize("code", ["CSBS.1001", "CSBS.6031", "CSBS.9006"])
def test_a_busy_moment_that_passes_leaves_no_trace(code: str) -> None:
    exchanges = run_against(first_time(valid(moment(code))), requests=PLANNED * 2)
    assert verdict_on(exchanges).verdict is CONFORMS


@pytest.mark.parametrize("came", [refusal(503), refusal(429), refusal(502), refusal(504), *Failure])
def test_a_target_that_answers_nothing_is_no_violation(came: Came) -> None:
    judgement = verdict_on(run_against(everything(came)), ending=Ending.DEAD)
    assert judgement.verdict is INCONCLUSIVE
    assert failed(judgement) == failed(judgement, "should") == set()
    statuses = {verdict.status for verdict in judgement.clauses}
    assert statuses <= {Status.INCONCLUSIVE, Status.NOT_EXERCISED}


@pytest.mark.parametrize("came", [refusal(503), refusal(429), Failure.TIMEOUT])
@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3, 0.5, 0.8])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_trouble_now_and_then_is_no_violation(came: Came, rate: float, seed: int) -> None:
    judgement = verdict_on(run_against(at_random(came, rate, seed)))
    assert failed(judgement) == set()


def test_only_who_was_silent_is_said_to_need_a_longer_timeout() -> None:
    for came, is_named in ((refusal(503), False), (Failure.TIMEOUT, True)):
        judgement = verdict_on(run_against(with_good_token(came)))
        told = [verdict.reason for verdict in judgement.clauses if "--timeout" in verdict.reason]
        assert bool(told) is is_named


@pytest.mark.parametrize(("times", "met"), [(1, "503, once"), (3, "503, 3 times")])
def test_it_is_told_how_often_what_may_be_passing_trouble_was_met(times: int, met: str) -> None:
    tried = [exchange(request(), refusal(503), name=str(n), at=n) for n in range(times)]
    found = clause_in(verdict_on(tried), "S503.momentary")
    assert found.status is Status.INCONCLUSIVE
    assert found.reason == f"{met}: this may be passing trouble"


def test_of_a_shape_that_is_refused_the_requests_are_counted() -> None:
    def otherwise(_: Request, expectation: Expectation, __: int) -> Came | None:
        is_meant = expectation.duty is Duty.EXECUTE and expectation.call.auto_trigger is True
        return refusal(403) if is_meant else None

    valid = {each.digest: each for each in PLANNED if expect(each).duty is Duty.EXECUTE}.values()
    having = [each for each in valid if expect(each).call.auto_trigger in (True, False)]
    verdict = clause_in(verdict_on(run_against(otherwise, requests=valid)), VALUES)
    assert verdict.status is Status.FAILED
    assert verdict.exchanges == len(having)


def test_an_answer_too_large_for_this_suite_is_no_violation() -> None:
    for answers in (valid(Failure.TOO_LARGE), everything(Failure.TOO_LARGE)):
        judgement = verdict_on(run_against(answers))
        assert judgement.verdict is INCONCLUSIVE
        assert failed(judgement) == set()


def test_trouble_that_passes_when_asked_again_leaves_no_trace() -> None:
    assert verdict_on(run_against(first_time(everything(refusal(503))))).verdict is CONFORMS


def test_a_target_that_dies_in_mid_run_is_inconclusive() -> None:
    exchanges = run_against()[:150]
    later = [
        exchange(request(body(auto_trigger=True)), Failure.CONNECT, at=9 + n) for n in range(5)
    ]
    judgement = verdict_on([*exchanges, *later], ending=Ending.DEAD)
    assert judgement.verdict is INCONCLUSIVE
    assert failed(judgement) == set()


WRONG_FIXTURES: list[tuple[Response, str]] = [
    (refusal(401), "--token-env"),
    (refusal(403), "--project-id"),
    (refusal(404), "--plan-id"),
    (refusal(404, "CSBS.3000"), "--plan-id"),
    (refusal(400, "CSBS.6000"), "--resource"),
    (refusal(400, "CSBS.9001"), "--provider-id"),
    (refusal(400, "CSBS.0002"), "--resource"),
    (answer(401, b""), "--token-env"),
]


@pytest.mark.parametrize(("came", "option"), WRONG_FIXTURES)
@pytest.mark.parametrize("to", [executable, with_good_token, everything])
def test_a_wrong_fixture_is_named(
    came: Response, option: str, to: Callable[[Came], Answers]
) -> None:
    judgement = verdict_on(run_against(to(came)))
    if to is everything and came.status == 400:
        assert judgement.verdict is VIOLATES  # a 400 to a request without a token is no fixture's
        return
    assert judgement.verdict is INCONCLUSIVE
    assert failed(judgement) == set()
    assert option in judgement.reason


@pytest.mark.parametrize(
    ("is_signed", "status", "blamed"),
    [
        (True, 401, Hindrance.KEYS),
        (True, 403, Hindrance.PERMISSION),
        (True, 404, Hindrance.PATH),
        (False, 401, Hindrance.TOKEN),
    ],
)
def test_only_the_keys_of_a_signed_request_that_gets_401_are_blamed(
    is_signed: bool, status: int, blamed: Hindrance
) -> None:
    signature = (("Authorization", placeholder(Token.SIGNATURE)),)
    sent = request(token=None, headers=signature) if is_signed else request()
    found = clause_in(verdict_on([exchange(sent, refusal(status))]), "T3.parameters.empty")
    assert (found.status, found.reason) == (Status.INCONCLUSIVE, blamed.value)


def test_one_valid_request_that_is_executed_shows_that_the_fixtures_are_right() -> None:
    minimal = request().body

    def otherwise(sent: Request, seen: Expectation, _: int) -> Came | None:
        is_other = seen.duty is Duty.EXECUTE and sent.body != minimal
        return refusal(404) if is_other else None

    assert verdict_on(run_against(otherwise)).verdict is VIOLATES


def test_an_open_point_that_is_executed_shows_that_the_fixtures_are_right() -> None:
    assert verdict_on(run_against(valid(refusal(404)))).verdict is VIOLATES


def test_a_plain_400_beside_refusals_of_a_fixture_is_no_fixtures() -> None:
    def otherwise(_: Request, seen: Expectation, __: int) -> Came | None:
        if seen.duty is not Duty.EXECUTE:
            return None
        return refusal(400 if seen.call.named_servers else 404)

    assert verdict_on(run_against(otherwise)).verdict is VIOLATES


def test_a_refusal_that_a_wrong_fixture_would_explain_leaves_its_clause_undecided() -> None:
    found = clause_in(verdict_on([exchange(request(token=None), refusal(404))]), "S401.no-token")
    assert found.status is Status.INCONCLUSIVE
    assert found.reason == "the response was 404, which a wrong fixture would explain"


def test_a_server_that_was_never_shown_leaves_open_whether_valid_requests_are_executed() -> None:
    one, other = (request(body(resources=[server])) for server in SERVERS)
    shown = exchange(one, answer(200, record_of(one)), name="a")
    found = clause_in(verdict_on([shown, exchange(other, refusal(404), name="b", at=1)]), EXECUTED)
    assert (found.status, f"server {SERVERS[1]}" in found.reason) == (Status.INCONCLUSIVE, True)
    assert clause_in(verdict_on([shown]), EXECUTED).status is Status.PASSED


def expiring(after: int) -> Answers:
    """A target to which the token means nothing any more after so many requests with it."""
    sent_with_token = 0

    def otherwise(_: Request, seen: Expectation, __: int) -> Came | None:
        nonlocal sent_with_token
        sent_with_token += seen.call.token is TokenState.GOOD
        is_over = seen.call.token is TokenState.GOOD and sent_with_token > after
        return refusal(401) if is_over and seen.duty is not Duty.NOT_EXECUTE else None

    return otherwise


WITH_TOKEN = sum(expect(sent).call.token is TokenState.GOOD for sent in PLANNED)


@pytest.mark.parametrize("left", [1, 2, 5, 9, 12, 16, 30, 80])
def test_a_token_that_expires_in_mid_run_is_no_violation(left: int) -> None:
    judgement = verdict_on(run_against(expiring(WITH_TOKEN - left)))
    assert failed(judgement) == set()
    assert judgement.verdict is INCONCLUSIVE


@pytest.mark.parametrize("bad", [b"{", json.dumps(body(5)).encode(), json.dumps(body("")).encode()])
def test_a_token_that_expires_is_no_violation_where_bodies_are_checked_before_it(
    bad: bytes,
) -> None:
    late = request(body(auto_trigger=True, resources=list(SERVERS[::-1])))
    exchanges = [
        *run_against(),
        exchange(late, refusal(401), name="expired", at=60),
        exchange(request(bad), refusal(400), name="checked first", at=61),
    ]
    assert failed(verdict_on(exchanges)) == set()


def test_a_401_with_a_later_success_is_a_violation() -> None:
    at = [request(body(auto_trigger=value)) for value in (True, False, True)]
    exchanges = [
        exchange(at[0], answer(200, record_of(at[0], "a")), name="a", at=0),
        exchange(at[1], refusal(401), name="b", at=1),
        exchange(at[2], answer(200, record_of(at[2], "c")), name="c", at=2),
    ]
    judgement = verdict_on(exchanges)
    assert failed(judgement) == {"T4.auto_trigger.values"}
    assert verdict_on(exchanges[:2]).verdict is INCONCLUSIVE


@pytest.mark.parametrize("took", [0.5, 3.0], ids=["answered in order", "answered last"])
def test_a_token_that_worked_later_did_so_whichever_was_answered_first(took: float) -> None:
    sent = [request(body(auto_trigger=value)) for value in (True, False, True)]
    first = exchange(sent[0], answer(200, record_of(sent[0], "a")), name="a", at=0)
    exchanges = [
        replace(first, duration=took),
        exchange(sent[1], refusal(401), name="b", at=1),
        exchange(sent[2], answer(200, record_of(sent[2], "c")), name="c", at=2),
    ]
    judgement = verdict_on(sorted(exchanges, key=lambda each: each.ended))
    assert failed(judgement) == {VALUES}


def asked(came: Response, *at: float) -> list[Exchange]:
    """A good run, and one more valid request that meets something else at each of some times.

    In between another request is refused, as it should be.
    """
    sent = request(body(auto_trigger=True, resources=list(SERVERS[::-1])))
    other = request(token=None)
    found = run_against()
    for time in at:
        found.append(exchange(sent, came, name=f"x{time}", at=time))
        found.append(exchange(other, refusal(401), name=f"o{time}", at=time))
    return found


@pytest.mark.parametrize("came", [refusal(400), answer(400, b""), refusal(400, "X.1")])
@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        ((9,), INCONCLUSIVE),
        ((9, 20), INCONCLUSIVE),
        ((9, 9.5, 10), INCONCLUSIVE),
        ((9, 9.5, 10, 10.9), INCONCLUSIVE),
        ((9, 10, 11), VIOLATES),
        ((9, 10, 10.5, 11), VIOLATES),
    ],
)
def test_a_plain_400_to_a_valid_request_is_asked_again_over_seconds(
    came: Response, at: tuple[float, ...], verdict: Verdict
) -> None:
    judgement = verdict_on(asked(came, *at))
    assert judgement.verdict is verdict
    assert failed(judgement) == ({"S200.executed"} if verdict is VIOLATES else set())


@pytest.mark.parametrize(
    ("at", "verdict"), [((9,), INCONCLUSIVE), ((9, 10, 11), VIOLATES), ((9, 9.1, 9.2), VIOLATES)]
)
@pytest.mark.parametrize("came", [refusal(500), refusal(500, "CSBS.9999"), answer(500, b"")])
def test_a_plain_500_to_a_valid_request_is_a_violation_where_it_lasts(
    came: Response, at: tuple[float, ...], verdict: Verdict
) -> None:
    assert verdict_on(asked(came, *at)).verdict is verdict


def test_a_valid_request_that_met_500_twice_is_not_passed_over() -> None:
    judgement = verdict_on(asked(refusal(500), 9, 10))
    assert judgement.verdict is not CONFORMS


def test_a_valid_request_is_forgiven_what_it_overcomes() -> None:
    for came in (refusal(400), refusal(500)):
        judgement = verdict_on(run_against(first_time(valid(came), times=2)))
        assert judgement.verdict is CONFORMS
        is_error = came.status == 500
        assert failed(judgement, "should") == ({"S500.momentary"} if is_error else set())


@pytest.mark.parametrize(("times", "expected"), [(1, set[str]()), (3, {"S500.bad-request"})])
def test_a_500_to_a_bad_request_is_a_violation_where_repetitions_meet_it(
    times: int, expected: set[str]
) -> None:
    exchanges = run_against()
    bad = request(b"{", headers=(("X", "y"),))
    for n in range(times):
        exchanges.append(exchange(bad, refusal(500), name=f"x{n}", at=9 + n))
        exchanges.append(exchange(request(token=None), refusal(401), name=f"o{n}", at=9 + n))
    judgement = verdict_on(exchanges)
    assert failed(judgement) == expected
    assert judgement.verdict is not CONFORMS


@pytest.mark.parametrize(
    ("status", "clause"), [(500, "S500.bad-request"), (501, "S.listed"), (505, "S.listed")]
)
def test_a_server_error_once_leaves_the_clause_open_that_it_would_break(
    status: int, clause: str
) -> None:
    bad = exchange(request(b"{", headers=(("X", "y"),)), refusal(status), name="x", at=9)
    judgement = verdict_on([*run_against(), bad])
    undecided = {v.clause.id for v in judgement.clauses if v.status is Status.INCONCLUSIVE}
    assert undecided == {clause}


@pytest.mark.parametrize(
    "bad",
    [
        request(body(NOBODY), path=f"/v1/{PROJECT}%ff/providers/{PROVIDER}/checkpoints"),
        request(path=f"/v1/{PROJECT}%zz/providers/{PROVIDER}/checkpoints"),
        request(token=Derivation.BYTE_INSERTED.placeholder),
        request(headers=(("X", "\xe9"),), token=None),
    ],
    ids=["no UTF-8 in the path", "a malformed escape", "a byte in the token", "a byte elsewhere"],
)
@pytest.mark.parametrize("came", [refusal(500), refusal(503)], ids=["500", "503"])
def test_failing_on_what_is_no_text_is_a_warning(bad: Request, came: Response) -> None:
    exchanges = run_against()
    for n in range(3):
        exchanges.append(exchange(bad, came, name=f"x{n}", at=9 + n))
        exchanges.append(exchange(request(token=None), refusal(401), name=f"o{n}", at=9 + n))
    judgement = verdict_on(exchanges)
    assert judgement.verdict is CONFORMS
    assert failed(judgement, "should") == {"S500.momentary"}
    assert clause_in(judgement, "S500.momentary").exchanges == 1


@pytest.mark.parametrize(("project", "provider"), [("%ff", ""), ("", "%c0%af")])
def test_a_reader_that_skips_what_is_no_utf_8_executes_no_other_id(
    project: str, provider: str
) -> None:
    sent = request(path=f"/v1/{PROJECT}{project}/providers/{PROVIDER}{provider}/checkpoints")
    judgement = verdict_on(
        [*run_against(), exchange(sent, answer(200, record_of(sent, NOBODY)), name="x", at=60)]
    )
    assert judgement.verdict is CONFORMS


def test_too_deep_a_bad_request_is_answered_as_any() -> None:
    deep = request(b"[" * 9000 + b"]" * 9000)
    judgement = verdict_on([*run_against(), exchange(deep, refusal(400), name="x")])
    assert judgement.verdict is CONFORMS


DEEP = b'{"x":' * 5000 + b"1" + b"}" * 5000


def test_answers_that_nobody_could_read_do_not_conform() -> None:
    def otherwise(sent: Request, seen: Expectation, before: int) -> Came | None:
        if not seen.may_execute:
            return None
        record = answer(200, record_of(sent, f"{sent.digest}{before}"))
        return replace(record, body=record.body[:-1] + b', "x": ' + DEEP + b"}")

    judgement = verdict_on(run_against(otherwise))
    assert clause_in(judgement, "T6.status.values").status is not Status.PASSED
    assert judgement.verdict is not CONFORMS


@pytest.mark.parametrize(("begin", "end"), [(b"[", b"]"), (b'{"x":', b"}")])
@pytest.mark.parametrize("depth", [300, 900, 997])
def test_a_run_with_a_deep_answer_still_has_a_verdict(begin: bytes, end: bytes, depth: int) -> None:
    content = b'{"checkpoint": {"id": ' + begin * depth + b"{}" + end * depth + b"}}"
    assert verdict_on(run_against(valid(answer(200, content)))).verdict is VIOLATES
    deep_error = replace(refusal(400), body=content)
    assert verdict_on([*run_against(), exchange(request(b"{"), deep_error, name="x")])


def test_a_run_with_an_impossible_date_still_has_a_verdict() -> None:
    def otherwise(sent: Request, seen: Expectation, _: int) -> Came | None:
        record = record_of(sent, sent.digest)
        record["checkpoint"]["created_at"] = "Tue, 06 Dec 2016 21:20:29 +99999999999999999"
        return answer(200, record) if seen.duty is Duty.EXECUTE else None

    assert verdict_on(run_against(otherwise)).verdict is VIOLATES


def test_a_selection_judges_only_what_it_selects() -> None:
    exchanges = run_against(
        lambda _, seen, __: refusal(404) if seen.call.token is TokenState.ABSENT else None
    )
    assert verdict_on(exchanges, only=("S404.*",)).verdict is CONFORMS
    judgement = verdict_on(exchanges, only=("S401.*",))
    assert judgement.verdict is VIOLATES
    judged = [verdict.clause.id for verdict in judgement.clauses]
    assert judged == ["S401.no-token", "S401.bad-token", "S401.near-miss"]


def test_a_selection_that_nothing_exercised_is_inconclusive() -> None:
    judgement = verdict_on([exchange(request(), refusal(401))], only=("T3.*",))
    assert judgement.verdict is INCONCLUSIVE
    assert verdict_on([], only=("S401.*",)).verdict is INCONCLUSIVE


def test_a_selection_needs_no_execution() -> None:
    refusals = [e for e in run_against() if expect(e.request).duty is Duty.REFUSE]
    assert verdict_on(refusals, only=("S401.*",)).verdict is CONFORMS
    assert verdict_on(refusals).verdict is INCONCLUSIVE


def test_a_run_without_a_refusal_is_inconclusive() -> None:
    executions = [e for e in run_against() if expect(e.request).duty is Duty.EXECUTE]
    judgement = verdict_on(executions)
    assert judgement.verdict is INCONCLUSIVE
    assert judgement.reason == "no request was refused"


def test_an_empty_run_is_inconclusive() -> None:
    judgement = verdict_on([])
    assert judgement.verdict is INCONCLUSIVE
    assert judgement.reason
    assert judgement.count(Status.PASSED) == 0


ONE_TOKEN = replace(FIXTURES, tokens=frozenset({Token.GOOD}))
NO_SERVERS = replace(FIXTURES, resources=())
WITHOUT: list[tuple[Fixtures, str]] = [
    (replace(FIXTURES, tokens=frozenset()), "--token-env"),
    (replace(FIXTURES, project_id=None), "--project-id"),
    (replace(FIXTURES, plan_id=None), "--plan-id"),
]


@pytest.mark.parametrize(("fixtures", "option"), WITHOUT, ids=[option for _, option in WITHOUT])
def test_what_is_not_given_is_named(fixtures: Fixtures, option: str) -> None:
    judgement = verdict_on(run_against(None, fixtures, planned_requests(fixtures)), fixtures)
    assert judgement.verdict is INCONCLUSIVE
    assert option in judgement.reason
    verdict = clause_in(judgement, "T6.status.values")
    assert verdict.status is Status.NOT_EXERCISED
    assert option in verdict.unlock


@pytest.mark.parametrize(
    ("fixtures", "clause_id", "option"),
    [
        (ONE_TOKEN, "S403.forbidden-token", "--forbidden-token-env"),
        (NO_SERVERS, "S404.unknown-server", "--resource"),
        (NO_SERVERS, "T4.resources.accepted", "--resource"),
    ],
)
def test_a_fixture_that_is_not_needed_leaves_only_its_clauses_out(
    fixtures: Fixtures, clause_id: str, option: str
) -> None:
    judgement = verdict_on(run_against(None, fixtures, planned_requests(fixtures)), fixtures)
    verdict = clause_in(judgement, clause_id)
    if verdict.status is not Status.PASSED:
        assert verdict.status is Status.NOT_EXERCISED
        assert option in verdict.unlock
    assert judgement.verdict is CONFORMS


@pytest.mark.parametrize(
    ("ending", "option"),
    [
        (Ending.REQUESTS, "--max-requests"),
        (Ending.EXECUTIONS, "--max-executions"),
        (Ending.TIME, "--time-limit"),
        (Ending.INTERRUPTED, ""),
    ],
)
def test_a_clause_whose_probes_were_not_sent_is_inconclusive(ending: Ending, option: str) -> None:
    without = [e for e in run_against() if expect(e.request).call.token is not TokenState.FORBIDDEN]
    judgement = verdict_on(without, ending=ending, unsent=("S403.forbidden-token",))
    verdict = clause_in(judgement, "S403.forbidden-token")
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.unlock == option
    assert ending.value in verdict.reason
    assert judgement.verdict is INCONCLUSIVE


def test_an_open_point_that_was_not_sent_spoils_nothing() -> None:
    def is_open(sent: Request) -> bool:
        return "T4.resources.null" in {breach.clause.id for breach in expect(sent).breaches}

    without = [e for e in run_against() if not is_open(e.request)]
    judgement = verdict_on(without, ending=Ending.EXECUTIONS, unsent=("T4.resources.null",))
    verdict = clause_in(judgement, "T4.resources.null")
    assert (verdict.status, verdict.unlock) == (Status.NOT_EXERCISED, "--max-executions")
    assert judgement.verdict is CONFORMS


def test_a_clause_that_was_seen_does_not_become_unseen_by_what_was_not_sent() -> None:
    judgement = verdict_on(run_against(), ending=Ending.TIME, unsent=("S403.forbidden-token",))
    assert judgement.verdict is CONFORMS


OTHER_OPERATIONS = [
    request(path="/v1/policies"),
    request(path=f"/v1/{PROJECT}/policies"),
    replace(request(path=f"/v1/{PROJECT}/checkpoints/{NOBODY}"), method="DELETE"),
    replace(request(), method="PUT"),
    replace(request(), method="OPTIONS"),
]


@pytest.mark.parametrize("came", [answer(200, record_of(request())), refusal(405), refusal(500)])
def test_a_journal_of_other_operations_is_skipped(came: Response) -> None:
    exchanges = [exchange(sent, came, name=str(n)) for n, sent in enumerate(OTHER_OPERATIONS)]
    judgement = verdict_on(exchanges, RECORDED)
    assert judgement.skipped == len(exchanges)
    assert judgement.verdict is INCONCLUSIVE
    assert judgement.count(Status.NOT_EXERCISED) + judgement.count(Status.INCONCLUSIVE) == len(
        judgement.clauses
    )
    assert not judgement.executions


def test_reading_a_checkpoint_elsewhere_is_no_execution() -> None:
    sent = request(method="GET", path=f"/v1/{PROJECT}/checkpoints/{NOBODY}")
    judgement = verdict_on([exchange(sent, answer(200, record_of(request())))], RECORDED)
    assert failed(judgement, "should") == set()
    assert judgement.skipped == 1


def test_a_get_that_executes_breaks_a_should() -> None:
    sent = request(method="GET")
    executed = verdict_on([*run_against(), exchange(sent, answer(200, record_of(request())))])
    assert failed(executed, "should") == {"URI.get"}
    for came in (
        refusal(405),
        answer(200, {"checkpoints": []}),
        answer(200, b"<html>"),
        refusal(500),
    ):
        judgement = verdict_on([*run_against(), exchange(sent, came, name="x")])
        assert failed(judgement, "should") == set()
        assert clause_in(judgement, "URI.get").status is Status.PASSED


def test_recorded_traffic_does_not_own_the_checkpoints_it_shows() -> None:
    judgement = verdict_on(run_against(), RECORDED)
    assert judgement.executions == ()
    assert judgement.verdict is CONFORMS


def test_a_target_below_a_base_path_is_judged_as_any() -> None:
    fixtures = replace(FIXTURES, endpoint=f"{ENDPOINT}/csbs")
    exchanges = run_against(None, fixtures, planned_requests(fixtures))
    assert verdict_on(exchanges, fixtures).verdict is CONFORMS


def not_found_without_a_body(_: Request, seen: Expectation, __: int) -> Came | None:
    """What is refused with 404 is refused with nothing else: a `should` is broken."""
    return answer(404, b"") if seen.duty is Duty.REFUSE and 404 in seen.allowed else None


@pytest.mark.parametrize(
    ("otherwise", "strict", "code"),
    [
        (None, False, 0),
        (None, True, 0),
        (valid(refusal(405)), False, 1),
        (everything(refusal(503)), False, 3),
        (not_found_without_a_body, False, 0),
        (not_found_without_a_body, True, 1),
    ],
)
def test_the_exit_code_follows_from_the_verdict(
    otherwise: Answers | None, strict: bool, code: int
) -> None:
    assert exit_code(verdict_on(run_against(otherwise)), strict=strict) == code


def test_what_a_token_without_permission_gets_says_nothing_of_the_other() -> None:
    def otherwise(sent: Request, *_: object) -> Came | None:
        return refusal(401) if WEAK in dict(sent.headers).values() else None

    assert failed(verdict_on(run_against(otherwise))) == {"S403.forbidden-token"}


def test_every_failed_clause_of_a_violation_is_counted_as_such() -> None:
    judgement = verdict_on(run_against(valid(refusal(405))))
    assert [v.clause.id for v in judgement.failed(Level.MUST)] == ["URI.post"]


def test_the_target_of_these_tests_keeps_the_page_by_itself() -> None:
    assert Target().conforming(request(), expect(request())) == answer(
        200, record_of(request(), "14626f11-b54a-44ea-8e69-000000000001")
    )


def test_the_kinds_of_published_codes_that_decide_nothing_are_four() -> None:
    assert {kind for kind in CodeKind if kind.decides_nothing} == {
        CodeKind.BUSY,
        CodeKind.STATE,
        CodeKind.LIMIT,
        CodeKind.ACCOUNT,
    }


def test_of_several_clauses_that_failed_the_first_is_the_reason() -> None:
    def odd(_: Request, expectation: Expectation, __: int) -> Came | None:
        if expectation.duty is Duty.EXECUTE:
            return None
        return answer(200, record_of(request())) if expectation.duty is Duty.REFUSE else None

    judgement = verdict_on(run_against(odd))
    found = [v for v in judgement.clauses if v.clause.id in failed(judgement)]
    assert len(found) > 1
    assert judgement.reason == f"{found[0].clause.id}: {found[0].reason}"


def test_a_shape_that_is_always_refused_is_named_with_what_it_is() -> None:
    def no_servers(_: Request, expectation: Expectation, __: int) -> Came | None:
        is_valid = expectation.duty is Duty.EXECUTE
        return refusal(403) if is_valid and len(expectation.call.named_servers) == 1 else None

    judgement = verdict_on(run_against(no_servers))
    found = clause_in(judgement, "T4.resources.accepted")
    assert found.evidence[0].expected == "200 to a valid request (one server)"
    assert found.evidence[0].received == "403"


def test_where_every_valid_request_fails_what_executions_show_is_left_open_with_that() -> None:
    judgement = verdict_on(run_against(executable(refusal(500))))
    assert EXECUTED in failed(judgement)
    found = clause_in(judgement, "T6.status.values")
    assert found.status is Status.INCONCLUSIVE
    assert found.reason == judgement.missing == "no valid request was executed: 500"


def test_a_refusal_that_may_mean_busy_leaves_open_what_the_request_alone_would_have_shown() -> None:
    alone = request(body(auto_trigger=True))
    shown = exchange(request(), answer(200, record_of(request())), name="a")
    judgement = verdict_on([shown, exchange(alone, refusal(400), name="b", at=1)])
    for clause_id in ("T4.auto_trigger.values", EXECUTED):
        found = clause_in(judgement, clause_id)
        assert found.status is Status.INCONCLUSIVE
        assert found.reason == "400 to a valid request, which may mean busy"
