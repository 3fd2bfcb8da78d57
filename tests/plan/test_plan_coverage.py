"""The plan against the clauses: each is decided by a probe whose name says so."""

from __future__ import annotations

import json
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from plan_helpers import (
    CONTRACT,
    FIXTURES,
    PROVIDER,
    expected,
    fixtures_with,
    planned,
    planner,
    uuids,
    whole_plan,
)
from trying import examples

from conformance.contract.clauses import Clause, Level
from conformance.model import SMOKE_EXECUTIONS, Fixtures, Token, header
from conformance.page.catalogue import catalogue
from conformance.page.oracle import Duty
from conformance.page.registry import REGISTRY
from conformance.plan.drafting import Probe
from conformance.plan.planner import Profile

CLAUSES = catalogue(CONTRACT)
PLAN = planned(FIXTURES).directed
WHOLE = whole_plan()
BY_BREAKING = [
    clause for clause in CLAUSES.values() if clause.answers or clause.id in REGISTRY.inputs
]
BY_EXECUTING = list(REGISTRY.acceptances.values())
OF_ANSWERS = [
    clause
    for clause in CLAUSES.values()
    if clause not in BY_BREAKING and clause not in BY_EXECUTING and not clause.observed
]
SEVERAL = {
    **{
        f"S400.not-json/{form}-typed": {"S400.not-json", "T2.body.media-type"}
        for form in ("x-www-form-urlencoded", "xml", "yaml")
    },
    "T4.auto_trigger.type/a-word-with-a-note": {"T4.auto_trigger.type", "T2.body.unknown-field"},
    "S401.no-token/absent-and-no-json": {"S401.no-token", "S400.not-json"},
    "T3.plan_id.mandatory/other-names": {"T3.plan_id.mandatory", "T2.body.unknown-field"},
    "S400.extended-json/a-control-character": {"S400.extended-json", "T2.body.unknown-field"},
    "T4.auto_trigger.type/a-word-as-text": {"T4.auto_trigger.type", "T2.body.media-type"},
    "S403.forbidden-token/without-permission-as-text": {
        "S403.forbidden-token",
        "T2.body.media-type",
    },
    "T2.checkpoint.mandatory/unwrapped": {"T2.checkpoint.mandatory", "T2.body.unknown-field"},
    "T2.checkpoint.mandatory/other": {"T2.checkpoint.mandatory", "T2.body.unknown-field"},
    "T2.checkpoint.mandatory/other-case": {"T2.checkpoint.mandatory", "T2.body.unknown-field"},
    "T3.parameters.mandatory/both": {"T3.parameters.mandatory", "T3.plan_id.mandatory"},
    "T3.parameters.mandatory/of-a-prototype": {
        "T3.parameters.mandatory",
        "T3.plan_id.mandatory",
        "T2.body.unknown-field",
    },
    "T3.parameters.mandatory/flattened": {"T3.parameters.mandatory", "T2.body.unknown-field"},
    "T3.plan_id.mandatory/in-camel-case": {"T3.plan_id.mandatory", "T2.body.unknown-field"},
    "T3.plan_id.mandatory/inside": {"T3.plan_id.mandatory", "T2.body.unknown-field"},
    "T3.plan_id.mandatory/outside": {"T3.plan_id.mandatory", "T2.body.unknown-field"},
    "S400.extended-json/not-a-number": {"S400.extended-json", "T2.body.unknown-field"},
    "S403.forbidden-token/without-permission-or-policy": {
        *("S403.forbidden-token", "T3.plan_id.mandatory"),
    },
    "T4.resources.empty/with-unknown-field": {"T4.resources.empty", "T2.body.unknown-field"},
    "T4.resources.null/all-as-text": {
        *("T4.resources.null", "T4.auto_trigger.null", "T2.body.media-type"),
    },
    "T3.plan_id.spelling/all-upper-twice": {
        *("T3.plan_id.spelling", "T1.provider_id.spelling"),
        *("T4.resources.spelling", "T4.resources.duplicates"),
    },
}
"""Directed probes that break several clauses, beside those whose name ends in what is unknown."""
SMOKE = planner(profile=Profile.SMOKE, max_executions=SMOKE_EXECUTIONS).directed


