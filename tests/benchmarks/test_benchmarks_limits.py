"""The table of limits in SECURITY.md: what is in it, and that it has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.limits import BEGIN, END, MOST_COLD, Cost, dearest, put_into, row

COSTS = [
    Cost("slow", True, 20.0, 1.0, 50e6, 1000),
    Cost("large", True, 1.0, 2.5, 160e6, 30_000_000),
    Cost("wrong", False, 1.0, 1.0, 60e6, 0),
]


def test_a_row_has_the_most_of_each_figure_and_says_how_many_ended_as_they_should() -> None:
    assert row("runs", COSTS) == ["runs", "3", "2", "20.0 s", "2.5 s", "160 MB", "30 MB"]


def test_the_dearest_of_each_figure_are_run_again() -> None:
    others = [Cost(f"other{n}", True, 2.0, 3.0, 55e6, 2000) for n in range(MOST_COLD)]
    assert {"slow", "large"} <= set(dearest([*COSTS, *others]))


def test_the_table_replaces_the_one_before() -> None:
    page = f"before\n{BEGIN}old\n{END}\nafter\n"
    once = put_into(page, ["| new |"])
    assert once == f"before\n{BEGIN}\n| new |\n\n{END}\nafter\n"
    assert put_into(once, ["| new |"]) == once


def test_a_page_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="not found"):
        put_into("before", [])


def test_security_has_its_table() -> None:
    page = (Path(__file__).parents[2] / "SECURITY.md").read_text()
    table = page[page.index(BEGIN) : page.index(END)]
    assert "cold cache" in table
    assert "Measured on 20" in table
