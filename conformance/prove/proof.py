"""All trials together: is the suite right about every implementation and every clause?"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from multiprocessing.connection import wait

from conformance.contract import load_contract
from conformance.emulator.faults import CATALOGUE
from conformance.errors import UsageError
from conformance.garbage import look_seldom
from conformance.page.catalogue import catalogue
from conformance.prove.trial import Subject, SubjectKind, Trial, attempt


@dataclass(frozen=True, slots=True)
class Proof:
    """The trials of a proof, in the order of the catalogue, and the clauses without a fault."""

    trials: tuple[Trial, ...]
    unproven: tuple[str, ...]
    seconds: float

    @property
    def problems(self) -> list[str]:
        """All that is wrong, in a line each."""
        wrong = [f"{trial.subject}: {trial.problem}" for trial in self.trials if trial.problem]
        return [*wrong, *(f"clause {clause_id}: no fault breaks it" for clause_id in self.unproven)]

    def of(self, kind: SubjectKind) -> list[Trial]:
        """The trials of a kind."""
        return [trial for trial in self.trials if trial.subject.kind is kind]


def matching(
    names: Iterable[str], patterns: Sequence[str], what: str, listed: str = "prove --list"
) -> list[str]:
    """The names that patterns select; `listed` is the command that has all of them.

    Raises UsageError for a pattern that selects none.
    """
    known = list(names)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            near = get_close_matches(pattern, known, n=1)
            told = f"did you mean {near[0]}?" if near else f"{listed} has their names"
            raise UsageError(f"--{what} {pattern!r} matches no {what}; {told}")
    return [name for name in known if any(fnmatchcase(name, pattern) for pattern in patterns)]


def prove(
    subjects: Sequence[Subject],
    jobs: int,
    tell: Callable[[Trial], None],
    clock: Callable[[], float],
) -> Proof:
    """Try every subject, `jobs` at a time, each in a process that serves and tests it."""
    began = clock()
    done: dict[Subject, Trial] = {}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([attempt.__module__])
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin) as pool:
        futures = [pool.submit(attempt, subject) for subject in subjects]
        for future in as_completed(futures):
            trial = future.result()
            done[trial.subject] = trial
            tell(trial)
    trials = tuple(done[subject] for subject in subjects)
    return Proof(trials, tuple(unproven(trials)), clock() - began)


def _begin() -> None:
    """What a process does before its first trial."""
    end_with_parent()
    look_seldom()


def end_with_parent() -> None:
    """Have this process end when the one that started the pool does, however that ends."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def unproven(trials: Sequence[Trial]) -> list[str]:
    """The clauses that no fault breaks though one could, where the whole catalogue was tried."""
    tried = {trial.subject.name for trial in trials if trial.subject.kind is SubjectKind.FAULT}
    whole = {name for name, fault in CATALOGUE.items() if not fault.odd}
    if not whole <= tried:
        return []
    broken = {trial.breaks for trial in trials if not trial.is_hidden}
    clauses = catalogue(load_contract()).values()
    return [c.id for c in clauses if not c.without_fault and c.id not in broken]
