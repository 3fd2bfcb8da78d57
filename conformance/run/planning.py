"""The plan of one run: drawn up, read from a file or taken over, and saved beside the journal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from conformance.contract import Contract
from conformance.errors import GenerationFailed, UsageError
from conformance.files import replace_text
from conformance.journal.reader import Past
from conformance.journal.saved_plan import SavedPlan, plan_lines, read_plan
from conformance.journal.writer import JournalWriter
from conformance.model import Fixtures
from conformance.plan.generated import drawn_lines, parsed
from conformance.plan.planner import Plan, Planner, Profile
from conformance.run.resumption import PLAN, resumed_plan
from conformance.run.settings import Settings


def make_planner(contract: Contract, settings: Settings) -> Planner:
    """The planner for what the settings ask."""
    profile, limit = Profile(settings.profile), settings.execution_limit
    return _planner(contract, settings.fixtures, profile, settings.seed, settings.only, limit)


@lru_cache(maxsize=2)
def _planner(
    contract: Contract,
    fixtures: Fixtures,
    profile: Profile,
    seed: int,
    only: tuple[str, ...],
    max_executions: int,
) -> Planner:
    """The planner; runs in a row share it where they ask for the same, or in turn for two."""
    return Planner(
        contract, fixtures, profile=profile, seed=seed, only=only, max_executions=max_executions
    )


async def whole_plan(contract: Contract, planner: Planner, seed: int) -> Plan:
    """The plan with its generated probes."""
    if not planner.is_generating:
        return planner.directed
    return _with_generated(planner, await drawn_lines(contract, seed))


@lru_cache(maxsize=1)
def _with_generated(planner: Planner, lines: bytes) -> Plan:
    return planner.with_generated(parsed(lines))


async def generated_plan(
    contract: Contract, planner: Planner, settings: Settings, warn: Callable[[str], None]
) -> Plan:
    """The whole plan; the directed probes alone, with a warning, where none could be generated."""
    try:
        plan = await whole_plan(contract, planner, settings.seed)
    except GenerationFailed as error:
        warn(f"nothing generated was sent: {error}")
        return planner.directed
    if plan == planner.directed and not settings.only:
        warn("nothing generated was sent: all that was drawn was planned already")
    return plan


def saved_plan(contract: Contract, settings: Settings, past: Past | None) -> SavedPlan | None:
    """The plan that the user gave, or that the run to be resumed had saved; None without either."""
    if past is not None and past.sent:
        return resumed_plan(contract, settings, past)
    if settings.plan is not None:
        return read_plan(settings.plan, contract, settings.fixtures)
    return None


class Save(Protocol):
    """Saves a plan beside the journal; it is whole when its generated probes are in it."""

    def __call__(self, plan: Plan, *, is_whole: bool) -> None:
        """Save it."""


def saving(
    directory: Path,
    contract: Contract,
    settings: Settings,
    journal: JournalWriter,
    tell: Callable[[Plan], None],
) -> Save:
    """What saves plans of a run in its directory, and `tell`s of them. It raises UsageError."""

    def save(plan: Plan, *, is_whole: bool) -> None:
        tell(plan)
        profile = Profile(settings.profile)
        fixtures, seed = settings.fixtures, settings.seed
        lines = b"".join(plan_lines(plan, contract, fixtures, profile, seed, is_whole=is_whole))
        journal.planned(hashlib.sha256(lines).hexdigest())
        try:
            replace_text(directory / PLAN, lines.decode("utf-8"))
        except OSError as error:
            raise UsageError(
                f"{directory / PLAN}: {error.strerror}; make room or give another --report-dir"
            ) from None

    return save
