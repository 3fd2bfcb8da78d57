"""What lists of backups say about a run: read from the journal alone, and never more than shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge_helpers import (
    CONTRACT,
    FIXTURES,
    PLAN,
    PROJECT,
    PROVIDER,
    SERVERS,
    STARTED,
    answer,
    body,
    clause_in,
    exchange,
    failed,
    oracle_for,
    record_of,
    refusal,
    request,
    run_against,
    verdict_on,
)
from memory import peak_of

from conformance.judge.run import Judge
from conformance.judge.verdicts import ClauseVerdict, Judgement, Status
from conformance.model import (
    Ending,
    Exchange,
    JournalFooter,
    JournalHeader,
    Request,
    Response,
    Spent,
)
from conformance.page.backup_list import LAG, BackupList
from conformance.page.record import ListedRecord

LIST = f"/v1/{PROJECT}/checkpoint_items"
OF_POLICY = f"?policy_id={PLAN}"
RECORD = "14626f11-b54a-44ea-8e69-7463e527506a"
OTHER = "24626f11-b54a-44ea-8e69-7463e527506a"
STRANGE = "99999999-7977-4e24-b5da-e0eb457db75b"
AT = "2026-03-01T12:00:00.000000"
SENT = request(body(resources=list(SERVERS), auto_trigger=True))
REFUSED = request(body(resources=[SERVERS[0], STRANGE]))


class Journal:
    """Exchanges of a run, each later than the one before."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.at = 0.0

    def add(self, sent: Request, came: Response, after: float = 0.1) -> Journal:
        self.at += after
        name = f"x{len(self.exchanges)}"
        self.exchanges.append(exchange(sent, came, name=name, at=self.at))
        return self

    def executed(self, record: str = RECORD, sent: Request = SENT) -> Journal:
        return self.add(sent, answer(200, record_of(sent, record)))

    def refused(self, sent: Request = REFUSED) -> Journal:
        return self.add(sent, refusal(404))

    def page(self, *items: dict[str, Any], query: str = OF_POLICY, after: float = 0.1) -> Journal:
        return self.add(look(LIST + query), answer(200, {"checkpoint_items": items}), after)

    def whole(self, *items: dict[str, Any], query: str = OF_POLICY, after: float = 0.1) -> Journal:
        self.page(*items, query=query, after=after)
        return self.page(query=f"{query}&marker={items[-1]['id']}") if items else self

    @property
    def judgement(self) -> Judgement:
        return verdict_on(self.exchanges)

    def of(self, clause_id: str) -> Status:
        return clause_in(self.judgement, clause_id).status


def look(path: str) -> Request:
    return request(method="GET", path=path, media_type=None)


def item(
    name: str, server: str = SERVERS[0], record: str = RECORD, **changes: Any
) -> dict[str, Any]:
    told = {
        "id": name,
        "checkpoint_id": record,
        "created_at": AT,
        "resource_id": server,
        "resource_type": "OS::Nova::Server",
        "status": "protecting",
        "extend_info": {"auto_trigger": True},
    }
    return {**told, **changes}


ITEMS = (item("b1"), item("b2", SERVERS[1]))
OLD = item("b0", record=OTHER)


def function(judgement: Judgement) -> dict[str, Status]:
    return {
        each.clause.id: each.status for each in judgement.clauses if each.clause.id.startswith("F.")
    }


def test_a_record_is_unsettled_until_all_of_its_backups_are_done() -> None:
    def unsettled(*items: dict[str, Any]) -> list[str]:
        journal = Journal().whole(OLD).executed().whole(OLD, *items)
        seen = BackupList.read(journal.exchanges, oracle_for(FIXTURES))
        return [record.id for record in seen.unsettled]

    done = [{**each, "status": "available"} for each in ITEMS]
    assert unsettled(*ITEMS) == unsettled(ITEMS[0], done[1]) == unsettled(done[0]) == [RECORD]
    assert unsettled(*done) == []


def test_a_list_that_shows_what_was_asked_for_keeps_every_clause() -> None:
    journal = Journal().whole(OLD).executed().whole(OLD, *ITEMS)
    policies = {"policies": [{"id": PLAN, "resources": [{"id": each} for each in SERVERS]}]}
    journal.add(look(f"/v1/{PROJECT}/policies"), answer(200, policies))
    journal.page(*(item(each["id"], each["resource_id"], status="available") for each in ITEMS))
    assert set(function(journal.judgement).values()) == {Status.PASSED}


