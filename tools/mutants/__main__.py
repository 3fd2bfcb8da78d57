"""Tries mutants of the oracle and writes `reports/mutants.md`: `python -m tools.mutants`."""

from __future__ import annotations

import argparse
import math
import os
import random
import subprocess
import sys
import time
import warnings
from pathlib import Path

from tools.mutants.drawing import draw, sources
from tools.mutants.equivalents import FILE, read_equivalents, why_equivalent
from tools.mutants.living import ROOT
from tools.mutants.page import as_markdown, score
from tools.mutants.progress import Progress
from tools.mutants.trying import Fate, Outcome, try_all

PROGRESS = ROOT / "reports" / "latest" / "mutants.jsonl"
LEAST = 95.0
"""Of 100 mutants that are not equivalent, how many have to be killed."""


def main() -> int:
    """Draw, try, write; the exit code: 1 where too many survive."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="mutants to draw (default: 300)")
    parser.add_argument("--seed", type=int, default=1, help="what they are drawn by (default: 1)")
    parser.add_argument(
        "--report", type=Path, default=ROOT / "reports" / "mutants.md", help="the page to write"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="do not try again what an earlier run has killed, where the code is as it was",
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a processor)"
    )
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin none after so many")
    given = parser.parse_args()
    warnings.simplefilter("ignore", SyntaxWarning)  # mutants compare literals by `is`
    modules = sources(ROOT)
    known = read_equivalents(FILE.read_text(encoding="utf-8"))
    drawn = draw(modules, given.count, given.seed)
    equivalent = [
        Outcome(mutant, Fate.EQUIVALENT, why)
        for mutant in drawn
        if (why := why_equivalent(mutant, known))
    ]
    told = {outcome.mutant for outcome in equivalent}
    commit = _commit()
    progress = Progress(PROGRESS, commit, resume=given.resume)
    left = [mutant for mutant in drawn if mutant not in told]
    mixed = random.Random(given.seed).sample(left, len(left))  # however many there is time for
    until = time.monotonic() + 60 * given.minutes
    tried = try_all(mixed, modules, progress, _tell, until=until, jobs=given.jobs)
    outcomes = [*tried, *equivalent]
    outcomes.sort(key=lambda each: (each.mutant.module, each.mutant.line, each.mutant.operator))
    given.report.write_text(as_markdown(outcomes, given.seed, commit), encoding="utf-8")
    print(f"{score(outcomes):.1f} of 100 killed: {given.report}")
    return int(score(outcomes) < LEAST)


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def _tell(text: str) -> None:
    print(text, file=sys.__stderr__, flush=True)


if __name__ == "__main__":
    sys.exit(main())
