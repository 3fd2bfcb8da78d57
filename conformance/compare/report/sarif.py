"""The comparison as SARIF 2.1.0, which code-scanning services show at the lines of the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from conformance import __version__
from conformance.compare.model import Comparison, Difference, Place
from conformance.compare.report.wording import PROMISES, line, statuses, weight, witness
from conformance.contract.clauses import Clause
from conformance.text import encodable

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif_report(comparison: Comparison) -> str:
    """The comparison as SARIF text."""
    rules = list(dict.fromkeys(found.clause for found in comparison.differences))
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
        ],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [_result(found, rules) for found in comparison.differences],
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


def _result(found: Difference, rules: list[Clause]) -> dict[str, Any]:
    text = (
        f"{line(found.message)}. {PROMISES[found.direction]}{statuses(found)}: "
        f"{witness(found)} ({weight(found)})"
    )
    return {
        "ruleId": found.clause.id,
        "ruleIndex": rules.index(found.clause),
        "level": found.severity.value,
        "message": {"text": text},
        "locations": [_location(found.place)],
        "properties": {"direction": found.direction.value, "witness": found.witness.value},
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