def test_without_a_list_nothing_changes_but_the_lines_that_say_so() -> None:
    exchanges = run_against()
    judgement = verdict_on(exchanges)
    refused = exchange(look(LIST + OF_POLICY), refusal(403), name="list", at=99)
    asked = verdict_on([*exchanges, refused])
    assert set(function(judgement).values()) == {Status.NOT_EXERCISED}
    assert set(function(asked).values()) == {Status.NOT_EXERCISED}
    assert clause_in(judgement, "F.listed").reason == "no list was asked for"
    assert "403" in clause_in(asked, "F.listed").reason
    assert asked.verdict is judgement.verdict
    others = [each for each in judgement.clauses if not each.clause.id.startswith("F.")]
    assert others == [each for each in asked.clauses if not each.clause.id.startswith("F.")]


@pytest.mark.parametrize(
    ("statuses", "told"), [((403, 503), 403), ((403, 404), 403), ((503, 404), 404)]
)
def test_why_no_list_is_shown_is_told_by_the_first_refusal_that_is_none_of_the_moment(
    statuses: tuple[int, ...], told: int
) -> None:
    journal = Journal()
    for status in statuses:
        journal.add(look(LIST + OF_POLICY), refusal(status))
    reason = clause_in(journal.judgement, "F.listed").reason
    assert reason.startswith(f"the target shows no list of backups: {told}")


def test_a_list_that_was_shown_is_there_whatever_comes_later() -> None:
    journal = Journal().page(*ITEMS).add(look(LIST + OF_POLICY), refusal(404))
    seen = BackupList.read(journal.exchanges, oracle_for(FIXTURES))
    assert (seen.is_shown, seen.is_absent) == (True, False)


def test_an_empty_list_decides_nothing() -> None:
    journal = Journal().page().executed().page(after=LAG + 1)
    journal.page(query=f"?checkpoint_id={RECORD}")
    assert journal.of("F.listed") is Status.NOT_EXERCISED
    assert "empty" in clause_in(journal.judgement, "F.listed").reason


@pytest.mark.parametrize(
    ("after", "status"), [(LAG + 1, Status.FAILED), (1.0, Status.NOT_EXERCISED)]
)
def test_a_record_that_does_not_show_is_missing_once_lists_have_had_their_time(
    after: float, status: Status
) -> None:
    journal = Journal().whole(OLD).executed().whole(OLD, after=after)
    assert journal.page(query=f"?checkpoint_id={RECORD}").of("F.listed") is status


@pytest.mark.parametrize(
    "query", [f"?policy_id={STRANGE}", f"?checkpoint_id={RECORD}&status=error"]
)
def test_a_list_that_need_not_show_a_record_does_not_miss_it(query: str) -> None:
    journal = Journal().whole(OLD).executed().whole(OLD, after=LAG + 1)
    assert journal.page(query=query).of("F.listed") is Status.NOT_EXERCISED


def test_a_record_that_shows_once_is_not_missing() -> None:
    journal = Journal().executed().page(*ITEMS).whole(OLD, after=LAG + 1)
    assert journal.page(query=f"?checkpoint_id={RECORD}").of("F.listed") is Status.PASSED


def test_a_record_of_a_run_that_was_resumed_may_have_been_deleted_before() -> None:
    journal = Journal().whole(OLD).executed().whole(OLD, after=LAG + 1)
    exchanges = journal.page(query=f"?checkpoint_id={RECORD}").exchanges
    header = JournalHeader("0", CONTRACT.sha256, FIXTURES, "standard", 1, STARTED)
    judge = Judge(CONTRACT, header)
    for each in exchanges:
        judge.observe(each)
    none, resumed_at = Spent(0, 0), STARTED + 2
    footer = JournalFooter(Ending.COMPLETE, STARTED + 60, none, none, (), (resumed_at,))
    verdict = clause_in(judge.conclude(footer), "F.listed")
    assert verdict.status is Status.INCONCLUSIVE
    assert "killed" in verdict.reason


def test_a_list_whose_end_was_not_seen_misses_nothing() -> None:
    journal = Journal().executed().page(OLD, after=LAG + 1)
    journal.page(OLD, query=f"?checkpoint_id={RECORD}")
    assert journal.of("F.listed") is Status.NOT_EXERCISED


def test_a_page_that_follows_another_list_is_no_end_of_this_one() -> None:
    journal = Journal().executed().page(ITEMS[0], after=LAG + 1)
    journal.page(query=f"{OF_POLICY}&marker=another")
    assert journal.of("F.servers.asked") is Status.NOT_EXERCISED


