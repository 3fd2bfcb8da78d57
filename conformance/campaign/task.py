"""The task of one target, as it runs on a worker: its run, its reports, its row of the matrix.

The task may be done twice, since a worker that seems lost may be alive: a lock on the target's
directory keeps the second back until the first has ended. The second then finds a report, which
stands, or a journal, which it goes on with; no execution is repeated.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from conformance.campaign.row import (
    INTERRUPTED,
    Row,
    RunReport,
    read_report,
    row_of,
    without_verdict,
)
from conformance.campaign.target import Target, settings_for_target, settings_with
from conformance.contract import Contract, load_contract
from conformance.errors import UsageError
from conformance.files import MOST_OF_A_REPORT, opened_to_append, read_file
from conformance.gate.outcome import Excuses, is_note
from conformance.journal.reader import NothingSent, read_journal, read_past
from conformance.judge.run import judge
from conformance.judge.verdicts import exit_code
from conformance.login.login import Login
from conformance.model import Token
from conformance.page.catalogue import catalogue
from conformance.report.model import Report, gated
from conformance.report.write import REPORTS, write_reports
from conformance.run.cleanup import cleaned_up, leftovers
from conformance.run.resumption import JOURNAL
from conformance.run.session import Watcher, prepare_directory, run
from conformance.run.settings import Settings
from conformance.text import shorten, visible_line, without_login

LOCK: Final = ".lock"
LAST: Final = list(REPORTS)[-1]
"""The report that is written last."""
BETWEEN_TRIES: Final = 0.2
MARGIN: Final = 60.0
"""Seconds that a run may take beyond its time limit: to plan, to judge, to write."""


@dataclass(frozen=True, slots=True)
class Job:
    """A target, the directory of its reports, and the digest of the contract it is held against.

    `excuses` say what may be broken. It `deletes` what the run created, where that is asked for.
    """

    target: Target
    directory: str
    contract: str
    excuses: Excuses
    deletes: bool = False


class TargetFailed(Exception):
    """A run that ended with an error which may not come again. Its text holds no secret."""


def do(job: Job) -> Row:
    """Test a target, unless its report is there already, and return its row.

    What the user has to mend is told in the row. Raises TargetFailed for any other error, so that
    Dask tries again; what the error itself said stays here, since Dask logs and sends errors.
    """
    target, secrets = job.target, None
    try:
        settings = _settings(job)
        secrets = settings.secrets
        return _row(target, settings, job.excuses, deletes=job.deletes)
    except UsageError as error:
        told = secrets.redact(str(error)) if secrets else str(error)
        return without_verdict(target.name, without_login(target.endpoint or ""), told)
    except Exception as error:
        kind = type(error).__name__
        told = f"{kind}: {secrets.redact(str(error))}" if secrets else kind
    raise TargetFailed(shorten(visible_line(told), 300))


def _settings(job: Job) -> Settings:
    if load_contract().sha256 != job.contract:
        raise UsageError("the worker has another contract; install the same version there")
    directory = Path(job.directory)
    try:
        return settings_for_target(job.target, directory)
    except UsageError:
        if (standing := report_in(directory)) is None:
            raise
        return _settings_without_login(job.target, directory, standing)


def _settings_without_login(target: Target, directory: Path, standing: RunReport) -> Settings:
    """The settings of a run that has come to its end: nothing is sent, so no secret is needed."""
    known = Login({}, standing.target.project_id, standing.target.endpoint)
    settings = settings_with(target, known, None, directory)
    tokens = frozenset(map(Token, standing.target.tokens))
    return replace(settings, fixtures=replace(settings.fixtures, tokens=tokens))


def _row(target: Target, settings: Settings, excuses: Excuses, *, deletes: bool) -> Row:
    contract, directory = load_contract(), settings.report_dir
    today = datetime.now(UTC).date()
    prepare_directory(directory)
    patience = settings.time_limit + MARGIN
    with locked(directory, patience):
        if (standing := report_in(directory)) is None:
            report = asyncio.run(_run(contract, settings, patience))
        else:
            check_same(standing, settings, contract)
            leaves = deletes and bool(leftovers(directory).left)
            if is_decided_with(standing, excuses, today) and not leaves:
                return row_of(target.name, standing)
            report = judged_anew(contract, settings, standing)
            (directory / LAST).unlink()  # lest they stand if only some of them get written
        if deletes:
            report = asyncio.run(cleaned_up(report, settings, Watcher()))
        _write(report, settings, excuses, today)
        return row_of(target.name, _report(directory))


async def _run(contract: Contract, settings: Settings, patience: float) -> Report:
    settings = replace(settings, resume=was_begun(settings.report_dir))
    try:
        async with asyncio.timeout(patience) as limit:
            return await run(contract, settings, Watcher())
    except TimeoutError:
        if limit.expired():
            raise UsageError(f"its run had not ended after {patience:.0f} s") from None
        raise


def _write(report: Report, settings: Settings, excuses: Excuses, today: date) -> None:
    if excuses.baseline is not None:  # an earlier campaign does not say of which project it is
        project = settings.fixtures.project_id
        excuses = replace(excuses, baseline=replace(excuses.baseline, project_id=project))
    write_reports(gated(report, excuses, today), settings.report_dir)


@contextmanager
def locked(directory: Path, patience: float) -> Iterator[None]:
    """Hold the lock of a target's directory; wait for it as long as a run may take.

    Raises UsageError where it cannot be had: no lock, no run.
    """
    file = _locked_file(directory / LOCK, time.monotonic() + patience)
    try:
        yield
    finally:
        os.close(file)


def _locked_file(path: Path, until: float) -> int:
    try:
        file = opened_to_append(path)
        while not _is_acquired(file):
            if time.monotonic() > until:
                raise UsageError(f"{path}: another run holds the lock; wait for its end")
            time.sleep(BETWEEN_TRIES)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; use storage that has locks") from None
    return file


def _is_acquired(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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
        report = _report(directory)
    except (UsageError, OSError):
        return None  # it is written anew from the journal
    return None if report.ending == INTERRUPTED else report


def _report(directory: Path) -> RunReport:
    """The report in a directory. Raises OSError and UsageError."""
    return read_report(read_file(directory / "report.json", MOST_OF_A_REPORT, follows=False))


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
    journal = read_journal(settings.report_dir / JOURNAL, catalogue(contract))
    judgement = judge(contract, journal)
    return Report(
        header=journal.header,
        footer=journal.footer,
        exchanges=journal.exchanges,
        judgement=judgement,
        deletions=journal.deletions or None,
        exit_code=exit_code(judgement, strict=settings.strict),
        strict=settings.strict,
        warnings=tuple(
            each
            for each in standing.warnings
            if not is_note(each) and each not in judgement.remarks
        ),
    )


def check_same(report: RunReport, settings: Settings, contract: Contract) -> None:
    """Raise UsageError where a report is not of what is asked for now."""
    fixtures = settings.fixtures
    asked = (
        (without_login(fixtures.endpoint), report.target.endpoint, "endpoint"),
        (fixtures.project_id, report.target.project_id, "project-id"),
        (fixtures.provider_id, report.target.provider_id, "provider-id"),
        (fixtures.plan_id, report.target.plan_id, "plan-id"),
        (list(fixtures.resources), report.target.resources, "resource"),
        (sorted(token.value for token in fixtures.tokens), report.target.tokens, "tokens"),
        (contract.sha256, report.contract.sha256, "contract"),
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
