"""Which endpoint a recording is about, where nobody says it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from har_files import HOST, KNOWN, URL, asked, changed, checkpoint, entry, judged
from msgspec.structs import replace
from recorded_runs import failed

from conformance.judge.verdicts import Verdict

Json = dict[str, Any]
ELSEWHERE = URL.replace("csbs.", "cbss.")
WRONG = checkpoint(status="PROTECTING")
BAD = entry(asked(5), 400, after=9)


def unanswered(error: str, url: str = ELSEWHERE) -> Json:
    return changed(entry(status=0, url=url), "response._error", error)


NO_ANSWERS: dict[str, Json] = {
    "a name that is not found": unanswered("net::ERR_NAME_NOT_RESOLVED"),
    "blocked": unanswered("net::ERR_BLOCKED_BY_CLIENT"),
    "aborted": unanswered("net::ERR_ABORTED"),
    "a status of 0 alone": entry(status=0, url=ELSEWHERE),
    "a refused connection": unanswered("net::ERR_CONNECTION_REFUSED"),
    "without a time": entry(
        url=ELSEWHERE, answer_headers={"Date": "yesterday"}, startedDateTime="yesterday"
    ),
}


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_brought_no_answer_does_not_choose_the_endpoint(name: str, tmp_path: Path) -> None:
    report = judged(tmp_path, NO_ANSWERS[name], entry(came=WRONG, after=5), BAD)
    assert failed(report.judgement) == {"T6.status.values"}
    assert report.header.fixtures.endpoint == HOST
    assert report.judgement.skipped == 1


def test_where_nothing_was_answered_the_first_that_failed_chooses(tmp_path: Path) -> None:
    report = judged(tmp_path, unanswered("net::ERR_CONNECTION_REFUSED"))
    assert report.judgement.verdict is Verdict.INCONCLUSIVE
    assert report.header.fixtures.endpoint == HOST.replace("csbs.", "cbss.")


def test_trouble_before_the_first_answer_is_kept(tmp_path: Path) -> None:
    report = judged(tmp_path, unanswered("net::ERR_CONNECTION_RESET", URL), entry(after=5), BAD)
    assert report.judged == 3
    assert not report.warnings


PLAIN = URL.replace("https:", "http:")
TO_HTTPS: dict[str, Json] = {
    **{
        f"{status} to the same URI": entry(
            status=status, came="", url=PLAIN, answer_headers={"Location": URL}
        )
        for status in (301, 302, 307, 308)
    },
    "with another port": entry(
        status=301,
        came="",
        url=PLAIN.replace(".com/", ".com:80/"),
        answer_headers={"location": URL.replace(".com/", ".com:443/")},
    ),
    "no header is known": changed(entry(status=301, came="", url=PLAIN), "response.headers", []),
    "426": entry(status=426, came="", url=PLAIN, answer_headers={"Upgrade": "TLS/1.2"}),
}


@pytest.mark.parametrize("name", TO_HTTPS)
def test_who_sends_a_client_to_https_is_not_the_target(name: str, tmp_path: Path) -> None:
    for entries in ([TO_HTTPS[name], entry(after=5), BAD], [entry(after=-5), TO_HTTPS[name], BAD]):
        report = judged(tmp_path, *entries)
        assert report.judgement.verdict is Verdict.CONFORMS
        assert report.header.fixtures.endpoint == HOST
        assert report.warnings == ("skipped 1 exchange answered by a proxy on the way",)


LOCAL = PLAIN.replace("csbs.example.com", "127.0.0.1")
OWN_REDIRECTS: dict[str, Json] = {
    "over https": entry(status=301, answer_headers={"Location": URL}, after=5),
    "elsewhere": entry(
        status=302, url=PLAIN, answer_headers={"Location": f"{HOST}/login"}, after=5
    ),
    "to another host": entry(
        status=302, url=PLAIN, answer_headers={"Location": ELSEWHERE}, after=5
    ),
    "over http": entry(status=308, url=PLAIN, answer_headers={"Location": PLAIN}, after=5),
    "without a location": entry(status=308, url=PLAIN, after=5),
    "another status": entry(status=409, url=PLAIN, answer_headers={"Location": URL}, after=5),
    "426 over https": entry(status=426, after=5),
}


@pytest.mark.parametrize("name", OWN_REDIRECTS)
def test_what_is_redirected_otherwise_is_judged(name: str, tmp_path: Path) -> None:
    report = judged(tmp_path, entry(), OWN_REDIRECTS[name], BAD)
    assert "S.listed" in failed(report.judgement)


def test_on_a_loopback_address_nobody_stands_before_the_target(tmp_path: Path) -> None:
    there = {"Location": LOCAL.replace("http:", "https:")}
    moved = entry(status=301, url=LOCAL, answer_headers=there, after=5)
    report = judged(tmp_path, entry(url=LOCAL), moved, {**BAD, **entry(asked(5), 400, url=LOCAL)})
    assert "S.listed" in failed(report.judgement)


def test_http_and_https_of_one_host_are_one_endpoint(tmp_path: Path) -> None:
    report = judged(tmp_path, entry(url=PLAIN), entry(came=WRONG, after=5), BAD)
    assert failed(report.judgement) == {"T6.status.values", "URI.https"}
    known = replace(KNOWN, endpoint=HOST)
    report = judged(tmp_path, entry(url=PLAIN, came=WRONG), BAD, fixtures=known)
    assert failed(report.judgement) == {"T6.status.values", "URI.https"}


def test_with_a_port_http_and_https_are_two_endpoints(tmp_path: Path) -> None:
    plain = entry(url=PLAIN.replace(".com/", ".com:8080/"), came=WRONG)
    report = judged(tmp_path, entry(after=-5), plain, BAD)
    assert report.warnings == ("skipped 1 exchange of another endpoint",)
