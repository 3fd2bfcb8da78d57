"""Whole runs against targets with one fault each: exactly the clause that it breaks fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from judge_helpers import (
    CONTRACT,
    FIXTURES,
    PLAN,
    PLANNED,
    RECORDED,
    SERVERS,
    Answers,
    Came,
    answer,
    body,
    clause_in,
    exchange,
    expect,
    failed,
    record_of,
    refusal,
    request,
    run_against,
    verdict_on,
)
from msgspec.structs import replace

from conformance.contract.clauses import Clause, Level
from conformance.judge.verdicts import Status, Verdict
from conformance.model import Failure, Request, Response
from conformance.page.catalogue import catalogue
from conformance.page.oracle import Duty, Expectation
from conformance.page.registry import REGISTRY
from conformance.page.tables_2_to_4 import Shape
from conformance.page.weather import OURS

CLAUSES = catalogue(CONTRACT)
INPUTS = [clause for clause in CLAUSES.values() if clause.id in REGISTRY.inputs or clause.answers]
REFUSING = [c for c in INPUTS if not c.is_open and c.level is Level.MUST]
REFUSED_WITH = [c for c in REFUSING if c.answers]
OPEN = [c for c in INPUTS if c.is_open]
UNANSWERED = [each for each in Failure if each not in OURS and each is not Failure.TIMEOUT]
FEW = ["S401.bad-token", "T3.plan_id.type", "S404.unknown-policy", "S400.not-json"]


def name_of(value: object) -> str | None:
    return value.id if isinstance(value, Clause) else None


def executed(sent: Request, before: int = 0) -> Response:
    """A record with an id that depends on the request, so that none is given twice."""
    return answer(200, record_of(sent, f"{sent.digest}-{before}"))


def decided(clause_id: str, came: Came | Callable[[Request, int], Came]) -> Answers:
    """Another response to every request that breaks one clause alone."""

    def otherwise(sent: Request, expectation: Expectation, before: int) -> Came | None:
        if expectation.decisive is None or expectation.decisive.id != clause_id:
            return None
        return came(sent, before) if callable(came) else came

    return otherwise


def to_valid(came: Came | Callable[[Request, int], Came]) -> Answers:
    """Another response to every valid request."""

    def otherwise(sent: Request, expectation: Expectation, before: int) -> Came | None:
        if expectation.duty is not Duty.EXECUTE:
            return None
        return came(sent, before) if callable(came) else came

    return otherwise


def musts_failed(otherwise: Answers, requests: Iterable[Request] | None = None) -> set[str]:
    judgement = verdict_on(run_against(otherwise, requests=requests))
    assert (judgement.verdict is Verdict.VIOLATES) is bool(failed(judgement))
    return failed(judgement)


def test_a_conforming_target_conforms_and_nothing_stays_open() -> None:
    judgement = verdict_on(run_against())
    assert judgement.verdict is Verdict.CONFORMS
    assert not judgement.reason
    left = {v.clause.id for v in judgement.clauses if v.status is not Status.PASSED}
    assert left == {"S500.momentary", *REGISTRY.backups, *REGISTRY.lists}  # no list was asked for
    assert len(judgement.executions) == len(set(judgement.executions)) > 0


@pytest.mark.parametrize("clause", REFUSING, ids=name_of)
def test_executing_what_must_not_be_breaks_the_clause_that_forbids_it(clause: Clause) -> None:
    assert musts_failed(decided(clause.id, executed)) == {clause.id}


@pytest.mark.parametrize("clause", REFUSED_WITH, ids=name_of)
def test_refusing_with_another_listed_status_breaks_the_clause(clause: Clause) -> None:
    others = sorted({400, 401, 403, 404} - clause.answers)
    for status in others:
        assert musts_failed(decided(clause.id, refusal(status))) == {clause.id}


@pytest.mark.parametrize("clause", OPEN, ids=name_of)
def test_an_open_point_is_refused_with_what_the_reading_names(clause: Clause) -> None:
    for status in sorted({400, 401, 403, 404} & clause.answers):
        assert musts_failed(decided(clause.id, refusal(status))) == set()
    for status in sorted({400, 401, 403, 404} - clause.answers):
        assert musts_failed(decided(clause.id, refusal(status))) == {clause.id}


@pytest.mark.parametrize(
    "status", [201, 202, 204, 206, 301, 302, 304, 307, 402, 409, 415, 422, 499]
)
@pytest.mark.parametrize("clause_id", FEW)
def test_a_status_that_the_page_does_not_list_is_a_violation(clause_id: str, status: int) -> None:
    assert musts_failed(decided(clause_id, refusal(status))) == {"S.listed"}


@pytest.mark.parametrize("status", [413, 414, 431])
def test_statuses_for_oversized_requests_are_for_no_others(status: int) -> None:
    assert musts_failed(decided("S404.unknown-policy", refusal(status))) == {"S.listed"}


def test_415_is_for_another_media_type() -> None:
    assert musts_failed(decided("T2.body.media-type", refusal(415))) == set()
    assert musts_failed(to_valid(refusal(415))) == {"S.listed"}


@pytest.mark.parametrize("clause", [*REFUSED_WITH, *OPEN], ids=name_of)
def test_a_lasting_500_is_no_answer_to_a_bad_request(clause: Clause) -> None:
    expected = clause.id if clause.is_open else "S500.bad-request"
    assert musts_failed(decided(clause.id, refusal(500))) == {expected}


@pytest.mark.parametrize("status", [501, 505, 507, 599])
def test_another_lasting_5xx_is_not_listed(status: int) -> None:
    assert musts_failed(decided("S400.not-json", refusal(status))) == {"S.listed"}


@pytest.mark.parametrize("came", [refusal(503), refusal(502), refusal(429), *UNANSWERED])
@pytest.mark.parametrize("clause_id", FEW)
def test_one_kind_of_request_that_is_never_answered_is_a_violation(
    clause_id: str, came: Came
) -> None:
    assert musts_failed(decided(clause_id, came)) == {"S503.momentary"}


def is_for(clause_id: str, seen: Expectation) -> bool:
    """Whether a request is none of the page's, by this clause."""
    return clause_id in {clause.id for clause in seen.not_executing}


