"""One trial: the suite is run on one faulty or conforming implementation, in this process."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from conformance.clock import CLOCK, Clock, simulate
from conformance.contract import load_contract
from conformance.contract.clauses import Level
from conformance.emulator import World
from conformance.emulator.app import serving_here
from conformance.emulator.bases import REFERENCE
from conformance.emulator.faults import CATALOGUE, Fault
from conformance.emulator.raw import RawService
from conformance.emulator.service import Make, Service
from conformance.emulator.variants import VARIANTS, Variant
from conformance.judge.verdicts import Verdict
from conformance.plan.generated import drawn_lines
from conformance.prove.direct import ENDPOINT, DirectClient
from conformance.report.model import Report
from conformance.run.session import Watcher, run
from conformance.run.settings import Settings, emulator_settings

DEEP_EXECUTIONS = 500
MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory: a journal that nobody reads need not wait for a disk."""


class SubjectKind(StrEnum):
    """What is known of an implementation."""

    FAULT = "fault"
    VARIANT = "variant"


@dataclass(frozen=True, slots=True)
class Subject:
    """An implementation to try the suite on, by its name in the catalogue; a fault on a base."""

    kind: SubjectKind
    name: str
    deep: bool = False
    base: str = REFERENCE

    @property
    def declared(self) -> Fault | Variant:
        """What the catalogue says of it."""
        return CATALOGUE[self.name] if self.kind is SubjectKind.FAULT else VARIANTS[self.name]

    @property
    def make(self) -> Make:
        """Makes it: a fault on its base, a variant as it is."""
        declared = self.declared
        return declared.over(self.base) if isinstance(declared, Fault) else declared.make


@dataclass(frozen=True, slots=True)
class Trial:
    """What the suite said of an implementation, and what it should have said."""

    subject: Subject
    summary: str
    breaks: str
    follows: tuple[str, ...]
    is_hidden: bool
    may_be_inconclusive: bool
    verdict: str
    failed: tuple[str, ...]
    requests: int
    executions: int
    seconds: float
    smallest: str = ""

    @property
    def problem(self) -> str:
        """What the suite got wrong, empty where it was right."""
        if self.subject.kind is SubjectKind.VARIANT:
            return self._problem_of_variant
        if self.is_hidden:
            return f"hidden there, and failed: {', '.join(self.failed)}" if self.failed else ""
        declared = {self.breaks, *self.follows}
        if self.breaks not in self.failed:
            return f"missed: {self.breaks} did not fail"
        if strange := set(self.failed) - declared:
            return f"also failed: {', '.join(sorted(strange))}"
        if absent := declared - set(self.failed):
            return f"declared to follow and did not fail: {', '.join(sorted(absent))}"
        return ""

    @property
    def _problem_of_variant(self) -> str:
        if self.verdict == Verdict.VIOLATES:
            return f"accused of {', '.join(self.failed)}"
        if self.verdict == Verdict.INCONCLUSIVE and not self.may_be_inconclusive:
            return "inconclusive"
        return ""


def subjects(faults: list[str], variants: list[str], *, deep: bool) -> list[Subject]:
    """The implementations to try: with `deep`, the odd faults instead of the others."""
    return [
        *(Subject(SubjectKind.VARIANT, name, deep) for name in variants),
        *(Subject(SubjectKind.FAULT, name, deep) for name in faults if CATALOGUE[name].odd == deep),
    ]


def attempt(subject: Subject) -> Trial:
    """Run the suite on a subject."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as directory:
        report = report_on(subject, Path(directory))
    judgement, footer = report.judgement, report.footer
    level = _level(subject)
    failed = judgement.failed(level)
    evidence = [finding for verdict in failed for finding in verdict.evidence[:1]]
    smallest = (
        evidence[0].exchange.request.body[:300].decode("utf-8", "replace") if evidence else ""
    )
    declared = subject.declared
    fault = declared if isinstance(declared, Fault) else None
    fails = fault.clauses_on(subject.base) if fault else frozenset()
    return Trial(
        subject=subject,
        summary=declared.summary,
        breaks=fault.breaks if fault else "",
        follows=tuple(sorted(fails - {fault.breaks})) if fault else (),
        is_hidden=fault is not None and not fails,
        may_be_inconclusive=isinstance(declared, Variant) and declared.may_be_inconclusive,
        verdict=judgement.verdict.value,
        failed=tuple(verdict.clause.id for verdict in failed),
        requests=footer.requests.spent,
        executions=footer.executions.spent,
        seconds=time.monotonic() - began,
        smallest=smallest,
    )


def _level(subject: Subject) -> Level:
    """The level at which a subject is judged: that of the clause it breaks."""
    from conformance.page.catalogue import catalogue

    if subject.kind is SubjectKind.VARIANT:
        return Level.MUST
    return catalogue(load_contract())[CATALOGUE[subject.name].breaks].level


def report_on(subject: Subject, directory: Path) -> Report:
    """Run the suite on a subject, with the files of the run in `directory`.

    In simulated time, but for those subjects that have threads of their own. What conforms is
    tried at the end of a connection, as that may be what it is accused of; a fault is handed its
    requests, unless it writes its bytes itself.
    """
    if isinstance(subject.declared.make(World.default()), RawService):
        return asyncio.run(_run_served(subject, directory, CLOCK))
    asyncio.run(
        drawn_lines(load_contract(), Settings.seed)
    )  # a process, for which nobody would wait
    is_fault = subject.kind is SubjectKind.FAULT
    return simulate(partial(_run_direct if is_fault else _run_served, subject, directory))


async def _run_direct(subject: Subject, directory: Path, clock: Clock) -> Report:
    settings = _settings(subject, ENDPOINT + subject.declared.base_path, directory)
    client = DirectClient(_service(subject, clock), clock, settings.timeout)
    return await run(load_contract(), settings, Watcher(), clock, client)


def _service(subject: Subject, clock: Clock) -> Service:
    """A new service of a subject, by whose clock time passes as in the run."""
    return subject.make(World.default(), lambda: datetime.fromtimestamp(clock.now(), UTC))


async def _run_served(subject: Subject, directory: Path, clock: Clock) -> Report:
    declared = subject.declared
    async with serving_here(_service(subject, clock)) as url:
        settings = _settings(subject, url + declared.base_path, directory)
        return await run(load_contract(), settings, Watcher(), clock)


def _settings(subject: Subject, endpoint: str, directory: Path) -> Settings:
    settings = emulator_settings(load_contract(), endpoint, report_dir=directory)
    if subject.deep:
        return replace(settings, profile="deep", max_executions=DEEP_EXECUTIONS)
    return settings
