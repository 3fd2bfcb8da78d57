"""The pictures: exchanges over time, and the life of each backup."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from report_runs import conforming, violating
from report_strategies import reports

from conformance.page.record import Progress, Stage
from conformance.report.backups import Stretch, lives
from conformance.report.exchange_log import ExchangeLog
from conformance.report.html import html_report
from conformance.report.model import Report
from conformance.report.timeline import HEIGHT, Came, timeline


@given(reports())
def test_every_exchange_has_its_place_whatever_a_clock_said(report: Report) -> None:
    picture = timeline(ExchangeLog(report))
    if len(report.exchanges) < 2:
        assert picture is None
        return
    assert picture is not None
    assert len(picture.points) == sum(picture.counts.values()) == len(report.exchanges)
    assert all(0 <= point.x <= 100 and 0 <= point.y <= HEIGHT for point in picture.points)


def test_a_slower_response_is_higher_and_a_later_request_further_right() -> None:
    report = conforming()
    moments = ((100.0, 0.01), (101.0, 0.1), (102.0, 1.0))
    exchanges = [
        replace(report.exchanges[place], started=started, duration=took)
        for place, (started, took) in enumerate(moments)
    ]
    picture = timeline(ExchangeLog(replace(report, exchanges=exchanges)))
    assert picture is not None
    first, second, third = picture.points
    assert first.x < second.x < third.x
    assert first.y > second.y > third.y
    assert second.y - first.y == third.y - second.y
    assert [rule.label for rule in picture.rules] == ["10 ms", "100 ms", "1.0 s"]
    assert "3 exchanges begun within 2.0 s" in picture.caption


def test_what_broke_a_clause_is_no_green_dot() -> None:
    report = violating()
    picture = timeline(ExchangeLog(report))
    assert picture is not None
    failing = next(v for v in report.judgement.clauses if v.clause.id == "T6.status.values")
    exchange = failing.evidence[0].exchange
    assert exchange.response is not None
    assert exchange.response.status == 200
    (point,) = [each for each in picture.points if each.label.startswith(f"{exchange.id}:")]
    assert point.came is Came.BROKE
    counts = picture.counts
    assert min(counts[each] for each in (Came.EXECUTED, Came.REFUSED, Came.WARNED)) > 0


def test_a_recording_of_which_most_was_not_kept_has_no_picture() -> None:
    report = conforming()
    assert '<figure class="timeline">' in html_report(report)
    some = replace(report, exchanges=report.exchanges[:5], unlisted=len(report.exchanges))
    assert '<figure class="timeline">' not in html_report(some)


moments = st.lists(st.floats(), max_size=4)


@given(moments, st.floats())
def test_a_life_is_one_line_of_pieces(since: list[float], until: float) -> None:
    stages = tuple(Stage("protecting", each) for each in sorted(since))
    (life,) = lives([Progress("r", "x1", "", "", "protecting", None, stages=stages, until=until)])
    for piece in life.pieces:
        assert 0 <= piece.start <= 100
        assert 0 <= piece.width <= 100


def test_a_life_shows_what_was_seen_when() -> None:
    stages = (Stage("protecting", 1.0), Stage("strange", 5.0), Stage("available", 10.0))
    long = Progress("r", "x1", "s", "b", "available", 10.0, stages=stages, until=10.0)
    short = Progress(
        *("r", "x1", "s", "c", "error", 5.0, "full"), stages=(Stage("error", 5.0),), until=5.0
    )
    first, second = lives([long, short])
    looks = [Stretch.WAITING, Stretch.UNDER_WAY, Stretch.OTHER, Stretch.AVAILABLE]
    assert [piece.look for piece in first.pieces] == looks
    last = first.pieces[-1]
    assert (last.start + last.width, last.width) == (100, 1.5)
    assert [piece.look for piece in second.pieces] == [Stretch.WAITING, Stretch.ERROR]
    assert second.pieces[-1].start * 2 == last.start
    assert first.is_over
    assert second.label == "in error after 5.0 s: full"
