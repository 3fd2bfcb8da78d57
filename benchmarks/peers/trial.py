"""One tool on one target: what it said, and what it took."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Run
from benchmarks.peers.target import started
from benchmarks.peers.tools import ENDPOINT, ENVIRONMENT, Tool

TIMEOUT = 60.0
"""Seconds for one tool on one target."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An implementation, by its kind and its name in the catalogue."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A tool on a subject; `exit_code` is None where the tool had to be stopped."""

    tool: Tool
    subject: Subject
    exit_code: int | None
    failures: frozenset[str]
    requests: int
    wall: float
    memory: float

    @property
    def complains(self) -> bool:
        """Whether the tool rejected the subject."""
        return self.exit_code not in (0, None, self.tool.inconclusive)

    def catches(self, reference: Trial) -> bool:
        """Whether it rejected it for something that it does not say of the reference."""
        if not self.complains:
            return False
        return not reference.complains or bool(self.failures - reference.failures)


def attempt(tool: Tool, subject: Subject, inputs: Path) -> Trial:
    """Run a tool on a subject in a fresh copy of the input files."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(shutil.copytree(inputs, Path(scratch) / "work"))
        log = Path(scratch) / "output"
        with started(subject.kind, subject.name) as target:
            deadline = time.monotonic() + TIMEOUT
            runs: list[Run] = []
            for command in tool.commands:
                line = [part.replace(ENDPOINT, target.endpoint) for part in command]
                runs.append(_run(line, directory, log, deadline))
                if runs[-1].exit_code:
                    break
        output = log.read_text(errors="replace")
    last = runs[-1].exit_code
    return Trial(
        tool,
        subject,
        None if last == -signal.SIGKILL else last,
        tool.failures(output),
        target.requests,
        sum(run.wall for run in runs),
        max(run.memory for run in runs),
    )


def _run(command: Sequence[str], directory: Path, log: Path, deadline: float) -> Run:
    """Run a command and its children until they end or the deadline comes."""
    began = time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=directory, env={**os.environ, **ENVIRONMENT}, stdout=output,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def stop() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), stop)
    timer.start()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    wall, cpu = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    return Run(wall, cpu, usage.ru_maxrss / 1024, process.returncode)
