"""What stands in a recording for something else, a mask or a variable, is not what was sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from har_files import (
    KNOWN,
    PLAN,
    PROJECT,
    SERVER,
    URL,
    asked,
    changed,
    checkpoint,
    entry,
    judged,
    pairs,
    policy,
)
from msgspec.structs import replace
from recorded_runs import CONTRACT, failed

from conformance.judge.verdicts import Verdict

Json = dict[str, Any]
REFUSED = entry(asked(5), 400, after=9)
NIL = "00000000-0000-0000-0000-000000000000"
ONE_DIGIT = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
VARIABLES = (
    *("{project-id}", "{ project id }", ":project-id", "<project-id>", "<your project id>"),
    *("<uuid:project_id>", "[project_id]", "$project_id", "%PROJECT%", "%(project)s", "#{project}"),
    *(
        "{{ _['project-id'] }}",
        "{{ _.id | upper }}",
        "{{项目}}",
        "${__P(project)}",
        "${[ project ]}",
    ),
    *("${#Project#id}", "<<project-id>>", "@{project}"),
)
MASKS = (
    *(
        "XXXX",
        "xxxx-xxxx",
        "*",
        "**",
        "?",
        "...",
        "--",
        "b942...53cf",
        "b942…",
        "b942cc83...",
        "__id__",
    ),
    *("[STRIPPED]", "<string>", "[deleted]", "{PII}", NIL, "0" * 32, "f" * 32, ONE_DIGIT),
)
WRONG_IDS = (
    *(
        "not-a-uuid",
        "nightly",
        "62171999-3df1-42f7-9513-6f9b1bea4745",
        "x",
        "p-1",
        "a.b",
        "my project",
    ),
    *("62171999", "web..2", "00000000-0000-4000-8000-000000000000", "{}", "PROTECTING", "hidden"),
)


def in_place_of(part: str, what: str) -> str:
    return URL.replace(part, quote(what, safe=":@$*"))


@pytest.mark.parametrize("what", [*VARIABLES, *MASKS, "PROJECT_ID", "REMOVED"])
@pytest.mark.parametrize("part", [PROJECT, CONTRACT.provider_id])
def test_an_exchange_whose_url_hides_an_id_is_left_out(
    part: str, what: str, tmp_path: Path
) -> None:
    report = judged(tmp_path, entry(), entry(url=in_place_of(part, what), after=5), REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.judgement.skipped == 1


@pytest.mark.parametrize("what", WRONG_IDS)
def test_another_id_in_a_url_is_one(what: str, tmp_path: Path) -> None:
    if what.isupper():
        return
    other = entry(url=in_place_of(PROJECT, what), after=5)
    unknown = replace(KNOWN, project_id=None)
    report = judged(tmp_path, entry(), other, REFUSED, fixtures=unknown)
    assert failed(report.judgement) == {"T6.project_id.echo"}


def sized(each: Json) -> Json:
    """An entry whose headers say how long both bodies are."""
    for holder, body in (("request", "postData"), ("response", "content")):
        length = pairs({"content-length": str(len(each[holder][body]["text"].encode()))})
        each = changed(each, f"{holder}.headers", [*each[holder]["headers"], *length])
    return each


@pytest.mark.parametrize("what", [*VARIABLES, *MASKS])
def test_a_request_with_a_hidden_id_and_no_length_is_unknown(what: str, tmp_path: Path) -> None:
    for sent in (asked(what), asked(resources=[SERVER, what])):
        report = judged(tmp_path, entry(), entry(sent, after=5), REFUSED)
        assert not failed(report.judgement)
        assert report.warnings[0].startswith("1 request with a body that may not be")


@pytest.mark.parametrize("what", WRONG_IDS)
def test_another_id_in_a_request_is_one(what: str, tmp_path: Path) -> None:
    report = judged(tmp_path, entry(), entry(asked(what), after=5), REFUSED)
    assert failed(report.judgement) == {"T7.id.echo"}


def test_a_template_that_was_sent_as_it_is_was_sent(tmp_path: Path) -> None:
    """A client that forgot to fill it in: the length says so."""
    report = judged(tmp_path, entry(), sized(entry(asked("{plan_id}"), after=5)), REFUSED)
    assert failed(report.judgement) == {"T7.id.echo"}


HIDDEN_IN_AN_ANSWER = ("[STRIPPED]", "<string>", "__scrubbed__", "XXXXX", ONE_DIGIT)


def test_an_id_that_a_program_forgot_to_make_is_no_mask(tmp_path: Path) -> None:
    entries = [sized(entry(came=checkpoint(id=NIL), after=n)) for n in (0, 5)]
    assert failed(judged(tmp_path, *entries, REFUSED).judgement) == {"T6.id.unique"}


@pytest.mark.parametrize("what", HIDDEN_IN_AN_ANSWER)
def test_an_answer_with_a_hidden_value_is_unknown(what: str, tmp_path: Path) -> None:
    changes: list[Json] = [
        {"status": what},
        {"id": what},
        {"project_id": what},
        {"protection_plan": policy(PLAN, what)},
        {"protection_plan": policy(what, SERVER)},
    ]
    for change in changes:
        sent = asked(resources=[SERVER])
        hidden = [entry(sent, came=checkpoint(**change), after=n) for n in (5, 25)]
        for entries in (hidden, map(sized, hidden)):
            report = judged(tmp_path, entry(sent), *entries, REFUSED)
            assert not failed(report.judgement)
            assert report.warnings[0].startswith("2 responses with a body that may not be")


@pytest.mark.parametrize("status", ["[]", "PROTECTING", "www", "x", "in progress", "(none)", "--"])
def test_an_ordinary_value_of_an_answer_is_known(status: str, tmp_path: Path) -> None:
    wrong = sized(entry(came=checkpoint(status=status), after=5))
    report = judged(tmp_path, entry(), wrong, REFUSED)
    assert failed(report.judgement) == {"T6.status.values"}


def test_a_value_beside_another_mask_may_be_one(tmp_path: Path) -> None:
    for status in ("--", "…", ":status"):
        came = checkpoint(status=status, extra_info="[REDACTED]")
        report = judged(tmp_path, entry(), entry(came=came, after=5), REFUSED)
        assert not failed(report.judgement)


def test_what_the_user_calls_an_id_is_no_mask(tmp_path: Path) -> None:
    known = replace(KNOWN, project_id="f" * 32, plan_id=NIL, resources=(ONE_DIGIT,))
    plan = policy(NIL, ONE_DIGIT)
    came = [
        checkpoint(project_id="f" * 32, protection_plan=plan, status=s) for s in ("protecting", "X")
    ]
    sent, url = asked(NIL, resources=[ONE_DIGIT]), URL.replace(PROJECT, "f" * 32)
    entries = [entry(sent, came=each, url=url, after=n) for n, each in enumerate(came)]
    report = judged(tmp_path, *entries, {**entry(asked(5), 400, url=url, after=9)}, fixtures=known)
    assert failed(report.judgement) == {"T6.status.values"}
    assert not report.warnings


def test_what_this_suite_recorded_hides_nothing(tmp_path: Path) -> None:
    sent = json.dumps(asked(NIL))
    each = entry(sent, url=in_place_of(PROJECT, "{project_id}"), after=5)
    report = judged(tmp_path, entry(), each, creator="csbs-conformance")
    assert not report.judgement.skipped


def test_what_fills_a_large_body_is_no_mask(tmp_path: Path) -> None:
    large = entry({**asked(), "fill": "a" * 6000}, 413, after=5)
    report = judged(tmp_path, entry(), large, REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert not report.warnings
