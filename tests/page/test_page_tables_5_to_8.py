"""The clauses on an execution that no schema can say: each kept, broken, and not reached."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge_helpers import (
    JSON_TYPE,
    NOBODY,
    NOON,
    PLAN,
    PROJECT,
    SERVERS,
    body,
    execution,
    record_of,
    request,
)
from msgspec import structs

from conformance.model import Tolerances
from conformance.page.answer import Execution, NotReached, Sighting, Undecided
from conformance.page.registry import REGISTRY

KEPT, BROKEN, NOT_REACHED, UNDECIDED = "kept", "broken", "not reached", "undecided"
GOOD = record_of(request())
DEEP = b'{"checkpoint":' * 50_000


def outcome(clause_id: str, seen: Execution) -> str:
    _, judge = REGISTRY.executions[clause_id]
    try:
        wrong = judge(seen)
    except NotReached:
        return NOT_REACHED
    except Undecided:
        return UNDECIDED
    if wrong is None:
        return KEPT
    assert wrong[0]
    return BROKEN


def coded(coding: str, accepted: str | None = "gzip, deflate") -> Execution:
    """An execution whose body came in a content coding, and what the request accepted."""
    accepts = () if accepted is None else (("Accept-Encoding", accepted),)
    return execution(
        sent=request(headers=accepts), headers=(*JSON_TYPE, ("Content-Encoding", coding))
    )


def undecodable(body: bytes) -> Execution:
    """An execution whose body its content coding does not decode, though it is JSON as it came."""
    seen = execution(body)
    response = structs.replace(seen.response, undecodable="a body that cannot be decoded from gzip")
    return structs.replace(seen, exchange=structs.replace(seen.exchange, response=response))


def unrecorded(seen: Execution) -> Execution:
    """The same where other headers may have been sent."""
    sent = structs.replace(seen.exchange.request, all_headers=False)
    return structs.replace(seen, call=replace(seen.call, request=sent))


def record(where: str, value: object) -> Any:
    """A good record with another value at a dotted place, or (with `...`) without one."""
    copy = json.loads(json.dumps(GOOD))
    *parents, name = where.split(".")
    parent = copy["checkpoint"]
    for step in parents:
        parent = parent[step]
    if value is ...:
        del parent[name]
    else:
        parent[name] = value
    return copy


def created(text: object) -> Execution:
    return execution(record("created_at", text))


def at(seconds: float, zone: timezone | None = UTC) -> str:
    moment = (NOON + timedelta(seconds=seconds)).astimezone(zone or UTC)
    return (moment.replace(tzinfo=None) if zone is None else moment).isoformat()


def listing(asked: list[str], *listed: object) -> Execution:
    return execution(
        record("protection_plan.resources", list(listed)), sent=request(body(resources=asked))
    )


def typed(media_type: str | None) -> Execution:
    return execution(headers=() if media_type is None else (("content-type", media_type),))


@dataclass(frozen=True)
class Case:
    clause: str
    outcome: str
    execution: Execution


def cases(clause: str, outcome: str, *executions: Execution) -> list[Case]:
    return [Case(clause, outcome, seen) for seen in executions]


ONE, OTHER = SERVERS
TEXT, MARKED = json.dumps(GOOD).encode(), b"\xef\xbb\xbf" + json.dumps(GOOD).encode()
TWICE = TEXT.replace(b'"status"', b'"status": "error", "status"')
NO_JSON = [execution(b""), execution(b"OK"), execution(TEXT[:-1]), execution(b'{"a": NaN}')]
NO_CHECKPOINT = [execution([]), execution({}), execution({"checkpoint": None}), *NO_JSON]

CASES = [
    *cases(
        "T5.body.media-type",
        KEPT,
        typed("application/json"),
        typed("application/json;charset=UTF-8"),
        typed("Application/JSON"),
        typed("application/vnd.csbs+json"),
    ),
    *cases(
        "T5.body.media-type",
        BROKEN,
        typed(None),
        typed(""),
        typed("text/html"),
        typed("text/json"),
        typed("application/jsonp"),
        typed("application/octet-stream"),
    ),
    *cases("T5.body.json", KEPT, execution(), execution([]), execution(MARKED), execution(TWICE)),
    *cases("T5.body.json", BROKEN, *NO_JSON, execution(TEXT + TEXT), execution(b'{"a": "\xe9"}')),
    *cases("T5.body.json", UNDECIDED, execution(DEEP)),
    *cases("T5.body.json", BROKEN, undecodable(TEXT)),
    *cases("T5.body.coding", KEPT, execution(), coded("gzip", "gzip, deflate"), coded("x-gzip")),
    *cases("T5.body.coding", KEPT, coded("br", None), coded("br", "*")),
    *cases("T5.body.coding", KEPT, coded("GZIP", "x-gzip;q=0.5")),
    *cases("T5.body.coding", KEPT, coded("identity", "gzip"), coded(", deflate,")),
    *cases("T5.body.coding", BROKEN, coded("br"), coded("gzip", ""), coded("gzip, br")),
    *cases("T5.body.coding", BROKEN, coded("gzip", "gzip;q=0, *"), coded("br", "*; q=0.000")),
    *cases("T5.body.coding", NOT_REACHED, unrecorded(coded("br", None))),
    *cases("T5.body.byte-order-mark", KEPT, execution()),
    *cases("T5.body.byte-order-mark", BROKEN, execution(MARKED)),
    *cases("T5.body.byte-order-mark", NOT_REACHED, *NO_JSON),
    *cases("T5.body.repeated-name", KEPT, execution(), execution(MARKED)),
    *cases("T5.body.repeated-name", BROKEN, execution(TWICE)),
    *cases("T5.body.repeated-name", NOT_REACHED, *NO_JSON),
    *cases("T6.created_at.moment", KEPT, execution(), created("2016-12-06T21:20Z")),
    *cases("T6.created_at.moment", BROKEN, created(""), created("now"), created("2016-02-30")),
    *cases("T6.created_at.moment", NOT_REACHED, created(...), created(1), *NO_CHECKPOINT),
    *cases(
        "T6.created_at.fresh",
        KEPT,
        created(at(0)),
        created(at(-299)),
        created(at(300)),
        created(at(0, None)),
        created(at(5 * 3600, None)),
        created(at(14 * 3600 + 299, None)),
        created(at(-12 * 3600 - 299, None)),
        created(at(0, timezone(timedelta(hours=5, minutes=45)))),
        created(str(int(NOON.timestamp()))),
        created(format_datetime(NOON)),
        *(created(NOON.strftime(f"{day} %H:%M:%S")) for day in ("%m/%d/%Y", "%d/%m/%Y")),
        *(created(NOON.strftime(f"{day}, %I:%M:%S %p")) for day in ("%m/%d/%Y", "%d/%m/%Y")),
    ),
    *cases(
        "T6.created_at.fresh",
        BROKEN,
        created((NOON + timedelta(days=1)).strftime("%m/%d/%Y %H:%M:%S")),
        created(at(-302)),
        created(at(302)),
        created(at(3600)),
        created(at(14 * 3600 + 302, None)),
        created(at(-12 * 3600 - 302, None)),
        created(at(450, None)),
        created("2016-12-06T21:20:29.898823"),
        created("0001-01-01T00:00:00Z"),
        created("9999-12-31T23:59:59"),
    ),
    *cases("T6.created_at.fresh", NOT_REACHED, created("now"), created(None), *NO_CHECKPOINT),
    *cases("T6.created_at.form", KEPT, created("2016-12-06T21:20:29.898823")),
    *cases(
        "T6.created_at.form",
        BROKEN,
        created("2016-12-06T21:20:29"),
        created("2016-12-06T21:20:29.898823Z"),
        created("2016-12-06 21:20:29.898823"),
        created("2016-12-06T21:20:29.898"),
        created("2016-12-06T21:20:29.898823\n"),
    ),
    *cases("T6.created_at.form", NOT_REACHED, created(None), *NO_CHECKPOINT),
    *cases(
        "T6.project_id.echo",
        KEPT,
        execution(),
        execution(record("project_id", PROJECT.upper())),
    ),
    *cases(
        "T6.project_id.echo",
        BROKEN,
        execution(record("project_id", "")),
        execution(record("project_id", "f" * 32)),
        execution(record("project_id", PROJECT[:-1])),
    ),
    *cases(
        "T6.project_id.echo",
        NOT_REACHED,
        execution(record("project_id", None)),
        *NO_CHECKPOINT,
    ),
    *cases(
        "T7.id.echo",
        KEPT,
        execution(),
        execution(record("protection_plan.id", PLAN.upper())),
        execution(GOOD, sent=request(body(PLAN.upper()))),
    ),
    *cases(
        "T7.id.echo",
        BROKEN,
        execution(record("protection_plan.id", NOBODY)),
        execution(record("protection_plan.id", "")),
        execution(record("protection_plan.id", f"{PLAN} ")),
    ),
    *cases(
        "T7.id.echo",
        NOT_REACHED,
        execution(record("protection_plan.id", None)),
        execution(record("protection_plan", [])),
        execution(GOOD, sent=request(body(5))),
        *NO_CHECKPOINT,
    ),
    *cases(
        "T7.resources.asked",
        KEPT,
        listing([ONE], {"id": ONE}),
        listing([ONE], {"id": OTHER}, {"id": ONE}),
        listing([ONE, OTHER], {"id": OTHER}, {"id": ONE}),
        listing([ONE], {"id": ONE.upper()}),
        listing([ONE, ONE], {"id": ONE}),
    ),
    *cases(
        "T7.resources.asked",
        BROKEN,
        listing([ONE]),
        listing([ONE], {"id": OTHER}),
        listing([ONE, OTHER], {"id": ONE}, {"id": ONE}),
        listing([ONE], "x"),
    ),
    *cases(
        "T7.resources.asked",
        NOT_REACHED,
        execution(),
        listing([], {"id": ONE}),
        listing([ONE], {"name": "x"}),
        execution(record("protection_plan.resources", None), sent=request(body(resources=[ONE]))),
        *NO_CHECKPOINT,
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause} {case.outcome}")
def test_an_execution_keeps_breaks_or_does_not_reach_a_clause(case: Case) -> None:
    assert outcome(case.clause, case.execution) == case.outcome


@pytest.mark.parametrize("clause_id", ["T6.created_at.moment", "T6.created_at.form"])
def test_a_finding_says_that_a_text_was_empty(clause_id: str) -> None:
    wrong = REGISTRY.executions[clause_id][1](created(""))
    assert wrong
    assert wrong[1]


def test_every_clause_on_an_execution_is_seen_kept_broken_and_not_reached() -> None:
    seen = {(case.clause, case.outcome) for case in CASES}
    wanted = {(name, how) for name in REGISTRY.executions for how in (KEPT, BROKEN, NOT_REACHED)}
    no_body = {("T5.body.media-type", NOT_REACHED), ("T5.body.json", NOT_REACHED)}
    assert wanted - seen == no_body  # whatever is received decides these


def test_a_wider_tolerance_takes_an_older_time() -> None:
    wide = Tolerances(clock=7200)
    assert outcome("T6.created_at.fresh", execution(record("created_at", at(-7000)))) == BROKEN
    old = execution(record("created_at", at(-7000)), tolerances=wide)
    assert outcome("T6.created_at.fresh", old) == KEPT


def dated(date: str, created_at: str) -> Execution:
    return execution(record("created_at", created_at), headers=(*JSON_TYPE, ("Date", date)))


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (format_datetime(NOON + timedelta(days=9), usegmt=True), KEPT),
        (format_datetime(NOON + timedelta(days=8), usegmt=True), BROKEN),
        ("soon", BROKEN),
        ("", BROKEN),
        ("Tue, 06 Dec 2016 21:20:29 +99999999999999999", BROKEN),
    ],
)
def test_a_time_may_be_right_by_the_clock_of_the_answer(date: str, expected: str) -> None:
    created_at = at(9 * 24 * 3600)
    assert outcome("T6.created_at.fresh", dated(date, created_at)) == expected


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kathmandu")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_away")
def test_an_answers_date_is_read_the_same_wherever_the_judge_is() -> None:
    date = (NOON + timedelta(days=9)).strftime("%a %b %d %H:%M:%S %Y")
    assert outcome("T6.created_at.fresh", dated(date, at(9 * 24 * 3600))) == KEPT


@pytest.mark.usefixtures("far_away")
def test_a_time_is_read_the_same_wherever_the_judge_is() -> None:
    assert outcome("T6.created_at.fresh", created(at(0, None))) == KEPT
    assert outcome("T6.created_at.fresh", created(at(3600))) == BROKEN


def unique(*ids: object) -> list[str]:
    _, judge = REGISTRY.memories["T6.id.unique"]
    memory: dict[bytes, Sighting] = {}
    found = []
    for number, name in enumerate(ids):
        try:
            wrong = judge(execution(record("id", name), name=str(number)), memory)
        except NotReached:
            found.append(NOT_REACHED)
        else:
            found.append(BROKEN if wrong else KEPT)
    return found


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["a", "b", "c"], [KEPT, KEPT, KEPT]),
        (["a", "b", "a"], [KEPT, KEPT, BROKEN]),
        (["a", "a", "a"], [KEPT, BROKEN, BROKEN]),
        ([PLAN, PLAN.upper(), PLAN.replace("-", "")], [KEPT, BROKEN, BROKEN]),
        (["a", "A"], [KEPT, KEPT]),
        (["", ""], [KEPT, BROKEN]),
        (["\ud800"], [KEPT]),
        ([None, ..., 5, "a"], [NOT_REACHED, NOT_REACHED, NOT_REACHED, KEPT]),
    ],
)
def test_an_id_is_given_once(ids: list[object], expected: list[str]) -> None:
    assert unique(*ids) == expected


def test_a_record_seen_twice_is_not_two_records() -> None:
    _, judge = REGISTRY.memories["T6.id.unique"]
    memory: dict[bytes, Sighting] = {}
    once = execution(name="7")
    assert judge(once, memory) is None
    assert judge(once, memory) is None


def moved(*moments: tuple[str, float], recorded: int = 0) -> list[str]:
    """Of executions with these times, asked for at so many seconds, whether each has its own."""
    _, judge = REGISTRY.memories["T6.created_at.own"]
    memory: dict[bytes, Sighting] = {}
    found = []
    for number, (text, asked) in enumerate(moments):
        one = execution(record("created_at", text), name=str(number))
        sent = structs.replace(
            one.exchange, started=one.exchange.started + asked, recording=recorded
        )
        try:
            wrong = judge(Execution(sent, one.call, one.tolerances), memory)
        except NotReached:
            found.append(NOT_REACHED)
        else:
            found.append(BROKEN if wrong else KEPT)
    return found


FINE, COARSE = "2026-03-01T12:00:00.250000", "2026-03-01T12:00:07"
MINUTES, OF_MINUTES = "2026-03-01T12:01", "2026-03-01T12:01:00.000000"


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([(FINE, 0), (FINE, 0.9)], [KEPT, KEPT]),  # a clock that is read once a second
        ([(COARSE, 0), (COARSE, 0.9)], [KEPT, KEPT]),
        ([(FINE, 0), (FINE, 2), (FINE, 9)], [KEPT, BROKEN, BROKEN]),
        ([(COARSE, 0), (COARSE, 2)], [KEPT, BROKEN]),
        ([(MINUTES, 0), (MINUTES, 59), (MINUTES, 70)], [KEPT, KEPT, BROKEN]),
        ([(OF_MINUTES, 0), (OF_MINUTES, 59), (OF_MINUTES, 70)], [KEPT, KEPT, BROKEN]),
        ([(FINE, 0), ("2026-03-01T12:00:09", 9), (FINE, 0.5)], [KEPT, KEPT, KEPT]),
        ([("soon", 0), ("soon", 9)], [NOT_REACHED, NOT_REACHED]),
    ],
)
def test_a_time_that_stands_still_is_not_that_of_an_execution(
    moments: list[tuple[str, float]], expected: list[str]
) -> None:
    assert moved(*moments) == expected


def test_one_time_for_all_that_was_recorded_may_be_its_editors() -> None:
    assert moved((FINE, 0), (FINE, 9), recorded=1) == [NOT_REACHED, NOT_REACHED]


texts = st.text(max_size=5)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
IN_THE_PLAN = ("protection_plan", "protection_plan.id", "protection_plan.resources")
places = st.sampled_from(["status", "created_at", "id", "project_id", *IN_THE_PLAN])


@given(places, json_values)
def test_any_answer_can_be_judged(where: str, value: Any) -> None:
    seen = execution(record(where, value), sent=request(body(resources=[ONE])))
    for clause_id in REGISTRY.executions:
        assert outcome(clause_id, seen) in (KEPT, BROKEN, NOT_REACHED)


@given(st.binary(max_size=40))
def test_any_bytes_can_be_judged(content: bytes) -> None:
    for clause_id in REGISTRY.executions:
        assert outcome(clause_id, execution(content)) in (KEPT, BROKEN, NOT_REACHED)


def test_an_answer_that_was_executed_at_noon_is_fresh_at_noon() -> None:
    assert datetime.fromisoformat(GOOD["checkpoint"]["created_at"]) == NOON.replace(tzinfo=None)
