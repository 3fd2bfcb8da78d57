"""Runs commands and says what each took: wall time, processor time, memory of the process."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(sysconfig.get_path("scripts"))
COMMAND = str(SCRIPTS / "csbs-conformance")
LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: seconds of wall and processor time, megabytes at the peak, exit code.

    `memory` is the largest resident size of the process itself or of one of its children.
    """

    wall: float
    cpu: float
    memory: float
    exit_code: int


def run(command: Sequence[str], changes: Mapping[str, str]) -> Run:
    """Run a command to its end, without its output, in our environment with `changes`."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(LAUNCH), *command],
        env=environment(changes),
        stdout=subprocess.PIPE,
        check=True,
    )
    return Run(**json.loads(done.stdout))


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Our environment with `changes`, without options of the suite, and with bytecode kept.

    That is how a command runs that was installed.
    """
    others = ("CSBS_", "PYTHONDONTWRITEBYTECODE")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**ours, **changes}


def median(runs: Sequence[Run], figure: str) -> float:
    """The median of one figure."""
    return float(statistics.median(getattr(result, figure) for result in runs))
