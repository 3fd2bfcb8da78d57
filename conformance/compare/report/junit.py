"""The comparison as JUnit XML: a test case for each cause and for what was not compared."""

from __future__ import annotations

from typing import Final

from conformance.compare.model import Cause, Comparison, Severity
from conformance.compare.report.wording import (
    coverage,
    headline,
    laxness,
    line,
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
from conformance.report.junit_document import Case, Outcome, Suite, junit_document

CLASS_NAME: Final = "csbs.compare"


def junit_report(comparison: Comparison) -> str:
    """The comparison as JUnit XML, as CI systems read it."""
    cases = [_case(comparison, cause) for cause in comparison.causes]
    for obstacle in comparison.obstacles:
        name = f"not compared {line(obstacle.place.pointer or '/')}"
        problem = line(obstacle.problem)
        error = Outcome("error", problem, "inconclusive", where(obstacle.place))
        cases.append(Case(CLASS_NAME, name, outcome=error))
    told = [headline(comparison), coverage(comparison)]
    told += [f"laxer: {each.clause.id}: {laxness(each)}" for each in comparison.laxer]
    told += [f"note: {note(each)}" for each in comparison.notes]
    operation = f"operation {line(comparison.operation)}"
    cases.append(Case(CLASS_NAME, operation, output="\n".join(told)))
    return junit_document([Suite("compare", cases)])


def _case(comparison: Comparison, cause: Cause) -> Case:
    first = cause.first
    name = f"{title(cause)} {first.direction.value} {line(first.place.pointer or '/')}"
    text = "\n".join(
        [
            f"{first.clause.statement} ({first.clause.source})",
            f"{relation(first)}{statuses(cause)}",
            *messages(cause),
            f"witness: {witness(first)}",
            *(f"at {line(each.pointer or '/')}, {where(each)}" for each in cause.places),
            *(f"patch: {each}" for each in (patch(cause.patch) if cause.patch else ())),
            weight(first),
        ]
    )
    if cause.severity is Severity.ERROR or comparison.strict:
        failure = Outcome("failure", messages(cause)[0], cause.severity.value, text)
        return Case(CLASS_NAME, name, outcome=failure)
    return Case(CLASS_NAME, name, output=f"warning: {text}")