def name_of(value: object) -> str | None:
    return value.id if isinstance(value, Clause | Probe) else None


def broken(probe: Probe) -> set[str]:
    return {breach.clause.id for breach in expected(probe).breaches}


def named(probe: Probe) -> str:
    return probe.id.partition("/")[0]


@pytest.mark.parametrize("clause", BY_BREAKING, ids=name_of)
def test_a_clause_on_requests_is_decisive_in_a_probe_of_its_name(clause: Clause) -> None:
    deciding = [probe for probe in PLAN.probes if expected(probe).decisive == clause]
    assert any(named(probe) == clause.id for probe in deciding)


@pytest.mark.parametrize("clause", BY_EXECUTING, ids=name_of)
def test_a_shape_of_valid_requests_is_sent(clause: Clause) -> None:
    shapes = [{s.clause.id for s, _ in expected(probe).features} for probe in PLAN.valid]
    assert any(clause.id in found for found in shapes)


@pytest.mark.parametrize("clause", OF_ANSWERS, ids=name_of)
def test_a_clause_on_answers_can_be_decided_by_a_probe(clause: Clause) -> None:
    planning = planned(FIXTURES)
    assert any(clause.id in planning.decided_by(probe) for probe in PLAN.probes)


def test_only_what_nothing_provokes_is_in_no_probe() -> None:
    observed = [clause for clause in CLAUSES.values() if clause.observed]
    assert [(clause.id, clause.level) for clause in observed] == [("S500.momentary", Level.SHOULD)]


def test_no_two_probes_have_the_same_name() -> None:
    assert max(Counter(probe.id for probe in WHOLE.probes).values()) == 1


REFUSED_OR_NOT = [*PLAN.refusals, *PLAN.while_left, *PLAN.choices, *PLAN.again]


@pytest.mark.parametrize("probe", REFUSED_OR_NOT, ids=name_of)
def test_a_probe_is_named_after_the_clause_that_it_alone_breaks(probe: Probe) -> None:
    if probe.id in SEVERAL:
        assert broken(probe) == SEVERAL[probe.id]
    elif "-unknown-" in probe.id:
        unknown = "S404.unknown-" + probe.id.rpartition("-unknown-")[2]
        assert broken(probe) == {named(probe), unknown}
    else:
        assert broken(probe) == {named(probe)}


@pytest.mark.parametrize("probe", [*PLAN.valid, *PLAN.spare], ids=name_of)
def test_a_valid_probe_is_named_after_the_clause_it_keeps(probe: Probe) -> None:
    assert named(probe) == "S200.executed"
    assert broken(probe) == set()


def test_generated_probes_are_named_by_what_generated_them() -> None:
    directed = {probe.id for probe in PLAN.probes}
    rest = [probe for probe in WHOLE.probes if probe.id not in directed]
    assert rest
    for probe in rest:
        is_refused = expected(probe).duty is Duty.REFUSE
        assert probe.id.startswith(f"generated/{'negative' if is_refused else 'positive'}-")
        assert probe in (WHOLE.refusals if is_refused else WHOLE.spare)


def test_generated_probes_repeat_no_directed_one_and_none_of_their_own() -> None:
    requests = Counter(
        probe.request.digest
        for probe in WHOLE.probes
        if probe.id.startswith("generated/") or probe in PLAN.probes
    )
    last = [probe for probe in WHOLE.while_left if "/at-last" in probe.id]
    meant = {p.request.digest for p in (*WHOLE.again, *WHOLE.behind, *WHOLE.overlapping, *last)}
    assert {digest for digest, times in requests.items() if times > 1} <= meant


def test_the_first_valid_requests_hold_every_shape() -> None:
    first = (*PLAN.valid, *PLAN.overlapping)
    core = {feature for probe in first for feature in expected(probe).features}
    spare = {feature for probe in PLAN.spare for feature in expected(probe).features}
    assert spare <= core


def test_the_smoke_plan_executes_at_most_three_valid_requests() -> None:
    assert len(SMOKE.valid) == SMOKE_EXECUTIONS == 3
    assert not SMOKE.choices
    assert not SMOKE.spare
    assert all(expected(probe).duty is Duty.EXECUTE for probe in SMOKE.valid)


