"""What the limit on executions left undecided: how much, why, and which limit would be enough."""

from __future__ import annotations

import msgspec
import pytest
from judge_helpers import (
    CONTRACT,
    FIXTURES,
    STARTED,
    answer,
    clause_in,
    exchange,
    refusal,
    request,
    run_against,
)
from msgspec.structs import replace

from conformance.judge.run import judge
from conformance.judge.verdicts import Judgement, Status, Verdict
from conformance.model import Ending, Exchange, Journal, JournalFooter, JournalHeader, Spent
from conformance.page.oracle import Duty, Oracle

UNSENT = ("S403.forbidden-token", "T4.resources.null", "T4.auto_trigger.null")


def as_read(header: JournalHeader) -> JournalHeader:
    """The header of a journal that was written and is read again."""
    return msgspec.json.decode(msgspec.json.encode(header), type=JournalHeader)


def judged(
    exchanges: list[Exchange],
    *,
    limit: int = 10,
    enough: int = 0,
    enough_requests: int = 0,
    enough_time: int = 0,
    executed: int | None = None,
    profile: str = "standard",
    ending: Ending = Ending.EXECUTIONS,
) -> Judgement:
    header = as_read(JournalHeader("0", CONTRACT.sha256, FIXTURES, profile, 1, STARTED))
    spent = Spent(limit, limit)
    executions = Spent(limit if executed is None else executed, limit)
    footer = JournalFooter(ending, STARTED + 60, spent, executions, UNSENT)
    footer = replace(
        footer, enough=enough, enough_requests=enough_requests, enough_time=enough_time
    )
    return judge(CONTRACT, Journal(header, exchanges, footer))


def without_the_unsent() -> list[Exchange]:
    oracle = Oracle(CONTRACT, FIXTURES)

    def is_sent(exchange: Exchange) -> bool:
        breaches = oracle.expect(exchange.request).breaches
        return not {breach.clause.id for breach in breaches} & set(UNSENT)

    return [each for each in run_against() if is_sent(each)]


@pytest.mark.parametrize(
    ("profile", "limit", "enough", "option"),
    [
        ("standard", 10, 52, "--max-executions 52"),
        ("standard", 10, 0, "--max-executions"),
        ("smoke", 3, 52, "--profile standard"),
        ("smoke", 2, 52, "--max-executions 3"),
        ("deep", 10, 11, "--max-executions 11"),
    ],
)
def test_the_remedy_is_the_option_that_helps(
    profile: str, limit: int, enough: int, option: str
) -> None:
    cost = f", which may start {enough - limit} more backups" if enough > limit + 1 else ""
    cost = ", which may start 1 more backup" if enough == limit + 1 else cost
    judgement = judged(without_the_unsent(), profile=profile, limit=limit, enough=enough)
    verdict = clause_in(judgement, "S403.forbidden-token")
    assert (verdict.status, verdict.unlock) == (Status.INCONCLUSIVE, option)
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert judgement.reason == (
        f"1 must was left undecided, since the limit of {limit} executions was reached: "
        f"try {option}{cost}"
    )


def test_executions_of_what_should_be_refused_are_the_cause() -> None:
    oracle = Oracle(CONTRACT, FIXTURES)

    def executed(exchange: Exchange) -> Exchange:
        if oracle.expect(exchange.request).duty is not Duty.REFUSE:
            return exchange
        return Exchange(
            exchange.id, exchange.request, answer(200, {}), None, exchange.started, 0.001
        )

    exchanges = [each if n > 11 else executed(each) for n, each in enumerate(without_the_unsent())]
    misspent = sum(
        oracle.expect(each.request).duty is Duty.REFUSE and each.outcome.startswith("200")
        for each in exchanges
    )
    judgement = judged(exchanges, enough=52)
    assert judgement.verdict is Verdict.VIOLATES
    assert judgement.reason.endswith(
        f"; 1 must was left undecided, since {misspent} executions went to requests that should "
        "have been refused: try --max-executions 52, which may start 42 more backups"
    )


@pytest.mark.parametrize(
    ("ending", "number", "option", "told"),
    [
        (
            *(Ending.REQUESTS, 240, "--max-requests 240"),
            "the limit of 10 requests was reached: try --max-requests 240, which sends 230 more "
            "requests and may start 3 more backups",
        ),
        (
            *(Ending.TIME, 90, "--time-limit 90"),
            "the time limit was reached: try --time-limit 90, which takes up to 1 min 30 s and may "
            "start 3 more backups",
        ),
        (
            *(Ending.REQUESTS, 0, "--max-requests"),
            "the limit of 10 requests was reached: try --max-requests",
        ),
        (Ending.TIME, 0, "--time-limit", "the time limit was reached: try --time-limit"),
    ],
)
def test_the_remedy_of_another_limit_has_a_number_and_what_it_costs(
    ending: Ending, number: int, option: str, told: str
) -> None:
    judgement = judged(
        without_the_unsent(),
        ending=ending,
        enough_requests=number,
        enough_time=number,
        executed=7,
    )
    assert clause_in(judgement, "S403.forbidden-token").unlock == option
    assert judgement.reason == f"1 must was left undecided, since {told}"


def test_where_no_execution_is_left_none_is_told() -> None:
    judgement = judged(without_the_unsent(), ending=Ending.TIME, enough_time=90)
    assert judgement.reason.endswith("takes up to 1 min 30 s and starts no more backups")


def test_a_run_that_sent_all_is_not_short() -> None:
    judgement = judged(without_the_unsent(), ending=Ending.COMPLETE, enough=52)
    assert "executions" not in judgement.reason


def test_an_open_point_that_was_not_asked_is_no_shortage() -> None:
    assert judged(run_against(), enough=52).reason == ""


def test_a_refusal_with_a_wrong_status_spends_nothing() -> None:
    oracle = Oracle(CONTRACT, FIXTURES)

    def refused_wrongly(exchange: Exchange) -> Exchange:
        if oracle.expect(exchange.request).duty is not Duty.REFUSE:
            return exchange
        return replace(exchange, response=answer(409, {}))

    judgement = judged(list(map(refused_wrongly, without_the_unsent())), enough=52)
    assert judgement.verdict is Verdict.VIOLATES
    assert "since the limit of 10 executions was reached" in judgement.reason


@pytest.mark.parametrize(
    ("profile", "remedy"),
    [("smoke", "; --profile standard can repeat it"), ("standard", ""), ("deep", "")],
)
def test_only_a_smoke_run_is_said_to_repeat_too_little_of_what_may_be_passing_trouble(
    profile: str, remedy: str
) -> None:
    bad = exchange(request(b"{", headers=(("X", "y"),)), refusal(500), name="x", at=9)
    judgement = judged([*run_against(), bad], profile=profile, ending=Ending.COMPLETE)
    verdict = clause_in(judgement, "S500.bad-request")
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.reason == f"500: this may be passing trouble{remedy}"
