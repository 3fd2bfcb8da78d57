"""`campaign.json`: the matrix for programs, in a versioned form."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from conformance import __version__
from conformance.campaign.comparison import Change, Comparison
from conformance.campaign.matrix import Matrix
from conformance.campaign.row import Row
from conformance.report.json_text import clause_record, json_text, schema_in
from conformance.text import rfc3339, without_login

SCHEMA_VERSION: Final = "1.2"


def load_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every `campaign.json` keeps."""
    return schema_in(Path(__file__).with_name("campaign.schema.json"))


def json_matrix(matrix: Matrix) -> str:
    """The matrix as JSON text."""
    return json_text(as_record(matrix))


def as_record(matrix: Matrix) -> dict[str, Any]:
    """The matrix as a JSON object."""
    return {
        "schema_version": SCHEMA_VERSION,
        "suite": {"name": "csbs-conformance", "version": __version__},
        "contract": {"sha256": matrix.contract},
        "started_at": rfc3339(matrix.started_at),
        "finished_at": rfc3339(matrix.finished_at),
        "exit_code": matrix.exit_code,
        "verdicts": dict(matrix.verdicts),
        "clauses": [*map(clause_record, matrix.clauses)],
        "targets": [_target(row) for row in matrix.rows],
        "comparison": _comparison(matrix.comparison) if matrix.comparison else None,
    }


def _target(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "endpoint": without_login(row.endpoint),
        "verdict": row.verdict,
        "reason": row.reason,
        "exit_code": row.exit_code,
        "strict": row.strict,
        "suite": row.suite,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "requests": row.requests,
        "executions": row.executions,
        "executed": row.executed,
        "report": f"targets/{row.name}/report.html" if row.verdict else None,
        "clauses": dict(row.statuses),
        "excuses": dict(row.excuses),
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "finished_at": comparison.finished_at,
        "contract": {"sha256": comparison.contract},
        "changes": [_change(change) for change in comparison.changes],
        "new_targets": list(comparison.new_targets),
        "gone_targets": list(comparison.gone_targets),
        "new_clauses": list(comparison.new_clauses),
        "gone_clauses": list(comparison.gone_clauses),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "target": change.target,
        "clause": change.clause or None,
        "old": change.old,
        "new": change.new,
    }
