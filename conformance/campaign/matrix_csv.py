"""`campaign.csv`: the matrix for spreadsheets: a line for each target, a column for each clause."""

from __future__ import annotations

import csv
import io

from conformance.campaign.matrix import Matrix
from conformance.campaign.row import NO_VERDICT
from conformance.text import encodable, visible_line, without_login

HEAD = ("target", "endpoint", "verdict", "exit_code", "reason", "requests", "executions")
MORE = ("executed",)
"""Columns that came later: they stand last, so that the others keep their places."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet may take for a formula."""


def csv_matrix(matrix: Matrix) -> str:
    """The matrix as CSV (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    clauses = [clause.id for clause in matrix.clauses]
    writer.writerow(map(cell, (*HEAD, *clauses, *MORE)))
    for row in matrix.rows:
        facts = (
            *(row.name, without_login(row.endpoint), row.verdict or NO_VERDICT),
            *(str(row.exit_code), row.reason, str(row.requests), str(row.executions)),
        )
        told: dict[str, str] = {**row.statuses, **row.excuses}
        statuses = (told.get(clause, "") for clause in clauses)
        writer.writerow(map(cell, (*facts, *statuses, str(row.executed))))
    return text.getvalue()


def cell(text: str) -> str:
    """A text that no spreadsheet evaluates: an apostrophe stands before what looks like a formula.

    Leading spaces hide nothing, since some programs take them off.
    """
    line = visible_line(encodable(text))
    return f"'{line}" if line.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else line
