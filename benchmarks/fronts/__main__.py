"""Every implementation of the catalogue, or a sample of it, tried in five ways.

python -m benchmarks.fronts [--faults N] [--variants N] [--seed N] [--jobs N] [--output FILE]
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from benchmarks.fronts.ways import Trial, attempt
from conformance.contract import load_contract
from conformance.contract.clauses import MUST
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.variants import VARIANTS
from conformance.page.catalogue import catalogue
from conformance.prove.trial import Subject, SubjectKind


def sample(names: list[str], size: int | None, seed: int) -> list[str]:
    """Some of the names, the same ones for the same seed; all where no size is given."""
    return names if size is None else sorted(random.Random(seed).sample(names, size))


def as_markdown(trials: list[Trial], command: str) -> str:
    """The outcome as a page."""
    faults = [trial for trial in trials if trial.subject.kind is SubjectKind.FAULT]
    variants = [trial for trial in trials if trial.subject.kind is SubjectKind.VARIANT]
    caught = Counter(
        way for trial in faults for way, failed in trial.failed.items() if failed & trial.declared
    )
    lines = [
        "# The ways in, held against each other",
        "",
        f"Made by `{command}`: {len(faults)} faults and {len(variants)} variants.",
        "",
        "| way | faults whose clause it failed |",
        "|---|---|",
        *(f"| {way} | {caught[way]} of {len(faults)} |" for way in trials[0].failed),
        "",
        f"{sum(_is_warning(trial) for trial in faults)} of the faults break a `should`, which is a "
        "warning and counts as not failed. Schemathesis was inconclusive on "
        f"{_unsettled(faults)} faults and {_unsettled(variants)} variants.",
        "",
        f"## Contradictions: {sum(bool(trial.problems) for trial in trials)}",
        "",
        *(f"* `{t.subject.name}`: {'; '.join(t.problems)}" for t in trials if t.problems),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _is_warning(trial: Trial) -> bool:
    clauses = catalogue(load_contract())
    return all(clauses[clause_id].level is not MUST for clause_id in trial.declared)


def _unsettled(trials: list[Trial]) -> int:
    return sum(trial.is_unsettled for trial in trials)


def main() -> int:
    """Try the catalogue, or a sample of it, and write the page; 1 where ways contradict."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fronts")
    parser.add_argument("--faults", type=int)
    parser.add_argument("--variants", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, default=Path("reports/fronts.md"))
    given = parser.parse_args()
    ordinary = [name for name, fault in CATALOGUE.items() if not fault.odd]
    subjects = [
        *(Subject(SubjectKind.FAULT, name) for name in sample(ordinary, given.faults, given.seed)),
        *(
            Subject(SubjectKind.VARIANT, n)
            for n in sample(list(VARIANTS), given.variants, given.seed)
        ),
    ]
    random.Random(given.seed).shuffle(subjects)
    trials: dict[Subject, Trial] = {}
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(attempt, subject) for subject in subjects]):
            trial = future.result()
            trials[trial.subject] = trial
            mark = "; ".join(trial.problems) or "ok"
            print(f"{len(trials)}/{len(subjects)} {trial.subject.name}: {mark}", flush=True)
    command = " ".join(["python -m benchmarks.fronts", *sys.argv[1:]])
    ordered = [trials[subject] for subject in subjects]
    given.output.write_text(as_markdown(ordered, command), encoding="utf-8")
    return int(any(trial.problems for trial in ordered))


if __name__ == "__main__":
    sys.exit(main())
