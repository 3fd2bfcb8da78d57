"""The comparison as SARIF 2.1.0, which code-scanning services show at the lines of the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from conformance import __version__
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
from conformance.text import encodable

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif_report(comparison: Comparison) -> str:
    """The comparison as SARIF text."""
    results = [*comparison.causes, *causes_of(comparison.laxer)]
    rules = list(dict.fromkeys(cause.first.clause for cause in results))
    driver = {
        "name": "csbs-conformance",
        "semanticVersion": __version__,
        "rules": [_rule(clause) for clause in rules],
    }
    invocation: dict[str, Any] = {
        "executionSuccessful": True,
        "exitCode": comparison.exit_code,
        "toolExecutionNotifications": [
            {
                "level": "warning",
                "message": {"text": line(f"not compared: {obstacle.problem}")},
                "locations": [_location(obstacle.place)],
            }
            for obstacle in comparison.obstacles
        ]
        + [
            {
                "level": "note",
                "message": {"text": line(told.text)},
                **({"locations": [_location(told.place)]} if told.place else {}),
            }
            for told in comparison.notes
        ],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [_result(cause, rules) for cause in results],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return encodable(json.dumps(log, ensure_ascii=False, indent=1)) + "\n"


def _rule(clause: Clause) -> dict[str, Any]:
    whole = {"text": f"{clause.statement} ({clause.source}, {clause.level.value})"}
    return {
        "id": clause.id,
        "shortDescription": {"text": clause.statement},
        "fullDescription": whole,
        "help": whole,
        "properties": {"level": clause.level.value, "source": str(clause.source)},
    }


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
