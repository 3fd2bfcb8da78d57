"""What came before a finding: a moment from which all is refused, and what a fresh server needs."""

from __future__ import annotations

import pytest
from judge_helpers import (
    CONTRACT,
    FIXTURES,
    NOBODY,
    PLAN,
    RECORDED,
    SERVERS,
    Came,
    answer,
    body,
    clause_in,
    exchange,
    failed,
    record_of,
    refusal,
    request,
    run_against,
    verdict_on,
)
from msgspec.structs import replace

from conformance.judge.history import MOST_STEPS
from conformance.judge.observations import Observations
from conformance.judge.verdicts import Finding, Status
from conformance.model import Exchange, Fixtures, Request, Tolerances
from conformance.page.backup_list import BackupList
from conformance.page.call import TokenState
from conformance.page.catalogue import catalogue
from conformance.page.oracle import Duty, Expectation

MINIMAL = request()
ONE = request(body(resources=[SERVERS[0]]))
OTHER = request(body(resources=[SERVERS[1]]))
TRIGGERED = request(body(auto_trigger=True))
NO_TOKEN = request(token=None)


def executed(sent: Request, at: float, record: str = "", took: float = 0.5) -> Exchange:
    came = answer(200, record_of(sent, record or f"record-{at}"))
    return replace(exchange(sent, came, name=f"at{at:g}", at=at), duration=took)


def refused(sent: Request, at: float, status: int = 401) -> Exchange:
    return exchange(sent, refusal(status), name=f"at{at:g}", at=at)


def odd(at: float, sent: Request = MINIMAL) -> Exchange:
    """An execution whose record has a status that the page does not list."""
    record = record_of(sent, f"record-{at}")
    record["checkpoint"]["status"] = "odd"
    return exchange(sent, answer(200, record), name=f"at{at:g}", at=at)


def found(clause_id: str, exchanges: list[Exchange], fixtures: Fixtures = FIXTURES) -> Finding:
    """The first finding on a clause that failed."""
    verdict = clause_in(verdict_on(exchanges, fixtures), clause_id)
    assert verdict.status is Status.FAILED
    return verdict.evidence[0]


def names(finding: Finding) -> list[str]:
    return [each.id for each in finding.earlier]


class TestRepeatedId:
    """Evidence for an id that was given twice."""

    def test_an_id_that_is_always_the_same_needs_the_first_exchange(self) -> None:
        run = [executed(sent, at, "same") for at, sent in enumerate([MINIMAL, ONE, TRIGGERED])]
        finding = found("T6.id.unique", run)
        assert (finding.exchange.id, names(finding)) == ("at1", ["at0"])
        assert finding.expected == "an id other than that of at0"
        assert finding.received == "same"

    def test_an_id_made_of_the_servers_needs_those_two_alone(self) -> None:
        run = [executed(ONE, 0, "a"), executed(OTHER, 1, "b"), executed(ONE, 2, "a")]
        assert names(found("T6.id.unique", run)) == ["at0"]

    def test_an_id_that_nothing_in_the_requests_tells_needs_all_until_then(self) -> None:
        run = [executed(MINIMAL, 0, "a"), executed(ONE, 1, "b"), executed(MINIMAL, 2, "b")]
        assert names(found("T6.id.unique", run)) == ["at0", "at1"]

    def test_two_at_once_are_named_as_such(self) -> None:
        run = [executed(ONE, 0, "a", took=2.0), executed(OTHER, 1, "a", took=2.0)]
        finding = found("T6.id.unique", run)
        assert [each.id for each in finding.beside] == names(finding) == ["at0"]

    def test_of_a_recording_nothing_is_known_to_have_come_before(self) -> None:
        run = [replace(executed(ONE, at, "a"), recording=1) for at in (0.0, 1.0)]
        assert names(found("T6.id.unique", run, RECORDED)) == []