@pytest.mark.parametrize("max_executions", [1, 2, 3])
def test_the_smoke_plan_keeps_to_the_executions_it_is_given(max_executions: int) -> None:
    plan = planner(profile=Profile.SMOKE, max_executions=max_executions).directed
    assert len(plan.valid) == max_executions


@pytest.mark.parametrize(
    "clause", [c for c in BY_BREAKING if not c.is_open and c.level is Level.MUST], ids=name_of
)
def test_the_smoke_plan_covers_each_clause_that_forbids_something_once(clause: Clause) -> None:
    deciding = [probe for probe in SMOKE.refusals if expected(probe).decisive == clause]
    assert len(deciding) == 1


def test_the_smoke_plan_generates_nothing() -> None:
    assert not planner(profile=Profile.SMOKE).is_generating
    assert planner(profile=Profile.DEEP).is_generating


@pytest.mark.parametrize("clause", [c for c in BY_BREAKING if c.level is Level.MUST], ids=name_of)
def test_a_selection_sends_what_decides_it_and_one_valid_request(clause: Clause) -> None:
    planning = planner(only=(clause.id,))
    plan = planning.directed
    assert any(expected(probe).decisive == clause for probe in plan.probes)
    assert [probe.id for probe in plan.valid] == ["S200.executed/minimal"]
    for probe in (*plan.refusals, *plan.choices, *plan.again):
        assert clause.id in planning.decided_by(probe)


def test_a_selection_of_an_answers_clause_sends_two_valid_requests() -> None:
    plan = planner(only=("T6.status.*",)).directed
    assert [probe.id for probe in plan.valid] == [PLAN.valid[0].id, "S200.executed/minimal"]
    assert not plan.refusals


@pytest.mark.parametrize("token", Token)
def test_no_probe_needs_a_token_that_was_not_given(token: Token) -> None:
    plan = planner(replace(FIXTURES, tokens=frozenset(Token) - {token})).directed
    sent = {value for probe in plan.probes for _, value in probe.request.headers}
    assert not any(
        value.startswith((f"{{{{{token.value}}}}}", f"{{{{{token.value}:")) for value in sent
    )


@pytest.mark.parametrize(
    "fixtures",
    [
        replace(FIXTURES, project_id=None),
        replace(FIXTURES, plan_id=None),
        replace(FIXTURES, tokens=frozenset({Token.FORBIDDEN})),
    ],
    ids=["no project", "no policy", "no token"],
)
def test_what_is_needed_for_an_execution_and_not_given_leaves_only_refusals(
    fixtures: Fixtures,
) -> None:
    plan = planner(fixtures).directed
    assert plan.refusals
    assert not plan.valid
    assert not plan.spare
    assert not plan.again


@settings(max_examples=examples(40))
@given(fixtures_with(uuids))
def test_every_clause_that_forbids_something_has_a_probe_whatever_the_ids(
    fixtures: Fixtures,
) -> None:
    plan = planned(fixtures).directed
    decisive = {
        clause.id
        for probe in (*plan.refused, *plan.again)
        if (clause := expected(probe, fixtures).decisive)
    }
    assert {c.id for c in BY_BREAKING if not c.is_open} <= decisive


def test_every_probe_goes_to_the_target_alone() -> None:
    for probe in WHOLE.probes:
        assert probe.request.url.startswith(f"{FIXTURES.endpoint}/v1/")
        assert probe.request.method in ("POST", "GET")
    assert PROVIDER in WHOLE.valid[0].request.url


def test_after_an_execution_every_clause_that_forbids_something_is_asked_again() -> None:
    asked_again = (*PLAN.again, *PLAN.behind)
    decisive = {clause for probe in asked_again if (clause := expected(probe).decisive)}
    assert decisive == {clause for clause in BY_BREAKING if not clause.is_open}


def test_what_is_wrong_outside_the_body_has_the_bytes_that_were_executed() -> None:
    first = PLAN.valid[0].request
    others = [probe for probe in PLAN.again if probe.request.body == first.body]
    assert {named(probe) for probe in others} == {
        *("S401.near-miss", "S403.forbidden-token", "T1.project_id.own"),
        *("T1.project_id.mandatory", "T1.provider_id.value", "T1.provider_id.mandatory"),
    }


