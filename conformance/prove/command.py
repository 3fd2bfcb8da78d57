"""The command `prove`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from conformance.contract import load_contract
from conformance.emulator.bases import BASES
from conformance.emulator.faults import CATALOGUE
from conformance.emulator.implementation import summary_of
from conformance.emulator.variants import VARIANTS
from conformance.page.catalogue import catalogue
from conformance.prove.matrix import summary, write_matrix
from conformance.prove.proof import Proof, matching, prove
from conformance.prove.trial import SubjectKind, Trial, subjects
from conformance.report.fitting import Fitting
from conformance.report.labels import Label
from conformance.text import counted


def run_proof(
    fault: tuple[str, ...],
    variant: tuple[str, ...],
    base: tuple[str, ...],
    clause: tuple[str, ...],
    listing: bool,
    sample: bool,
    deep: bool,
    jobs: int,
    report_dir: Path,
) -> int:
    """Try, or list, the implementations that the patterns select; the exit code.

    With patterns for one kind only, the other kind is left out. A `sample` tries each fault on one
    of the bases, in turn. With clauses, only variants are tried, to see which of them break one.
    """
    clauses = matching(catalogue(load_contract()), clause, "clause", "csbs-conformance clauses")
    if clauses and not variant:
        variant, sample = ("*",), True
    everything = not fault and not variant
    faults = matching(CATALOGUE, ("*",) if everything else fault, "fault")
    variants = matching(VARIANTS, ("*",) if everything else variant, "variant")
    bases = matching(BASES, base or ("*",), "base")
    if listing:
        for name in bases:
            click.echo(f"base     {name:40} {'conforms':26} {summary_of(BASES[name])}")
        for name in faults:
            found = CATALOGUE[name]
            click.echo(f"fault    {name:40} {found.breaks:26} {found.summary}")
        for name in variants:
            click.echo(f"variant  {name:40} {'conforms':26} {VARIANTS[name].summary}")
        return 0
    chosen = subjects(faults, variants, bases, deep=deep, sample=sample)
    done = 0

    def tell(_: Trial) -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            click.echo(f"\r{done} of {len(chosen)}", err=True, nl=False)

    proof = prove(chosen, jobs, tell, time.monotonic)
    if sys.stderr.isatty():
        click.echo("\r", err=True, nl=False)
    broken = _broken(proof, set(clauses))
    problems, fit = [*proof.problems, *broken], Fitting.of(sys.stdout)
    if clauses and not broken:
        click.echo(f"no variant breaks {', '.join(clauses)}")
    for problem in problems:
        click.echo(fit(f"{Label.FAILED.symbol} {problem}"))
    for told in [_faults_of(name) for name in clauses] or [summary(proof)]:
        click.echo(fit(told))
    click.echo(f"matrix: {', '.join(str(path) for path in write_matrix(proof, report_dir))}")
    return 1 if problems else 0


def _faults_of(clause: str) -> str:
    """The faults that are there to break a clause, or that there is none yet."""
    names = [fault.name for fault in CATALOGUE.values() if fault.breaks == clause]
    if not names:
        return f"{clause} has no fault yet: it goes to conformance/emulator/faults"
    return f"{clause} has {counted(len(names), 'fault')} (prove --fault): {', '.join(names)}"


def _broken(proof: Proof, clauses: set[str]) -> list[str]:
    """The variants that break one of these clauses, in a line each."""
    remedy = "make it that clause's fault, or take out of it what breaks the clause"
    return [
        f"{trial.subject} (in {trial.subject.module}) breaks {name}: {remedy}"
        for trial in proof.of(SubjectKind.VARIANT)
        for name in trial.broken
        if name in clauses
    ]
