"""The task of one target, as it runs on a worker: its run, its reports, its row of the matrix.

The task may be done twice, since a worker that seems lost may be alive: a lock on the target's
directory keeps the second back until the first has ended. The second then finds a report, which
stands, or a journal, which it goes on with; no execution is repeated.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import structs

from conformance.campaign.groups import turns_of
from conformance.campaign.job import Job, suite_named, target_of
from conformance.campaign.row import Row, RunReport, row_of
from conformance.campaign.standing import (
    check_same,
    is_decided_with,
    judged_anew,
    report_in,
    report_of,
    set_aside,
    was_begun,
)
from conformance.campaign.target import (
    MARGIN,
    Target,
    may_begin,
    settings_for_target,
    settings_with,
)
from conformance.campaign.windows import utc_now
from conformance.contract import Contract, load_contract
from conformance.errors import UsageError
from conformance.exchange.throttle import Turns
from conformance.files import opened_to_append
from conformance.garbage import look_seldom
from conformance.gate.outcome import Excuses
from conformance.login.login import Login
from conformance.model import Token
from conformance.report.model import Report, gated
from conformance.report.write import REPORTS, prepare_directory, write_reports
from conformance.run.cleanup import cleaned_up, leftovers
from conformance.run.session import run
from conformance.run.settings import Settings
from conformance.run.watcher import Watcher
from conformance.text import shorten, visible_line

LOCK: Final = ".lock"
LAST: Final = list(REPORTS)[-1]
"""The report that is written last."""
BETWEEN_TRIES: Final = 0.2
LOG: Final = logging.getLogger("distributed.worker.csbs_conformance")
"""What a worker does for which target, among the lines of Dask's own."""


class TargetFailed(Exception):
    """A run that ended with an error which may not come again. Its text holds no secret."""


def do(job: Job) -> Row:
    """Test a target, unless its report is there already, and return its row.

    What the user has to mend is told in the row. Raises TargetFailed for any other error, so that
    Dask tries again; what the error itself said stays here, since Dask logs and sends errors.
    """
    look_seldom()
    secrets, name = None, job.target.name
    LOG.info("campaign %s, target %s: begins", job.campaign, name)
    try:
        target = target_of(job)
        settings = _settings(target, job.directory)
        secrets = settings.secrets
        row = _row(job, settings)
        LOG.info("campaign %s, target %s: %s", job.campaign, name, row.told)
        return row
    except UsageError as error:
        told = secrets.redact(str(error)) if secrets else str(error)
        LOG.info("campaign %s, target %s: no verdict", job.campaign, name)
        return msgspec.structs.replace(job.without_verdict(told), campaign=job.campaign)
    except Exception as error:
        kind = type(error).__name__
        told = f"{kind}: {secrets.redact(str(error))}" if secrets else kind
    LOG.info("campaign %s, target %s: ended with an error", job.campaign, name)
    raise TargetFailed(shorten(visible_line(told), 300))


def _settings(target: Target, directory: Path) -> Settings:
    try:
        return settings_for_target(target, directory)
    except UsageError:
        if (standing := report_in(directory)) is None:
            raise
        return _settings_without_login(target, directory, standing)


def _settings_without_login(target: Target, directory: Path, standing: RunReport) -> Settings:
    """The settings of a run that has come to its end: nothing is sent, so no secret is needed."""
    known = Login({}, standing.target.project_id, standing.target.endpoint)
    settings = settings_with(target, known, None, directory)
    tokens = frozenset(map(Token, standing.target.tokens))
    return replace(settings, fixtures=structs.replace(settings.fixtures, tokens=tokens))


def _row(job: Job, settings: Settings) -> Row:
    contract, directory = load_contract(), settings.report_dir
    durations: tuple[float, ...] = ()
    today = datetime.now(UTC).date()
    prepare_directory(directory)
    patience = settings.time_limit + MARGIN
    with locked(directory, patience):
        if settings.tokens or settings.keys:
            set_aside(job, contract)
        if (standing := report_in(directory)) is None:
            if not may_begin(job.target, utc_now()):
                closed = job.without_verdict("it is outside the windows of its group")
                return msgspec.structs.replace(closed, campaign=job.campaign, is_postponed=True)
            turns = turns_of(job.target.limits, job.campaign)
            report = asyncio.run(_run(contract, settings, patience, turns))
            durations = tuple(exchange.duration for exchange in report.exchanges)
        else:
            check_same(standing, settings, job)
            leaves = job.deletes and bool(leftovers(directory).left)
            if is_decided_with(standing, job.excuses, today) and not leaves:
                return _row_in(job)
            report = judged_anew(contract, settings, standing)
            (directory / LAST).unlink()  # lest they stand if only some of them get written
        if job.deletes:
            report = asyncio.run(cleaned_up(report, settings, Watcher()))
        _write(report, settings, job.excuses, today)
        return msgspec.structs.replace(_row_in(job), durations=durations)


def _row_in(job: Job) -> Row:
    """The row that the report of a target tells."""
    row = row_of(job.target.name, report_of(job.directory))
    suite = suite_named(job, row.suite)
    return msgspec.structs.replace(row, campaign=job.campaign, suite=suite)


async def _run(contract: Contract, settings: Settings, patience: float, turns: Turns) -> Report:
    settings = replace(settings, resume=was_begun(settings.report_dir))
    try:
        async with asyncio.timeout(patience) as limit:
            return await run(contract, settings, Watcher(), turns=turns)
    except TimeoutError:
        if limit.expired():
            raise UsageError(f"its run had not ended after {patience:.0f} s") from None
        raise


def _write(report: Report, settings: Settings, excuses: Excuses, today: date) -> None:
    if excuses.baseline is not None:  # an earlier campaign does not say of which project it is
        project = settings.fixtures.project_id
        baseline = msgspec.structs.replace(excuses.baseline, project_id=project)
        excuses = msgspec.structs.replace(excuses, baseline=baseline)
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