@pytest.mark.parametrize("came", [refusal(503), refusal(504), refusal(429), *UNANSWERED])
@pytest.mark.parametrize("clause_id", ["URI.get", "T1.project_id.mandatory"])
def test_what_is_none_of_the_page_may_never_be_answered(clause_id: str, came: Came) -> None:
    judgement = verdict_on(
        run_against(lambda _, seen, __: came if is_for(clause_id, seen) else None)
    )
    assert failed(judgement) == set()
    # A gateway that waited in vain does not know what became of what it passed on.
    is_known = isinstance(came, Response) and (clause_id == "URI.get" or came.status != 504)
    expected = Status.PASSED if is_known else Status.INCONCLUSIVE
    assert clause_in(judgement, clause_id).status is expected


@pytest.mark.parametrize("clause_id", FEW)
def test_a_kind_of_request_that_takes_longer_than_we_wait_is_no_violation(clause_id: str) -> None:
    assert musts_failed(decided(clause_id, Failure.TIMEOUT)) == set()


@pytest.mark.parametrize("came", [refusal(503), Failure.CLOSED])
def test_a_valid_request_that_is_never_answered_is_a_violation(came: Came) -> None:
    crashing = run_against(
        lambda sent, _, __: came if b'"auto_trigger": true' in sent.body else None
    )
    assert "S503.momentary" in failed(verdict_on(crashing))


@pytest.mark.parametrize(
    ("shape", "what"),
    [
        (Shape.NO_PARAMETERS, "parameters {}"),
        (Shape.AUTO_TRIGGER, "auto_trigger true"),
        (Shape.AUTO_TRIGGER, "auto_trigger false"),
        (Shape.NO_AUTO_TRIGGER, "no auto_trigger"),
        (Shape.NO_RESOURCES, "no resources"),
        (Shape.RESOURCES, "one server"),
        (Shape.RESOURCES, "several servers"),
        (Shape.WRITTEN_OTHERWISE, "parameters first"),
        (Shape.WRITTEN_OTHERWISE, "escapes"),
        (Shape.WRITTEN_OTHERWISE, "white space"),
        (Shape.WRITTEN_OTHERWISE, "a charset"),
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_refusing_one_shape_of_valid_request_breaks_the_clause_of_the_shape(
    shape: Shape, what: str, status: int
) -> None:
    def otherwise(_: Request, expectation: Expectation, __: int) -> Came | None:
        is_one = expectation.duty is Duty.EXECUTE and (shape, what) in expectation.features
        return refusal(status) if is_one else None

    assert musts_failed(otherwise) == {shape.clause.id}


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (refusal(400), "S200.executed"),
        (answer(400, b"no"), "S200.executed"),
        (refusal(500), "S200.executed"),
        (refusal(500, "CSBS.9999"), "S200.executed"),
        (refusal(405), "URI.post"),
        (refusal(501), "URI.post"),
        (refusal(201), "S.listed"),
        (refusal(302), "S.listed"),
        (refusal(409), "S.listed"),
        (refusal(505), "S200.executed"),
    ],
    ids=["400", "400 without a body", "500", "fault", "405", "501", "201", "302", "409", "505"],
)
def test_refusing_every_valid_request_is_a_violation(came: Response, expected: str) -> None:
    assert musts_failed(to_valid(came)) == {expected}


