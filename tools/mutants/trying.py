"""Each mutant meets the tests that concern it, and what survives them a sample of the proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import pytest

from tools.mutants.drawing import Mutant, Sources
from tools.mutants.forking import Ended, forked
from tools.mutants.living import import_instead, swap
from tools.mutants.progress import Progress
from tools.mutants.reaching import tests_of
from tools.mutants.tests import PLACES, Reach, first_failure, measure, with_tests

FAULTS, VARIANTS = 40, 40
"""How many of the proof's faults and conforming variants a survivor of the tests meets."""
START, LEAST, PATIENCE = 20.0, 5.0, 5.0
"""Seconds of processor time for a start and for any work, and how many times its usual time that
may take.
"""


class Fate(StrEnum):
    """What became of a mutant."""

    TESTS = "killed by tests"
    PROOF = "killed by the proof"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant, and by what or why."""

    mutant: Mutant
    fate: Fate
    by: str = ""


ENDED = "it hung, or ended the process"
Tell = Callable[[str], None]


def try_all(
    mutants: Sequence[Mutant],
    modules: Sources,
    progress: Progress,
    tell: Tell,
    places: Sequence[str] = PLACES,
) -> list[Outcome]:
    """What becomes of mutants, by the tests in some places and by the proof.

    Those that `progress` knows to be killed are not tried again. Raises SystemExit where either fails without them.
    """
    if problem := forked(partial(_proof_of, None)):
        raise SystemExit(f"the proof has to hold as it is; {problem}")
    tell("the proof holds")
    left = [mutant for mutant in mutants if not progress.killed(mutant)]
    reach, killers = forked(partial(_by_swapping, left, modules, progress, tell, places))
    swapped = dict(zip(left, killers, strict=True))
    outcomes = []
    for place, mutant in enumerate(mutants):
        if before := progress.killed(mutant):
            outcomes.append(Outcome(mutant, Fate(before[0]), before[1]))
        elif swapped[mutant]:
            outcomes.append(Outcome(mutant, Fate.TESTS, swapped[mutant]))
        else:
            outcome = _outcome(mutant, modules, reach)
            outcomes.append(outcome)
            if outcome.fate is not Fate.SURVIVED:
                progress.note(mutant, outcome.fate, outcome.by)
            tell(f"{place + 1} of {len(mutants)}: {mutant}: {outcome.fate} {outcome.by}")
    return outcomes


def _outcome(mutant: Mutant, modules: Sources, reach: Reach) -> Outcome:
    if killer := _killer_afresh(mutant, modules, reach):
        return Outcome(mutant, Fate.TESTS, killer)
    if problem := _limited(partial(_proof_of, mutant), 30.0):
        return Outcome(mutant, Fate.PROOF, problem)
    return Outcome(mutant, Fate.SURVIVED)


def _by_swapping(
    mutants: Sequence[Mutant],
    modules: Sources,
    progress: Progress,
    tell: Tell,
    places: Sequence[str],
) -> tuple[Reach, list[str]]:
    """The reach of the tests, and for each mutant which test kills it; empty where none does.

    All tests are collected once, and each mutant lives in a fork that has them: that takes a
    tenth of the time of a process of its own. What survives here may owe it to what was computed
    before.
    """

    def task(tests: Sequence[pytest.Item]) -> tuple[Reach, list[str]]:
        reach = forked(partial(measure, tests))
        tell(f"{len(tests)} tests, {sum(reach.seconds):.0f} s")
        items = {test.nodeid: test for test in tests}
        killers = []
        for place, mutant in enumerate(mutants):
            concerned = tests_of(mutant, modules, reach)
            chosen = [items[name] for name in reach.quickest_first(concerned)]
            killer = _limited(
                partial(_killer_among, mutant, chosen), LEAST + PATIENCE * reach.cost(concerned)
            )
            killers.append(killer)
            if killer:
                progress.note(mutant, Fate.TESTS, killer)
            tell(f"{place + 1} of {len(mutants)}: {mutant}: {killer or 'not yet'}")
        return reach, killers

    result = with_tests(task, places)
    if result is None:
        raise SystemExit("the tests cannot be collected")
    return result


def _killer_among(mutant: Mutant, tests: Sequence[pytest.Item]) -> str:
    return first_failure(tests) if swap(mutant) else ""


def _killer_afresh(mutant: Mutant, modules: Sources, reach: Reach) -> str:
    """Which test kills a mutant that a new process imports from the start."""
    concerned = tests_of(mutant, modules, reach)
    wanted = {name: place for place, name in enumerate(reach.quickest_first(concerned))}
    files = sorted({name.partition("::")[0] for name in wanted})
    known = frozenset(reach.names)

    def task(tests: Sequence[pytest.Item]) -> str:
        named = sorted(
            (each for each in tests if each.nodeid in wanted), key=lambda e: wanted[e.nodeid]
        )
        strange = [each for each in tests if each.nodeid not in known]
        return first_failure([*named, *strange])

    def live() -> str:
        import_instead(mutant)
        killer = with_tests(task, files)
        return "the tests cannot be collected" if killer is None else killer

    return _limited(live, START + PATIENCE * reach.cost(concerned))


def _limited(task: Callable[[], str], seconds: float) -> str:
    """What kills a mutant; it is as good as dead where it never comes to an end."""
    try:
        return forked(task, seconds)
    except Ended:
        return ENDED


def _proof_of(mutant: Mutant | None) -> str:
    """What the proof finds wrong with a mutant, or with the suite as it is; empty for nothing."""
    if mutant is not None:
        import_instead(mutant)
    try:
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
        for each in of_kind[:: max(len(of_kind) // count, 1)]:
            if problem := attempt(each).problem:
                return f"{each}: {problem}"
    return ""
