"""What came of one target: a row of the matrix, read from the `report.json` of its run."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from conformance.backups.fates import Fate
from conformance.errors import UsageError
from conformance.gate.model import ExcuseKind, WaiverState
from conformance.judge.verdicts import Status, Verdict
from conformance.text import named, shorten, visible_line
from conformance.typed_json import decode

LONGEST: Final = 600
INTERRUPTED: Final = "interrupted"
NO_VERDICT: Final = "no verdict"
ExitCode = Literal[0, 1, 3]


class RunTarget(msgspec.Struct, frozen=True):
    """What a run was told of its target; `tokens` are the names of those that it had."""

    endpoint: str
    project_id: str | None
    provider_id: str
    plan_id: str | None
    resources: list[str]
    tokens: list[str]
    other_project_id: str | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A target and what came of it.

    `verdict` is None where there is none; then `reason` says why, and `statuses` is empty.
    `statuses` has the verdict on each clause by its id, and `excuses` those that do not count.
    `campaign` is the id of the one that the row is for, and `tested` is what the run was told.
    `executed` of the executions are sure to have taken place; the others may have. A target that
    `is_postponed` is to be tested later, within the windows of its group. `durations` are those of
    the exchanges of its run, in seconds, where it was run just now.
    """

    name: str
    endpoint: str
    verdict: Verdict | None = None
    reason: str = ""
    exit_code: ExitCode = 3
    strict: bool = False
    suite: str = ""
    contract: str = ""
    started_at: str = ""
    finished_at: str = ""
    requests: int = 0
    executions: int = 0
    executed: int = 0
    campaign: str = ""
    is_postponed: bool = False
    durations: tuple[float, ...] = ()
    tested: RunTarget | None = None
    statuses: dict[str, Status] = {}
    excuses: dict[str, ExcuseKind] = {}

    @property
    def broken(self) -> list[str]:
        """The ids of the clauses that are broken and not excused, in the order of the document."""
        return [name for name in self.having(Status.FAILED) if name not in self.excuses]

    @property
    def settled(self) -> Row:
        """The row without what is known of a run only at its end: what stays in its report."""
        return msgspec.structs.replace(self, durations=())

    @property
    def doubtful(self) -> int:
        """How many executions may have taken place, or may not."""
        return max(self.executions - self.executed, 0)

    @property
    def is_excused(self) -> bool:
        """Whether nothing counts of what is not kept."""
        return self.exit_code == 0 and self.verdict not in (Verdict.CONFORMS, None)

    @property
    def fails_by_strict(self) -> bool:
        """Whether it fails in spite of its verdict."""
        return self.exit_code == 1 and self.verdict is not Verdict.VIOLATES

    @property
    def told(self) -> str:
        """The verdict in words, and what fails a target in spite of it."""
        if self.verdict is None:
            return NO_VERDICT
        if not self.fails_by_strict:
            return str(self.verdict)
        broken = f"{len(self.broken)} should" if self.broken else "a waiver no longer needed"
        return f"{self.verdict}; fails by --strict: {broken}"

    def having(self, status: Status) -> list[str]:
        """The ids of the clauses that have a status, in the order of the document."""
        return [name for name, each in self.statuses.items() if each == status]


class _Suite(msgspec.Struct):
    version: str


class _Contract(msgspec.Struct):
    sha256: str


class _Spent(msgspec.Struct):
    spent: int


class _Budget(msgspec.Struct):
    requests: _Spent
    executions: _Spent


class _Excuse(msgspec.Struct):
    kind: ExcuseKind


class _Clause(msgspec.Struct):
    id: str
    status: Status
    excuse: _Excuse | None = None


class _Waiver(msgspec.Struct):
    clause: str
    reason: str
    expires: str
    state: WaiverState


class _Baseline(msgspec.Struct):
    finished_at: str


class _Deletion(msgspec.Struct):
    outcome: str


class _Gate(msgspec.Struct):
    counting: list[str]
    waivers: list[_Waiver]
    baseline: _Baseline | None


class RunReport(msgspec.Struct):
    """The part of `report.json` that a campaign needs; every 1.x and 2.x has it."""

    schema_version: Annotated[str, msgspec.Meta(pattern=r"^[12]\.[0-9]+$")]
    suite: _Suite
    contract: _Contract
    target: RunTarget
    seed: int
    profile: str
    only: list[str]
    started_at: str
    finished_at: str
    verdict: Verdict
    reason: str
    ending: str
    exit_code: ExitCode
    strict: bool
    budget: _Budget
    clauses: list[_Clause]
    executions: list[str] = []
    warnings: list[str] = []
    gate: _Gate | None = None
    deletions: list[_Deletion] | None = None

    @property
    def waivers(self) -> list[tuple[str, str, str]]:
        """The waivers it was decided with: clause, reason and last day."""
        waivers = self.gate.waivers if self.gate else ()
        return [(each.clause, each.reason, each.expires) for each in waivers]

    def has_used_up(self, day: str) -> bool:
        """Whether a waiver excused something that it does not excuse on `day` any more."""
        waivers = self.gate.waivers if self.gate else ()
        return any(each.state is WaiverState.USED and each.expires < day for each in waivers)

    @property
    def baseline(self) -> str | None:
        """When the baseline ended that it was decided with, if there was one."""
        return self.gate.baseline.finished_at if self.gate and self.gate.baseline else None

    @property
    def why(self) -> str:
        """Why it is not a clean one."""
        if not self.reason and self.exit_code == 3:
            left = sum(each.outcome == Fate.LEFT.value for each in self.deletions or ())
            return f"{left} of {len(self.deletions or ())} checkpoints not deleted" if left else ""
        if self.gate is None or self.exit_code != 1 or self.gate.counting:
            return self.reason
        unneeded = [w.clause for w in self.gate.waivers if w.state is WaiverState.UNNEEDED]
        return f"a waiver is no longer needed: {named(unneeded)}"


def read_report(data: bytes) -> RunReport:
    """The report in the bytes of a `report.json`. Raises UsageError for what is none."""
    try:
        return decode(data, RunReport)
    except ValueError as error:
        what = shorten(visible_line(str(error)), 200)
        raise UsageError(f"its report.json is none of this suite ({what})") from None


def row_of(name: str, report: RunReport) -> Row:
    """The row of a target whose run came to its end."""
    return Row(
        name=name,
        endpoint=report.target.endpoint,
        verdict=report.verdict,
        reason=shorten(report.why, LONGEST),
        exit_code=report.exit_code,
        strict=report.strict,
        suite=report.suite.version,
        contract=report.contract.sha256,
        started_at=report.started_at,
        finished_at=report.finished_at,
        requests=report.budget.requests.spent,
        executions=report.budget.executions.spent,
        executed=len(report.executions),
        tested=report.target,
        statuses={clause.id: clause.status for clause in report.clauses},
        excuses={each.id: each.excuse.kind for each in report.clauses if each.excuse},
    )


def without_verdict(name: str, endpoint: str, reason: str) -> Row:
    """The row of a target that has no verdict, and why."""
    return Row(name=name, endpoint=endpoint, reason=shorten(visible_line(reason), LONGEST))