def test_a_401_to_a_token_that_works_later_is_a_violation() -> None:
    def otherwise(_: Request, expectation: Expectation, __: int) -> Came | None:
        is_one = expectation.features if expectation.duty is Duty.EXECUTE else frozenset()
        return refusal(401) if (Shape.AUTO_TRIGGER, "auto_trigger true") in is_one else None

    assert musts_failed(otherwise) == {"T4.auto_trigger.values"}


def record(where: str, value: object) -> Answers:
    """Another value at a dotted place of every record, or (with `...`) none."""

    def otherwise(sent: Request, expectation: Expectation, before: int) -> Came | None:
        if not expectation.may_execute:
            return None
        changed = record_of(sent, f"{sent.digest}-{before}")
        *parents, name = where.split(".")
        parent: Any = changed
        for step in parents:
            parent = parent[int(step) if step.isdigit() else step]
        if value is ...:
            del parent[name]
        else:
            parent[name] = value
        return answer(200, changed)

    return otherwise


ITEM = "checkpoint.protection_plan.resources.0"
RECORDS: list[tuple[str, object, str]] = [
    ("checkpoint", ..., "T5.checkpoint.present"),
    ("checkpoint", None, "T5.checkpoint.type"),
    ("checkpoint.status", ..., "T6.status.present"),
    ("checkpoint.status", 1, "T6.status.type"),
    ("checkpoint.status", "Protecting", "T6.status.values"),
    ("checkpoint.created_at", ..., "T6.created_at.present"),
    ("checkpoint.created_at", 1480000000, "T6.created_at.type"),
    ("checkpoint.created_at", "now", "T6.created_at.moment"),
    ("checkpoint.created_at", "2016-12-06T21:20:29.898823", "T6.created_at.fresh"),
    ("checkpoint.id", ..., "T6.id.present"),
    ("checkpoint.id", 1, "T6.id.type"),
    ("checkpoint.id", "same", "T6.id.unique"),
    ("checkpoint.resource_graph", ..., "T6.resource_graph.present"),
    ("checkpoint.resource_graph", {}, "T6.resource_graph.type"),
    ("checkpoint.project_id", ..., "T6.project_id.present"),
    ("checkpoint.project_id", None, "T6.project_id.type"),
    ("checkpoint.project_id", "another", "T6.project_id.echo"),
    ("checkpoint.protection_plan", ..., "T6.protection_plan.present"),
    ("checkpoint.protection_plan", "backup", "T6.protection_plan.type"),
    ("checkpoint.extra_info", None, "T6.extra_info.type"),
    ("checkpoint.protection_plan.id", ..., "T7.id.present"),
    ("checkpoint.protection_plan.id", 1, "T7.id.type"),
    ("checkpoint.protection_plan.id", "another", "T7.id.echo"),
    ("checkpoint.protection_plan.name", ..., "T7.name.present"),
    ("checkpoint.protection_plan.name", None, "T7.name.type"),
    ("checkpoint.protection_plan.resources", ..., "T7.resources.present"),
    ("checkpoint.protection_plan.resources", {}, "T7.resources.type"),
    (ITEM, "server", "T7.resources.items"),
    (f"{ITEM}.id", ..., "T8.id.present"),
    (f"{ITEM}.id", 1, "T8.id.type"),
    (f"{ITEM}.type", ..., "T8.type.present"),
    (f"{ITEM}.type", None, "T8.type.type"),
    (f"{ITEM}.type", "OS::Cinder::Volume", "T8.type.value"),
    (f"{ITEM}.name", ..., "T8.name.present"),
    (f"{ITEM}.name", 1, "T8.name.type"),
    (f"{ITEM}.extra_info", {}, "T8.extra_info.type"),
]


