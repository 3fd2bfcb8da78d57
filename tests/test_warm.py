"""A command that tests start warm does what the installed one does."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from warm import COLD, WARM, wait

NEVER_HANGS = 60.0


def ended(program: str, line: str, directory: Path, **env: str) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        ["bash", "-c", f"{program} {line}"],
        cwd=directory,
        env={"PATH": os.environ["PATH"], **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=NEVER_HANGS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "--version",
        "clauses",
        "run --bogus",
        "judge none.ndjson",
        "judge /dev/stdin --plan-id p < none",
        "clauses --only T6.id.present | head -c 5",
        "clauses > /dev/full",
        "clauses >&- 2>&-",
        "run --profile smoke --quiet --report-dir out; ls out; stat -c %a out/report.json",
        "umask; (umask 077; mkdir -p out)",
    ],
)
@pytest.mark.parametrize("env", [{}, {"LC_ALL": "C.UTF-8", "COLUMNS": "40"}])
def test_it_ends_and_prints_as_the_installed_one(
    line: str, env: dict[str, str], tmp_path: Path
) -> None:
    wait()
    homes = [tmp_path / name for name in ("cold", "warm")]
    for home in homes:
        home.mkdir()
    cold, warm = (
        ended(program, line, home, **env) for program, home in zip((COLD, WARM), homes, strict=True)
    )
    assert warm == cold


def test_a_signal_reaches_it() -> None:
    wait()
    process = subprocess.Popen([WARM, "emulator", "--port", "0"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        assert b"http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
    assert process.wait(NEVER_HANGS) == 143
