"""The table of kinds: each is planned or drawn, and refused as the oracle says."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from plan_helpers import (
    CONTRACT,
    FIXTURES,
    expected,
    fixtures_with,
    lettered,
    long_names,
    planned,
    planner,
    whole_plan,
)
from trying import examples

from conformance.docs.kinds import domains
from conformance.exchange.courier import KEPT_FOR_REPEATS
from conformance.exchange.looking import MOST_PAGES
from conformance.model import Fixtures
from conformance.page.oracle import Duty
from conformance.plan.domains.kind import Kind, Place
from conformance.plan.domains.table import table
from conformance.plan.domains.while_left import WHILE_LEFT
from conformance.plan.drafting import Drafts
from conformance.run.options import REQUESTS

KINDS = list(table(Drafts(FIXTURES, 1)))
STANDARD = {probe.request.digest for probe in planned(FIXTURES).directed.probes}
ASKED = {probe.id for probe in planned(FIXTURES).directed.choices}
MADE_FOR_LOGIN = "signature"


def name_of(kind: Kind) -> str:
    return f"{kind.clause}/{kind.slug}"


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_a_kind_is_in_every_plan_or_drawn_by_deep(kind: Kind) -> None:
    always = [request for request in kind.requests if request.digest in STANDARD]
    assert len(always) >= kind.planned
    assert [probe.request for probe in (*kind.probes, *kind.drawn)] == list(kind.requests)
    if kind.is_asked:
        assert kind.choice.id in ASKED


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_what_a_kind_is_written_for_is_what_it_breaks(kind: Kind) -> None:
    oracle = planned(FIXTURES).oracle
    of_example = oracle.expect(kind.example)
    assert kind.clause in {breach.clause.id for breach in of_example.breaches}
    assert (of_example.duty is Duty.CHOOSE) == bool(kind.beside)
    for request in kind.requests:
        expectation = oracle.expect(request)
        assert expectation.duty in (Duty.REFUSE, Duty.NOT_EXECUTE)
        assert kind.clause in {breach.clause.id for breach in expectation.breaches}


def test_every_place_has_kinds_and_no_kind_is_there_twice() -> None:
    assert {kind.place for kind in KINDS} == set(Place)
    assert max(Counter(name_of(kind) for kind in KINDS).values()) == 1


def test_the_documentation_names_every_kind_and_who_sends_it() -> None:
    rows = list(domains(CONTRACT))
    always = {(row.place, row.clause.id, name) for row in rows for name in row.planned}
    deep = {(row.place, row.clause.id, name) for row in rows for name in row.drawn}
    assert always == {(k.place, k.clause, k.name) for k in KINDS if k.planned and told(k)}
    assert deep == {(k.place, k.clause, k.name) for k in KINDS if not k.planned and told(k)}


def told(kind: Kind) -> bool:
    """Whether a kind is for any login: the examples of the documentation have a token."""
    return kind.name != MADE_FOR_LOGIN


def test_the_documentation_says_what_the_oracle_allows() -> None:
    answers = {
        (row.clause.id, name): row.answers
        for row in domains(CONTRACT)
        for name in (*row.planned, *row.drawn)
    }
    assert answers["S401.no-token", "a cookie and other headers"] == "401"
    assert answers["T2.body.media-type", "malformed"] == "executed, or 400 or 415"
    assert answers["T1.project_id.own", "a malformed escape behind it"].startswith("301 or 400")


def test_what_goes_while_requests_are_left_is_in_the_table() -> None:
    known = {(kind.clause, kind.name): kind for kind in KINDS}
    assert {(clause, name) for clause, name, _ in WHILE_LEFT} <= known.keys()
    assert all(len(known[clause, name].drawn) >= count for clause, name, count in WHILE_LEFT)


@settings(max_examples=examples(5))
@given(fixtures_with(lettered, servers=40))
def test_a_plan_leaves_requests_to_repetitions_and_looks(fixtures: Fixtures) -> None:
    probes = [*(plan := whole_plan(fixtures)).preflight, *plan.probes]
    asked = {probe.id for probe in probes} - {p.id for p in (*plan.spare, *plan.while_left)}
    looks = 2 * MOST_PAGES  # before an execution, and behind the refusals
    assert len(asked) <= REQUESTS - KEPT_FOR_REPEATS - looks


@settings(max_examples=examples(10))
@given(fixtures_with(long_names))
def test_names_that_are_no_uuids_leave_every_kind_refused(fixtures: Fixtures) -> None:
    for kind in table(Drafts(fixtures, 1)):
        for request in kind.requests:
            duty = planned(fixtures).oracle.expect(request).duty
            assert duty in (Duty.REFUSE, Duty.NOT_EXECUTE), name_of(kind)


def test_a_policy_that_is_a_number_is_also_asked_for_as_one() -> None:
    numbered = replace(FIXTURES, plan_id="4711")
    sent = [probe for probe in planner(numbered).directed.refusals if "its-digits" in probe.id]
    assert [expected(probe, numbered).duty for probe in sent] == [Duty.REFUSE]
    assert b'"plan_id": 4711' in sent[0].request.body
