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
START, LEAST, PATIENCE, PROOF_SECONDS = 20.0, 5.0, 5.0, 60.0
"""Seconds of processor time for a start and for any work, how many times its usual time that may
take, and seconds for the sample of the proof.
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

    Those that `progress` knows to be killed are not tried again. Raises SystemExit where either
    fails without them.
    """
    if problem := forked(partial(_proof_of, None)):
        raise SystemExit(f"the proof has to hold as it is; {problem}")
    tell("the proof holds")
    left = [mutant for mutant in mutants if not progress.killed(mutant)]
    reach, killers = forked(partial(_by_swapping, left, modules, progress, tell, places))
    for mutant, killer in zip(left, killers, strict=True):
        if not killer:
            was_tried = killer is not None
            fate, by = _fate(mutant, modules, reach, was_tried=was_tried)
            tell(f"{mutant}: {fate} {by}")
            if fate is not Fate.SURVIVED:
                progress.note(mutant, fate, by)
    return [_outcome(mutant, progress) for mutant in mutants]


def _outcome(mutant: Mutant, progress: Progress) -> Outcome:
    fate, by = progress.killed(mutant) or (Fate.SURVIVED, "")
    return Outcome(mutant, Fate(fate), by)


def _fate(mutant: Mutant, modules: Sources, reach: Reach, *, was_tried: bool) -> tuple[Fate, str]:
    """What becomes of a mutant in new processes: those that tests were tried on meet the proof
    first.
    """
    tests = Fate.TESTS, partial(_killer_afresh, mutant, modules, reach)
    proof = Fate.PROOF, partial(_limited, partial(_proof_of, mutant), PROOF_SECONDS)
    for fate, killer in (proof, tests) if was_tried else (tests, proof):
        if by := killer():
            return fate, by
    return Fate.SURVIVED, ""


def _by_swapping(
    mutants: Sequence[Mutant],
    modules: Sources,
    progress: Progress,
    tell: Tell,
    places: Sequence[str],
) -> tuple[Reach, list[str | None]]:
    """The reach of the tests, and for each mutant which test kills it: empty where none does, None
    where it cannot be told here.

    All tests are collected once, and each mutant lives in a fork that has them: that takes a
    tenth of the time of a process of its own. What survives here may owe it to what was computed
    before.
    """

    def task(tests: Sequence[pytest.Item]) -> tuple[Reach, list[str | None]]:
        reach = forked(partial(measure, tests))
        tell(f"{len(tests)} tests, {sum(reach.seconds):.0f} s")
        items = {test.nodeid: test for test in tests}
        killers: list[str | None] = []
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


def _killer_among(mutant: Mutant, tests: Sequence[pytest.Item]) -> str | None:
    return first_failure(tests) if swap(mutant) else None


def _killer_afresh(mutant: Mutant, modules: Sources, reach: Reach) -> str:
    """Which test kills a mutant that a new process imports from the start."""
    concerned = tests_of(mutant, modules, reach)
    known = frozenset(reach.names)

    def task(wanted: Sequence[str], tests: Sequence[pytest.Item]) -> str:
        items = {test.nodeid: test for test in tests}
        named = [items[name] for name in wanted if name in items]
        return first_failure([*named, *(items[name] for name in items if name not in known)])

    def live() -> str:
        try:
            import_instead(mutant)
        except Exception as error:
            return f"it cannot be imported: {type(error).__name__}"
        for file, wanted in reach.by_file(concerned).items():
            killer = with_tests(partial(task, wanted), [file])
            if killer or killer is None:
                return killer or "the tests cannot be collected"
        return ""

    return _limited(live, START + PATIENCE * reach.cost(concerned)) or ""


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
        for each in of_kind[:: max(len(of_kind) // count, 1)]:
            if problem := attempt(each).problem:
                return f"{each}: {problem}"
    return ""
