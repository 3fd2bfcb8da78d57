"""The suite beside plain Schemathesis, on the same emulated target."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import COMMAND, SCRIPTS, Run, median, run
from benchmarks.page import provenance, table
from benchmarks.town import TOKENS, WORLD, Address, known, town
from conformance.contract import contract_path


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rounds count, and what else than its defaults Schemathesis is told."""

    rounds: int = 7
    options: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A command in each round, and what its target counted in one: requests and executions."""

    runs: Sequence[Run]
    requests: int
    executions: int


def section(sizes: Sizes) -> str:
    """Measure; the section of the page."""
    where = provenance()
    with TemporaryDirectory() as directory, town() as address:
        told = alternate(address, Path(directory), sizes)
        verdict = json.loads((Path(directory) / "report.json").read_bytes())["verdict"]
    mine, theirs = told.values()
    share = median(mine.runs, "wall") / median(theirs.runs, "wall")
    rows = [
        [
            f"`{name}`",
            f"{median(each.runs, 'wall'):.2f}",
            f"{median(each.runs, 'cpu'):.2f}",
            f"{median(each.runs, 'memory'):.0f}",
            str(each.requests),
            str(each.executions),
            str(sorted({one.exit_code for one in each.runs})),
        ]
        for name, each in told.items()
    ]
    heads = ["command", "wall s", "processor s", "peak MB", "requests", "executions", "exit codes"]
    return "\n".join(
        [
            where,
            "",
            f"Medians of {sizes.rounds} rounds in turn after a warm-up. Requests and executions "
            "are those that the target counted. Schemathesis has its defaults and the token, and "
            "knows of no project, policy or server.",
            "",
            *table(heads, rows),
            f"The suite takes **{share:.0%}** of the wall time of Schemathesis (verdict: "
            f"{verdict}).",
        ]
    )


def alternate(address: Address, directory: Path, sizes: Sizes) -> dict[str, Told]:
    """Run both in turn, so that a machine that slows down slows both; the first round warms up."""
    commands = {
        "csbs-conformance run": [
            *(COMMAND, "run", "--quiet", *known(address.endpoint("suite"))),
            *("--report-dir", str(directory)),
        ],
        "schemathesis run": [
            *(str(SCRIPTS / "schemathesis"), "run", str(contract_path())),
            *("--url", address.endpoint("peer"), "--header", f"X-Auth-Token: {WORLD['token']}"),
            *sizes.options,
        ],
    }
    targets = dict(zip(commands, ("suite", "peer"), strict=True))
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(sizes.rounds):
        for name, command in commands.items():
            runs[name].append(run(command, TOKENS))
    told = {}
    for name, command in commands.items():
        before = address.counts(targets[name])
        runs[name].append(run(command, TOKENS))
        after = address.counts(targets[name])
        told[name] = Told(runs[name][1:], after[0] - before[0], after[1] - before[1])
    return told
