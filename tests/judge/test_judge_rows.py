"""Requests in a row: which of them show a finding, as far as the run tells."""

from __future__ import annotations

from judge_helpers import answer, body, exchange, record_of, refusal, request
from msgspec.structs import replace

from conformance.judge.rows import shortest_row
from conformance.judge.verdicts import Finding
from conformance.model import Exchange

NO_TOKEN = request(token=None)
OTHER = request(body(auto_trigger=True), token=None)
VALID = request()


def sent(kinds: str, took: float = 0.5) -> list[Exchange]:
    """Requests one a second: no token, another without one, valid, or valid with a wrong answer."""
    found = []
    for at, kind in enumerate(kinds):
        asked = {"n": NO_TOKEN, "o": OTHER}.get(kind, VALID)
        came = refusal(401) if kind in "no" else answer(200, record_of(VALID, f"record-{at}"))
        one = exchange(asked, came, name=f"{kind}{at}", at=float(at))
        found.append(replace(one, duration=took))
    return found


def row(exchanges: list[Exchange], against: str = "") -> str:
    """The ids in the shortest row; what is wrong is wrong with `w`."""
    wrong = [each for each in exchanges if each.id.startswith("w")]
    breaking = {each.id: Finding("T6.id.type", each, "", "", against) for each in wrong}
    return " ".join(each.id for each in shortest_row(exchanges, breaking))


def test_the_fewest_that_showed_it_each_time_are_told() -> None:
    assert row(sent("nonwvnvvonw")) == "o8 n9 w10"


def test_two_requests_are_a_row() -> None:
    assert row(sent("nwvnw")) == "n3 w4"


def test_what_was_kept_behind_the_same_request_takes_more() -> None:
    assert row(sent("vonwvnvonw")) == "o7 n8 w9"


def test_what_shows_once_has_no_row() -> None:
    assert row(sent("nvonw")) == ""


def test_what_is_never_right_again_has_no_row() -> None:
    assert row(sent("vnwnwnw")) == ""


def test_what_was_under_way_at_once_is_another_row() -> None:
    exchanges = sent("vonwvnvonw")
    at_once = [replace(each, duration=1.5) if each.id == "n8" else each for each in exchanges]
    assert row(at_once) == ""


def test_repetitions_of_a_request_do_not_count() -> None:
    exchanges = sent("vonnwvnvonw")
    retried = [replace(each, retry_of="n2") if each.id == "n3" else each for each in exchanges]
    assert row(retried) == "o8 n9 w10"


def test_a_row_with_what_it_contradicts_goes_first() -> None:
    exchanges = sent("vnwvovnwov")
    assert row(exchanges) == "n6 w7"
    assert row(exchanges, against="v5") == "v5 n6 w7"
    assert row(exchanges, against="v3") == "n6 w7"


def test_what_was_sent_first_has_no_row_before_it() -> None:
    assert row(sent("wnwovnwn")) == "n5 w6"


def test_a_row_of_more_than_twelve_explains_nothing() -> None:
    """Where the clause was kept, only the first request of the row is another."""

    def told(length: int) -> list[str]:
        between = "n" * (length - 2)
        return row(sent(f"o{between}w" + f"v{between}v" + f"o{between}w")).split()

    assert [len(told(length)) for length in (2, 11, 12, 13)] == [2, 11, 12, 0]
