"""An exchange that stands in a recording twice is one; where that is not sure, it is left open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from har_files import KNOWN, asked, changed, checkpoint, entry, har, judged
from recorded_runs import CONTRACT, failed

from conformance.judge.verdicts import ClauseVerdict, Status, Verdict
from conformance.recorded.judging import Wanted, judge_files
from conformance.report.model import Report

REFUSED = entry(asked(5), 400, after=90)
CAME = checkpoint(7)
TWICE = "skipped 1 exchange that stand in the recording twice"


def unique(report: Report) -> ClauseVerdict:
    return next(v for v in report.judgement.clauses if v.clause.id == "T6.id.unique")


def dated(second: int) -> dict[str, str]:
    return {"Date": f"Sun, 01 Mar 2026 12:00:{second:02} GMT"}


def undated(view: dict[str, Any]) -> dict[str, Any]:
    """A view of a response that does not say when it was made."""
    headers = view["response"]["headers"]
    kept = [each for each in headers if each["name"].lower() != "date"]
    return changed(view, "response.headers", kept)


def seen(after: float, took: object, **more: Any) -> dict[str, Any]:
    """A view of one execution."""
    more = {"came": CAME, "answer_headers": dated(0), **more}
    return entry(after=after, time=took, **more)


@pytest.mark.parametrize(
    "views",
    [
        [seen(0, 12), seen(0.004, 8)],
        [seen(0.004, 8), seen(0, 12)],
        [seen(0, 12.9), seen(0.001, 13)],
        [seen(0, 12, answer_headers=dated(0)), seen(0.004, 8)],
        [seen(0, 12), seen(0, 12, token=None)],
    ],
    ids=["a service worker", "the inner one first", "rounded", "one with less headers", "at once"],
)
def test_the_same_bytes_one_inside_the_other_are_one_exchange(
    views: list[Any], tmp_path: Path
) -> None:
    report = judged(tmp_path, *views, REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.judged == 2
    assert report.warnings == (TWICE,)


def test_of_two_views_the_one_with_the_token_is_judged(tmp_path: Path) -> None:
    """A service worker adds the token; the page does not see it."""
    earlier = entry(after=-9)
    for views in ([seen(0, 12, token=None), seen(0.004, 8)], [seen(0, 12), seen(0.1, 8)]):
        report = judged(tmp_path, earlier, *views, REFUSED)
        assert "S401.no-token" not in failed(report.judgement)


@pytest.mark.parametrize(
    "inner",
    [
        changed(seen(0.004, 8), "request.postData", {"comment": "left out"}),
        changed(seen(0.004, 8), "response.content", {"size": 0, "text": ""}),
    ],
    ids=["what was asked", "what came"],
)
def test_two_views_of_which_one_lacks_a_body_are_one_exchange(inner: Any, tmp_path: Path) -> None:
    """Playwright does not keep what a service worker received."""
    report = judged(tmp_path, entry(after=-9), seen(0, 12, token=None), inner, REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.judged == 3


def test_two_views_that_have_no_body_in_common_are_two_exchanges(tmp_path: Path) -> None:
    bare = [changed(seen(after, 12), "response.content", ...) for after in (0, 0.004)]
    bare = [changed(each, "request.postData", {}) for each in bare]
    assert judged(tmp_path, entry(after=-9), *bare, REFUSED).judged == 4


def test_headers_without_a_host_are_not_those_that_were_sent(tmp_path: Path) -> None:
    """Where others of the recording have one: a page does not see what is sent for it."""
    whole = changed(entry(), "request.headers", [
        {"name": ":authority", "value": "csbs.example.com"}, *entry()["request"]["headers"]
    ])  # fmt: skip
    report = judged(tmp_path, whole, entry(token=None, after=5), REFUSED)
    assert not failed(report.judgement)
    assert report.warnings == ("2 requests without all headers; record with headers",)


def test_two_files_of_one_recording_show_one_exchange_twice(tmp_path: Path) -> None:
    paths = [tmp_path / "browser.har", tmp_path / "proxy.har"]
    paths[0].write_text(har([seen(0, 30), REFUSED]), encoding="utf-8")
    paths[1].write_text(har([seen(0.01, 12)], "mitmproxy"), encoding="utf-8")
    report = judge_files(CONTRACT, paths, Wanted(KNOWN))
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.warnings == (TWICE,)


UNSURE = {
    "they overlap": [seen(0, 12), seen(0.008, 12)],
    "how long they took is not known": [seen(0, -1), seen(4, None)],
    "the target's own clock says one moment": [
        seen(0, 12, answer_headers=dated(1)), seen(3, 12, answer_headers=dated(1))
    ],
    "one was written anew": [
        seen(0, 12), seen(0.004, 8, came=json.dumps(CAME, indent=2))
    ],
    "a gateway has a clock of its own": [
        seen(0, 12, answer_headers=dated(1)), seen(0.004, 8, answer_headers=dated(2))
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", UNSURE)
def test_where_it_is_not_sure_uniqueness_is_undecided(name: str, tmp_path: Path) -> None:
    report = judged(tmp_path, *UNSURE[name], REFUSED)
    assert not failed(report.judgement)
    assert unique(report).status is Status.INCONCLUSIVE
    assert unique(report).reason.endswith("may be one exchange, recorded twice")
    assert report.judgement.verdict is Verdict.INCONCLUSIVE


def test_two_files_with_clocks_that_differ_may_show_one_exchange(tmp_path: Path) -> None:
    paths = [tmp_path / "browser.har", tmp_path / "proxy.har"]
    paths[0].write_text(har([seen(0, 30), REFUSED]), encoding="utf-8")
    paths[1].write_text(har([seen(40, 12)], "mitmproxy"), encoding="utf-8")
    report = judge_files(CONTRACT, paths, Wanted(KNOWN))
    assert not failed(report.judgement)
    assert unique(report).status is Status.INCONCLUSIVE


SURE = {
    "one after the other": [undated(seen(0, 12)), undated(seen(3, 12))],
    "in other seconds of the target's clock": [
        seen(0, 12, answer_headers=dated(0)), seen(3, 12, answer_headers=dated(3))
    ],
    "asked otherwise": [seen(0, 12), seen(0.004, 8, sent=asked(auto_trigger=True))],
    "answered otherwise": [
        seen(0, 12), seen(0.004, 8, came=checkpoint(7, status="available"))
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SURE)
def test_an_id_that_two_executions_have_is_found(name: str, tmp_path: Path) -> None:
    alone = failed(judged(tmp_path, *SURE[name][:1], REFUSED).judgement)
    assert failed(judged(tmp_path, *SURE[name], REFUSED).judgement) - alone == {"T6.id.unique"}


def test_a_refusal_that_stands_twice_was_asked_once(tmp_path: Path) -> None:
    """Two attempts that a page and its worker saw are two, too few to hold against the target."""
    refused = [
        entry(status=400, came={"error_code": "", "error_msg": "no"}, after=at, time=took)
        for at, took in ((20, 12), (20.004, 12), (26, 12), (26.004, 12))
    ]
    report = judged(tmp_path, entry(asked(auto_trigger=True)), *refused, REFUSED)
    assert not failed(report.judgement)
    assert report.judgement.skipped == 2


def test_of_many_under_way_at_once_each_is_judged(tmp_path: Path) -> None:
    many = [entry(after=n / 1000, time=500) for n in range(200)]
    report = judged(tmp_path, *many, REFUSED)
    assert report.judgement.verdict is Verdict.CONFORMS
    assert report.judged == 201


def came_by(connection: object, request_id: str | None, after: float = 0, took: int = 900) -> Any:
    """A view of one execution, by a connection and with a request id in its response."""
    given = {} if request_id is None else {"X-Openstack-Request-Id": request_id}
    each = seen(after, took, answer_headers={**dated(0), **given})
    return {**each, "connection": connection}


DOUBLE_CLICKS = {
    "two connections": [came_by("101", None), came_by("137", None, 0.04, 840)],
    "two request ids": [came_by(None, "req-1"), came_by(None, "req-2", 0.04, 840)],
    "two request ids at one moment": [came_by("101", "req-1"), came_by("137", "req-2")],
    "two request ids by one connection": [came_by("9", "req-1"), came_by("9", "req-2", 0.04, 990)],
}


@pytest.mark.parametrize("name", DOUBLE_CLICKS)
def test_two_executions_at_once_are_told_from_one_seen_twice(name: str, tmp_path: Path) -> None:
    report = judged(tmp_path, *DOUBLE_CLICKS[name], REFUSED)
    assert failed(report.judgement) == {"T6.id.unique"}
    assert report.judged == 3


ONE_CLICK = {
    "one view tells no connection": [came_by("101", None), came_by(None, None, 0.04, 840)],
    "one view is of the browser alone": [came_by("101", None), came_by("0", None, 0.04, 840)],
    "one connection": [came_by("101", "req-1"), came_by("101", "req-1", 0.04, 840)],
    "one view tells no request id": [came_by(None, "req-1"), came_by(None, None, 0.04, 840)],
}


@pytest.mark.parametrize("name", ONE_CLICK)
def test_what_may_be_one_execution_accuses_nobody(name: str, tmp_path: Path) -> None:
    report = judged(tmp_path, *ONE_CLICK[name], REFUSED)
    assert not failed(report.judgement)
    assert report.warnings == (TWICE,)


def test_connections_of_two_files_have_numbers_of_their_own(tmp_path: Path) -> None:
    paths = [tmp_path / "browser.har", tmp_path / "proxy.har"]
    paths[0].write_text(har([came_by("101", "req-1"), REFUSED]), encoding="utf-8")
    paths[1].write_text(har([came_by("7", "req-1", 0.01, 800)], "mitmproxy"), encoding="utf-8")
    report = judge_files(CONTRACT, paths, Wanted(KNOWN))
    assert not failed(report.judgement)
    assert report.warnings == (TWICE,)
