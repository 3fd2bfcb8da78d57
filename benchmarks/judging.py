"""How fast recordings are judged, and in how much memory: `python -m benchmarks.judging`.

Writes `reports/judging.md`. Two mixes: what a run sends, mostly requests to be refused; and what a
target in use sees, where every request is executed and every answer differs.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measure import Run, run
from benchmarks.recordings import write_har, write_journal
from conformance.emulator import World
from conformance.exchange.journal import read_journal
from conformance.model import Journal

COMMAND = Path(sysconfig.get_path("scripts"), "csbs-conformance")
OUTPUT = Path("reports/judging.md")
SIZES = (10_000, 100_000, 1_000_000)
Writer = Callable[[Path, Journal, int], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One recording judged."""

    kind: str
    mix: str
    length: int
    megabytes: float
    result: Run
    idle: Run

    @property
    def per_second(self) -> float:
        """Exchanges for each second of processor time, without what starting takes."""
        return self.length / (self.result.cpu - self.idle.cpu)


def one_run(directory: Path) -> Journal:
    """The journal of a run against the embedded emulator, without what no recording has."""
    command = [str(COMMAND), "run", "--quiet", "--report-dir", str(directory)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal = read_journal(directory / "journal.ndjson")
    readable = [
        e
        for e in journal.exchanges
        if e.response and _is_text(e.request.body) and "/providers/" in e.request.url
    ]
    return replace(journal, exchanges=tuple(readable))


def _is_text(body: bytes) -> bool:
    try:
        return "\0" not in body.decode()
    except UnicodeDecodeError:
        return False


def executed(journal: Journal) -> Journal:
    """The journal with nothing but plain executions."""
    plain = [
        e
        for e in journal.exchanges
        if e.response and e.response.status == 200 and b"resources" in e.request.body
    ]
    return replace(journal, exchanges=tuple(plain))


def judged(path: Path, directory: Path) -> Run:
    """Judge a recording in a process of its own."""
    world = World.default().fixtures()
    options = ["--project-id", world["project_id"], "--plan-id", world["plan_id"]]
    options += [part for server in world["resources"] for part in ("--resource", server)]
    given = options if ".har" in path.name else []
    reports = str(directory / "reports")
    return run([str(COMMAND), "judge", str(path), "--quiet", "--report-dir", reports, *given], {})


def rows(sizes: Sequence[int], directory: Path) -> Iterator[Row]:
    """Judge recordings of every kind, mix and size."""
    whole = one_run(directory / "run")
    mixes = {"a run's": whole, "executions": executed(whole)}
    kinds: dict[str, tuple[str, Writer]] = {
        "journal": ("journal.ndjson", write_journal),
        "HAR": ("recorded.har", write_har),
    }
    for kind, (name, write) in kinds.items():
        for mix, journal in mixes.items():
            path = directory / name
            write(path, journal, 1)
            idle = judged(path, directory)
            for length in sizes:
                write(path, journal, length)
                result = judged(path, directory)
                megabytes = path.stat().st_size / 1e6
                path.unlink()
                yield Row(kind, mix, length, megabytes, result, idle)


def report(measured: Sequence[Row]) -> str:
    """The figures as Markdown."""
    lines = [
        "# Judging recordings",
        "",
        f"One process a recording, Python {platform.python_version()}, {platform.machine()}. Made "
        f"by `python -m benchmarks.judging`, on {os.cpu_count()} processors with a load average "
        f"of {os.getloadavg()[2]:.0f}: what else ran took its share of them.",
        "",
        "Exchanges a second are for each second of processor time behind the start (which an "
        "exchange by itself was measured to take). *A run's* mix is what a run sends, mostly "
        "requests to be refused; in *executions* every request is executed, and every answer "
        "differs: of those the judge keeps one digest each, and of a journal also the checkpoint's "
        "id, which the report lists.",
        "",
        "| recording | mix | exchanges | MB | wall s | processor s | per second | peak MB | exit |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in measured:
        r = row.result
        lines.append(
            f"| {row.kind} | {row.mix} | {row.length:,} | {row.megabytes:,.0f} | {r.wall:.1f} "
            f"| {r.cpu:.1f} | {row.per_second:,.0f} | {r.memory:.0f} | {r.exit_code} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--size", type=int, action="append", help="exchanges; default: 10^4 to 10^6"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        measured = []
        for row in rows(options.size or SIZES, Path(directory)):
            measured.append(row)
            sys.stderr.write(f"{row.kind} {row.mix} {row.length}: {row.per_second:,.0f}/s\n")
    options.output.write_text(report(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
