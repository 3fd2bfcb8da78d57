from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from report_runs import violating

from conformance.errors import UsageError
from conformance.report.write import write_reports

NAMES = {
    *("report.json", "report.html", "junit.xml", "summary.md", "exchanges.har", "reproduce.sh"),
    *("results.sarif", "badge.json", "badge.svg"),
}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_report_is_written_for_the_user_alone(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "reports"
    written = write_reports(violating(), directory)
    assert {path.name for path in written} == NAMES == set(os.listdir(directory))
    assert mode(directory) == 0o700
    assert {mode(path) for path in written} == {0o600}
    assert all(path.stat().st_size > 100 for path in written)


def test_earlier_reports_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("old")
    write_reports(violating(), tmp_path)
    assert (tmp_path / "report.json").read_text().startswith("{")
    assert set(os.listdir(tmp_path)) == NAMES


def test_a_directory_that_is_a_file_is_wrong_use(tmp_path: Path) -> None:
    occupied = tmp_path / "reports"
    occupied.write_text("")
    with pytest.raises(UsageError, match=r"cannot write reports into .*reports: ") as caught:
        write_reports(violating(), occupied)
    assert "\n" not in str(caught.value)


def test_nothing_is_left_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "report.json").write_text("old")

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_reports(violating(), tmp_path)
    assert os.listdir(tmp_path) == ["report.json"]
    assert (tmp_path / "report.json").read_text() == "old"
