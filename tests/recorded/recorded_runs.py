"""Runs against the emulator's catalogue, and what is said of their recordings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from har_text import har_report
from msgspec.structs import replace

from conformance.contract import load_contract
from conformance.contract.clauses import Level
from conformance.judge.verdicts import Judgement
from conformance.model import Fixtures
from conformance.prove.trial import Subject, report_on
from conformance.recorded.judging import Wanted, judge_files
from conformance.report.model import Report

CONTRACT = load_contract()
NOTHING_KNOWN = Fixtures("", "", complete=False)


@dataclass(frozen=True)
class Recorded:
    """A run, and the directory with its journal."""

    report: Report
    journal: Path
    har: Path

    def judged(self) -> Report:
        """The journal of the run, judged again."""
        return judge_files(CONTRACT, [self.journal], Wanted(NOTHING_KNOWN))

    def judged_as_har(self) -> Report:
        """The HAR file of the run, judged with its fixtures."""
        known = self.report.header.fixtures
        fixtures = replace(known, endpoint="", tokens=frozenset(), complete=False)
        return judge_files(CONTRACT, [self.har], Wanted(fixtures))


def record(subject: Subject, directory: Path) -> Recorded:
    """Run the suite on a subject."""
    directory.mkdir(parents=True, exist_ok=True)
    report = report_on(subject, directory)
    har = directory / "recorded.har"
    har.write_text(har_report(report), encoding="utf-8")
    return Recorded(report, directory / "journal.ndjson", har)


def failed(judgement: Judgement, *levels: Level) -> set[str]:
    """The clauses that failed."""
    return {v.clause.id for level in levels or tuple(Level) for v in judgement.failed(level)}
