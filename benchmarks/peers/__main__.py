"""`python -m benchmarks.peers`: installs the peers, runs all tools, writes `reports/peers.md`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from benchmarks.peers.inputs import prepare
from benchmarks.peers.report import report
from benchmarks.peers.target import FAULT, REFERENCE, VARIANT
from benchmarks.peers.tools import Tool, installed, tools
from benchmarks.peers.trial import Subject, Trial, attempt
from conformance.contract import load_contract
from conformance.contract.clauses import Level
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.variants import VARIANTS
from conformance.page.catalogue import catalogue

OUTPUT = Path("reports/peers.md")


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--faults", type=int, default=40, help="how many faults (%(default)s)")
    parser.add_argument("--variants", type=int, default=20, help="how many variants (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample and of Schemathesis")
    parser.add_argument("--jobs", type=int, default=1, help="targets at once; 1 to measure time")
    given = parser.parse_args(argv)

    everyone = tools(given.seed)
    missing = {tool.name: problem for tool in everyone if (problem := installed(tool))}
    present = [tool for tool in everyone if tool.name not in missing]
    subjects = sample(given.faults, given.variants, given.seed)
    with tempfile.TemporaryDirectory() as inputs:
        prepare(Path(inputs))
        results = _results(present, subjects, Path(inputs), given.jobs)
    call = (
        f"python -m benchmarks.peers --faults {given.faults} --variants {given.variants} "
        f"--seed {given.seed} --jobs {given.jobs}"
    )
    faulty, sound = (len(pool) for pool in pools())
    drawn = (
        f"{min(given.faults, faulty)} of the {faulty} faults that break a `must`, and "
        f"{min(given.variants, sound)} of the {sound} variants that can be judged, drawn with "
        f"seed {given.seed}"
    )
    text = report(everyone, missing, results, call, drawn)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(text)
    sys.stdout.write(text)


def sample(faults: int, variants: int, seed: int) -> list[Subject]:
    """The reference, and two seeded draws without replacement from the names in order."""
    faulty, sound = pools()
    random = Random(seed)
    return [
        Subject(REFERENCE, REFERENCE),
        *(Subject(FAULT, name) for name in random.sample(faulty, min(faults, len(faulty)))),
        *(Subject(VARIANT, name) for name in random.sample(sound, min(variants, len(sound)))),
    ]


def pools() -> tuple[list[str], list[str]]:
    """Faults that break a `must` on planned requests, and variants that can be judged."""
    clauses = catalogue(load_contract())
    faulty = [
        name
        for name, fault in sorted(CATALOGUE.items())
        if not fault.odd and clauses[fault.breaks].level is Level.MUST
    ]
    sound = [name for name, variant in sorted(VARIANTS.items()) if not variant.may_be_inconclusive]
    return faulty, sound


def _results(
    present: Sequence[Tool], subjects: Sequence[Subject], inputs: Path, jobs: int
) -> dict[str, list[Trial]]:
    """Every tool on every subject, the tools in turn; caches are warmed on the reference."""
    for tool in present:
        attempt(tool, subjects[0], inputs)
    results: dict[str, list[Trial]] = {tool.name: [] for tool in present}
    began = time.monotonic()

    def on(subject: Subject) -> list[Trial]:
        return [attempt(tool, subject, inputs) for tool in present]

    with ThreadPoolExecutor(jobs) as pool:
        for number, trials in enumerate(pool.map(on, subjects), 1):
            for trial in trials:
                results[trial.tool.name].append(trial)
            seconds = time.monotonic() - began
            print(f"{number}/{len(subjects)} after {seconds:.0f} s", file=sys.stderr, flush=True)
    return results


if __name__ == "__main__":
    main()
