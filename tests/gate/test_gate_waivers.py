"""What a file of waivers may say, and what is told of one that says something else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from gate_reports import CLAUSES
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.errors import UsageError
from conformance.gate.model import Waiver
from conformance.gate.waivers import parse_waivers, read_waivers

GOOD = """
[[waiver]]
clause = "T6.status.values"
reason = "upper case until release 3.2"
expires = 2026-12-31
"""


def test_a_waiver_has_a_clause_a_reason_and_a_last_day() -> None:
    (waiver,) = parse_waivers(GOOD, CLAUSES)
    expected = Waiver("T6.status.values", "upper case until release 3.2", date(2026, 12, 31))
    assert waiver == expected
    assert parse_waivers(GOOD.replace("2026-12-31", '"2026-12-31"'), CLAUSES) == (expected,)


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    (tmp_path / "waivers.toml").write_text(GOOD, encoding="utf-8-sig")
    assert read_waivers(tmp_path / "waivers.toml", CLAUSES) == parse_waivers(GOOD, CLAUSES)


def test_a_file_without_waivers_waives_nothing() -> None:
    assert parse_waivers("# all is mended\n", CLAUSES) == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("T6.status.values", "T6.status.value"), "T6.status.value is no clause"),
        (("T6.status.values", "T6.*"), "T6.\\* is no clause; give one id"),
        (('"T6.status.values"', "7"), "7 is no clause"),
        (('clause = "T6.status.values"', ""), "no clause is named"),
        (('"upper case until release 3.2"', '" "'), "no reason is given for T6.status.values"),
        (('"upper case until release 3.2"', "1"), "no reason is given"),
        (("upper case", "x" * 1001), "more than 1000 characters"),
        (("expires = 2026-12-31", ""), "there is no last day for T6.status.values"),
        (("2026-12-31", '"31.12.2026"'), "31.12.2026 is no last day"),
        (("2026-12-31", '"2026-02-30"'), "2026-02-30 is no last day"),
        (("2026-12-31", '"2026-W01-1"'), "is no last day"),
        (("2026-12-31", "2026-12-31T10:00:00Z"), "is no last day"),
        (("2026-12-31", "2026"), "2026 is no last day"),
        (("2026-12-31", "2026-02-30"), "not TOML"),
        (("expires", "until"), "until is unknown; it has clause, reason, expires"),
        (("[[waiver]]", "[[waivers]]"), "waivers is unknown; write a table"),
        (("[[waiver]]", "[waiver]"), "begin each with"),
        ((GOOD, "waiver = [1]"), "begin each with"),
        ((GOOD, "waiver = 1"), "begin each with"),
        ((GOOD, "not toml"), "not TOML"),
        ((GOOD, "a = " + "[" * 5000), "not TOML"),
        ((GOOD, GOOD + GOOD), "T6.status.values is waived twice"),
    ],
)
def test_what_is_no_waiver_is_told_in_a_line(change: tuple[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        parse_waivers(GOOD.replace(*change), CLAUSES)
    assert "\n" not in str(caught.value)


def test_the_file_and_the_place_in_it_are_named(tmp_path: Path) -> None:
    file = tmp_path / "waivers.toml"
    file.write_text(GOOD + GOOD.replace("T6.status.values", "T9.nothing"))
    with pytest.raises(UsageError, match=r"--waivers .*waivers.toml: waiver 2: T9.nothing is no"):
        read_waivers(file, CLAUSES)
    file.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8 text"):
        read_waivers(file, CLAUSES)
    with pytest.raises(UsageError, match="No such file"):
        read_waivers(tmp_path / "absent.toml", CLAUSES)
    with pytest.raises(UsageError, match="Is a directory"):
        read_waivers(tmp_path, CLAUSES)


@example('[[waiver]]\nclause = "\\u001b[31m"')
@given(st.text() | st.text().map(lambda text: f"[[waiver]]\nclause = {text}"))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    assert refusal(text).isprintable()


def refusal(text: str) -> str:
    """What is said of a text that holds no waivers; empty where it does."""
    try:
        parse_waivers(text, CLAUSES)
    except UsageError as error:
        return str(error)
    return ""
