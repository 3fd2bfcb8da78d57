"""A run that is interrupted says so, and its reports are written all the same."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_helpers import (
    EXCHANGE,
    NEVER_HANGS,
    REPORTS,
    TOKENS,
    LeavesTheIdOut,
    TakesItsTime,
    environment,
    records,
    report_of,
    started,
    target_options,
    wait_for,
)
from warm import COLD

from conformance.emulator.app import serving


class LeavesTheIdOutInItsOwnTime(TakesItsTime, LeavesTheIdOut):
    """Breaks a line of the page, slowly."""


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


@pytest.fixture
def endpoint() -> Iterator[str]:
    with serving(TakesItsTime()) as url:
        yield url


def end(process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """What a process printed; it is killed where it does not end."""
    try:
        out, err = process.communicate(timeout=NEVER_HANGS)
    finally:
        if process.poll() is None:
            process.kill()
    return out.decode(), err.decode()


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_an_interrupted_run_writes_its_reports(
    number: signal.Signals, code: int, endpoint: str, tmp_path: Path
) -> None:
    options = ("run", *target_options(endpoint), "--report-dir", "out", "--concurrency", "1")
    process = started(*options, cwd=tmp_path, env=TOKENS)
    wait_for(tmp_path / "out" / "journal.ndjson", EXCHANGE, 5)
    process.send_signal(number)
    out, err = end(process)
    assert process.returncode == code
    assert "Traceback" not in err
    assert {path.name for path in (tmp_path / "out").iterdir()} >= REPORTS
    report = report_of(tmp_path / "out")
    assert (report["exit_code"], report["ending"]) == (code, "interrupted")
    assert report["verdict"] == "inconclusive"
    assert records(tmp_path / "out" / "journal.ndjson")[-1]["kind"] == "footer"
    assert str(code) in out


def test_ctrl_c_reaches_the_embedded_emulator_too_and_the_reports_are_written(
    tmp_path: Path,
) -> None:
    process = started("run", "--report-dir", "out", "--rate", "20", cwd=tmp_path)
    wait_for(tmp_path / "out" / "journal.ndjson", EXCHANGE, 3)
    os.killpg(process.pid, signal.SIGINT)
    _, err = end(process)
    assert process.returncode == 130
    assert "Traceback" not in err
    report = report_of(tmp_path / "out")
    assert report["ending"] == "interrupted"
    assert not [clause for clause in report["clauses"] if clause["status"] == "failed"]


def test_a_run_under_nohup_outlives_its_terminal(endpoint: str, tmp_path: Path) -> None:
    options = ("run", "--profile", "smoke", *target_options(endpoint), "--report-dir", "out")
    process = subprocess.Popen(
        ["nohup", COLD, *options],
        cwd=tmp_path,
        env=environment(TOKENS),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for(tmp_path / "out" / "journal.ndjson", EXCHANGE)
    process.send_signal(signal.SIGHUP)
    end(process)
    assert process.returncode == 0


def test_a_violation_does_not_hide_that_the_run_was_interrupted(tmp_path: Path) -> None:
    with serving(LeavesTheIdOutInItsOwnTime()) as endpoint:
        options = ("run", *target_options(endpoint), "--report-dir", "out", "--concurrency", "1")
        options += ("--only", "T6.id.present", "--rate", "4")
        process = started(*options, cwd=tmp_path, env=TOKENS)
        wait_for(tmp_path / "out" / "journal.ndjson", b'"status":200', 2)
        process.send_signal(signal.SIGINT)
        end(process)
    assert process.returncode == 130
    assert report_of(tmp_path / "out")["verdict"] == "violates"


@pytest.mark.parametrize(("number", "code"), SIGNALS[:2])
def test_the_emulator_ends_with_the_code_of_the_signal(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    process = started("emulator", "--port", "0", cwd=tmp_path)
    assert process.stdout is not None
    assert b"http://127.0.0.1:" in process.stdout.readline()
    process.send_signal(number)
    end(process)
    assert process.returncode == code