@pytest.mark.parametrize(
    ("where", "value", "clause"), RECORDS, ids=[f"{c} {v!r}" for _, v, c in RECORDS]
)
def test_a_record_that_breaks_a_line_breaks_its_clause(
    where: str, value: object, clause: str
) -> None:
    if where == ITEM:
        assert musts_failed(_with_an_item_of_another_type()) == {clause}
    else:
        assert musts_failed(record(where, value)) == {clause}


def _with_an_item_of_another_type() -> Answers:
    def otherwise(sent: Request, expectation: Expectation, before: int) -> Came | None:
        if not expectation.may_execute:
            return None
        changed = record_of(sent, f"{sent.digest}-{before}")
        changed["checkpoint"]["protection_plan"]["resources"].append("server")
        return answer(200, changed)

    return otherwise


def test_an_empty_id_breaks_one_clause_in_one_execution() -> None:
    sent = [sent for sent in PLANNED if b'"auto_trigger": true' in sent.body][-1]
    otherwise = record("checkpoint.id", "")
    assert musts_failed(
        lambda it, expectation, before: otherwise(it, expectation, before) if it == sent else None
    ) == {"T6.id.not-empty"}


def test_an_empty_list_of_servers_breaks_its_clause() -> None:
    def otherwise(sent: Request, expectation: Expectation, before: int) -> Came | None:
        if expectation.duty is not Duty.EXECUTE or expectation.call.named_servers:
            return None
        changed = record_of(sent, f"{sent.digest}-{before}")
        changed["checkpoint"]["protection_plan"]["resources"] = []
        return answer(200, changed)

    assert musts_failed(otherwise) == {"T7.resources.not-empty"}


def test_a_server_that_was_asked_for_and_is_not_listed_breaks_a_clause() -> None:
    def otherwise(sent: Request, expectation: Expectation, before: int) -> Came | None:
        if expectation.duty is not Duty.EXECUTE:
            return None
        changed = record_of(sent, f"{sent.digest}-{before}")
        del changed["checkpoint"]["protection_plan"]["resources"][1:]
        return answer(200, changed)

    assert musts_failed(otherwise) == {"T7.resources.asked"}


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b"", "application/json", {"T5.body.json"}),
        (b"OK", "application/json", {"T5.body.json"}),
        (b"<html>", "text/html", {"T5.body.json", "T5.body.media-type"}),
        (b"[]", "application/json", {"T5.body.type"}),
        (b"{}", "application/json", {"T5.checkpoint.present"}),
        (b"null", "text/plain", {"T5.body.type", "T5.body.media-type"}),
    ],
)
def test_a_200_without_a_record_breaks_a_clause(
    content: bytes, media_type: str, expected: set[str]
) -> None:
    came = answer(200, content, (("Content-Type", media_type),))
    assert musts_failed(to_valid(came)) == expected


def error(**fields: object) -> Answers:
    """An error body of another shape."""
    content = {"error_code": "CSBS.0401", "error_msg": "no", **fields}
    kept = {name: value for name, value in content.items() if value is not ...}
    return decided("S401.no-token", answer(401, kept))


def rewritten(old: bytes, new: bytes) -> Answers:
    """Records in which some bytes are others."""
    return to_valid(lambda sent, n: answer(200, executed(sent, n).body.replace(old, new, 1)))


def once(clause_id: str, came: Came) -> Answers:
    """Another response to what breaks one clause alone, but not to its repetition."""
    other = decided(clause_id, came)
    return lambda sent, expectation, before: None if before else other(sent, expectation, before)


SHOULDS: list[tuple[str, Answers]] = [
    ("EC.body.json", decided("S401.no-token", answer(401, b"no"))),
    ("EC.body.type", decided("S401.no-token", answer(401, "no"))),
    ("EC.error_code.present", error(error_code=...)),
    ("EC.error_msg.present", error(error_msg=...)),
    ("EC.error_code.type", error(error_code=401)),
    ("EC.error_msg.type", error(error_msg=None)),
    ("EC.body.trace", error(error_msg="goroutine 7 [running]")),
    ("EC.body.token", error(error_msg="{{token:halved}}")),
    ("URI.get", decided("URI.get", executed)),
    ("T6.created_at.form", record("checkpoint.created_at", "2026-03-01T12:00:00Z")),
    ("T5.body.byte-order-mark", rewritten(b"{", b"\xef\xbb\xbf{")),
    ("T5.body.repeated-name", rewritten(b'"status"', b'"status": "error", "status"')),
    ("S500.momentary", once("S400.not-json", refusal(500))),
]


