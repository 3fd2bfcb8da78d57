"""Watches a command and the processes it starts: memory at the peak, and processor time."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psutil  # type: ignore[import-untyped]

from benchmarks.measure import environment

BETWEEN = 0.2
"""Seconds between two looks."""
WORKER = "multiprocessing.forkserver"
"""What stands in the command line of a worker, and of the process that all of them fork from."""


@dataclass
class Process:
    """The largest resident size of a process in megabytes, and its seconds of processor time."""

    memory: float = 0.0
    cpu: float = 0.0

    def look(self, process: psutil.Process) -> None:
        """Take in what a process has used by now."""
        self.memory = max(self.memory, process.memory_info().rss / 2**20)
        times = process.cpu_times()
        self.cpu = max(self.cpu, times.user + times.system)


@dataclass
class Watched:
    """A command that was run: seconds, exit code, the process itself, and its workers."""

    wall: float = 0.0
    exit_code: int = 0
    itself: Process = field(default_factory=Process)
    workers: dict[int, Process] = field(default_factory=dict)


def watch(command: Sequence[str], changes: Mapping[str, str]) -> Watched:
    """Run a command to its end, without its output, and look at its processes meanwhile."""
    watched = Watched()
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=environment(changes), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        root = psutil.Process(process.pid)
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):  # it may end while it is looked at
                watched.itself.look(root)
                for child in root.children(recursive=True):
                    if WORKER in " ".join(child.cmdline()) and child.ppid() != root.pid:
                        watched.workers.setdefault(child.pid, Process()).look(child)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(BETWEEN)
        watched.wall = time.perf_counter() - began
        watched.exit_code = process.returncode
    return watched
