"""Words of this suite fit the output: the signs that it has, and lines that a terminal can show."""

from __future__ import annotations

import io

import pytest

from conformance.report.fitting import Fitting
from conformance.report.labels import Label

LONG = "  expected: checkpoint.status: one of protecting, deleting, available, error"


class Terminal(io.TextIOWrapper):
    """Says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [40, 60, 100])
def test_a_line_is_no_wider_than_the_terminal_and_hangs_under_itself(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    fit = Fitting.of(Terminal(io.BytesIO(), encoding="utf-8"))
    lines = fit(LONG).split("\n")
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("  expected: ")
    assert all(line.startswith("    ") for line in lines[1:])
    assert " ".join(fit(LONG).split()) == LONG.strip()


def test_a_word_is_never_cut_and_lines_stay_lines() -> None:
    fit = Fitting(width=40)
    url = "https://csbs.example.com/v1/p/providers/q/checkpoints"
    assert fit(f"see\n{url}\n\nthere") == f"see\n{url}\n\nthere"


def test_what_no_terminal_shows_is_not_wrapped() -> None:
    fit = Fitting.of(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert fit(LONG) == LONG
    assert fit.column(28) == 28


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_every_sign_has_one_that_any_encoding_has(encoding: str) -> None:
    fit = Fitting.of(io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    for label in Label:
        assert fit(label.symbol) == label.plain
    assert fit("── x0001 → 200 …").isascii()


def test_a_first_column_leaves_room_for_the_second() -> None:
    assert [Fitting(width=width).column(28) for width in (40, 48, 80)] == [20, 28, 28]