def test_what_goes_beside_a_valid_request_has_its_body_and_not_its_headers() -> None:
    beside = PLAN.valid[2:-1]
    alone = PLAN.again[-len(beside) :]
    assert [named(probe) for probe in alone] == ["S401.no-token", "S403.forbidden-token"]
    for refused, valid in zip(alone, beside, strict=True):
        assert refused.request.body == valid.request.body
        names = {name.lower() for name, _ in refused.request.headers} - {"x-auth-token"}
        assert names == {"user-agent", "accept", "accept-encoding", "content-type"}


def test_what_was_refused_to_another_user_is_executed_for_its_owner_later() -> None:
    sent = [*PLAN.valid[:1], *PLAN.again, *PLAN.overlapping]
    bodies = [probe.request.body for probe in sent]
    forbidden = next(probe for probe in PLAN.again if probe.id == "S403.forbidden-token/again")
    places = [place for place, body in enumerate(bodies) if body == forbidden.request.body]
    duties = [
        expected(sent[place]).duty for place in (places[0], sent.index(forbidden), places[-1])
    ]
    assert duties == [Duty.EXECUTE, Duty.REFUSE, Duty.EXECUTE]


def test_the_token_without_permission_waits_for_the_first_execution() -> None:
    """A target that refuses the good token from then on is seen to do so."""
    early, late = ({probe.id for probe in part} for part in (PLAN.refusals, PLAN.again))
    names = ("without-permission", "again", "alone")
    forbidden = {f"S403.forbidden-token/{name}" for name in names}
    assert forbidden <= late
    assert not forbidden & early


def test_the_first_valid_probes_pair_every_option_with_every_other() -> None:
    pairs = set()
    for probe in (*PLAN.valid, *PLAN.overlapping):
        parameters = json.loads(probe.request.body)["checkpoint"]["parameters"]
        pairs.add((parameters.get("auto_trigger"), "resources" in parameters))
    assert pairs == {(trigger, given) for trigger in (None, True, False) for given in (True, False)}


def test_some_of_what_is_asked_again_was_refused_before() -> None:
    before = {probe.request for probe in (*PLAN.refusals, *PLAN.late, *PLAN.in_a_row)}
    twice = {expected(probe).decisive for probe in PLAN.again if probe.request in before}
    assert {clause.id for clause in twice if clause} >= {
        "S404.unknown-policy",
        "T3.plan_id.type",
        "T3.parameters.type",
        "T4.auto_trigger.type",
        "T4.resources.items",
    }


def test_a_wrong_value_is_asked_for_before_and_behind_the_policy() -> None:
    bodies = [p.request.body for p in PLAN.refusals if named(p) == "T4.auto_trigger.type"]
    assert {body.index(b"plan_id") < body.index(b"parameters") for body in bodies} == {True, False}


def test_what_is_refused_for_an_object_alone_waits_for_the_first_execution() -> None:
    objects = {"T1.project_id.own", "T1.provider_id.value"}
    objects |= {"S404.unknown-policy", "S404.unknown-server"}

    def refusing(probe: Probe) -> set[str]:
        return {clause.id for clause in expected(probe).refusing}

    late = {name for probe in PLAN.late for name in refusing(probe)}
    assert late == objects
    assert not [probe for probe in PLAN.refusals if objects >= refusing(probe) != set()]
    without = planner(replace(FIXTURES, plan_id=None)).directed
    assert not without.late
    assert not without.behind


@pytest.mark.parametrize("clause", ["S401.bad-token", "S401.near-miss"])
def test_of_wrong_tokens_one_of_each_sort_is_sent_before_the_first_execution(clause: str) -> None:
    """A target may lock out their owner behind more of them."""
    early = [probe for probe in PLAN.refusals if clause in named(probe)]
    late = [probe for probe in PLAN.in_a_row if clause in named(probe)]
    assert len(early) == 1
    assert len(late) > 1


def test_something_is_missing_or_changed_right_behind_executions() -> None:
    missing = ["T3.parameters.mandatory", "T3.plan_id.mandatory"]
    wrong = ["S401.no-token", "S403.forbidden-token", *missing, "S401.near-miss"]
    assert [named(probe) for probe in PLAN.behind] == wrong
    assert PLAN.behind[0].request.body == PLAN.valid[0].request.body


