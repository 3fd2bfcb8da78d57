"""Reading `created_at` and other times, whatever legal form they have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.page.moments import distance, read_moment, read_moments

quarters = st.integers(-12 * 4, 14 * 4).map(lambda n: timezone(timedelta(minutes=15 * n)))
minutes = st.integers(-18 * 60, 18 * 60).map(lambda n: timezone(timedelta(minutes=n)))
naive = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 28))
whole = naive.map(lambda moment: moment.replace(microsecond=0))
modern = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
around_now = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))


@given(naive, st.sampled_from("Tt _"))
def test_the_extended_form_is_read(moment: datetime, between: str) -> None:
    text = f"{moment:%Y-%m-%d}{between}{moment:%H:%M:%S.%f}"
    assert read_moment(text.rjust(len("2016-12-06T21:20:29.898823"), "0")) == moment


@given(st.datetimes(datetime(1000, 1, 1)), st.sampled_from(["%Y%m%dT%H%M%S", "%Y%m%d%H%M%S"]))
def test_the_basic_form_is_read(moment: datetime, form: str) -> None:
    assert read_moment(moment.strftime(form)) == moment.replace(microsecond=0)
    assert read_moment(moment.strftime(f"{form}.%f")) == moment


@given(whole, minutes)
def test_an_offset_is_read(moment: datetime, offset: timezone) -> None:
    there = moment.replace(tzinfo=offset)
    assert read_moment(there.isoformat()) == there
    assert read_moment(there.isoformat(" ")) == there
    hours, rest = there.isoformat()[:-6], there.isoformat()[-6:]
    assert read_moment(f"{hours}{rest.replace(':', '')}") == there


@given(whole, st.sampled_from(["Z", "z", " UTC", " GMT", "+00", "-00:00"]))
def test_utc_has_many_names(moment: datetime, name: str) -> None:
    assert read_moment(moment.isoformat() + name) == moment.replace(tzinfo=UTC)


@given(naive, st.integers(1, 12), st.sampled_from(".,"))
def test_a_fraction_has_any_number_of_digits(moment: datetime, digits: int, mark: str) -> None:
    fraction = f"{moment.microsecond:06d}000000"[:digits]
    kept = int(fraction[:6].ljust(6, "0"))
    text = f"{moment.replace(microsecond=0).isoformat()}{mark}{fraction}"
    assert read_moment(text) == moment.replace(microsecond=kept)


@given(modern, quarters)
def test_the_dates_of_http_and_mail_are_read(moment: datetime, offset: timezone) -> None:
    utc, there = moment.replace(tzinfo=UTC), moment.replace(tzinfo=offset)
    assert read_moment(format_datetime(utc, usegmt=True)) == utc
    assert read_moment(format_datetime(there)) == there
    assert read_moment(format_datetime(there).partition(", ")[2]) == there


@pytest.mark.parametrize(
    "text", ["Tuesday, 06-Dec-16 21:20:29 GMT", "Tue, 06 Dec 2016 21:20:29 GMT"]
)
def test_older_dates_of_http_are_read(text: str) -> None:
    assert read_moment(text) == datetime(2016, 12, 6, 21, 20, 29, tzinfo=UTC)


def test_the_date_of_asctime_has_no_offset() -> None:
    assert read_moment("Tue Dec  6 21:20:29 2016") == datetime(2016, 12, 6, 21, 20, 29)


@given(st.integers(10**9, 10**10 - 1), st.sampled_from([0, 3, 6, 9]))
def test_seconds_since_the_epoch_are_read(seconds: int, zeros: int) -> None:
    assert read_moment(f"{seconds}{'0' * zeros}") == datetime.fromtimestamp(seconds, UTC)
    assert read_moment(f"{seconds}.25") == datetime.fromtimestamp(seconds, UTC)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
def test_a_day_may_be_named_by_its_week_or_its_number_in_the_year(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    for day in ("%G-W%V-%uT", "%Y-%jT"):
        assert read_moment(moment.strftime(f"{day}%H:%M:%S")) == whole
        assert read_moment(moment.strftime(f"{day}%H:%M:%SZ")) == whole.replace(tzinfo=UTC)
        basic = moment.strftime(f"{day}%H%M%S").replace("-", "")
        assert read_moment(basic) == whole


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-12-06T21:20:29+01:00[Europe/Berlin]", datetime(2016, 12, 6, 20, 20, 29, tzinfo=UTC)),
        ("2016-12-06 21:20:29 +0100 CET", datetime(2016, 12, 6, 20, 20, 29, tzinfo=UTC)),
        ("2016-12-06T21:20", datetime(2016, 12, 6, 21, 20)),
        ("2016/12/06 21:20:29", datetime(2016, 12, 6, 21, 20, 29)),
        ("2016-12-06T24:00:00", datetime(2016, 12, 7)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("  2016-12-06T21:20:29  ", datetime(2016, 12, 6, 21, 20, 29)),
        ("2016-02-29T00:00:00", datetime(2016, 2, 29)),
        ("2016-12-06T21:20:29\u00a0UTC", datetime(2016, 12, 6, 21, 20, 29, tzinfo=UTC)),
        ("2016-12-06 21:20:29.5 +0100 CET m=+0.5", datetime(2016, 12, 6, 20, 20, 29, 500000, UTC)),
        ("Tue, 6 Dec 2016 21:20:29 EST", datetime(2016, 12, 6, 21, 20, 29)),
        ("Tue Dec 06 21:20:29 CST 2016", datetime(2016, 12, 6, 21, 20, 29)),
        ("Tue Dec 06 21:20:29 UTC 2016", datetime(2016, 12, 6, 21, 20, 29, tzinfo=UTC)),
        ("06 Dec 16 21:20 +0100", datetime(2016, 12, 6, 20, 20, tzinfo=UTC)),
    ],
)
def test_unusual_legal_forms_are_read(text: str, moment: datetime) -> None:
    assert read_moment(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "12/6/2016, 9:20:29 PM",
        "12/06/2016 09:20:29 PM",
        "06/12/2016 21:20:29",
        "06/12/2016, 21:20:29",
        "06.12.2016 21:20:29",
        "06-Dec-2016 21:20:29",
        "06-DEC-16 09.20.29 PM",
        "Dec 6, 2016 9:20:29 PM",
        "Dec 6, 2016, 9:20:29\u202fPM",
        "December 6, 2016 9:20:29 p.m.",
        "2016-12-06 09:20:29 PM",
        "2016-12-6 21:20:29",
        "2016-12-06-21.20.29",
        "2016年12月06日 21:20:29",
        "2016年12月6日21:20:29",
    ],
)
def test_the_forms_of_languages_and_databases_are_read(text: str) -> None:
    assert read_moment(text) == datetime(2016, 12, 6, 21, 20, 29)


@pytest.mark.parametrize("time", ["21:20:29", "9:20:29 PM"])
def test_a_day_between_slashes_may_be_one_of_two(time: str) -> None:
    both = {datetime(2016, 12, 6, 21, 20, 29), datetime(2016, 6, 12, 21, 20, 29)}
    for day in ("12/06/2016", "06/12/2016"):
        assert set(read_moments(f"{day} {time}")) == both
    assert read_moments(f"13/06/2016 {time}") == (datetime(2016, 6, 13, 21, 20, 29),)
    assert read_moments(f"2016/12/06 {time}") == (datetime(2016, 12, 6, 21, 20, 29),)
    assert read_moments(f"13/13/2016 {time}") == ()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("12/31/2016 21:20:29", datetime(2016, 12, 31, 21, 20, 29)),
        ("1/2/2016, 12:20:29 AM", datetime(2016, 1, 2, 0, 20, 29)),
        ("1/2/2016, 12:20:29 PM", datetime(2016, 1, 2, 12, 20, 29)),
        ("2016-12-06T21:20:29:898823", datetime(2016, 12, 6, 21, 20, 29, 898823)),
        ("06-DEC-16 09.20.29.898823 PM +01:00", datetime(2016, 12, 6, 20, 20, 29, 898823, UTC)),
        ("/Date(1481059229000)/", datetime(2016, 12, 6, 21, 20, 29, tzinfo=UTC)),
    ],
)
def test_what_only_one_reading_makes_a_moment_is_read_so(text: str, moment: datetime) -> None:
    assert read_moment(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "soon, at 21:20",
        "2016-12-06",
        "21:20:29",
        "2016-13-06T21:20:29",
        "2016-02-30T21:20:29",
        "2015-02-29T21:20:29",
        "2016-12-06T25:20:29",
        "2016-12-06T21:60:29",
        "2016-12-06T21:20:61",
        "2016-12-06T24:00:01",
        "0000-12-06T21:20:29",
        "9999-12-31T24:00:00",
        "2016-12-06T21:20:29+24:00",
        "2016-12-06T21:20:29+05:60",
        "2016-12-06T21:20:29 PM",
        "2016-W54-1T21:20:29",
        "2016-W49-8T21:20:29",
        "2016-000T21:20:29",
        "2016-12-06 21:20:29 PM",
        "12/06/2016 13:20:29 PM",
        "12/06/2016 0:20:29 AM",
        "31.02.2016 21:20:29",
        "13/13/2016 21:20:29",
        "06.Foo.2016 21:20:29",
        "06/Foo/2016 21:20:29",
        "Dec 32, 2016 9:20:29 PM",
        "/Date(1481059229898/",
        "\u0662\u0660\u0661\u0666-12-06T21:20:29",
        "2016-12-06T21:20:2\U00011f59",
        "2016-12-06T21:20:29.898823; DROP",
        "2016-12/06T21:20:29",
        "Tue, 30 Feb 2016 21:20:29 GMT",
        "Tue, 06 Foo 2016 21:20:29 GMT",
        "1481059229x",
        "148105922",
        "14810592291",
        "{}",
        "null",
    ],
)
def test_what_denotes_no_moment_is_not_read(text: str) -> None:
    assert read_moment(text) is None


@given(st.one_of(st.text(), st.text("0123456789-:TZ+. ", max_size=30)))
def test_any_text_can_be_given(text: str) -> None:
    moment = read_moment(text)
    assert moment is None or distance(moment, 0.0, 1.0) >= 0


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 06 Dec 2016 21:20:29 +99999999999999999",
        "Tue, 06 Dec 99999999999999999999 21:20:29 GMT",
    ],
)
def test_numbers_too_large_for_a_date_denote_no_moment(text: str) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize("text", ["2015-366T21:20:29", "2017-W53-1T21:20:29"])
def test_a_day_after_the_last_of_the_year_denotes_no_moment(text: str) -> None:
    assert read_moment(text) is None


seconds = st.floats(0, 4e9)
lengths = st.floats(0, 3000)


@given(naive, minutes, seconds, lengths)
def test_the_distance_of_a_moment_is_to_the_nearer_end_of_the_interval(
    moment: datetime, offset: timezone, earliest: float, length: float
) -> None:
    there, latest = moment.replace(tzinfo=offset), earliest + length
    away = distance(there, earliest, latest)
    at = there.timestamp()
    assert away == max(earliest - at, at - latest, 0)


@given(around_now, quarters, lengths, st.floats(0, 1))
def test_a_moment_without_an_offset_is_near_in_some_legal_offset(
    moment: datetime, offset: timezone, length: float, where: float
) -> None:
    at = moment.replace(tzinfo=offset).timestamp()
    earliest = at - where * length
    assert distance(moment, earliest, earliest + length) == pytest.approx(0, abs=1e-5)


@given(around_now, st.integers(-100_000, 100_000), lengths)
def test_a_moment_without_an_offset_is_as_far_as_in_the_best_legal_offset(
    moment: datetime, ago: int, length: float
) -> None:
    earliest = moment.replace(tzinfo=UTC).timestamp() + ago
    by_hand = min(
        distance(
            moment.replace(tzinfo=timezone(timedelta(minutes=15 * n))), earliest, earliest + length
        )
        for n in range(-12 * 4, 14 * 4 + 1)
    )
    assert distance(moment, earliest, earliest + length) == pytest.approx(by_hand, abs=1e-5)


@given(around_now, minutes, lengths)
def test_a_moment_with_an_offset_is_never_nearer_than_without(
    moment: datetime, offset: timezone, length: float
) -> None:
    earliest = moment.replace(tzinfo=UTC).timestamp()
    if offset.utcoffset(None).total_seconds() % 900 == 0:
        with_offset = distance(moment.replace(tzinfo=offset), earliest, earliest + length)
        assert distance(moment, earliest, earliest + length) <= with_offset + 1e-5
