"""The matrix of a campaign: what each target came to, clause by clause, as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.campaign.comparison import Comparison
from conformance.campaign.row import NO_VERDICT, Row
from conformance.contract.clauses import Clause, Level
from conformance.gate.model import ExcuseKind
from conformance.judge.verdicts import Status, Verdict
from conformance.lazily import lazily
from conformance.report.labels import EXCUSED, Label
from conformance.text import counted

VERDICTS: Final = (Verdict.VIOLATES, Verdict.INCONCLUSIVE, Verdict.CONFORMS, None)
"""The verdicts, worst first; None stands for a target that has none."""


@dataclass(frozen=True)
class Matrix:
    """Rows in the order of the campaign's file, and the clauses they are held against.

    `started_at` and `finished_at` are of the campaign. `exit_code` is the worst of all, or that of
    a signal. `comparison` is with an earlier campaign, where one was given.
    """

    rows: Sequence[Row]
    clauses: Sequence[Clause]
    contract: str
    started_at: float
    finished_at: float
    interrupted: int | None = None
    comparison: Comparison | None = None

    @property
    def exit_code(self) -> int:
        """That of a signal, 1 if any target violates, 3 if any is not decided, else 0."""
        if self.interrupted is not None:
            return self.interrupted
        codes = {row.exit_code for row in self.rows}
        return next((code for code in (1, 3) if code in codes), 0)

    @lazily
    def verdicts(self) -> Mapping[str, int]:
        """How many targets have each verdict, worst first."""
        return {
            verdict or NO_VERDICT: sum(row.verdict == verdict for row in self.rows)
            for verdict in VERDICTS
        }

    @property
    def spent(self) -> str:
        """What the runs that the rows are of sent and executed, in words."""
        requests = sum(row.requests for row in self.rows)
        executed = sum(row.executed for row in self.rows)
        doubtful = sum(row.doubtful for row in self.rows)
        more = f", and up to {doubtful:,} more that no response tells of" if doubtful else ""
        return f"{counted(requests, 'request')}, {counted(executed, 'execution')} of a policy{more}"

    @lazily
    def broken(self) -> Sequence[tuple[Clause, Sequence[Row]]]:
        """The clauses that some target breaks, with those targets; the most widely broken first.

        What is excused is not among them.
        """
        broken = [(row, frozenset(row.broken)) for row in self.rows]
        breakers = [
            (clause, [row for row, names in broken if clause.id in names])
            for clause in self.clauses
        ]
        found = [(clause, rows) for clause, rows in breakers if rows]
        return sorted(found, key=lambda each: (each[0].level is not Level.MUST, -len(each[1])))

    def broken_by(self, row: Row, level: Level) -> list[str]:
        """The clauses of a level that a target breaks, but for those that are excused."""
        levels = self.levels
        return [name for name in row.broken if levels.get(name, Level.MUST) is level]

    @lazily
    def levels(self) -> Mapping[str, Level]:
        """The level of each clause."""
        return {clause.id: clause.level for clause in self.clauses}


def label_of(clause: Clause, row: Row) -> Label | None:
    """What to call the verdict on a clause in a row; None where there is none."""
    status = row.statuses.get(clause.id)
    if status is None:
        return None
    if clause.id in row.excuses:
        return EXCUSED[row.excuses[clause.id]]
    if status == Status.FAILED and clause.level is Level.SHOULD and not row.strict:
        return Label.WARNING
    return Label[status.name]


def verdict_label(row: Row) -> Label | None:
    """What to call the verdict on a target; None where there is none."""
    if row.exit_code == 1:
        return Label.FAILED
    if row.verdict is None:
        return None
    if row.is_excused:
        is_waived = ExcuseKind.WAIVED in row.excuses.values()
        return Label.WAIVED if is_waived else Label.KNOWN
    is_whole = row.verdict is Verdict.CONFORMS and row.exit_code == 0
    return Label.PASSED if is_whole else Label.INCONCLUSIVE


def worst_first(rows: Sequence[Row]) -> list[Row]:
    """The rows by rank, and within one by how much they break."""
    return sorted(rows, key=lambda row: (rank(row), -len(row.broken)))


def rank(row: Row) -> int:
    """Where a target stands, worst first; what has no verdict comes after what violates."""
    return {1: 0, 3: 2}.get(row.exit_code, 3) if row.verdict else 1