@pytest.mark.parametrize(("clause_id", "otherwise"), SHOULDS, ids=[name for name, _ in SHOULDS])
def test_breaking_a_should_is_no_violation(clause_id: str, otherwise: Answers) -> None:
    judgement = verdict_on(run_against(otherwise))
    assert failed(judgement, "should") == {clause_id}
    assert judgement.verdict is Verdict.CONFORMS


def test_plain_http_breaks_a_should_but_on_loopback() -> None:
    for host, expected in {"csbs.example.com": {"URI.https"}, "127.0.0.1:8080": set[str]()}.items():
        fixtures = replace(FIXTURES, endpoint=f"http://{host}")
        requests = [
            replace(sent, url=sent.url.replace(FIXTURES.endpoint, fixtures.endpoint))
            for sent in PLANNED
        ]
        judgement = verdict_on(run_against(None, fixtures, requests), fixtures)
        assert failed(judgement, "should") == expected
        assert judgement.verdict is Verdict.CONFORMS


def test_a_finding_carries_what_was_expected_and_what_came() -> None:
    judgement = verdict_on(run_against(decided("S401.no-token", refusal(404))))
    verdict = clause_in(judgement, "S401.no-token")
    assert verdict.evidence[0].expected.startswith("401")
    assert verdict.evidence[0].received == "404"
    assert judgement.reason.startswith("S401.no-token: ")


@pytest.mark.parametrize(
    ("content", "clause_id", "where"),
    [
        ([], "T5.body.type", "the body"),
        ({"checkpoint": None}, "T5.checkpoint.type", "checkpoint"),
        ({"checkpoint": {"status": 1}}, "T6.status.type", "checkpoint.status"),
    ],
)
def test_a_finding_in_a_record_says_where_it_is(
    content: object, clause_id: str, where: str
) -> None:
    verdict = clause_in(verdict_on([exchange(request(), answer(200, content))]), clause_id)
    assert verdict.status is Status.FAILED
    assert verdict.evidence[0].expected.startswith(f"{where}: ")


def test_of_many_findings_the_smallest_requests_are_kept() -> None:
    judgement = verdict_on(run_against(record("checkpoint.status", "x")))
    sizes = [f.exchange.request.size for f in clause_in(judgement, "T6.status.values").evidence]
    assert len(sizes) == 5
    assert sizes == sorted(sizes)


def test_the_reason_of_a_failed_clause_is_of_the_smallest_request() -> None:
    sent = {409: b"{" + b" " * 9, 410: b"{", 411: b"{ "}
    refused = [
        exchange(request(content), refusal(status), name=str(status), at=60 + status)
        for status, content in sent.items()
    ]
    verdict = clause_in(verdict_on([*run_against(), *refused]), "S.listed")
    assert verdict.status is Status.FAILED
    assert verdict.reason == "expected 400; received 410"


def test_recorded_traffic_is_held_to_the_same_lines() -> None:
    exchanges = run_against(record("checkpoint.status", "x"))
    assert failed(verdict_on(exchanges, RECORDED)) == {"T6.status.values"}


def test_the_checkpoints_of_faulty_executions_are_remembered() -> None:
    judgement = verdict_on(run_against(decided("S401.no-token", executed)))
    assert any(SERVERS[0] not in name and "-" in name for name in judgement.executions)
    assert json.dumps(judgement.executions)


def test_a_wrong_response_to_several_faults_is_about_those_that_nothing_has_cleared() -> None:
    both = request(body(5), token=None)
    no_token = exchange(request(token=None), refusal(401), name="a")
    wrong_type = exchange(request(body(5)), refusal(400), name="b")
    executed = exchange(both, answer(200, record_of(request())), name="c", at=1)
    assert failed(verdict_on([no_token, executed])) == {"T3.plan_id.type"}
    assert failed(verdict_on([wrong_type, executed])) == {"S401.no-token"}
    assert failed(verdict_on([executed])) == {"S401.no-token", "T3.plan_id.type"}
    assert failed(verdict_on([no_token, wrong_type, executed])) == {
        "S401.no-token",
        "T3.plan_id.type",
    }


def test_a_wrong_response_counts_among_those_that_decided_its_clause() -> None:
    wrong = exchange(request(body(5)), answer(200, record_of(request())))
    assert clause_in(verdict_on([wrong]), "T3.plan_id.type").exchanges == 1


