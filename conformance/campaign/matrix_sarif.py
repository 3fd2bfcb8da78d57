"""`results.sarif` of a campaign: a result for each clause that a target breaks, as SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from conformance.campaign.matrix import Matrix, label_of, worst_first
from conformance.campaign.row import Row
from conformance.contract.clauses import Clause
from conformance.gate.model import ExcuseKind
from conformance.judge.verdicts import Status
from conformance.report.labels import Label
from conformance.report.sarif import LEVELS, clause_rule, identity, suppressed
from conformance.report.sarif_log import sarif_log
from conformance.text import rfc3339, visible_line

MOST_RESULTS: Final = 25_000
"""How many results GitHub takes; those of the worst targets come first."""
MOST_NOTES: Final = 1000


def sarif_matrix(matrix: Matrix) -> str:
    """The matrix as SARIF text."""
    worst = worst_first(matrix.rows)
    results = list(islice(_results(matrix, worst), MOST_RESULTS))
    broken = sum(len(row.having(Status.FAILED)) for row in worst)
    notes = [
        f"{row.name}: {row.told}{f': {row.reason}' if row.reason else ''}"
        for row in worst
        if row.exit_code == 3
    ]
    told = [*_cut(len(results), broken), *notes[:MOST_NOTES], *_left(notes)]
    invocation = {
        "exitCode": matrix.exit_code,
        "startTimeUtc": rfc3339(matrix.started_at),
        "endTimeUtc": rfc3339(matrix.finished_at),
        "toolExecutionNotifications": [
            {"level": "warning", "message": {"text": visible_line(each)}} for each in told
        ],
    }
    rules = [clause_rule(clause) for clause in matrix.clauses]
    return sarif_log(rules, results, invocation, properties={"contract": matrix.contract})


def _cut(shown: int, broken: int) -> list[str]:
    return [f"{shown:,} of {broken:,} results: see campaign.json"] if shown < broken else []


def _left(notes: list[str]) -> list[str]:
    more = len(notes) - MOST_NOTES
    told = f"and {more:,} more targets without a clean verdict: see campaign.json"
    return [told] if more > 0 else []


def _results(matrix: Matrix, rows: list[Row]) -> Iterator[dict[str, Any]]:
    for row in rows:
        for place, clause in enumerate(matrix.clauses):
            if row.statuses.get(clause.id) is Status.FAILED:
                yield _result(row, clause, place)


def _result(row: Row, clause: Clause, place: int) -> dict[str, Any]:
    excuse = row.excuses.get(clause.id)
    counts = label_of(clause, row) is Label.FAILED
    return {
        **identity(clause.id, place, row.name),
        "level": "error" if counts else LEVELS[clause.level],
        "message": {"text": f"{row.name}: {clause.statement}"},
        **(suppressed(excuse.value) if excuse is ExcuseKind.WAIVED else {}),
        "properties": {
            "target": row.name,
            "report": f"targets/{row.name}/report.html",
            **({"excuse": excuse.value} if excuse else {}),
        },
    }
