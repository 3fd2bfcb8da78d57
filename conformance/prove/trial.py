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
from conformance.judge.verdicts import Status, Verdict
from conformance.page.function import MAKES_A_BACKUP
from conformance.plan.generated import drawn_lines
from conformance.plan.planner import Profile
from conformance.prove.direct import ENDPOINT, DirectClient
from conformance.report.model import Report
from conformance.run.session import run
from conformance.run.settings import Settings, emulator_settings
from conformance.run.watcher import Watcher

DEEP_EXECUTIONS = 500
MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory: a journal that nobody reads need not wait for a disk."""


class SubjectKind(StrEnum):
    """What is known of an implementation."""

    FAULT = "fault"
    VARIANT = "variant"


@dataclass(frozen=True, slots=True)
class Subject:
    """An implementation to try the suite on, by its name in the catalogue; a fault on a base.

    `is_handed` says that it is handed its requests, and has no connection.
    """

    kind: SubjectKind
    name: str
    deep: bool = False
    base: str = REFERENCE
    is_handed: bool = False

    def __str__(self) -> str:
        """The name, with the base that a fault is on."""
        where = f" on the {self.base} base" if self.kind is SubjectKind.FAULT else ""
        return f"{self.kind} {self.name}{where}"

    @property
    def declared(self) -> Fault | Variant:
        """What the catalogue says of it."""
        return CATALOGUE[self.name] if self.kind is SubjectKind.FAULT else VARIANTS[self.name]

    @property
    def module(self) -> str:
        """The file that defines it, from the root of the repository."""
        return f"{self.declared.make.__module__.replace('.', '/')}.py"

    @property
    def profile(self) -> Profile:
        """How much is sent to it."""
        return Profile.DEEP if self.deep else Profile.STANDARD

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
    smoke_alone: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    """All clauses that failed, whatever their level; `failed` has those at that of the subject."""

    @property
    def problem(self) -> str:
        """What the suite got wrong, empty where it was right."""
        if self.subject.kind is SubjectKind.VARIANT:
            return self._problem_of_variant
        return self._problem_of_failures or self._problem_of_smoke

    @property
    def _problem_of_smoke(self) -> str:
        alone = ", ".join(self.smoke_alone)
        return f"smoke decides what the whole plan leaves open: {alone}" if alone else ""

    @property
    def _problem_of_failures(self) -> str:
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


def subjects(
    faults: list[str], variants: list[str], bases: list[str], *, deep: bool, sample: bool = False
) -> list[Subject]:
    """The implementations to try: with `deep`, the odd faults instead of the others.

    Each fault is tried on every base, or in a `sample` on one of those where it shows, in turn. In
    a sample, variants are handed their requests as well.
    """
    tried = [Subject(SubjectKind.VARIANT, name, deep, is_handed=sample) for name in variants]
    chosen = [name for name in faults if CATALOGUE[name].odd == deep]
    for place, name in enumerate(chosen):
        shown = [base for base in bases if CATALOGUE[name].clauses_on(base)] or bases
        some = shown[place % len(shown) :][:1] if sample else bases
        tried += [Subject(SubjectKind.FAULT, name, deep, base) for base in some]
    return tried


def attempt(subject: Subject) -> Trial:
    """Run the suite on a subject; on a fault the small profile too, which must not tell more."""
    began = time.monotonic()
    report = _report_on(subject, subject.profile)
    if report.judgement.verdict is Verdict.INCONCLUSIVE and _is_in_real_time(subject):
        report = _report_on(subject, subject.profile)  # this machine may have made a pause
    is_compared = subject.kind is SubjectKind.FAULT and not subject.deep
    smoke = _report_on(subject, Profile.SMOKE) if is_compared else report
    decided = _decided(report)
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
        smoke_alone=tuple(name for name in _decided(smoke) if name not in decided),
        broken=tuple(v.clause.id for v in judgement.clauses if v.status is Status.FAILED),
    )


def _report_on(subject: Subject, profile: Profile) -> Report:
    """Run the suite on a subject, and keep no file."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as directory:
        return report_on(subject, Path(directory), profile)


def _decided(report: Report) -> list[str]:
    """The clauses on the operation that a run decided, without those that nothing can provoke.

    What another operation shows is asked for while requests are left, which trouble may take.
    """
    return [
        verdict.clause.id
        for verdict in report.judgement.clauses
        if verdict.status in (Status.PASSED, Status.FAILED)
        and not verdict.clause.observed
        and verdict.clause.source != MAKES_A_BACKUP
    ]


def _level(subject: Subject) -> Level:
    """The level at which a subject is judged: that of the clause it breaks."""
    from conformance.page.catalogue import catalogue

    if subject.kind is SubjectKind.VARIANT:
        return Level.MUST
    return catalogue(load_contract())[CATALOGUE[subject.name].breaks].level


def _is_in_real_time(subject: Subject) -> bool:
    """Whether a subject has threads of its own, for which no time can be simulated."""
    return isinstance(subject.declared.make(World.default()), RawService)


def report_on(subject: Subject, directory: Path, profile: Profile | None = None) -> Report:
    """Run the suite on a subject, in its profile or another, with its files in `directory`.

    In simulated time, but for those subjects that have threads of their own. What conforms is
    tried at the end of a connection, as that may be what it is accused of; a fault is handed its
    requests, unless it writes its bytes itself, and so is what conforms in a sample.
    """
    profile = profile or subject.profile
    if _is_in_real_time(subject):
        return asyncio.run(_run_served(subject, directory, profile, CLOCK))
    asyncio.run(
        drawn_lines(load_contract(), Settings.seed)
    )  # a process, for which nobody would wait
    is_handed = subject.kind is SubjectKind.FAULT or subject.is_handed
    return simulate(partial(_run_direct if is_handed else _run_served, subject, directory, profile))


async def _run_direct(subject: Subject, directory: Path, profile: Profile, clock: Clock) -> Report:
    settings = _settings(ENDPOINT + subject.declared.base_path, directory, profile)
    client = DirectClient(_service(subject, clock), clock, settings.timeout)
    return await run(load_contract(), settings, Watcher(), clock, client)


def _service(subject: Subject, clock: Clock) -> Service:
    """A new service of a subject, by whose clock time passes as in the run."""
    return subject.make(World.default(), lambda: datetime.fromtimestamp(clock.now(), UTC))


async def _run_served(subject: Subject, directory: Path, profile: Profile, clock: Clock) -> Report:
    declared = subject.declared
    async with serving_here(_service(subject, clock)) as url:
        settings = _settings(url + declared.base_path, directory, profile)
        return await run(load_contract(), settings, Watcher(), clock)


def _settings(endpoint: str, directory: Path, profile: Profile) -> Settings:
    settings = emulator_settings(
        load_contract(), endpoint, report_dir=directory, profile=profile.value
    )
    if profile is Profile.DEEP:
        return replace(settings, max_executions=DEEP_EXECUTIONS)
    return settings
