"""The comparison in a page of Markdown, such as the job summary of a CI system shows."""

from __future__ import annotations

import re
from typing import Final

from conformance.compare.model import Comparison, Difference, Severity
from conformance.compare.report.wording import (
    PROMISES,
    coverage,
    headline,
    line,
    statuses,
    weight,
    where,
    witness,
)

SHOWN: Final = 60
"""How many differences are shown."""
_SPECIAL: Final = re.compile(r"[^\w\s.,;()/%+='-]|_|(?<=www)\.|:(?=//)", re.IGNORECASE)


def markdown_report(comparison: Comparison) -> str:
    """The comparison as GitHub-flavoured Markdown."""
    parts = [
        f"## {prose(headline(comparison))}",
        f"{code(comparison.file)} (OpenAPI {comparison.version}), {code(comparison.operation)}; "
        f"{prose(coverage(comparison))}; exit code {comparison.exit_code}.",
    ]
    for severity, title in ((Severity.ERROR, "Errors"), (Severity.WARNING, "Warnings")):
        found = comparison.of(severity)
        if found:
            parts.append(f"### {title} ({len(found)})")
            parts += [_difference(comparison, each) for each in found[:SHOWN]]
            if len(found) > SHOWN:
                parts.append(f"… and {len(found) - SHOWN} more.")
    if comparison.obstacles:
        rows = [
            f"- {code(obstacle.place.pointer or '/')}: {prose(obstacle.problem)}"
            for obstacle in comparison.obstacles[:SHOWN]
        ]
        parts.append("\n".join([f"### Not compared ({len(comparison.obstacles)})", "", *rows]))
    if comparison.notes:
        rows = [f"- {prose(note)}" for note in comparison.notes[:SHOWN]]
        parts.append("\n".join(["### Notes", "", *rows]))
    return "\n\n".join(parts) + "\n"


def _difference(comparison: Comparison, found: Difference) -> str:
    clause = found.clause
    return "\n".join(
        [
            f"- **{code(clause.id)}** {prose(clause.statement)} ({prose(str(clause.source))}), "
            f"{prose(weight(found))}",
            f"  - {found.direction.value}: {PROMISES[found.direction]}{prose(statuses(found))}",
            f"  - {prose(found.message)}",
            f"  - witness: {code(witness(found, 600))}",
            f"  - at {code(found.place.pointer or '/')}, {code(where(found.place))}",
        ]
    )


def prose(text: str) -> str:
    """Foreign text in which Markdown finds nothing to interpret, on one line.

    Character references cannot stand for structure (CommonMark, section 2.5).
    """
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", line(text, 800))


def code(text: str) -> str:
    """Foreign text as code."""
    return f"<code>{prose(text) or ' '}</code>"
