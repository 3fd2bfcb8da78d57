"""What is read of HAR files, in the dialects of those who write them, and what is left out."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from har_files import (
    COOKIE,
    HOST,
    KNOWN,
    OTHER_TOKEN,
    PLAN,
    PROJECT,
    SERVER,
    TOKEN,
    URL,
    asked,
    changed,
    checkpoint,
    entry,
    har,
    judged,
    pairs,
    policy,
    refusal,
    without_plan,
)
from msgspec.structs import replace
from recorded_runs import CONTRACT, failed

from conformance.errors import UsageError
from conformance.judge.verdicts import ClauseVerdict, Status, Verdict
from conformance.model import Fixtures
from conformance.recorded.addresses import endpoint_of
from conformance.recorded.judging import Wanted, judge_files
from conformance.report.model import Report

BAD = entry(asked(5), 400, after=9)
"""A request without a policy, refused as it must be."""
WRONG = checkpoint(status="PROTECTING")


def clause(report: Report, clause_id: str) -> ClauseVerdict:
    return next(v for v in report.judgement.clauses if v.clause.id == clause_id)


def test_a_recording_can_conform(tmp_path: Path) -> None:
    report = judged(tmp_path, entry(), entry(asked(resources=[PLAN[:8]]), 404, after=5), BAD)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.exit_code == 0
    assert report.judged == 3
    assert report.header.fixtures.endpoint == HOST
    assert not report.judgement.executions  # they are not ours to delete


def test_a_recording_can_violate(tmp_path: Path) -> None:
    report = judged(tmp_path, entry(came=WRONG), BAD)
    assert failed(report.judgement) == {"T6.status.values"}
    assert report.exit_code == 1
    assert [exchange.id for exchange in report.exchanges] == [
        clause(report, "T6.status.values").evidence[0].exchange.id
    ]
    assert report.unlisted == 1


def test_without_fixtures_the_answers_are_judged_all_the_same(tmp_path: Path) -> None:
    report = judged(tmp_path, entry(came=WRONG), BAD, fixtures=without_plan())
    assert failed(report.judgement) == {"T6.status.values"}
    assert clause(report, "S404.unknown-policy").unlock == "--plan-id"


@pytest.mark.parametrize(
    ("clause_id", "untold"),
    [
        ("S401.bad-token", "which tokens were never issued"),
        ("S403.forbidden-token", "which tokens lack the permission"),
        ("S404.unknown-policy", "which other policies exist"),
        ("S404.unknown-server", "which other servers exist"),
        ("T1.project_id.own", "which projects a token is for"),
    ],
)
def test_what_a_recording_does_not_tell_is_said(
    clause_id: str, untold: str, tmp_path: Path
) -> None:
    verdict = clause(judged(tmp_path, entry(), BAD), clause_id)
    assert verdict.status is Status.NOT_EXERCISED
    assert verdict.reason == f"a recording does not tell {untold}"
    assert not verdict.unlock


UNDATED = {"date": "yesterday"}
OTHERS = [
    ("of other operations", entry(url=f"{HOST}/v1/{PROJECT}/policies", method="GET")),
    ("of other operations", entry(url=f"{URL}/{PLAN}", method="GET")),
    ("of other operations", entry(url="wss://csbs.example.com/events", method="GET")),
    ("of other operations", entry(url="http://[/v1/p/providers/x/checkpoints")),
    ("of other operations", {"request": None}),
    ("of other operations", 5),
    ("that ask what a browser may send (OPTIONS)", entry(method="OPTIONS")),
    ("with another method", entry(method="DELETE")),
    ("of another endpoint", entry(url=URL.replace("csbs.", "staging."))),
    ("without a time", entry(answer_headers=UNDATED, startedDateTime="yesterday")),
    ("without a time", entry(answer_headers=UNDATED, startedDateTime="2026-03-01T12:00:00")),
    ("answered by the browser itself", entry(_fetchedViaServiceWorker=True)),
    ("answered by the browser itself", entry(_fromCache="disk")),
    (
        "answered by the browser itself",
        entry(status=307, answer_headers={"Non-Authoritative-Reason": "HSTS"}),
    ),
    (
        "answered by a proxy on the way",
        entry(status=407, answer_headers={"Proxy-Authenticate": "Basic realm=office"}),
    ),
    ("without a time", entry(answer_headers=UNDATED, startedDateTime=5)),
    (
        "with a URL from which something was taken out",
        entry(url=URL.replace(PROJECT, "%5BREDACTED%5D")),
    ),
    ("with a URL from which something was taken out", entry(url=URL.replace(PROJECT, "****"))),
    (
        "with a URL that names a parameter instead of its value",
        entry(url=URL.replace(PROJECT, "{project_id}")),
    ),
    (
        "with a URL that names a parameter instead of its value",
        entry(url=URL.replace(PROJECT, "%7B%7B%20_.project%20%7D%7D")),
    ),
    ("with a status that is none", changed(entry(), "response.status", "OK")),
    ("with a status that is none", changed(entry(), "response.status", 200.5)),
    ("with a status that is none", changed(entry(), "response.status", True)),
    ("without an answer, for no reason of the target's", changed(entry(), "response.status", -1)),
    ("without an answer, for no reason of the target's", changed(entry(), "response.status", -999)),
    ("without an answer, for no reason of the target's", changed(entry(), "response.status", 0)),
    ("without an answer, for no reason of the target's", changed(entry(), "response.status", 100)),
    ("without an answer, for no reason of the target's", changed(entry(), "response.status", 103)),
    (
        "without an answer, for no reason of the target's",
        changed(entry(status=499, came=""), "response.headers", []),
    ),
    (
        "without an answer, for no reason of the target's",
        changed(entry(status=460, came=""), "response.headers", []),
    ),
    ("without an answer, for no reason of the target's", changed(entry(), "response", None)),
    ("without an answer, for no reason of the target's", changed(entry(), "response", ...)),
    (
        "without an answer, for no reason of the target's",
        changed(entry(status=0), "response._error", "net::ERR_BLOCKED_BY_CLIENT"),
    ),
    ("that stand in the recording twice", entry()),
]


@pytest.mark.parametrize(("why", "other"), OTHERS, ids=[f"{n}" for n in range(len(OTHERS))])
def test_what_is_none_of_the_operations_exchanges_is_skipped_and_counted(
    why: str, other: Any, tmp_path: Path
) -> None:
    first = entry(came=checkpoint(1))
    if why.endswith("twice"):
        other = first
    report = judged(tmp_path, first, other, BAD)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.judgement.skipped == 1
    assert report.judged == 2
    assert report.warnings == (f"skipped 1 exchange {why}",)


def test_files_that_overlap_are_one_recording(tmp_path: Path) -> None:
    shared = [entry(came=checkpoint(7), after=1), entry(asked(5), 400, after=2)]
    paths = [tmp_path / "one.har", tmp_path / "two.har"]
    paths[0].write_text(har([entry(), *shared]), encoding="utf-8")
    paths[1].write_text(har([*shared, entry(after=3)]), encoding="utf-8")
    report = judge_files(CONTRACT, paths, Wanted(KNOWN))
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.judged == 4
    assert report.judgement.skipped == 2


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T13:00:00.000+01:00",
        "2026-03-01T07:00:00.0000000-0500",
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00.123456+00:00",
    ],
)
def test_a_time_has_any_zone(written: str, tmp_path: Path) -> None:
    report = judged(tmp_path, entry(startedDateTime=written), BAD)
    assert report.judgement.verdict is Verdict.CONFORMS


def test_without_a_zone_the_clock_of_the_answer_has_to_do(tmp_path: Path) -> None:
    date = {"Date": "Sun, 01 Mar 2026 12:00:00 GMT"}
    report = judged(
        tmp_path, entry(startedDateTime="2026-03-01T20:00:00", answer_headers=date), BAD
    )
    assert report.judgement.verdict is Verdict.CONFORMS


FIREFOX = changed(
    changed(entry(), "request.httpVersion", "HTTP/2"), "response.content.comment", ...
)
MINIMAL = {
    "startedDateTime": "2026-03-01T12:00:00Z",
    "request": {
        "method": "post",
        "url": URL,
        "headers": pairs({"Content-Type": "application/json", "X-Auth-Token": TOKEN}),
        "postData": {"text": json.dumps(asked())},
    },
    "response": {
        "status": 200,
        "headers": pairs({"Content-Type": "application/json"}),
        "content": {"text": json.dumps(checkpoint())},
    },
}
CODED = base64.b64encode(json.dumps(checkpoint()).encode()).decode()
DIALECTS = {
    "Chrome": entry(),
    "Firefox": FIREFOX,
    "mitmproxy": changed(entry(comment=""), "response.content.size", 120),
    "Charles": changed(
        changed(entry(), "response.content", {"encoding": "base64", "text": CODED}), "time", -1
    ),
    "the fewest fields": MINIMAL,
    "numbers with a fraction": changed(entry(), "response.content.size", 3.0),
    "a null for a time": entry(time=None),
    "a login in the URL": entry(url=URL.replace("https://", "https://me:secret@")),
    "a query": entry(url=f"{URL}?trace=1"),
    "capitals in the host": entry(url=URL.replace("csbs.example", "CSBS.Example")),
    "the usual port": entry(url=URL.replace(".com", ".com:443")),
    "a port": entry(url=URL.replace(".com", ".com:8443")),
    "another base path": entry(url=URL.replace("/v1/", "/csbs/v1/")),
}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://[2001:db8::7]", "https://[2001:DB8:0:0:0:0:0:7]:443"),
        ("https://[2001:db8::7]:8443/csbs", "https://[2001:0db8::0007]:8443/csbs"),
        ("http://[::1]:80", "http://[0::1]"),
        ("https://[not-an-address]", "https://[NOT-an-address]:443"),
    ],
)
def test_an_address_is_one_endpoint_however_it_is_written(one: str, other: str) -> None:
    assert endpoint_of(one) == endpoint_of(other)


@pytest.mark.parametrize("other", ["https://[::1]:8443", "https://[::2]", "https://[::1]/V1"])
def test_another_address_is_another_endpoint(other: str) -> None:
    assert endpoint_of("https://[::1]") != endpoint_of(other)


@pytest.mark.parametrize("name", DIALECTS)
def test_tools_write_the_same_exchange_in_their_own_way(name: str, tmp_path: Path) -> None:
    each = DIALECTS[name]
    bad = entry(asked(5), 400, url=each["request"]["url"], after=9)
    report = judged(tmp_path, each, bad)
    assert not report.warnings
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.judged == 2


@pytest.mark.parametrize(
    "answer",
    [
        changed(entry(), "response.content.text", ...),
        changed(entry(), "response.content", ...),
        changed(entry(), "response.content.text", ""),
        changed(entry(came='{"checkpoint": '), "response.content.size", 700),
        changed(entry(came='{"checkpoint": '), "response.content.comment", "cut"),
    ],
    ids=["no text", "no content", "an empty text", "cut", "a comment"],
)
def test_a_body_that_was_not_recorded_is_not_taken_for_empty(answer: Any, tmp_path: Path) -> None:
    report = judged(tmp_path, answer, BAD)
    assert not failed(report.judgement)
    assert clause(report, "S200.executed").status is Status.PASSED
    assert clause(report, "T5.body.json").exchanges == 0


def test_an_empty_body_is_one(tmp_path: Path) -> None:
    empty = entry(came="", answer_headers={"Content-Length": "0"})
    assert "T5.body.json" in failed(judged(tmp_path, empty, BAD).judgement)


def test_a_refusal_without_its_body_may_have_been_busy(tmp_path: Path) -> None:
    refused = [
        changed(entry(status=500, after=n * 5), "response.content", {"size": 70}) for n in range(4)
    ]
    report = judged(tmp_path, entry(asked(auto_trigger=True)), *refused, BAD)
    assert not failed(report.judgement)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("net::ERR_CONNECTION_REFUSED", "connection was refused"),
        ("net::ERR_TIMED_OUT", "no response in time"),
        ("NS_ERROR_NET_RESET", "the connection was closed"),
        ("net::ERR_SSL_PROTOCOL_ERROR", "no TLS session"),
    ],
)
def test_a_network_error_is_a_transport_failure(error: str, kind: str, tmp_path: Path) -> None:
    failing = changed(entry(status=0), "response._error", error)
    verdict = clause(judged(tmp_path, failing, BAD), "S503.momentary")
    assert verdict.status is Status.INCONCLUSIVE
    assert kind in verdict.reason


@pytest.mark.parametrize(
    "error",
    [
        *("NS_ERROR_PROXY_CONNECTION_REFUSED", "net::ERR_PROXY_CONNECTION_FAILED"),
        *("net::ERR_TUNNEL_CONNECTION_FAILED", "net::ERR_CERT_AUTHORITY_INVALID"),
        *("net::ERR_CERT_DATE_INVALID", "SEC_ERROR_UNKNOWN_ISSUER", "SSL_ERROR_BAD_CERT_DOMAIN"),
        *("net::ERR_SSL_CLIENT_AUTH_CERT_NEEDED", "MOZILLA_PKIX_ERROR_MITM_DETECTED"),
    ],
)
def test_what_fails_at_the_client_or_its_proxy_says_nothing(error: str, tmp_path: Path) -> None:
    failing = [changed(entry(status=0, after=n), "response._error", error) for n in (1, 2, 3)]
    report = judged(tmp_path, entry(), *failing, BAD)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.judgement.skipped == 3


CHANGED_SINCE = {
    "the token expired": [entry(status=401, after=n) for n in (20, 30, 40)],
    "and another one worked": [
        *(entry(status=401, after=n) for n in (20, 30, 40)),
        *(entry(token=OTHER_TOKEN, after=n) for n in (50, 60)),
    ],
    "the permission was taken away": [entry(status=403, after=n) for n in (20, 30, 40)],
    "the policy was deleted": [entry(status=404, after=n) for n in (20, 30, 40)],
    "the policy was deleted, by its code": [
        entry(status=400, came=refusal("CSBS.3000"), after=n) for n in (20, 30, 40)
    ],
    "other policies exist": [
        entry(asked("weekly"), came=checkpoint(protection_plan=policy("weekly", "x")), after=20)
    ],
    "other servers exist": [
        entry(
            asked(resources=["web-2"]),
            came=checkpoint(protection_plan=policy(PLAN, "web-2")),
            after=20,
        )
    ],
    "other projects exist": [entry(url=URL.replace(PROJECT, PROJECT[::-1]), status=200, after=20,
                                   came=checkpoint(project_id=PROJECT[::-1]))],
    "a wrong type, with a token that expired": [entry(asked(5), 401, after=20)],
    "a busy policy": [entry(status=400, came=refusal("CSBS.1001"), after=n) for n in (20, 30, 40)],
    "a sanitised recording": [entry(token=None, after=-3)],
    "a sanitised recording with cookies": [
        entry(token=None, headers={"Cookie": f"s={COOKIE}"}, after=20)
    ],
    "signed instead of with a token": [
        entry(token=None, headers={"Authorization": "SDK-HMAC-SHA256 Access=x"}, after=20)
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED_SINCE)
def test_what_the_user_cannot_know_of_a_day_accuses_nobody(name: str, tmp_path: Path) -> None:
    entries = sorted([entry(), BAD, *CHANGED_SINCE[name]], key=lambda e: str(e["startedDateTime"]))
    assert not failed(judged(tmp_path, *entries).judgement)


def test_a_missing_token_is_missing_where_the_recording_shows_tokens(tmp_path: Path) -> None:
    report = judged(tmp_path, entry(), entry(token=None, after=5), BAD)
    assert failed(report.judgement) == {"S401.no-token"}


def test_a_recording_without_the_operation_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"skipped 2 exchanges of other operations"):
        judged(tmp_path, 1, 2)
    with pytest.raises(UsageError, match="there is no exchange at all"):
        judged(tmp_path)


def test_the_endpoint_chooses_among_several(tmp_path: Path) -> None:
    staging = entry(url=URL.replace("csbs.", "staging."), came=WRONG)
    known = replace(KNOWN, endpoint=HOST)
    assert not failed(judged(tmp_path, staging, entry(), BAD, fixtures=known).judgement)


def test_what_the_browser_answered_itself_does_not_choose_the_endpoint(tmp_path: Path) -> None:
    """Chrome goes from http to https by itself where a host has asked for it (HSTS)."""
    inside = entry(
        status=307,
        url=URL.replace("https:", "http:"),
        answer_headers={"Non-Authoritative-Reason": "HSTS"},
    )
    report = judged(tmp_path, inside, entry(after=1), BAD)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.header.fixtures.endpoint == HOST


def test_who_asks_for_a_login_to_a_proxy_is_one(tmp_path: Path) -> None:
    """RFC 9110, 15.5.8: 407 is about the proxy, whatever of its headers was recorded."""
    report = judged(tmp_path, entry(), BAD, entry(status=407, after=20))
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.warnings == ("skipped 1 exchange answered by a proxy on the way",)


@pytest.mark.parametrize("status", [460, 499])
def test_a_client_that_hung_up_got_no_answer(status: int, tmp_path: Path) -> None:
    """A log may tell a type or a server, but neither a body nor a date."""
    bare = changed(entry(status=status, came="", after=20), "response.content.size", 0)
    told = changed(bare, "response.headers", [{"name": "Content-Type", "value": "text/html"}])
    report = judged(tmp_path, entry(), BAD, told)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.warnings[0].startswith("skipped 1 exchange without an answer, for no reason")
    for answered in (bare, entry(status=status, after=20)):
        assert "S.listed" in failed(judged(tmp_path, entry(), BAD, answered).judgement)


def test_trouble_that_the_first_request_met_may_be_overcome(tmp_path: Path) -> None:
    """Its token is not known to be good yet."""
    report = judged(tmp_path, entry(status=429), entry(after=5), BAD)
    assert report.judgement.verdict is Verdict.CONFORMS
    report = judged(tmp_path, entry(asked(auto_trigger=True), 429), entry(after=5), BAD)
    assert clause(report, "S503.momentary").status is Status.INCONCLUSIVE


def test_no_day_explains_that_a_missing_token_has_too_few_rights(tmp_path: Path) -> None:
    refused = entry(status=403, token=None, after=5)
    assert failed(judged(tmp_path, entry(), refused, BAD).judgement) == {"S401.no-token"}


def test_letters_may_be_percent_encoded(tmp_path: Path) -> None:
    """RFC 3986, 6.2.2.2: an octet that needs no encoding means the same with it."""
    url = URL.replace("v1/", "%76%31/").replace("5750-", "5750%2d")
    assert judged(tmp_path, entry(url=url), BAD).judgement.verdict is Verdict.CONFORMS


@pytest.mark.parametrize(
    ("option", "fixtures"),
    [
        ("--project-id", replace(KNOWN, project_id=PROJECT.upper())),
        ("--plan-id", replace(KNOWN, plan_id=PLAN.upper())),
        ("--resource", replace(KNOWN, resources=(SERVER.upper(),))),
    ],
)
def test_an_option_in_another_spelling_than_the_recording_is_named(
    option: str, fixtures: Fixtures, tmp_path: Path
) -> None:
    sent = asked(resources=[SERVER])
    report = judged(tmp_path, entry(sent), entry([], 400, after=3), fixtures=fixtures)
    assert report.exit_code == 3
    assert f"the UUIDs of {option} in another spelling" in report.judgement.reason
