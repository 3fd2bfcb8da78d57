"""What commands cost that are run once: processor time of each, the start of Python among it."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import COMMAND, Run, run
from benchmarks.page import provenance, table
from benchmarks.town import TOKENS, known, town

YARDSTICK = "`python -c pass`"
EMULATED = "`run`, and the embedded emulator, which is a process of its own"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rounds count."""

    rounds: int = 15


def section(sizes: Sizes) -> str:
    """Measure; the section of the page."""
    where = provenance()
    with TemporaryDirectory() as directory, town() as address:
        reports = ("--report-dir", str(Path(directory) / "reports"))
        run_it = [COMMAND, "run", "--quiet", *reports]

        def commands(number: int) -> dict[str, list[str]]:
            smoke, whole = (known(address.endpoint(f"{kind}-{number}")) for kind in ("s", "w"))
            return {
                YARDSTICK: [sys.executable, "-c", "pass"],
                "`--version`": [COMMAND, "--version"],
                "`plan`": [COMMAND, "plan", *whole, *reports],
                "`run --profile smoke`": [*run_it, "--profile", "smoke", *smoke],
                "`run`": [*run_it, *whole],
                EMULATED: run_it,
            }

        told = in_turn(commands, sizes.rounds)
    rows = [_row(name, each, told[YARDSTICK]) for name, each in told.items()]
    return "\n".join(
        [
            where,
            "",
            f"Medians of {sizes.rounds} rounds in turn after a warm-up, which leaves bytecode, "
            "compiled templates and generated requests. Processor time is what the process took, "
            "and those that it waited for; the target of a run is another process, except in the "
            "last row, and each run has a target of its own, which has no backups yet. The ratio "
            "to a Python that does nothing is the figure to compare with other machines.",
            "",
            *table(["command", "processor ms", "ratio", "wall ms", "exit code"], rows),
        ]
    )


def in_turn(
    commands: Callable[[int], Mapping[str, Sequence[str]]], rounds: int
) -> dict[str, list[Run]]:
    """The runs of each command, which are those of the round; the first warms up and is left out.

    A target that was tested has backups to list, so that each round needs others.
    """
    runs: dict[str, list[Run]] = {}
    for number in range(rounds + 1):
        for name, command in commands(number).items():
            runs.setdefault(name, []).append(run(command, TOKENS))
    return {name: each[1:] for name, each in runs.items()}


def _row(name: str, runs: Sequence[Run], yardstick: Sequence[Run]) -> list[str]:
    """The median of the ratios in each round, in which the machine was the same for both."""
    pairs = zip(runs, yardstick, strict=True)
    ratio = statistics.median(mine.cpu / other.cpu for mine, other in pairs)
    return [
        name,
        f"{statistics.median(each.cpu for each in runs) * 1000:.0f}",
        f"{ratio:.1f}",
        f"{statistics.median(each.wall for each in runs) * 1000:.0f}",
        str(sorted({each.exit_code for each in runs})),
    ]
