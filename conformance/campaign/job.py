"""What a worker is told to do: one target of one campaign, and what its row is held against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from conformance.campaign.mark import mark_in
from conformance.campaign.row import Row, without_verdict
from conformance.campaign.target import Target
from conformance.campaign.versions import Versions, versions_here
from conformance.errors import UsageError
from conformance.gate.outcome import Excuses
from conformance.text import named, without_login

TARGETS: Final = "targets"


class Again(Enum):
    """Which targets are tried again that have a report, and are inconclusive by it."""

    NONE = "none"
    LOST = "those whose worker was lost"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Job:
    """A target of a campaign that reports into `root`.

    `versions` are those of the command that gives it out. `token_command` is the place of the
    target's own in the mark of the campaign, `turn` how often the campaign has tried the target
    before, `postponed` how often it came outside its windows, and `excuses` say what may be broken.
    It `deletes` what the run created, where that is asked for.
    """

    target: Target
    root: str
    campaign: str
    versions: Versions
    excuses: Excuses
    token_command: int | None = None
    allow_mixed: bool = False
    again: Again = Again.NONE
    turn: int = 0
    postponed: int = 0
    deletes: bool = False

    @property
    def directory(self) -> Path:
        """Where the reports of the target go."""
        return Path(self.root, TARGETS, self.target.name)

    @property
    def key(self) -> tuple[str, str, int, int, str]:
        """What Dask calls it: two campaigns on one scheduler must never share a name."""
        return ("csbs-target", self.campaign, self.turn, self.postponed, self.target.name)

    def without_verdict(self, why: str) -> Row:
        """The row of a target that came to no verdict, and why."""
        return without_verdict(self.target.name, without_login(self.target.endpoint or ""), why)


def target_of(job: Job) -> Target:
    """The target of a job with its whole login, where the worker is one that may begin.

    Raises UsageError where it sees another report directory, or would judge by something else.
    """
    mark = mark_in(Path(job.root), job.campaign)
    check_versions(job)
    if job.token_command is None:
        return job.target
    return replace(job.target, token_command=mark.token_commands[job.token_command])


def check_versions(job: Job) -> None:
    """Raise UsageError for a worker that judges by something else than the command does."""
    here = versions_here()
    if here.contract != job.versions.contract:
        raise UsageError("the worker has another contract; install the same version there")
    others = job.versions.others_in(here)
    if others and not job.allow_mixed:
        told = named(others)
        raise UsageError(f"the worker has {told}; install what the command has, or --allow-mixed")


def suite_named(job: Job, version: str) -> str:
    """How a row names what it was judged by: with all that is not as it is at the command."""
    others = job.versions.others_in(versions_here())
    more = [each for each in others if each != f"csbs-conformance {version}"]
    return f"{version} ({', '.join(more)})" if more else version


def held(row: Row, job: Job) -> Row:
    """A row that came back, held against the job: where it is of something else, it is refused."""
    others = [name for asked, told, name in _facts(row, job) if asked != told]
    if not others:
        return row
    told = f"what came back is of another {' and '.join(others)}, and is refused"
    return job.without_verdict(f"{told}; go on with --resume")


def _facts(row: Row, job: Job) -> list[tuple[object, object, str]]:
    """What was asked, what the row says, and what to call it."""
    target = job.target
    facts: list[tuple[object, object, str]] = [
        (job.campaign, row.campaign, "campaign"),
        (target.name, row.name, "target"),
    ]
    if row.verdict is None:
        return facts
    facts.append((job.versions.contract, row.contract, "contract"))
    if not job.allow_mixed:
        facts.append((job.versions.suite.version, row.suite, "suite"))
    endpoint = None if target.endpoint is None else without_login(target.endpoint).rstrip("/")
    given: list[tuple[object, str]] = [
        (endpoint, "endpoint"),
        (target.project_id, "project_id"),
        (target.other_project_id, "other_project_id"),
        (target.provider_id, "provider_id"),
        (target.plan_id, "plan_id"),
        (list(target.resource), "resources"),
    ]
    return facts + [
        (asked, getattr(row.tested, name, None), name.replace("_", "-"))
        for asked, name in given
        if asked is not None  # or the login tells it, or the page
    ]
