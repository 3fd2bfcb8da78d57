"""`run --watch`: at each change of a file, what was not kept is tested again, then the whole."""

from __future__ import annotations

import select
import signal
import subprocess
from pathlib import Path

import pytest
from cli_helpers import (
    NEVER_HANGS,
    TOKENS,
    CanBeMended,
    command,
    report_of,
    started,
    target_options,
)

from conformance.cli.watching import MOST_LOOKS, QUIET_LOOKS, changes, settled
from conformance.emulator.app import serving


def next_line(process: subprocess.Popen[bytes]) -> str:
    """What a run tells, without the time of day; nothing where it hangs."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], NEVER_HANGS)
    assert ready
    return process.stdout.readline().decode().split("  ", 1)[1].strip()


def test_a_fault_that_is_mended_is_seen_mended(tmp_path: Path) -> None:
    service = CanBeMended()
    code = tmp_path / "code"
    code.mkdir()
    with serving(service) as endpoint:
        options = [*target_options(endpoint), "--profile", "smoke", "--report-dir", "out"]
        process = started("run", *options, "--watch", str(code), cwd=tmp_path, env=TOKENS)
        assert next_line(process) == "✗ the whole: violates; failed: T6.id.present"
        whole = len(service.seen)
        service.is_mended = True
        (code / "server.py").write_text("mended")
        assert next_line(process).startswith("✓ what was not kept: conforms; better: T6.id.present")
        assert len(service.seen) - whole < whole
        assert next_line(process).startswith("✓ the whole: conforms; better: T6.id.present")
        service.is_mended = False
        (code / "server.py").write_text("worse")
        assert next_line(process).startswith("✗ the whole: violates; worse: T6.id.present")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=NEVER_HANGS)
    assert process.returncode == 130
    told = "each run may execute the policy up to 3 times; Ctrl-C ends"
    assert err.decode().rstrip() == f"watching {code}: {told}"
    assert report_of(tmp_path / "out")["verdict"] == "violates"
    assert report_of(tmp_path / "out" / "failed")["only"] == ["T6.id.present"]


def test_changes_that_follow_each_other_are_one() -> None:
    quiet: list[set[str]] = [set()] * QUIET_LOOKS
    looks = [set(), {"a"}, set(), {"b"}, *quiet, set(), {"c"}, *quiet, {"d"}]
    assert list(settled(iter(looks))) == [{"a"}, {"c"}, {"d"}]


def test_changes_without_an_end_are_tested_all_the_same() -> None:
    assert len(list(settled(iter([{"a"}] * (2 * MOST_LOOKS + 2))))) == 2


def test_what_a_run_or_a_server_writes_is_no_change(tmp_path: Path) -> None:
    seen = changes((tmp_path,), tmp_path / "out")
    for name in ("out/report.html", "server.log", "data.sqlite3", "server.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("new")
    found = next(seen)
    assert {Path(path).name for _, path in found} == {"server.py"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--watch", "none"), "--watch none: there is no such file or directory"),
        (("--watch", ".", "--failed", "x"), "--failed"),
        (("--watch", ".", "--plan", "x"), "--plan"),
    ],
)
def test_what_cannot_be_watched_is_one_line(
    words: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    done = command("run", *words, cwd=tmp_path)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert why in done.err