def test_a_list_that_knows_no_marker_ends_where_it_ended() -> None:
    query = f"{OF_POLICY}&limit=1000"
    journal = Journal().executed().page(ITEMS[0], query=query, after=LAG + 1)
    journal.page(ITEMS[0], query=f"{query}&marker=b1")
    assert journal.of("F.servers.asked") is Status.FAILED


@pytest.mark.parametrize(
    ("items", "status"),
    [
        (ITEMS, Status.PASSED),
        (ITEMS[:1], Status.FAILED),
        ((*ITEMS, item("b3", SERVERS[1])), Status.FAILED),
    ],
)
def test_each_server_has_one_backup(items: tuple[dict[str, Any], ...], status: Status) -> None:
    assert Journal().executed().whole(*items, after=LAG + 1).of("F.servers.asked") is status


def test_a_server_that_was_not_asked_for_has_no_backup() -> None:
    one = Journal().executed(sent=request(body(resources=SERVERS[:1]))).whole(*ITEMS, after=LAG + 1)
    assert one.of("F.servers.asked") is Status.FAILED
    assert one.of("F.servers.policy") is Status.NOT_EXERCISED


@pytest.mark.parametrize("is_known", [True, False])
def test_a_strange_server_is_wrong_where_it_is_known_to_be_strange(is_known: bool) -> None:
    journal = Journal().executed().whole(*ITEMS, item("b3", STRANGE))
    resources = [{"id": each} for each in SERVERS] if is_known else []
    policies = {"policies": [{"id": PLAN, "resources": resources}]}
    journal.add(look(f"/v1/{PROJECT}/policies"), answer(200, policies))
    wanted = Status.FAILED if is_known else Status.NOT_EXERCISED
    assert journal.of("F.servers.policy") is wanted


def test_a_record_under_another_policy_breaks_that_clause_alone() -> None:
    journal = Journal().executed().whole(OLD, after=LAG + 1)
    journal.whole(*ITEMS, query=f"?checkpoint_id={RECORD}")
    assert failed(journal.judgement, "should") == {"F.policy"}


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"resource_type": "OS::Cinder::Volume"}, "F.resource_type"),
        ({"extend_info": {"auto_trigger": False}}, "F.auto_trigger"),
        ({"created_at": "2026-02-20T12:00:00.000000"}, "F.created_at"),
        ({"status": "creating"}, "F.status"),
        ({"extend_info": None}, ""),
        ({"extend_info": {"auto_trigger": "false"}}, ""),
        ({"created_at": "2026-03-01T13:00:00.000000"}, ""),
        ({"created_at": "2026-03-01T12:00:00Z"}, ""),
        ({"created_at": None, "status": None, "resource_type": None}, ""),
    ],
)
def test_a_backup_is_held_against_what_was_asked(changes: dict[str, Any], broken: str) -> None:
    judgement = Journal().executed().page(item("b1", **changes)).judgement
    assert failed(judgement, "should") == ({broken} if broken else set())


def test_the_backups_of_others_are_held_against_nothing() -> None:
    strange = item("b9", STRANGE, OTHER, status="odd", resource_type="odd", created_at="1999")
    journal = Journal().whole(strange).executed().whole(strange, *ITEMS)
    assert failed(journal.judgement, "should") == set()


@pytest.mark.parametrize(
    ("before", "after", "is_broken"),
    [
        ("protecting", "available", False),
        ("protecting", "error", False),
        ("available", "restoring", False),
        ("available", "deleting", False),
        ("error", "protecting", False),
        ("deleting", "error", False),
        ("odd", "protecting", False),
        ("available", "protecting", True),
        ("deleting", "available", True),
        ("deleted", "protecting", True),
    ],
)
def test_a_status_moves_as_that_of_a_backup_can(before: str, after: str, is_broken: bool) -> None:
    journal = Journal().executed().page(item("b1", status=before)).page(item("b1", status=after))
    assert (journal.of("F.status.moves") is Status.FAILED) is is_broken


def new(number: int) -> dict[str, Any]:
    return item(f"s{number}", record=f"{number:08}-0000-4000-8000-000000000000")


def test_what_came_up_besides_is_told_and_accuses_nobody() -> None:
    journal = Journal().whole(OLD).refused().executed().whole(OLD, *ITEMS, new(1))
    verdict = clause_in(journal.judgement, "F.refused")
    assert verdict.status is Status.INCONCLUSIVE
    assert new(1)["checkpoint_id"] in verdict.reason
    assert AT in verdict.reason


