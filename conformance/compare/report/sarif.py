"""The comparison as SARIF 2.1.0, which code-scanning services show at the lines of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance.compare.causes import causes_of
from conformance.compare.model import Cause, Comparison, Direction, Place, Side
from conformance.compare.report.wording import (
    line,
    messages,
    patch,
    relation,
    statuses,
    weight,
    witness,
)
from conformance.contract.clauses import Clause
from conformance.report.sarif_log import rule, sarif_log


def sarif_report(comparison: Comparison) -> str:
    """The comparison as SARIF text."""
    results = [*comparison.causes, *causes_of(comparison.laxer)]
    clauses = list(dict.fromkeys(cause.first.clause for cause in results))
    unread = [
        _notification("warning", f"not compared: {obstacle.problem}", obstacle.place)
        for obstacle in comparison.obstacles
    ]
    notes = [_notification("note", told.text, told.place) for told in comparison.notes]
    invocation = {
        "exitCode": comparison.exit_code,
        "toolExecutionNotifications": unread + notes,
    }
    return sarif_log(
        map(_rule, clauses), [_result(cause, clauses) for cause in results], invocation
    )


def _rule(clause: Clause) -> dict[str, Any]:
    return rule(clause, properties={"level": clause.level.value, "source": str(clause.source)})


def _notification(level: str, text: str, place: Place | None) -> dict[str, Any]:
    where = {"locations": [_location(place)]} if place else {}
    return {"level": level, "message": {"text": line(text)}, **where}


def _result(cause: Cause, rules: list[Clause]) -> dict[str, Any]:
    first = cause.first
    is_laxer = first.only_in is Side.DOCUMENT and first.direction is Direction.REQUEST
    told = [*messages(cause), f"{relation(first)}{statuses(cause)}", witness(first)]
    if cause.patch:
        told.append(f"patch: {', '.join(patch(cause.patch))}")
    told.append("laxer" if is_laxer else weight(first))
    return {
        "ruleId": first.clause.id,
        "ruleIndex": rules.index(first.clause),
        "level": "note" if is_laxer else cause.severity.value,
        "message": {"text": ". ".join(told)},
        "locations": [_location(cause.places[0])],
        "relatedLocations": [_location(place) for place in cause.places[1:]],
        "properties": {
            "clauses": list(cause.clauses),
            "direction": first.direction.value,
            "witness": first.witness.value,
        },
    }


def _location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line:
        physical["region"] = {"startLine": place.line, "startColumn": place.column}
    name = line(place.pointer or "/")
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": name}]}


def _uri(file: str) -> str:
    """The file as a URI: relative to the root of the sources where it was named so."""
    path = Path(file)
    if path.is_absolute():
        return path.as_uri()
    return quote(path.as_posix().encode("utf-8", "surrogateescape"), safe="/")
