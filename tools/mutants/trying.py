"""Each mutant meets the tests that concern it, and what survives them a sample of the proof."""

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from multiprocessing.connection import Connection

import pytest

from tools.mutants.drawing import Mutant, Sources
from tools.mutants.forking import Ended, forked
from tools.mutants.living import import_instead, swap
from tools.mutants.progress import Progress
from tools.mutants.reaching import tests_of
from tools.mutants.tests import PLACES, Reach, first_failure, measure, with_tests

FAULTS, VARIANTS = 40, 40
"""How many of the proof's faults and conforming variants a survivor of the tests meets."""
SWAP, START, PATIENCE, PROOF_SECONDS = 5.0, 20.0, 3.0, 60.0
"""Seconds of processor time to take the place of functions, and for a start; how many times their
usual time tests may take besides; and seconds for the sample of the proof.
"""


class Fate(StrEnum):
    """What became of a mutant."""

    TESTS = "killed by tests"
    PROOF = "killed by the proof"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"
    UNTRIED = "not tried"


KILLED = frozenset({Fate.TESTS, Fate.PROOF})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant, by what or why, and at which commit it was tried."""

    mutant: Mutant
    fate: Fate
    by: str = ""
    commit: str = ""


ENDED = "it hung, or ended the process"
Tell = Callable[[str], None]
Swapped = Callable[[Mutant, Sequence[str]], str | None]


def try_all(
    mutants: Sequence[Mutant],
    modules: Sources,
    progress: Progress,
    tell: Tell,
    places: Sequence[str] = PLACES,
    until: float = math.inf,
    jobs: int = 1,
) -> list[Outcome]:
    """What becomes of mutants, by the tests in some places and by the proof, in so many processes.

    Those that `progress` knows to be killed are not tried again, and none is begun after `until`,
    by the monotonic clock. Raises SystemExit where tests or proof fail without any.
    """
    left = [mutant for mutant in mutants if progress.fate(mutant) not in KILLED]
    if left and time.monotonic() < until:
        shares = [share for first in range(jobs) if (share := left[first::jobs])]
        tasks = [partial(_try, share, modules, progress, tell, places, until) for share in shares]
        _at_once(tasks)
    return [
        Outcome(each, Fate(progress.fate(each)), progress.by(each), progress.commit(each))
        for each in mutants
    ]


def _at_once(tasks: Sequence[Callable[[], None]]) -> None:
    """Do each task in a process of its own. Raises SystemExit where one fails."""
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=task) for task in tasks]
    for child in children:
        child.start()
    for child in children:
        child.join()
    if any(child.exitcode for child in children):
        raise SystemExit("not all mutants were tried; the reason is above")


def _try(
    left: Sequence[Mutant],
    modules: Sources,
    progress: Progress,
    tell: Tell,
    places: Sequence[str],
    until: float,
) -> None:
    if problem := forked(partial(_proof_of, None)):
        raise SystemExit(f"the proof has to hold as it is; {problem}")
    with _collected(places) as (reach, swapped):
        tell(f"{len(reach.names)} tests, {sum(reach.seconds):.0f} s")
        for place, mutant in enumerate(left, 1):
            if time.monotonic() > until:
                break
            fate, by = _fate(mutant, tests_of(mutant, modules, reach), reach, swapped)
            progress.note(mutant, fate, by)
            tell(f"{place} of {len(left)}: {mutant}: {fate} {by}")


def _fate(
    mutant: Mutant, concerned: frozenset[int], reach: Reach, swapped: Swapped
) -> tuple[Fate, str]:
    """What becomes of a mutant, by what takes the least time first."""
    killer = swapped(mutant, reach.quickest_first(concerned))
    if killer:
        return Fate.TESTS, killer
    tests = Fate.TESTS, partial(_killer_afresh, mutant, concerned, reach)
    proof = Fate.PROOF, partial(_limited, partial(_proof_of, mutant), PROOF_SECONDS)
    for fate, find in (tests, proof) if killer is None else (proof, tests):
        if by := find():
            return fate, by
    return Fate.SURVIVED, ""


@contextmanager
def _collected(places: Sequence[str]) -> Iterator[tuple[Reach, Swapped]]:
    """What the tests reach, and a process that has collected them all, where mutants take the place
    of functions: that takes a tenth of the time of a process of their own.

    It tells which of some tests kills a mutant: none where that is empty, but a mutant may owe its
    life to what was computed before it came; None where more than functions is different.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=with_tests, args=(partial(_answer, theirs), places))
    child.start()
    theirs.close()

    def swapped(mutant: Mutant, names: Sequence[str]) -> str | None:
        ours.send((mutant, names, SWAP + PATIENCE * reach.usual_seconds(names)))
        return ours.recv()  # type: ignore[no-any-return]

    try:
        reach: Reach = ours.recv()
        yield reach, swapped
    except EOFError:
        raise SystemExit("the tests have to pass as they are") from None
    finally:
        child.kill()
        child.join()


