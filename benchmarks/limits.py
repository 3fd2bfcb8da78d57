"""What hostile targets and recordings cost at most; writes the table of SECURITY.md.

python -m benchmarks.limits [--behaviour NAME]... [--page FILE]

Every hostile behaviour of the tests is run with a warm cache; those that cost most are run again
with a cold one. The runs are those of `tests/hostile`: the real command against real sockets.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import COMMAND, run
from benchmarks.page import provenance, table

HOSTILE = Path(__file__).parent.parent / "tests" / "hostile"
PAGE = Path("SECURITY.md")
BEGIN, END = "<!-- limits -->\n", "<!-- end of limits -->"
AT_ONCE = 2
MOST_COLD = 5
"""Runs of each figure that are run again with a cold cache: those that cost most with a warm."""
LARGE = 46_000_000
"""Bytes of the one entry of each recording."""
ENTRY = (
    '{"startedDateTime": "2026-01-01T00:00:00Z", "time": 1, "request": {"method": "POST", "url": '
    '"https://csbs.example/v1/p/providers/x/checkpoints", "headers": []}, "response": {"status": '
    '400, "headers": [], "content": {"text": %s}}}'
)
ENTRIES = {
    "one text": ('"', "a", '"'),
    "escapes": ('"', "\\n", '"'),
    "wide characters": ('"\U0001f600', "a", '"'),
    "numbers": ("[", "0,", "0]"),
    "objects": ("[", "{},", "0]"),
}
"""How each entry begins, what it is filled with, and how it ends."""
HEADS = ("what", "tried", "ended as they should", "longest", "processor", "memory", "reports")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost: seconds of wall and processor time, bytes of memory and of its files."""

    name: str
    as_it_should: bool
    seconds: float
    cpu: float
    memory: float
    written: int


def targets(names: Iterable[str], *, cold: bool) -> list[Cost]:
    """What runs against hostile behaviours cost."""
    sys.path.insert(0, str(HOSTILE))
    hostile: Any = importlib.import_module("hostile_runs")
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(AT_ONCE) as pool:
        runs = hostile.Runs(Path(place), cold)

        def cost(name: str) -> Cost:
            behaviour = hostile.REGISTER[name]
            runs.claim(behaviour)
            outcome, reports = runs.outcome(behaviour), runs.of(behaviour) / "reports"
            written = sum(path.stat().st_size for path in reports.iterdir())
            ended = outcome.code in behaviour.codes
            return Cost(name, ended, outcome.seconds, outcome.cpu, outcome.peak, written)

        return list(pool.map(cost, list(names) or list(hostile.REGISTER)))


def recordings() -> Iterator[Cost]:
    """What judging recordings of one large entry costs."""
    with tempfile.TemporaryDirectory() as place:
        for name, (begin, unit, end) in ENTRIES.items():
            text = begin + unit * (LARGE // len(unit)) + end
            path = Path(place, "large.har")
            path.write_text('{"log": {"entries": [' + ENTRY % text + "]}}", encoding="utf-8")
            done = run([COMMAND, "judge", str(path), "--report-dir", f"{place}/reports"], {})
            yield Cost(name, done.exit_code == 2, done.wall, done.cpu, done.memory * 1e6, 0)


def dearest(costs: Sequence[Cost]) -> list[str]:
    """The names of those that cost most of anything."""
    found: dict[str, None] = {}
    for figure in ("seconds", "cpu", "memory", "written"):
        by_it = sorted(costs, key=lambda cost: -getattr(cost, figure))
        found.update(dict.fromkeys(cost.name for cost in by_it[:MOST_COLD]))
    return list(found)


def row(what: str, costs: Sequence[Cost]) -> list[str]:
    """The most that any of the runs cost of each, and how many ended as they should."""
    ended = sum(cost.as_it_should for cost in costs)
    figures = [
        f"{max(cost.seconds for cost in costs):.1f} s",
        f"{max(cost.cpu for cost in costs):.1f} s",
        f"{max(cost.memory for cost in costs) / 1e6:.0f} MB",
        f"{max(cost.written for cost in costs) / 1e6:.0f} MB",
    ]
    return [what, str(len(costs)), str(ended), *figures]


def put_into(page: str, lines: Sequence[str]) -> str:
    """A page with its table of limits anew. Raises ValueError for a page that has no place."""
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    return page[:begin] + "\n" + "\n".join(lines).strip() + "\n\n" + page[end:]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits")
    parser.add_argument("--behaviour", action="append", default=[], help="one; default: all")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    measured = provenance()
    warm = targets(options.behaviour, cold=False)
    cold = targets(dearest(warm), cold=True)
    judged = list(recordings())
    rows = [
        row("hostile behaviours of a target, warm cache", warm),
        row("those of them that cost most, cold cache", cold),
        row(f"recordings with an entry of {LARGE / 1e6:.0f} MB", judged),
    ]
    for cost in (*warm, *cold, *judged):
        sys.stderr.write(f"{cost}\n")
    lines = [*table(HEADS, rows), f"Measured on {measured}"]
    page = options.page.read_text(encoding="utf-8")
    options.page.write_text(put_into(page, lines), encoding="utf-8")


if __name__ == "__main__":
    main()
