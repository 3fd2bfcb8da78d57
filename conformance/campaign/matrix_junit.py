"""`junit.xml` of a campaign: a test suite for each target, with a test case for each clause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from conformance.campaign.matrix import Matrix, label_of, worst_first
from conformance.campaign.row import Row
from conformance.contract.clauses import Clause, Level
from conformance.report.junit_document import Case, Outcome, Suite, junit_document
from conformance.report.labels import Label
from conformance.text import seconds, visible_line

MOST_TARGETS: Final = 1000
"""Up to how many targets there is a case for each clause; with more, one for each target."""


def junit_matrix(matrix: Matrix) -> str:
    """The matrix as JUnit XML, as CI systems read it; the worst targets first."""
    clauses = matrix.clauses if len(matrix.rows) <= MOST_TARGETS else ()
    suites = (
        Suite(row.name, [_verdict(row), *_cases(row, clauses)], row.started_at.removesuffix("Z"))
        for row in worst_first(matrix.rows)
    )
    return junit_document(suites, seconds(matrix.finished_at - matrix.started_at))


def _verdict(row: Row) -> Case:
    """The verdict on a target as a case: one that was not reached is an error."""
    told = visible_line(f"{row.told}: {row.reason}" if row.reason else row.told)
    outcome = None
    if row.exit_code == 1:
        outcome = Outcome("failure", told, "verdict")
    elif row.exit_code == 3:
        outcome = Outcome("error", told, "verdict")
    elif row.is_excused:
        outcome = Outcome("skipped", told)
    return Case(_class_name(row), "verdict", outcome=outcome)


def _cases(row: Row, clauses: Sequence[Clause]) -> Iterator[Case]:
    for clause in clauses:
        label = label_of(clause, row)
        if label is not None:
            warning = f"warning: {clause.statement}" if label is Label.WARNING else ""
            outcome = _outcome(clause, label)
            yield Case(_class_name(row), clause.id, outcome=outcome, output=warning)


def _class_name(row: Row) -> str:
    """The class of the cases of a target, whose name may have dots: they would be packages."""
    return f"csbs.{row.name.replace('.', '-')}"


def _outcome(clause: Clause, label: Label) -> Outcome | None:
    match label:
        case Label.FAILED:
            return Outcome("failure", clause.statement, clause.level.value)
        case Label.INCONCLUSIVE if clause.level is Level.MUST:
            return Outcome("error", clause.statement, label.word)
        case Label.PASSED | Label.WARNING:
            return None
    return Outcome("skipped", label.word)