def test_what_came_up_besides_is_kept_as_its_list_spells_it() -> None:
    others = [
        item(name, record=f"{name.upper()}4626F11-b54a-44ea-8e69-7463e527506A") for name in "ab"
    ]
    journal = Journal().whole(OLD).executed().whole(OLD, *ITEMS, *others)
    wanted = tuple(ListedRecord(each["checkpoint_id"], AT) for each in others)
    assert journal.judgement.surplus == wanted
    assert journal.judgement.executions == (RECORD,)


def test_nothing_came_up_besides_where_it_is_not_known_what_was_there() -> None:
    assert Journal().executed().whole(OLD, *ITEMS, new(1)).judgement.surplus == ()
    assert Journal().whole(OLD).executed().page(*ITEMS, new(1)).judgement.surplus == ()


def test_a_request_after_which_there_is_one_more_each_time_is_accused() -> None:
    assert surplus(1, 1, 1) is Status.FAILED


@pytest.mark.parametrize("came", [(1, 1), (1, 1, 0), (1, 2, 1), (0, 1, 1), (1, 1, 1, 0)])
def test_what_is_not_one_more_each_time_is_chance(came: tuple[int, ...]) -> None:
    assert surplus(*came) is Status.INCONCLUSIVE


def test_what_came_up_while_something_else_was_sent_is_chance() -> None:
    assert surplus(1, 1, 1, beside=True) is Status.INCONCLUSIVE


def test_a_request_that_is_sent_twice_between_lists_may_bring_one_more_each_time() -> None:
    assert surplus(2, 2, 2, times=2) is Status.FAILED
    assert surplus(1, 1, 1, times=2) is Status.INCONCLUSIVE


def surplus(*came: int, beside: bool = False, times: int = 1) -> Status:
    """What is said where a refused request is sent again and again, and so many records come up."""
    shown = [OLD]
    journal = Journal().executed(record=OTHER).whole(*shown)
    for number in came:
        for _ in range(times):
            journal.refused()
        if beside:
            journal.refused(request(body(resources=[STRANGE])))
        shown += [new(len(shown) + place) for place in range(number)]
        journal.whole(*shown)
    return journal.of("F.refused")


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("available", Status.PASSED),
        ("waiting_protect", Status.FAILED),
        (None, Status.NOT_EXERCISED),
    ],
)
def test_a_record_that_is_shown_by_itself_has_one_of_its_four_statuses(
    status: str | None, wanted: Status
) -> None:
    shown = record_of(SENT, RECORD)
    shown["checkpoint"]["status"] = status
    path = f"/v1/{PROJECT}/providers/{PROVIDER}/checkpoints"
    journal = Journal().executed().add(look(f"{path}/{RECORD}"), answer(200, shown))
    assert journal.of("T6.status.later") is wanted


@pytest.mark.parametrize(
    ("items", "backups"), [((), [("", "available")]), (ITEMS[:1], [("b1", "protecting")])]
)
def test_a_record_that_is_shown_by_itself_stands_for_its_backups_where_no_list_has_one(
    items: tuple[dict[str, Any], ...], backups: list[tuple[str, str]]
) -> None:
    shown = record_of(SENT, RECORD)
    shown["checkpoint"]["status"] = "available"
    path = f"/v1/{PROJECT}/providers/{PROVIDER}/checkpoints/{RECORD}"
    journal = Journal().executed().add(look(path), answer(200, shown)).page(*items)
    found = journal.judgement.backups
    assert [(each.backup, each.status) for each in found] == backups
    assert {each.record for each in found} == {RECORD}


def test_the_time_of_a_backup_counts_from_its_request_until_it_was_seen_to_be_over() -> None:
    journal = Journal().executed().page(*ITEMS)
    journal.page(item("b1", status="available"), after=5.0)
    journal.page(
        item("b1", status="available"),
        item("b2", SERVERS[1], status="error", extend_info={"fail_reason": "disk"}),
        after=5.0,
    )
    first, second = journal.judgement.backups
    assert (first.backup, first.status, first.reason) == ("b1", "available", "")
    assert first.seconds == pytest.approx(5.1, abs=0.01)
    assert (second.backup, second.status, second.reason) == ("b2", "error", "disk")
    assert second.seconds == pytest.approx(10.1, abs=0.01)
    assert [stage.status for stage in first.stages] == ["protecting", "available"]
    assert first.stages[1].since == first.seconds
    assert first.until == second.until == second.seconds