class TestState:
    """Evidence that rests on what was executed before."""

    def test_what_was_refused_until_something_was_executed_needs_that(self) -> None:
        again = request(body(auto_trigger=True), token=None)
        run = [refused(NO_TOKEN, 0), executed(MINIMAL, 1), executed(again, 2)]
        finding = found("S401.no-token", run)
        assert (finding.exchange.id, names(finding)) == ("at2", ["at1"])

    def test_what_was_executed_at_first_needs_nothing(self) -> None:
        run = [executed(NO_TOKEN, 0), executed(MINIMAL, 1), executed(NO_TOKEN, 2)]
        assert names(found("S401.no-token", run)) == []

    def test_a_variant_that_alone_is_executed_needs_nothing(self) -> None:
        other = request(body(auto_trigger=True), token=None)
        run = [refused(NO_TOKEN, 0), executed(MINIMAL, 1), executed(other, 2), refused(NO_TOKEN, 3)]
        assert names(found("S401.no-token", run)) == []

    def test_a_field_that_is_missing_with_an_option_needs_nothing(self) -> None:
        def without_time(sent: Request, expectation: Expectation, before: int) -> Came | None:
            if expectation.duty is not Duty.EXECUTE or expectation.call.auto_trigger is not True:
                return None
            record = record_of(sent, f"{sent.digest}-{before}")
            del record["checkpoint"]["created_at"]
            return answer(200, record)

        assert names(found("T6.created_at.present", run_against(without_time))) == []

    def test_a_field_that_is_missing_every_second_time_needs_what_came_before(self) -> None:
        def without_name(at: int) -> Exchange:
            record = record_of(MINIMAL, f"record-{at}")
            del record["checkpoint"]["protection_plan"]["name"]
            return exchange(MINIMAL, answer(200, record), name=f"at{at}", at=at)

        run = [executed(MINIMAL, 0), without_name(1), executed(MINIMAL, 2), without_name(3)]
        finding = found("T7.name.present", run)
        assert (finding.exchange.id, names(finding)) == ("at1", ["at0"])

    def test_where_nothing_was_executed_it_needs_the_response_that_came_last(self) -> None:
        wrong = request(body(5))
        run = [refused(NO_TOKEN, 0), refused(wrong, 1, 400), refused(NO_TOKEN, 2, 404)]
        run += [refused(NO_TOKEN, 3), executed(MINIMAL, 9)]
        finding = found("S401.no-token", run)
        assert (finding.exchange.id, names(finding)) == ("at2", ["at1"])

    def test_the_earliest_is_told_whichever_was_answered_first(self) -> None:
        run = [executed(MINIMAL, 0), executed(MINIMAL, 2), odd(3), odd(1), executed(ONE, 4)]
        first, second = clause_in(verdict_on(run), "T6.status.values").evidence
        assert (first.exchange.id, names(first)) == ("at1", ["at0"])
        assert (second.exchange.id, names(second)) == ("at3", [])

    @pytest.mark.parametrize(
        ("before", "needed"),
        [(NO_TOKEN, ["at3", "at4"]), (TRIGGERED, ["at4"])],
        ids=["without an execution", "with an execution"],
    )
    def test_a_row_without_an_execution_needs_the_last_one_before_it(
        self, before: Request, needed: list[str]
    ) -> None:
        answered = refused if before is NO_TOKEN else executed
        run = [executed(MINIMAL, 0), answered(before, 1), odd(2)]
        run += [executed(MINIMAL, 3), answered(before, 4), odd(5)]
        finding = found("T6.status.values", run)
        assert (finding.exchange.id, names(finding)) == ("at5", needed)

    def test_what_is_wrong_from_some_moment_on_whatever_is_asked_needs_what_came_before(
        self,
    ) -> None:
        run = [executed(MINIMAL, 0), executed(TRIGGERED, 1), odd(2, ONE), odd(3), odd(4, TRIGGERED)]
        finding = found("T6.status.values", run)
        assert (finding.exchange.id, names(finding)) == ("at2", ["at0", "at1"])