def _answer(pipe: Connection, tests: Sequence[pytest.Item]) -> None:
    """Tell what tests reach, and then of each mutant and some tests which of them kills it."""
    pipe.send(forked(partial(measure, tests)))
    items = {test.nodeid: test for test in tests}
    while True:
        mutant, names, seconds = pipe.recv()
        task = partial(_killer_among, mutant, [items[name] for name in names])
        pipe.send(_limited(task, seconds))


def _killer_among(mutant: Mutant, tests: Sequence[pytest.Item]) -> str | None:
    return first_failure(tests) if swap(mutant) else None


def _killer_afresh(mutant: Mutant, concerned: frozenset[int], reach: Reach) -> str:
    """Which test kills a mutant that a new process imports from the start."""
    known = frozenset(reach.names)

    def task(wanted: Sequence[str], tests: Sequence[pytest.Item]) -> str:
        items = {test.nodeid: test for test in tests}
        named = [items[name] for name in wanted if name in items]
        return first_failure([*named, *(items[name] for name in items if name not in known)])

    def live() -> str:
        try:
            import_instead(mutant)
            for file, wanted in reach.by_file(concerned).items():
                killer = with_tests(partial(task, wanted), [file])
                if killer or killer is None:
                    return killer or "the tests cannot be collected"
        except Exception as error:
            return f"it cannot be imported: {type(error).__name__}"
        return ""

    usual = reach.usual_seconds(reach.quickest_first(concerned))
    return _limited(live, START + PATIENCE * usual) or ""


def _limited(task: Callable[[], str | None], seconds: float) -> str | None:
    """What kills a mutant; it is as good as dead where it never comes to an end."""
    try:
        return forked(task, seconds)
    except Ended:
        return ENDED


def _proof_of(mutant: Mutant | None) -> str:
    """What the proof finds wrong with a mutant, or with the suite as it is; empty for nothing."""
    try:
        if mutant is not None:
            import_instead(mutant)
        return _problem_in_sample()
    except Exception as error:
        return f"the proof stopped: {type(error).__name__}"


def _problem_in_sample() -> str:
    from conformance.emulator import World
    from conformance.emulator.bases import BASES
    from conformance.emulator.faults import CATALOGUE
    from conformance.emulator.raw import RawService
    from conformance.emulator.variants import VARIANTS as ALL_VARIANTS
    from conformance.prove.trial import SubjectKind, attempt, subjects

    every = subjects(list(CATALOGUE), list(ALL_VARIANTS), list(BASES), deep=False, sample=True)
    handed = [
        each
        for each in every
        if not isinstance(each.declared.make(World.default()), RawService)
        and each.declared.base_path == ""
    ]
    for kind, count in ((SubjectKind.VARIANT, VARIANTS), (SubjectKind.FAULT, FAULTS)):
        of_kind = [each for each in handed if each.kind is kind]
        for each in of_kind[:: max(len(of_kind) // count, 1)][:count]:
            if problem := attempt(each).problem:
                return f"{each}: {problem}"
    return ""
