"""What a run writes can be read by its user alone, whatever the umask, at every moment."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from secret_runs import run, start
from secret_targets import Repeats, Server
from warm import COLD

from conformance.report.write import REPORTS


def modes(directory: Path) -> dict[str, str]:
    """The modes of all that is below a directory, but for what is as it should be."""
    return {
        str(path.relative_to(directory)): oct(path.stat().st_mode & 0o777)
        for path in directory.rglob("*")
        if path.stat().st_mode & 0o777 != (0o700 if path.is_dir() else 0o600)
    }


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_files_and_directories_are_the_users_alone(umask: int, tmp_path: Path) -> None:
    with Repeats("token") as target:
        run(tmp_path, target.url, "--max-requests", "20", umask=umask)
    written = {path.name for path in (tmp_path / "made" / "anew").iterdir()}
    assert written == {*REPORTS, "journal.ndjson", "plan.ndjson"}
    assert modes(tmp_path) == {}


def test_files_are_the_users_alone_while_a_run_is_under_way(tmp_path: Path) -> None:
    seen: set[str] = set()
    with Server() as target:
        running = start(tmp_path, target.url, "--max-requests", "60", "--rate", "60", umask=0)
        while running.poll() is None:
            for path in tmp_path.rglob("*"):
                try:
                    mode = path.stat().st_mode & 0o777
                except FileNotFoundError:
                    continue
                seen.add(f"{path.name} {mode:o}")
                assert mode == (0o700 if path.is_dir() else 0o600), path
            time.sleep(0.001)
        running.communicate()
    assert "journal.ndjson 600" in seen


def test_a_run_that_was_killed_leaves_files_that_are_the_users_alone(tmp_path: Path) -> None:
    with Server() as target:
        running = start(tmp_path, target.url, "--rate", "20", umask=0, program=COLD)
        deadline = time.monotonic() + 60
        while len(target.requests) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        running.kill()
        running.communicate()
    names = {path.name for path in (tmp_path / "made" / "anew").iterdir()}
    assert {"journal.ndjson", "plan.ndjson"} <= names
    assert modes(tmp_path) == {}
