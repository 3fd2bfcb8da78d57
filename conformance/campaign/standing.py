"""What stands of a target from before: a report, or a journal that its run goes on from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from conformance.campaign.job import Again, Job
from conformance.campaign.row import INTERRUPTED, RunReport, read_report
from conformance.contract import Contract
from conformance.errors import UsageError
from conformance.files import MOST_OF_A_REPORT, read_file
from conformance.gate.outcome import Excuses, is_note
from conformance.journal.reader import NothingSent, read_journal, read_past
from conformance.judge.run import judge
from conformance.judge.verdicts import Judgement, Verdict, exit_code
from conformance.model import Journal
from conformance.page.catalogue import catalogue
from conformance.report.model import Report
from conformance.report.write import REPORTS
from conformance.run.resumption import JOURNAL, PLAN
from conformance.run.settings import Settings
from conformance.text import without_login

EARLIER: Final = "earlier"
"""The directory in that of a campaign for the runs of targets that were tried again."""
MOVING: Final = ".moving"


def was_begun(directory: Path) -> bool:
    """Whether a directory holds the journal of a run that had sent something."""
    journal = directory / JOURNAL
    if not journal.exists():
        return False
    try:
        past = read_past(journal)
    except NothingSent:
        return False
    return bool(past.sent or past.exchanges)


def report_in(directory: Path) -> RunReport | None:
    """The report of a run that came to its end and wrote all of its reports, if there is one."""
    if not all((directory / name).is_file() for name in REPORTS):
        return None
    try:
        report = report_of(directory)
    except (UsageError, OSError):
        return None  # it is written anew from the journal
    return None if report.ending == INTERRUPTED else report


def report_of(directory: Path) -> RunReport:
    """The report in a directory. Raises OSError and UsageError."""
    return read_report(read_file(directory / "report.json", MOST_OF_A_REPORT, follows=False))


def set_aside(job: Job, contract: Contract) -> None:
    """Put the run of a target aside that the job is to try again, once however often it is done.

    A worker may be lost at any moment of it: the one that comes after goes on with it, and finds
    out from the name of the directory that it was done. Raises OSError and UsageError.
    """
    aside = Path(job.root, EARLIER, job.target.name, f"{job.campaign}-{job.turn}")
    moving = aside.with_name(aside.name + MOVING)
    if job.again is Again.NONE or aside.exists():
        return
    if not moving.exists() and not _is_to_be_tried_again(job, contract):
        return
    moving.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in _in_order(job.directory):
        path.rename(moving / path.name)
    moving.rename(aside)


def _in_order(directory: Path) -> Iterator[Path]:
    """The files of a run: its reports, then its journal, without which its plan is nothing."""
    files = [path for path in directory.iterdir() if path.is_file() and path.name[0] != "."]
    yield from sorted(files, key=lambda path: (path.name == PLAN, path.name == JOURNAL))


def _is_to_be_tried_again(job: Job, contract: Contract) -> bool:
    standing = report_in(job.directory)
    if standing is None or standing.verdict is not Verdict.INCONCLUSIVE:
        return False
    if job.again is Again.ALL:
        return True
    try:
        return bool(_judged(contract, job.directory)[1].in_doubt)
    except (UsageError, OSError):
        return False  # its journal is gone: its report is all there is


def is_decided_with(report: RunReport, excuses: Excuses, today: date) -> bool:
    """Whether the waivers and the baseline of a report are these, and hold as they did."""
    waivers = [(each.clause, each.reason, str(each.expires)) for each in excuses.waivers or ()]
    baseline = excuses.baseline and excuses.baseline.finished_at
    is_same = (report.waivers, report.baseline) == (waivers, baseline)
    return is_same and not report.has_used_up(str(today))


def judged_anew(contract: Contract, settings: Settings, standing: RunReport) -> Report:
    """The report of a run that came to its end, from its journal; nothing is sent.

    Raises UsageError where the journal cannot be read.
    """
    journal, judgement = _judged(contract, settings.report_dir)
    return Report(
        header=journal.header,
        footer=journal.footer,
        exchanges=journal.exchanges,
        deletions=journal.deletions or None,
        judgement=judgement,
        exit_code=exit_code(judgement, strict=settings.strict),
        strict=settings.strict,
        warnings=tuple(
            each
            for each in standing.warnings
            if not is_note(each) and each not in judgement.remarks
        ),
    )


def _judged(contract: Contract, directory: Path) -> tuple[Journal, Judgement]:
    journal = read_journal(directory / JOURNAL, catalogue(contract))
    return journal, judge(contract, journal)


def check_same(report: RunReport, settings: Settings, job: Job) -> None:
    """Raise UsageError where a report is not of what is asked for now."""
    fixtures = settings.fixtures
    asked = (
        (without_login(fixtures.endpoint), report.target.endpoint, "endpoint"),
        (fixtures.project_id, report.target.project_id, "project-id"),
        (fixtures.other_project_id, report.target.other_project_id, "other-project-id"),
        (fixtures.provider_id, report.target.provider_id, "provider-id"),
        (fixtures.plan_id, report.target.plan_id, "plan-id"),
        (list(fixtures.resources), report.target.resources, "resource"),
        (sorted(token.value for token in fixtures.tokens), report.target.tokens, "tokens"),
        (job.versions.contract, report.contract.sha256, "contract"),
        (settings.profile, report.profile, "profile"),
        (settings.seed, report.seed, "seed"),
        (list(settings.only), report.only, "only"),
        (settings.strict, report.strict, "strict"),
    )
    others = [name for now, then, name in asked if now != then]
    if others:
        raise UsageError(
            f"its report is of another {' and '.join(others)}; give another --report-dir"
        )
    if report.suite.version != job.versions.suite.version and not job.allow_mixed:
        raise UsageError(
            f"its report is of csbs-conformance {report.suite.version}; give another "
            "--report-dir, or --allow-mixed"
        )