def test_three_are_under_way_at_once_two_of_them_the_same() -> None:
    first, other, same = (probe.request for probe in PLAN.overlapping[:3])
    assert first == PLAN.valid[0].request
    assert other == same
    named = [set(expected(probe).call.named_servers) for probe in PLAN.overlapping[:2]]
    assert named[0] < named[1]


def test_what_is_asked_for_first_is_asked_for_again_behind_a_part_of_it() -> None:
    """Who cuts the policy down to what was asked for refuses what was there before."""
    fixtures = replace(FIXTURES, resources=(*FIXTURES.resources, str(UUID(int=7))))
    plan = planner(fixtures).directed
    named = [set(expected(each, fixtures).call.named_servers) for each in plan.valid]
    first, later = named[0], next(some for some in named[1:] if some)
    assert later < first < set(fixtures.resources)
    assert plan.valid[0].request in {probe.request for probe in plan.overlapping}


def test_without_options_a_request_follows_one_with_auto_trigger_alone() -> None:
    parameters = [json.loads(p.request.body)["checkpoint"]["parameters"] for p in PLAN.valid]
    assert parameters[parameters.index({"auto_trigger": True}) + 1] == {}


def test_the_servers_of_an_execution_are_asked_for_in_one_text_behind_it() -> None:
    fixtures = replace(FIXTURES, resources=(*FIXTURES.resources, str(UUID(int=7))))
    plan = planner(fixtures).directed
    executed = expected(plan.valid[0], fixtures).call.named_servers
    joined = ",".join(executed).encode()
    assert len(executed) > 1
    assert any(joined in probe.request.body for probe in plan.again)


def test_valid_requests_look_like_those_of_several_clients() -> None:
    seen: dict[str, set[str | None]] = {"User-Agent": set(), "Accept": set(), "Origin": set()}
    for probe in PLAN.valid:
        for name, values in seen.items():
            values.add(header(probe.request.headers, name))
    assert {None} < seen["User-Agent"]
    assert {None} < seen["Accept"]
    assert seen["Origin"] == {None, FIXTURES.endpoint}


def test_the_servers_asked_for_first_do_not_stand_side_by_side_nor_in_order() -> None:
    servers = [*FIXTURES.resources, "1d3a2c5e-60b4-4a8e-9c0f-7f5b0c8d9e21"]
    planning = planner(replace(FIXTURES, resources=tuple(servers)))
    named = planning.oracle.expect(planning.directed.valid[0].request).call.named_servers
    assert [servers.index(each) for each in named] == [2, 0]


def test_null_stands_for_no_list_right_behind_the_empty_one() -> None:
    several = [probe for probe in PLAN.choices if len(expected(probe).breaches) > 1]
    lists = [expected(probe).call.resources for probe in several]
    assert lists[lists.index([]) + 1] is None


def test_smoke_sends_the_first_valid_requests_of_the_whole_plan() -> None:
    smoke = planner(profile=Profile.SMOKE, max_executions=SMOKE_EXECUTIONS).directed.valid
    assert smoke == PLAN.valid[:3]
    assert json.loads(smoke[-1].request.body)["checkpoint"]["parameters"] == {}


@pytest.mark.parametrize(
    "clause", ["S401.bad-token", "S403.forbidden-token", "T1.provider_id.value"]
)
def test_who_asks_and_for_what_is_wrong_beside_each_value_of_an_option(clause: str) -> None:
    """A check may stand on one of the ways that a request takes through a program."""
    probes = [*PLAN.refused, *PLAN.while_left, *PLAN.again]
    bodies = [json.loads(p.request.body) for p in probes if named(p) == clause]
    fields = [each["checkpoint"]["parameters"] for each in bodies]
    assert {str(each.get("auto_trigger")) for each in fields} == {"None", "False", "True"}
    assert {"resources" in each for each in fields} == {False, True}
    assert {} in fields


def test_a_near_miss_of_a_uuid_is_a_uuid() -> None:
    """Who remembers a part of an id takes what is none for none."""
    named_in = [
        json.loads(p.request.body) for p in PLAN.late if "near-miss" in p.id and p.request.body
    ]
    near = {each["checkpoint"]["plan_id"] for each in named_in} - {FIXTURES.plan_id}
    assert near
    assert {str(UUID(each)) for each in near} == near
