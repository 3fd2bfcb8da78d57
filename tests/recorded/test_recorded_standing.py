"""Refusals that a token which expired, or an id that is gone, would explain: or executions do not.

A recording tells of days on which tokens expired and policies were deleted; but neither comes back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from har_files import (
    KNOWN,
    OTHER_TOKEN,
    PLAN,
    PROJECT,
    SERVER,
    URL,
    asked,
    checkpoint,
    entry,
    har,
    judged,
    policy,
    refusal,
)
from msgspec.structs import replace
from recorded_runs import CONTRACT, failed

from conformance.judge import standing
from conformance.judge.verdicts import ClauseVerdict, Status, Verdict
from conformance.recorded.judging import Wanted, judge_files
from conformance.report.model import Report

Json = dict[str, Any]

NOT_A_PLAN = asked(5)
NO_PLAN: Json = {"checkpoint": {"parameters": {}}}
OF_SERVER = asked(resources=[SERVER])
BAD = entry({"checkpoint": 5}, 400, after=1)
REFUSED = [(401, ""), (403, ""), (404, ""), (404, "CSBS.3000"), (404, "CSBS.6000")]


def clause(report: Report, clause_id: str) -> ClauseVerdict:
    return next(v for v in report.judgement.clauses if v.clause.id == clause_id)


def refused(after: float, sent: object, status: int, code: str = "", **more: Any) -> Json:
    came = refusal(code) if code else {"error_code": "X.9", "error_msg": "no"}
    return entry(sent, status, came, after=after, **more)


def executed(after: float, **more: Any) -> Json:
    return entry(OF_SERVER, after=after, **more)


def in_turn(*those: Json, **more: Any) -> list[Json]:
    """Refusals, with an execution before each and after the last."""
    between = [executed(n * 20.0, **more) for n in range(len(those) + 1)]
    return [BAD, *sorted([*between, *those], key=lambda each: str(each["startedDateTime"]))]


@pytest.mark.parametrize(("status", "code"), REFUSED)
def test_what_is_refused_now_and_then_is_accused(status: int, code: str, tmp_path: Path) -> None:
    same = [refused(at, OF_SERVER, status, code) for at in (10, 30)]
    report = judged(tmp_path, *in_turn(*same))
    assert failed(report.judgement) == {"S200.executed"}


@pytest.mark.parametrize(("status", "code"), REFUSED)
def test_a_shape_that_is_always_refused_is_accused(status: int, code: str, tmp_path: Path) -> None:
    shape = [
        refused(at, asked(auto_trigger=True, resources=[SERVER]), status, code) for at in (10, 30)
    ]
    report = judged(tmp_path, *in_turn(*shape))
    assert failed(report.judgement) == {"T4.auto_trigger.values"}


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("sent", "accused"),
    [
        (NO_PLAN, "T3.plan_id.mandatory"),
        (NOT_A_PLAN, "T3.plan_id.type"),
        ('{"checkpoint": ', "S400.not-json"),
        (asked(auto_trigger="yes"), "T4.auto_trigger.type"),
    ],
)
def test_a_good_token_does_not_excuse_the_wrong_status(
    status: int, sent: object, accused: str, tmp_path: Path
) -> None:
    length = {"content-length": str(len(sent))} if isinstance(sent, str) else {}
    wrong = [refused(at, sent, status, headers=length) for at in (10, 30, 31)]
    report = judged(tmp_path, *in_turn(*wrong))
    assert failed(report.judgement) == {accused}
    assert clause(report, accused).exchanges == len(wrong)


@pytest.mark.parametrize(("status", "code"), REFUSED)
@pytest.mark.parametrize("times", [1, 3])
def test_once_between_two_executions_is_left_open(
    times: int, status: int, code: str, tmp_path: Path
) -> None:
    """A permission may have been taken, and given again."""
    once = [refused(10 + n, OF_SERVER, status, code) for n in range(times)]
    report = judged(tmp_path, *in_turn(*once))
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    said = clause(report, "S200.executed").reason
    assert said.startswith(f"answered {status} between executions")


def test_once_leaves_a_clause_open_that_was_kept_elsewhere(tmp_path: Path) -> None:
    kept = entry(NO_PLAN, 400, after=2)
    report = judged(tmp_path, kept, *in_turn(refused(10, NO_PLAN, 401)))
    assert clause(report, "T3.plan_id.mandatory").status is Status.INCONCLUSIVE


@pytest.mark.parametrize("status", [403, 404])
def test_a_missing_token_gets_401_and_nothing_else(status: int, tmp_path: Path) -> None:
    wrong = [refused(at, OF_SERVER, status, token=None) for at in (10, 30)]
    assert failed(judged(tmp_path, *in_turn(*wrong)).judgement) == {"S401.no-token"}


def test_of_ever_more_tokens_the_latest_are_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(standing, "MOST_KEPT", 8)
    monkeypatch.setattr("conformance.recorded.har.MOST_TOKENS", 2)
    others = [executed(-60.0 + n, token=f"{n:040}") for n in range(9)]
    same = [refused(at, OF_SERVER, 401) for at in (10, 30)]
    assert failed(judged(tmp_path, *others, *in_turn(*same)).judgement) == {"S200.executed"}
    forgotten = executed(50, token=f"{0:040}")
    report = judged(tmp_path, *others, refused(20, OF_SERVER, 401, token=f"{0:040}"), forgotten)
    assert not failed(report.judgement)


NOT_SHOWN: dict[str, list[Json]] = {
    "nothing was executed after it": [
        executed(0), executed(5), refused(10, OF_SERVER, 404), refused(30, OF_SERVER, 404)
    ],
    "nothing was executed before it": [
        refused(-30, OF_SERVER, 404), refused(-10, OF_SERVER, 404), executed(0), executed(5)
    ],
    "another token": [
        *in_turn(token=OTHER_TOKEN), executed(-5), executed(50, token=OTHER_TOKEN),
        *(refused(at, asked(auto_trigger=True), 401) for at in (10, 30)),
    ],
    "an older token that had expired": [
        executed(0), *(refused(at, OF_SERVER, 401) for at in (10, 30)),
        *(executed(at, token=OTHER_TOKEN) for at in (5, 20, 40)),
    ],
    "a server that was not executed by itself": in_turn(
        *(refused(at, asked(resources=["web-2"]), 404) for at in (10, 30))
    ),
    "rights to a server that nobody showed": in_turn(
        *(refused(at, asked(resources=["web-2"]), 403) for at in (10, 30))
    ),
    "a token too short to be told from a mask": in_turn(
        *(refused(at, OF_SERVER, 401, token="T0KEN") for at in (10, 30)), token="T0KEN"
    ),
    "a token that was taken out": in_turn(
        *(refused(at, OF_SERVER, 401, token="[REDACTED]") for at in (10, 30))
    ),
    "the policy of somebody else": in_turn(
        *(refused(at, asked("weekly"), 404) for at in (10, 30))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_what_no_execution_shows_accuses_nobody(name: str, tmp_path: Path) -> None:
    entries = sorted([*NOT_SHOWN[name], BAD], key=lambda each: str(each["startedDateTime"]))
    assert not failed(judged(tmp_path, *entries).judgement)


def test_a_clock_is_of_one_file(tmp_path: Path) -> None:
    """The token expired; the other file is of a machine whose clock is late."""
    parts = [
        [executed(0), executed(20), executed(40), BAD],
        [refused(10, asked(auto_trigger=True), 401), refused(30, asked(auto_trigger=True), 401)],
    ]
    paths = [tmp_path / f"{number}.har" for number in range(len(parts))]
    for path, entries in zip(paths, parts, strict=True):
        path.write_text(har(entries), encoding="utf-8")
    assert not failed(judge_files(CONTRACT, paths, Wanted(KNOWN)).judgement)


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        ([], Verdict.INCONCLUSIVE),
        ([executed(60, token=OTHER_TOKEN)], Verdict.CONFORMS),
        ([entry(asked(), after=60, token=OTHER_TOKEN)], Verdict.CONFORMS),
    ],
    ids=["no login", "a login, and the same again", "a login, and something else"],
)
def test_a_token_that_expired_is_what_happens(
    after: list[Json], verdict: Verdict, tmp_path: Path
) -> None:
    report = judged(tmp_path, executed(0), BAD, refused(30, OF_SERVER, 401), *after)
    assert report.judgement.verdict is verdict


def test_a_policy_that_the_user_named_is_gone_at_the_end(tmp_path: Path) -> None:
    report = judged(tmp_path, executed(0), BAD, refused(30, OF_SERVER, 404))
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert "a policy or server be gone" in clause(report, "S200.executed").reason


def test_the_order_of_entries_says_nothing(tmp_path: Path) -> None:
    """What one request met each time while others were served, though a writer sorted by status."""
    sent = asked(auto_trigger=True, resources=[SERVER])
    served = [executed(n * 20.0) for n in range(20)]
    crashed = [refused(n * 20.0 + 10, sent, 500) for n in range(9, 15)]
    report = judged(tmp_path, BAD, *served, *crashed)
    assert failed(report.judgement) == {"T4.auto_trigger.values"}
    outage = [refused(190.0 + n, sent, 500) for n in range(6)]
    in_turns = [each for pair in zip(served, outage, strict=False) for each in pair]
    report = judged(tmp_path, BAD, *in_turns, *served[len(outage) :])
    assert failed(report.judgement) == {"S500.momentary"}


UNKNOWN_PLAN = asked("62171999-3df1-42f7-9513-6f9b1bea4744' OR '1'='1")


def test_whether_a_policy_exists_or_not_it_never_makes_a_server_fail(tmp_path: Path) -> None:
    """Nothing says which policies there are, but with no policy is every request answered 500."""
    crashed = [refused(n * 20.0 + 10, UNKNOWN_PLAN, 500) for n in range(9)]
    report = judged(tmp_path, *in_turn(*crashed))
    assert failed(report.judgement) == {"S500.bad-request"}
    evidence = clause(report, "S500.bad-request").evidence[0]
    assert evidence.expected.startswith("200 or 400 or 404")
    assert evidence.received == "500, 9 times"


def test_a_policy_that_is_not_known_and_fails_once_is_a_warning(tmp_path: Path) -> None:
    crashed = refused(10, UNKNOWN_PLAN, 500)
    report = judged(tmp_path, *in_turn(crashed))
    assert failed(report.judgement) == {"S500.momentary"}
    assert report.judgement.verdict is Verdict.CONFORMS


def elsewhere(**more: Any) -> Json:
    other = PROJECT[::-1]
    came = checkpoint(project_id=other, protection_plan=policy(PLAN, SERVER))
    return entry(asked(), came=came, url=URL.replace(PROJECT, other), **more)


@pytest.mark.parametrize("after", [-5, 5])
def test_a_token_that_was_good_for_two_projects_leaves_that_open(
    after: float, tmp_path: Path
) -> None:
    """The user says which project the tokens were for; that no token is for two is not said."""
    report = judged(tmp_path, *in_turn(), elsewhere(after=after))
    own = clause(report, "T1.project_id.own")
    assert own.status is Status.INCONCLUSIVE
    assert own.reason.startswith("a token of --project-id was accepted for another project")


@pytest.mark.parametrize("case", ["another token", "no project is known"])
def test_a_project_of_another_token_is_its_own(case: str, tmp_path: Path) -> None:
    known = case == "another token"
    fixtures = KNOWN if known else replace(KNOWN, project_id=None)
    other = elsewhere(after=5, token=OTHER_TOKEN) if known else elsewhere(after=5)
    report = judged(tmp_path, *in_turn(), other, fixtures=fixtures)
    assert clause(report, "T1.project_id.own").status is Status.NOT_EXERCISED
