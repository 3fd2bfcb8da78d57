"""The page of the benchmarks: what was not measured stays, in the order of the parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.measure import run
from benchmarks.page import sections, update
from benchmarks.rendering import elements

PARTS = {"first": ("First", lambda: "one"), "second": ("Second", lambda: "two\n\n### Part\n\nof")}


def test_a_part_alone_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "bench.md"
    main(["--output", str(path)], PARTS)
    other = {**PARTS, "first": ("First", lambda: "anew")}
    main(["--only", "first", "--output", str(path)], other)
    assert sections(path.read_text()) == {"First": "anew", "Second": "two\n\n### Part\n\nof"}


def test_sections_that_are_no_part_go(tmp_path: Path) -> None:
    path = tmp_path / "bench.md"
    update(path, ["Old", "New"], {"Old": "text"})
    update(path, ["New"], {"New": "text"})
    assert list(sections(path.read_text())) == ["New"]


def test_sections_stand_in_the_order_of_the_parts(tmp_path: Path) -> None:
    path = tmp_path / "bench.md"
    main(["--only", "second", "--output", str(path)], PARTS)
    main(["--only", "first", "--output", str(path)], PARTS)
    assert list(sections(path.read_text())) == ["First", "Second"]


def test_an_unknown_part_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--only", "third", "--output", str(tmp_path / "bench.md")], PARTS)
    assert ended.value.code == 2
    assert "first" in capsys.readouterr().err


@pytest.mark.process
def test_a_command_is_measured_by_itself() -> None:
    """Nothing of this process, which is larger, is in the figures of a small one."""
    told = run(["sh", "-c", 'exit "$CODE"'], {"CODE": "7"})
    assert told.exit_code == 7
    assert 0 < told.memory < 20
    assert told.wall > 0


def test_elements_are_counted() -> None:
    assert elements("<!DOCTYPE html><html><body><p>a<br>b</p><!-- <i> --></body></html>") == 4
