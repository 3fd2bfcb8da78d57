"""The comparison for programs, in a versioned form."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from conformance import __version__
from conformance.compare.model import Cause, Comparison, Difference, Patch, Place
from conformance.compare.pointers import escaped
from conformance.contract import load_contract
from conformance.report.json_text import json_text, schema_in

SCHEMA_VERSION: Final = "2.0"


def load_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every JSON report of a comparison keeps."""
    return schema_in(Path(__file__).with_name("comparison.schema.json"))


def json_report(comparison: Comparison) -> str:
    """The comparison as JSON text."""
    return json_text(as_record(comparison))


def as_record(comparison: Comparison) -> dict[str, Any]:
    """The comparison as a JSON object."""
    return {
        "schema_version": SCHEMA_VERSION,
        "suite": {"name": "csbs-conformance", "version": __version__},
        "contract": {"sha256": load_contract().sha256},
        "vendor": {
            "file": comparison.file,
            "openapi": comparison.version,
            "operation": comparison.operation,
            "pointer": comparison.pointer,
        },
        "verdict": comparison.verdict,
        "exit_code": comparison.exit_code,
        "strict": comparison.strict,
        "causes": [_cause(cause) for cause in comparison.causes],
        "laxer": [_difference(found) for found in comparison.laxer],
        "not_compared": [
            {"place": _place(obstacle.place), "problem": obstacle.problem}
            for obstacle in comparison.obstacles
        ],
        "notes": [
            {"text": note.text, "place": _place(note.place) if note.place else None}
            for note in comparison.notes
        ],
        "responses": {"proved": comparison.proved, "neither": list(comparison.tried)},
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "severity": cause.severity.value,
        "places": [_place(place) for place in cause.places],
        "patch": _patch(cause.patch) if cause.patch else None,
        "differences": [_difference(found) for found in cause.differences],
    }


def _patch(patch: Patch) -> list[dict[str, Any]]:
    """A JSON patch (RFC 6902) of the file in which the cause stands."""
    steps = [(f"{patch.place.pointer}/{escaped(name)}", value) for name, value in patch.fields]
    return [
        {"op": "remove", "path": path} if value is None
        else {"op": "add", "path": path, "value": value}
        for path, value in steps
    ]  # fmt: skip


def _difference(found: Difference) -> dict[str, Any]:
    clause = found.clause
    return {
        "direction": found.direction.value,
        "only_in": found.only_in.value,
        "clause": clause.id,
        "level": clause.level.value,
        "source": str(clause.source),
        "statement": clause.statement,
        "severity": found.severity.value,
        "because": found.because,
        "statuses": list(found.statuses),
        "message": found.message,
        "place": _place(found.place),
        "witness": {
            "part": found.witness.part.value,
            "value": found.witness.value,
            "path": found.witness.path,
            "schema": found.witness.schema,
        },
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "file": place.file,
        "pointer": place.pointer,
        "line": place.line or None,
        "column": place.column or None,
    }