def test_memory_does_not_grow_with_the_number_of_looks() -> None:
    few, many = peak_of(lambda: looked_at(4)), peak_of(lambda: looked_at(12))
    assert many < few + 100_000


def looked_at(looks: int) -> None:
    """Have a list of a thousand backups, which is another each time, judged so often."""
    header = JournalHeader("0", CONTRACT.sha256, FIXTURES, "standard", 1, STARTED)
    judge = Judge(CONTRACT, header)
    judge.observe(exchange(SENT, answer(200, record_of(SENT, RECORD)), name="x"))
    for number in range(looks):
        older = [item(f"{number}-{place}", record=OTHER) for place in range(1000)]
        came = answer(200, {"checkpoint_items": [*ITEMS, *older]})
        judge.observe(exchange(look(LIST + OF_POLICY), came, name=f"l{number}", at=1.0 + number))
    assert len(judge.seen.backups.found) == len(ITEMS)


ids = st.sampled_from([RECORD, OTHER, SERVERS[0], STRANGE, "", "b1", "b2"])
values = st.one_of(
    st.none(),
    st.booleans(),
    ids,
    st.sampled_from(["protecting", "available", "deleting", "odd", AT, "1999", "OS::Nova::Server"]),
    st.integers(),
    st.dictionaries(st.sampled_from(["auto_trigger", "fail_reason"]), st.booleans() | ids),
    st.lists(ids, max_size=2),
)
items = st.dictionaries(st.sampled_from([*item("b1")]), values) | values
lists = st.dictionaries(st.just("checkpoint_items"), st.lists(items, max_size=4) | values) | values
queries = st.sampled_from(
    [OF_POLICY, f"?checkpoint_id={RECORD}", f"{OF_POLICY}&marker=b1", f"{OF_POLICY}&limit=x"]
)


@given(st.lists(st.tuples(queries, lists, st.sampled_from([200, 200, 200, 404, 503]))))
def test_whatever_a_list_says_the_rest_of_the_verdict_stays(
    shown: list[tuple[str, Any, int]],
) -> None:
    journal = Journal().refused().executed()
    before = verdict_on(journal.exchanges)
    for query, came, status in shown:
        journal.add(look(LIST + query), answer(status, came), after=LAG)
    after = journal.judgement
    assert after.verdict is before.verdict
    assert after.executions == before.executions
    assert of_the_operation(after) == of_the_operation(before)
    assert clause_in(after, "F.refused").status is not Status.FAILED


def of_the_operation(judgement: Judgement) -> list[ClauseVerdict]:
    return [each for each in judgement.clauses if not each.clause.id.startswith("F.")]


@pytest.mark.parametrize("limit", ["%C2%B2", "9" * 5000, "-1"])
def test_any_limit_that_was_asked_for_is_read(limit: str) -> None:
    journal = Journal().executed().whole(*ITEMS, query=f"{OF_POLICY}&limit={limit}")
    assert journal.of("F.listed") is Status.PASSED


@pytest.mark.parametrize("changes", [{"id": 7}, {"checkpoint_id": None}])
def test_what_cannot_be_read_on_a_page_may_be_what_is_missing(changes: dict[str, Any]) -> None:
    alone, odd = f"?checkpoint_id={RECORD}", {**ITEMS[0], **changes}
    journal = Journal().executed()
    for query in (OF_POLICY, alone):
        journal.page(odd, OLD, query=query, after=LAG + 1).page(query=f"{query}&marker=b0")
    assert journal.of("F.listed") is Status.NOT_EXERCISED


@pytest.mark.parametrize(
    ("told", "listed", "status"),
    [
        ("2026-03-01T12:22:30.000000", "2026-03-01T12:22:30Z", Status.PASSED),
        ("2026-03-01T12:22:30Z", "2026-03-01T20:22:30.000000", Status.PASSED),
        ("2026-03-01T12:22:30.000000", "2026-02-20T12:22:30Z", Status.FAILED),
        (None, "2026-03-01T12:22:30Z", Status.NOT_EXERCISED),
    ],
)
def test_our_clock_alone_accuses_no_listed_time(
    told: str | None, listed: str, status: Status
) -> None:
    record = record_of(SENT, RECORD)
    record["checkpoint"]["created_at"] = told
    journal = Journal().add(SENT, answer(200, record))
    journal.whole(*({**each, "created_at": listed} for each in ITEMS))
    assert journal.of("F.created_at") is status