class TestMoment:
    """From some moment on, every valid request is refused."""

    @staticmethod
    def locked(status: int) -> list[Exchange]:
        """A run against a target that locks its policy for ever when it executes it."""
        executions = 0

        def otherwise(sent: Request, expectation: Expectation, _: int) -> Came | None:
            nonlocal executions
            if expectation.duty not in (Duty.EXECUTE, Duty.CHOOSE):
                return None
            executions += 1
            return refusal(status, "X.1", "locked") if executions > 1 else None

        return run_against(otherwise)

    @pytest.mark.parametrize("status", [400, 403, 404])
    def test_the_moment_is_to_blame_and_not_what_was_asked(self, status: int) -> None:
        run = self.locked(status)
        judgement = verdict_on(run)
        assert failed(judgement) == {"S200.executed"}
        (finding,) = clause_in(judgement, "S200.executed").evidence
        last = next(each for each in run if each.outcome.startswith("200"))
        assert finding.against == last.id
        assert last.id in finding.expected
        assert names(finding)[0] == last.id
        assert finding.exchange.started > last.started
        assert finding.exchange.outcome.startswith(str(status))

    def test_what_came_in_between_is_part_of_it(self) -> None:
        denied = False

        def otherwise(_: Request, expectation: Expectation, __: int) -> Came | None:
            nonlocal denied
            denied = denied or expectation.call.token is TokenState.FORBIDDEN
            is_owner = expectation.call.token is TokenState.GOOD
            return refusal(403) if denied and is_owner else None

        guest = request(token="{{forbidden-token}}")
        sent = [NO_TOKEN, request(body(NOBODY)), MINIMAL, guest, TRIGGERED, MINIMAL]
        run = run_against(otherwise, requests=[*sent, request(body(NOBODY)), request(token=None)])
        judgement = verdict_on(run)
        assert failed(judgement) == {"S200.executed"}
        (finding,) = clause_in(judgement, "S200.executed").evidence
        assert [each.request for each in finding.sequence] == [MINIMAL, guest, TRIGGERED]

    @pytest.mark.parametrize(
        ("others", "between", "told"),
        [
            (0, 0, "403"),
            (1, 0, "403; and so did 1 other valid request, all that came after at0"),
            (0, 1, "403; 1 request came in between"),
            (
                2,
                2,
                "403; and so did 2 other valid requests, all that came after at0; "
                "2 requests came in between",
            ),
        ],
    )
    def test_it_is_told_how_many_others_were_refused_and_how_many_came_in_between(
        self, others: int, between: int, told: str
    ) -> None:
        run = [executed(MINIMAL, 0)]
        run += [refused(NO_TOKEN, 0.5 + n / 10) for n in range(between)]
        run += [
            refused(sent, 1 + n, 403) for n, sent in enumerate([MINIMAL, ONE, OTHER][: others + 1])
        ]
        assert found("S200.executed", run).received == told

    def test_what_it_hid_is_left_open(self) -> None:
        run = [executed(MINIMAL, 0), refused(MINIMAL, 1, 403), refused(TRIGGERED, 2, 403)]
        hidden = clause_in(verdict_on(run), "T4.auto_trigger.values")
        assert hidden.status is Status.INCONCLUSIVE
        assert hidden.reason == "from at1 on every valid request was refused: 403"

    @pytest.mark.parametrize(
        ("at", "status", "excused"),
        [(0.5, 403, True), (3, 403, True), (-1, 403, False), (0.5, 404, False), (3, 404, False)],
    )
    def test_it_excuses_what_was_refused_alike_and_later(
        self, at: float, status: int, excused: bool
    ) -> None:
        run = [executed(MINIMAL, 0), refused(MINIMAL, 1, 403), refused(ONE, 2, 403)]
        judgement = verdict_on([*run, refused(NO_TOKEN, at, status)])
        wrong = set() if excused else {"S401.no-token"}
        assert failed(judgement) == {"S200.executed", *wrong}

    def test_where_others_are_executed_later_the_shape_is_to_blame(self) -> None:
        def otherwise(_: Request, expectation: Expectation, __: int) -> Came | None:
            is_triggered = (
                expectation.duty is Duty.EXECUTE and expectation.call.auto_trigger is True
            )
            return refusal(400, "X.1", "no") if is_triggered else None

        assert failed(verdict_on(run_against(otherwise))) == {"T4.auto_trigger.values"}

    def test_where_nothing_was_like_what_was_executed_the_shape_is_to_blame(self) -> None:
        run = [executed(ONE, 0), *(refused(MINIMAL, at, 400) for at in (1, 3, 5, 9))]
        assert failed(verdict_on(run)) == {"T4.resources.optional"}


def test_look_alikes_are_told_with_their_escapes() -> None:
    record = record_of(MINIMAL)
    record["checkpoint"]["status"] = "pr\u043etecting"
    record["checkpoint"]["protection_plan"]["id"] = PLAN + "\u200b"
    run = [exchange(MINIMAL, answer(200, record))]
    assert "pr\\u043etecting" in found("T6.status.values", run).received
    assert "\\u200b" in found("T7.id.echo", run).received


def test_of_very_many_exchanges_that_break_a_clause_not_all_are_remembered() -> None:
    seen, one = (
        Observations.of(["T6.status.values"], BackupList(FIXTURES, Tolerances())),
        executed(MINIMAL, 0),
    )
    for number in range(MOST_STEPS + 5):
        each = replace(one, id=str(number))
        seen.found(Finding("T6.status.values", each, "one", "another"))
    tally = seen.tallies["T6.status.values"]
    assert (tally.broken, len(tally.breaking)) == (MOST_STEPS + 5, MOST_STEPS)


@pytest.mark.parametrize("event", ["judge.undecided", "judge.doubts"])
def test_who_listens_hears_once_why_a_clause_is_left_open(event: str) -> None:
    heard: list[tuple[str, object]] = []

    def listen(told: str, /, **facts: object) -> None:
        heard.append((told, facts["why"]))

    clause = catalogue(CONTRACT)["T6.status.values"]
    seen = Observations.of([clause.id], BackupList(FIXTURES, Tolerances()), listen)
    note = seen.block_clause if event == "judge.undecided" else seen.doubt
    for reason in ("the first", "the second", "the third"):
        note(clause, reason)
    assert heard == [(event, "the first")]