@pytest.mark.parametrize(
    ("asked", "is_wrong"),
    [({}, True), ({"resources": [SERVERS[0]]}, True), ({"resources": []}, False)],
)
def test_a_record_without_servers_is_right_only_where_none_was_asked_for(
    asked: dict[str, object], is_wrong: bool
) -> None:
    sent = request(body(**asked))
    record = record_of(sent)
    record["checkpoint"]["protection_plan"]["resources"] = []
    judgement = verdict_on([exchange(sent, answer(200, record))])
    assert ("T7.resources.not-empty" in failed(judgement)) is is_wrong


def test_a_bad_request_that_fails_for_an_open_point_in_it_breaks_that_too() -> None:
    null = body(auto_trigger=None)
    both, alone = request(null, token=None), "T4.auto_trigger.null"

    def otherwise(sent: Request, _: Expectation, __: int) -> Came | None:
        return refusal(500, "X.1") if sent == both else None

    def is_of_null(sent: Request) -> bool:
        return any(breach.clause.id == alone for breach in expect(sent).breaches)

    others = [sent for sent in PLANNED if not is_of_null(sent)]
    run = run_against(otherwise, requests=[*others, both])
    judgement = verdict_on(run)
    assert failed(judgement) == {"S500.bad-request", alone}
    assert clause_in(judgement, alone).exchanges == 1
    run = run_against(otherwise, requests=[*others, request(null), both])
    assert failed(verdict_on(run)) == {"S500.bad-request"}


def test_of_several_open_points_in_what_fails_those_are_blamed_that_fail_elsewhere() -> None:
    null, empty = "T4.auto_trigger.null", "T4.resources.empty"
    alone, both = request(body(auto_trigger=None)), request(body(auto_trigger=None, resources=[]))

    def otherwise(sent: Request, _: Expectation, __: int) -> Came | None:
        return refusal(500, "X.1") if sent in (alone, both) else None

    def is_open(sent: Request) -> bool:
        return not {null, empty}.isdisjoint(breach.clause.id for breach in expect(sent).breaches)

    others = [sent for sent in PLANNED if not is_open(sent)]
    assert musts_failed(otherwise, [*others, alone, both]) == {null}
    assert musts_failed(otherwise, [*others, both]) == {null, empty}


def test_it_is_counted_how_many_responses_told_of_a_checkpoint() -> None:
    sent = request()
    same = [exchange(sent, answer(200, record_of(sent)), name=str(n), at=n) for n in range(3)]
    judgement = verdict_on([*same, exchange(sent, answer(200, {}), name="none", at=4)])
    assert (judgement.told, len(judgement.executions)) == (3, 1)


@pytest.mark.parametrize("has_checkpoint", [True, False])
def test_only_a_checkpoint_shows_that_another_2xx_executed(has_checkpoint: bool) -> None:
    def otherwise(sent: Request, expectation: Expectation, before: int) -> Came | None:
        if expectation.duty is not Duty.EXECUTE:
            return None
        return answer(201, json.loads(executed(sent, before).body) if has_checkpoint else {})

    judgement = verdict_on(run_against(otherwise))
    shapes = {clause_in(judgement, shape.clause.id).status for shape in Shape}
    assert shapes == ({Status.PASSED} if has_checkpoint else {Status.INCONCLUSIVE})


FAILS = refusal(500, "CSBS.0500")
WRONG_BODIES = [
    *(b"", b"null", b"[]"),
    *({"checkpoint": None}, {"checkpoint": {"plan_id": PLAN}}, body(plan_id=None)),
    body(resources=[1]),
]


@pytest.mark.parametrize(("others_fail", "is_chance"), [(0, False), (3, False), (12, True)])
def test_who_fails_on_whatever_is_wrong_in_a_body_is_found_out_by_few_requests(
    others_fail: int, is_chance: bool
) -> None:
    """Of 20 requests with other tokens chance would have spared no more than of those."""
    wrong = [request(content) for content in WRONG_BODIES]
    tokens = [request(token=f"nobody{n}") for n in range(20)]
    sent = [(request(), executed(request())), *((each, refusal(401)) for each in tokens)]
    sent += [(each, FAILS) for each in (*wrong[1:], *tokens[:others_fail])]
    sent += [(wrong[0], FAILS), (tokens[-1], refusal(401)), (wrong[0], FAILS)]
    run = [exchange(asked, came, name=f"{n}", at=n / 2) for n, (asked, came) in enumerate(sent)]
    assert failed(verdict_on(run)) == (set() if is_chance else {"S500.bad-request"})
