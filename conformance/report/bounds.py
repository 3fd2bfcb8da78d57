"""What a target said, cut where the reports would repeat megabytes of it."""

from __future__ import annotations

from msgspec import structs
from msgspec.structs import replace

from conformance.judge.verdicts import ClauseVerdict, Finding
from conformance.page.record import ListedRecord, Progress
from conformance.report.model import Report
from conformance.text import shorten

LONGEST = 4000
"""Characters of a reason, of what was expected or received, and of what is said of a backup."""
MOST_CHECKPOINTS = 1000
"""How many ids of checkpoints the page lists; report.json has all of them."""


def bounded(report: Report) -> Report:
    """The report with the texts of its verdicts cut; what was sent and received stays whole."""
    judgement = replace(
        report.judgement,
        reason=shorten(report.judgement.reason, LONGEST),
        clauses=tuple(map(_clause, report.judgement.clauses)),
        executions=tuple(shorten(name, LONGEST) for name in report.judgement.executions),
        missing=shorten(report.judgement.missing, LONGEST),
        backups=tuple(map(_backup, report.judgement.backups)),
        surplus=tuple(map(_listed, report.judgement.surplus)),
    )
    return replace(report, judgement=judgement)


def _listed(record: ListedRecord) -> ListedRecord:
    return ListedRecord(shorten(record.id, LONGEST), shorten(record.created_at, LONGEST))


def _backup(backup: Progress) -> Progress:
    return structs.replace(
        backup,
        record=shorten(backup.record, LONGEST),
        server=shorten(backup.server, LONGEST),
        status=shorten(backup.status, LONGEST),
        reason=shorten(backup.reason, LONGEST),
        stages=tuple(structs.replace(s, status=shorten(s.status, LONGEST)) for s in backup.stages),
    )


def _clause(verdict: ClauseVerdict) -> ClauseVerdict:
    evidence = tuple(map(_finding, verdict.evidence))
    return replace(verdict, reason=shorten(verdict.reason, LONGEST), evidence=evidence)


def _finding(finding: Finding) -> Finding:
    expected, received = shorten(finding.expected, LONGEST), shorten(finding.received, LONGEST)
    return replace(finding, expected=expected, received=received)
