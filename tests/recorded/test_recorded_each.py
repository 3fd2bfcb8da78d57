"""`judge --each`: a campaign of recordings; standard input; and how far a long one is."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from har_files import har
from test_recorded_command import CONFORMS, OPTIONS, VIOLATES, judge
from warm import WARM

from conformance.campaign.recordings import _names
from conformance.cli.counting import counting


def test_each_file_is_a_recording_with_a_row_and_reports_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "good.har").write_text(har(CONFORMS), encoding="utf-8")
    (tmp_path / "bad.har.gz").write_bytes(gzip.compress(har(VIOLATES).encode()))
    (tmp_path / "none.har").write_text("{}", encoding="utf-8")
    files = ("good.har", "bad.har.gz", "none.har")
    done = judge("--each", *files, *OPTIONS, "--report-dir", "out", cwd=tmp_path)
    assert done.code == 1, done.err
    assert done.out.endswith("3 targets: 1 violates, 1 conforms, 1 no verdict\n")
    assert done.err.count("\n") == 3
    assert "no verdict: none.har: no HAR file" in done.err
    record = json.loads((tmp_path / "out/campaign.json").read_text("utf-8"))
    assert [(each["name"], each["verdict"]) for each in record["targets"]] == [
        ("good", "conforms"),
        ("bad", "violates"),
        ("none", None),
    ]
    alone = judge("bad.har.gz", *OPTIONS, "--report-dir", "alone", "--quiet", cwd=tmp_path)
    assert alone.code == 1
    ours, theirs = (
        json.loads((tmp_path / where / "report.json").read_text("utf-8"))["clauses"]
        for where in ("out/targets/bad", "alone")
    )
    assert ours == theirs


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--each", "-"], "-: --each is for files"),
        (["--each", "a.har", "--sarif", "x"], "--sarif is for one recording"),
        (["--each", "a.har", "--only", "T99.*"], "matches no clause"),
        (
            ["--each", "out/targets/exchanges/exchanges.har", "--report-dir", "out"],
            "would be replaced by a report",
        ),
        (["--each", "out/campaign.json", "--report-dir", "out"], "would be replaced by a report"),
    ],
)
def test_wrong_use_of_each_is_a_line(arguments: list[str], told: str, tmp_path: Path) -> None:
    done = judge(*arguments, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert list(tmp_path.iterdir()) == []


def test_names_are_of_files_and_no_two_are_the_same() -> None:
    paths = [
        "a/journal.ndjson",
        "b/journal.ndjson.gz",
        "Mine.har",
        "x/mine.har",
        "x/mine.json",
        "…",
    ]
    assert _names([Path("/runs") / each for each in paths]) == [
        *("a-journal", "b-journal", "runs-Mine", "x-mine", "x-mine-2", "recording"),
    ]


def test_standard_input_is_judged_as_a_file_is(tmp_path: Path) -> None:
    done = subprocess.run(
        [WARM, "judge", "-", *OPTIONS, "--quiet"],
        cwd=tmp_path,
        input=gzip.compress(har(VIOLATES).encode()),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    nothing = subprocess.run(
        [WARM, "judge", "-", *OPTIONS],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert nothing.returncode == 2
    assert nothing.stderr.startswith(b"csbs-conformance: -: no HAR file")


def test_a_long_recording_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 3.0, 11.0, 12.0, 22.0])
    monkeypatch.setattr(sys, "stderr", log := io.StringIO())
    with counting(is_quiet=False, clock=lambda: next(clock)) as count:
        for judged in (1, 12_000, 12_001, 30_000):
            count(judged)
    assert log.getvalue() == "12,000 exchanges judged\n30,000 exchanges judged\n"


def test_a_terminal_has_a_live_line_that_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    clock = iter([0.0, 0.1, 0.5])
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    with counting(is_quiet=False, clock=lambda: next(clock)) as count:
        count(1)
        count(2_000)
    assert screen.getvalue() == "\r2,000 exchanges judged\r\x1b[K"


def test_the_matrix_can_be_printed_as_json(tmp_path: Path) -> None:
    (tmp_path / "good.har").write_text(har(CONFORMS), encoding="utf-8")
    done = judge("--each", "good.har", *OPTIONS, "--json", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    printed = json.loads(done.out)
    assert printed == json.loads((tmp_path / "reports/latest/judged/campaign.json").read_bytes())
    assert [each["verdict"] for each in printed["targets"]] == ["conforms"]
