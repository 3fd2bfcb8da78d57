"""What holds for the verdict on any run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judge_helpers import (
    FIXTURES,
    GOOD,
    NEAR,
    NOBODY,
    PLAN,
    PROJECT,
    PROVIDER,
    SERVERS,
    WEAK,
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
from trying import examples

from conformance.contract.clauses import Level
from conformance.judge.verdicts import Judgement, Status, Verdict
from conformance.model import Exchange, Failure, Fixtures, Request, Response
from conformance.page.oracle import Duty, Expectation

Findings = set[tuple[str, str]]

options: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "auto_trigger": st.sampled_from([True, False, None, 1]),
        "resources": st.one_of(
            st.none(), st.lists(st.sampled_from([*SERVERS, NOBODY, None]), max_size=2)
        ),
        "x": st.just(1),
    },
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    plan = draw(st.sampled_from([PLAN, PLAN, PLAN.upper(), NOBODY, None]))
    content: Any = body(plan, **draw(options))
    return request(
        draw(st.sampled_from([content, content, content, b"{", b"", []])),
        token=draw(st.sampled_from([GOOD, GOOD, GOOD, WEAK, NEAR, "other", None])),
        project=draw(st.sampled_from([PROJECT, PROJECT, "f" * 32, ""])),
        provider=draw(st.sampled_from([PROVIDER, PROVIDER, PROVIDER.upper(), NOBODY])),
        media_type=draw(st.sampled_from(["application/json", "application/json", None])),
        method=draw(st.sampled_from(["POST", "POST", "POST", "GET"])),
    )


STATUSES = [201, 302, 400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 501, 503]
CODES = ["CSBS.0400", "CSBS.1001", "CSBS.9006", "CSBS.3000", "CSBS.9999"]
refusals = st.builds(refusal, st.sampled_from(STATUSES), st.sampled_from(CODES))
came: st.SearchStrategy[Came | None] = st.one_of(
    st.none(), refusals, refusals, st.sampled_from([*Failure])
)


@st.composite
def exchanges(draw: st.DrawFn, largest: int = 5) -> list[Exchange]:
    """Exchanges in which a 200 always brings a good record; requests may recur."""
    some = draw(st.lists(requests(), min_size=1, max_size=largest))
    found = []
    for number in range(draw(st.integers(1, largest))):
        sent = draw(st.sampled_from(some))
        other = draw(came)
        response = other if other is not None else answer(200, record_of(sent, f"id-{number}"))
        found.append(exchange(sent, response, name=str(number), at=number * 1.0))
    return found


def findings(judgement: Judgement) -> Findings:
    return {
        (verdict.clause.id, finding.exchange.id)
        for verdict in judgement.clauses
        for finding in verdict.evidence
    }


def statuses(judgement: Judgement) -> dict[str, Status]:
    return {verdict.clause.id: verdict.status for verdict in judgement.clauses}


@st.composite
def lesser_fixtures(draw: st.DrawFn) -> Fixtures:
    """Fixtures of which some are not known."""
    return replace(
        FIXTURES,
        project_id=draw(st.sampled_from([PROJECT, None])),
        plan_id=draw(st.sampled_from([PLAN, None])),
        resources=draw(st.sampled_from([SERVERS, ()])),
    )


@given(exchanges(), lesser_fixtures())
@settings(max_examples=examples(300))
def test_not_knowing_whether_something_exists_never_accuses(
    seen: list[Exchange], fixtures: Fixtures
) -> None:
    complete = verdict_on(seen, fixtures)
    recorded = verdict_on(seen, replace(fixtures, complete=False))
    if recorded.verdict is Verdict.VIOLATES:
        assert complete.verdict is Verdict.VIOLATES


@given(exchanges())
def test_judging_again_gives_the_same(seen: list[Exchange]) -> None:
    assert verdict_on(seen) == verdict_on(seen)


@given(exchanges())
def test_a_verdict_follows_from_the_verdicts_on_the_clauses(seen: list[Exchange]) -> None:
    judgement = verdict_on(seen)
    musts = [v for v in judgement.clauses if v.clause.level is Level.MUST]
    broken = {v.clause.id for v in musts if v.status is Status.FAILED}
    assert (judgement.verdict is Verdict.VIOLATES) == bool(broken)
    if judgement.verdict is Verdict.CONFORMS:
        assert all(v.status is not Status.INCONCLUSIVE for v in musts)
        assert not judgement.reason
    else:
        assert judgement.reason
    for verdict in judgement.clauses:
        assert (verdict.status is Status.FAILED) == bool(verdict.evidence)
        assert verdict.reason or verdict.status is Status.PASSED


@given(exchanges())
def test_a_clause_that_passed_was_exercised(seen: list[Exchange]) -> None:
    for verdict in verdict_on(seen).clauses:
        assert verdict.exchanges >= 0
        if verdict.status is Status.PASSED:
            assert verdict.exchanges > 0


REFUSED = [
    e
    for e in run_against(
        lambda _, seen, __: (
            refusal(409) if seen.decisive and seen.decisive.id == "S400.not-json" else None
        )
    )
    if expect(e.request).duty is Duty.REFUSE
]
EXECUTED = [e for e in run_against() if expect(e.request).duty is Duty.EXECUTE]


@given(st.permutations(REFUSED))
@settings(max_examples=examples(20))
def test_the_order_of_refusals_does_not_matter(order: list[Exchange]) -> None:
    before = verdict_on([*REFUSED, *EXECUTED])
    after = verdict_on([*order, *EXECUTED])
    assert before.verdict is after.verdict is Verdict.VIOLATES
    assert statuses(before) == statuses(after)


@given(st.data())
def test_the_order_of_any_refusals_does_not_matter(data: st.DataObject) -> None:
    bad = requests().filter(lambda sent: expect(sent).duty is Duty.REFUSE)
    some = data.draw(st.lists(bad, min_size=1, max_size=5, unique_by=lambda sent: sent.digest))
    codes = st.sampled_from([400, 401, 403, 404, 409, 415])
    seen = [
        exchange(sent, refusal(data.draw(codes)), name=str(number), at=number * 1.0)
        for number, sent in enumerate(some)
    ]
    order = data.draw(st.permutations(seen))
    run = run_against(requests=[request()])
    before, after = verdict_on([*run, *seen]), verdict_on([*run, *order])
    assert before.verdict is after.verdict
    assert statuses(before) == statuses(after)


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=4), st.sampled_from([200, 400, 500]))
def test_any_answer_has_a_verdict(contents: list[bytes], status: int) -> None:
    def otherwise(_: Request, seen: Expectation, before: int) -> Response | None:
        is_one = seen.duty is Duty.EXECUTE
        return answer(status, contents[before % len(contents)]) if is_one else None

    judgement = verdict_on(run_against(otherwise, requests=[request(), request(token=None)]))
    assert judgement.verdict is not Verdict.CONFORMS


@given(st.binary(max_size=60), st.sampled_from([200, 400, 404]))
def test_any_request_has_a_verdict(content: bytes, status: int) -> None:
    sent = request(content)
    record = answer(200, record_of(request(), "another"))
    extra = exchange(sent, record if status == 200 else refusal(status), name="x", at=9)
    judgement = verdict_on([*run_against(requests=[request(), request(token=None)]), extra])
    is_right = status == 400 or expect(sent).duty is Duty.UNKNOWN
    assert (failed(judgement) == set()) == is_right


@pytest.mark.parametrize(("status", "code"), [(503, "CSBS.1001"), (429, "CSBS.9006")])
def test_a_published_code_speaks_of_the_moment_with_whatever_status(status: int, code: str) -> None:
    def otherwise(_: Request, seen: Expectation, __: int) -> Response | None:
        is_one = seen.duty is Duty.EXECUTE and b'"auto_trigger": true' in seen.call.request.body
        return refusal(status, code) if is_one else None

    judgement = verdict_on(run_against(otherwise))
    assert failed(judgement) == set()
    assert clause_in(judgement, "S503.momentary").status is Status.PASSED
