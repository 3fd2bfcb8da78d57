"""The comparison in a page of Markdown, such as the job summary of a CI system shows."""

from __future__ import annotations

from functools import partial
from typing import Final

from conformance import markup
from conformance.compare.model import Cause, Comparison, Severity
from conformance.compare.report.wording import (
    LONGEST_WITNESS,
    coverage,
    headline,
    laxness,
    messages,
    note,
    patch,
    relation,
    statuses,
    title,
    weight,
    where,
    witness,
)

SHOWN: Final = 60
"""How many causes are shown."""
LONGEST: Final = LONGEST_WITNESS + 100
prose, code = partial(markup.prose, limit=LONGEST), partial(markup.code, limit=LONGEST)


def markdown_report(comparison: Comparison) -> str:
    """The comparison as GitHub-flavoured Markdown."""
    parts = [
        f"## {prose(headline(comparison))}",
        f"{code(comparison.file)} (OpenAPI {comparison.version}), {code(comparison.operation)}; "
        f"{prose(coverage(comparison))}; exit code {comparison.exit_code}.",
    ]
    for severity, heading in ((Severity.ERROR, "Errors"), (Severity.WARNING, "Warnings")):
        causes = [cause for cause in comparison.causes if cause.severity is severity]
        if causes:
            parts.append(f"### {heading} ({len(causes)})")
            parts += [_cause(each) for each in causes[:SHOWN]]
            if len(causes) > SHOWN:
                parts.append(f"… and {len(causes) - SHOWN} more.")
    if comparison.obstacles:
        rows = [
            f"- {code(obstacle.place.pointer or '/')}: {prose(obstacle.problem)}"
            for obstacle in comparison.obstacles[:SHOWN]
        ]
        parts.append("\n".join([f"### Not compared ({len(comparison.obstacles)})", "", *rows]))
    if comparison.laxer:
        rows = [
            f"- {code(each.clause.id)} {prose(laxness(each))}, at {code(where(each.place))}"
            for each in comparison.laxer[:SHOWN]
        ]
        parts.append("\n".join([f"### Laxer than the contract ({len(rows)})", "", *rows]))
    if comparison.notes:
        rows = [f"- {prose(note(each))}" for each in comparison.notes[:SHOWN]]
        parts.append("\n".join(["### Notes", "", *rows]))
    return "\n\n".join(parts) + "\n"


def _cause(cause: Cause) -> str:
    first = cause.first
    rows = [
        f"- **{code(title(cause))}** {prose(first.clause.statement)} "
        f"({prose(str(first.clause.source))}), {prose(weight(first))}",
        f"  - {prose(relation(first))}{prose(statuses(cause))}",
        *(f"  - {prose(message)}" for message in messages(cause)),
        f"  - witness: {code(witness(first))}",
        *(f"  - at {code(place.pointer or '/')}, {code(where(place))}" for place in cause.places),
    ]
    if cause.patch:
        rows.append(f"  - patch, in {code(cause.patch.place.pointer or '/')}: ")
        rows[-1] += ", ".join(code(each) for each in patch(cause.patch))
    return "\n".join(rows)
