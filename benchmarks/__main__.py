"""`make bench`: the suite beside plain Schemathesis on the same emulator, written as Markdown."""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from benchmarks.measure import Run, alternate, median
from conformance.contract import contract_path
from conformance.emulator import World

ROUNDS = 7
SCRIPTS = Path(sysconfig.get_path("scripts"))
OUTPUT = Path("reports/bench.md")
SLOW = 0.1


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run of the suite spent."""

    requests: int
    executions: int
    verdict: str


@contextmanager
def emulator(latency: float) -> Iterator[str]:
    """The emulator in a process of its own; yields its endpoint."""
    default = files("conformance.emulator").joinpath("default.toml").read_text()
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as world:
        world.write(re.sub(r"(?m)^latency = \S+", f"latency = {latency}", default))
        world.flush()
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance.emulator", "--port", "0", "--world", world.name],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield next(word for word in line.split() if word.startswith("http://"))
        finally:
            process.terminate()
            process.wait()


def suite(endpoint: str, directory: str) -> list[str]:
    """The command of this suite."""
    world = World.default().fixtures()
    resources = [part for server in world["resources"] for part in ("--resource", server)]
    return [
        str(SCRIPTS / "csbs-conformance"), "run", "--endpoint", endpoint, "--quiet",
        "--project-id", world["project_id"], "--plan-id", world["plan_id"], *resources,
        "--report-dir", directory,
    ]  # fmt: skip


def schemathesis(endpoint: str) -> list[str]:
    """Schemathesis with its defaults, and the token."""
    token = World.default().fixtures()["token"]
    return [
        str(SCRIPTS / "schemathesis"), "run", str(contract_path()), "--url", endpoint,
        "--header", f"X-Auth-Token: {token}",
    ]  # fmt: skip


def main() -> None:
    """Measure and write `reports/bench.md`."""
    world = World.default().fixtures()
    environment = {
        "CSBS_TOKEN": world["token"],
        "CSBS_FORBIDDEN_TOKEN": world["forbidden_token"] or "",
    }
    with tempfile.TemporaryDirectory() as directory:
        with emulator(0.0) as endpoint:
            commands = {
                "csbs-conformance run": suite(endpoint, directory),
                "schemathesis run": schemathesis(endpoint),
            }
            fast = alternate(commands, environment, ROUNDS)
            spent = _budget(directory)
        with emulator(SLOW) as endpoint:
            slow = alternate({"slow": suite(endpoint, directory)}, environment, 3)["slow"]
    text = report(fast, spent, slow)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(text)
    sys.stdout.write(text)


def _budget(directory: str) -> Budget:
    found = json.loads((Path(directory) / "report.json").read_text())
    budget = found["budget"]
    spent = (budget["requests"]["spent"], budget["executions"]["spent"])
    return Budget(*spent, verdict=found["verdict"])


def report(fast: dict[str, list[Run]], spent: Budget, slow: list[Run]) -> str:
    """The figures as Markdown."""
    mine, theirs = fast["csbs-conformance run"], fast["schemathesis run"]
    share = median(mine, "wall") / median(theirs, "wall")
    rows = [
        f"| `{name}` | {median(runs, 'wall'):.2f} | {median(runs, 'cpu'):.2f} "
        f"| {median(runs, 'memory'):.0f} | {sorted({r.exit_code for r in runs})} |"
        for name, runs in fast.items()
    ]
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Medians of {ROUNDS} rounds in turn after a warm-up, Python "
            f"{platform.python_version()}, {platform.machine()}; the emulator runs in a process "
            "of its own on loopback. Made by `make bench`.",
            "",
            "| command | wall s | processor s | peak MB | exit codes |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"The suite takes **{share:.0%}** of the wall time of Schemathesis with its defaults, "
            f"with {spent.requests} requests and {spent.executions} executions "
            f"(verdict: {spent.verdict}).",
            "",
            f"Against a target that takes {SLOW * 1000:.0f} ms for each answer it takes "
            f"{median(slow, 'wall'):.1f} s.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
