"""Runs commands and says what each took: wall time, processor time, memory of the process."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: seconds of wall and processor time, megabytes at the peak, exit code.

    `memory` is the largest resident size of the process itself or of one of its children.
    """

    wall: float
    cpu: float
    memory: float
    exit_code: int


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run a command to its end, without its output."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Run(wall, cpu, usage.ru_maxrss / 1024, process.returncode)


def alternate(
    commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], rounds: int
) -> dict[str, list[Run]]:
    """Run commands in turn, so that a machine that slows down slows all of them."""
    results: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            result = run(command, environment)
            if number:  # the first round warms caches
                results[name].append(result)
    return results


def median(runs: Sequence[Run], figure: str) -> float:
    """The median of one figure."""
    return float(statistics.median(getattr(result, figure) for result in runs))
