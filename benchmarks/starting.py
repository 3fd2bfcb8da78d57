"""What commands cost that are run once: processor time of each, the start of Python among it."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
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
        target = known(address.endpoint("one"))
        commands = {
            YARDSTICK: [sys.executable, "-c", "pass"],
            "`--version`": [COMMAND, "--version"],
            "`plan`": [COMMAND, "plan", *target, *reports],
            "`run --profile smoke`": [
                *(COMMAND, "run", "--profile", "smoke", "--quiet", *target, *reports)
            ],
            "`run`": [COMMAND, "run", "--quiet", *target, *reports],
            EMULATED: [COMMAND, "run", "--quiet", *reports],
        }
        runs = in_turn(list(commands.values()), sizes.rounds)
    told = dict(zip(commands, runs, strict=True))
    rows = [_row(name, each, told[YARDSTICK]) for name, each in told.items()]
    return "\n".join(
        [
            where,
            "",
            f"Medians of {sizes.rounds} rounds in turn after a warm-up, which leaves bytecode, "
            "compiled templates and generated requests. Processor time is what the process took, "
            "and those that it waited for; the target of a run is another process, except in the "
            "last row. The ratio to a Python that does nothing is the figure to compare with "
            "other machines.",
            "",
            *table(["command", "processor ms", "ratio", "wall ms", "exit code"], rows),
        ]
    )


def in_turn(commands: Sequence[Sequence[str]], rounds: int) -> list[list[Run]]:
    """The runs of each command; the first round warms up and is left out."""
    runs: list[list[Run]] = [[] for _ in commands]
    for _ in range(rounds + 1):
        for mine, command in zip(runs, commands, strict=True):
            mine.append(run(command, TOKENS))
    return [each[1:] for each in runs]


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
