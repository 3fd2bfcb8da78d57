"""Compares each part of a document, in two ways where something of it cannot be read.

Once it allows everything, and once nothing: what a document really says lies between. A difference
is one where both ways show it. A request that is refused though everything is allowed there, and a
response that is allowed though nothing is, show it for certain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from conformance.compare.authentication import compare_security
from conformance.compare.findings import MOST_OBSTACLES, Findings
from conformance.compare.matching import Found
from conformance.compare.model import Inconclusive, Note, Severity
from conformance.compare.statuses import compare_statuses
from conformance.compare.surface import (
    compare_answer_bodies,
    compare_body,
    compare_parameters,
    compare_url,
)

Parts = tuple[Callable[[Findings, Found], None], ...]
ASKING: Final[Parts] = (compare_url, compare_parameters, compare_security, compare_body)
ANSWERING: Final[Parts] = (compare_statuses, compare_answer_bodies)
NO_MATTER: Final = "{}. The verdict is the same whichever way it is read"


def compare_twofold(findings: Findings, found: Found, *, strict: bool) -> None:
    """Note what the parts of an operation show; with `strict` warnings weigh as well."""
    for parts in (ASKING, ANSWERING):
        wide = _compared(findings, found, parts, wide=True)
        narrow = _compared(findings, found, parts, wide=False) if wide.unread else wide
        certain, other = (wide, narrow) if parts is ASKING else (narrow, wide)
        known = {each.clause.id for each in other.differences}
        findings.differences += [each for each in certain.differences if each.clause.id in known]
        findings.laxer += narrow.laxer
        findings.proved |= wide.proved
        findings.tried |= wide.tried
        for told, note in wide.notes.items():
            findings.notes.setdefault(told, note)
        for obstacle in other.obstacles:
            findings.hinders(obstacle)
        _tell_unread(findings, wide, is_open=_weighing(wide, strict) != _weighing(narrow, strict))


def _compared(findings: Findings, found: Found, parts: Parts, *, wide: bool) -> Findings:
    own = Findings(findings.source, findings.vendor, findings.contract, findings.clauses, wide)
    for part in parts:
        try:
            part(own, found)
        except Inconclusive as problem:
            own.cannot(problem.pointer, str(problem))
    return own


def _weighing(findings: Findings, strict: bool) -> set[str]:
    """The clauses whose differences decide the verdict."""
    told = findings.differences
    return {each.clause.id for each in told if strict or each.severity is Severity.ERROR}


def _tell_unread(findings: Findings, wide: Findings, *, is_open: bool) -> None:
    """Say what could not be read: an obstacle where the verdict hangs on it, otherwise a note."""
    for obstacle in wide.unread[:MOST_OBSTACLES]:
        if is_open:
            findings.hinders(obstacle)
        else:
            told = NO_MATTER.format(obstacle.problem)
            findings.notes.setdefault(told, Note(told, obstacle.place))
