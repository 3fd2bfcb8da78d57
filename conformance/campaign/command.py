"""A campaign from its file to its matrix: checks, announces, follows the targets, writes."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Final

from conformance.campaign.cluster import (
    Interrupted,
    connected,
    cores,
    interruptible,
    rows,
    with_its_report,
)
from conformance.campaign.comparison import OldCampaign, compare
from conformance.campaign.excusing import expired
from conformance.campaign.job import TARGETS, Again, Job
from conformance.campaign.mark import NOT_SHARED, Mark, marked, new_id, places
from conformance.campaign.matrix import Matrix, verdict_label
from conformance.campaign.matrix_csv import csv_matrix
from conformance.campaign.matrix_html import html_matrix
from conformance.campaign.matrix_json import json_matrix
from conformance.campaign.matrix_junit import junit_matrix
from conformance.campaign.matrix_markdown import markdown_matrix
from conformance.campaign.matrix_sarif import sarif_matrix
from conformance.campaign.metrics import Metrics, counting
from conformance.campaign.preflight import Wanted, check_ready
from conformance.campaign.publishing import Publish, published
from conformance.campaign.row import Row
from conformance.campaign.target import Target
from conformance.campaign.tracing import trace
from conformance.campaign.versions import versions_here
from conformance.contract import Contract, load_contract
from conformance.contract.clauses import Level
from conformance.errors import UsageError
from conformance.files import opened_to_append, replace_file
from conformance.gate.outcome import Excuses
from conformance.judge.verdicts import Verdict
from conformance.page.catalogue import catalogue
from conformance.report.labels import sign
from conformance.report.write import prepare_directory
from conformance.run.selection import check_only
from conformance.text import counted, named, visible_line

LOCK: Final = ".campaign.lock"
UNFINISHED: Final = "the campaign was interrupted before it came to its end; go on with --resume"
Say = Callable[[str], None]

FORMATS: Final[dict[str, Callable[[Matrix], Iterable[str]]]] = {
    "campaign.json": lambda matrix: [json_matrix(matrix)],
    "campaign.csv": lambda matrix: [csv_matrix(matrix)],
    "summary.md": lambda matrix: [markdown_matrix(matrix)],
    "junit.xml": lambda matrix: [junit_matrix(matrix)],
    "results.sarif": lambda matrix: [sarif_matrix(matrix)],
    "campaign.html": html_matrix,
}
"""What makes each file, in pieces."""


@dataclass(frozen=True)
class Cluster:
    """Where to test: at a scheduler that is there, or with workers and threads of our own.

    `wait` is in seconds: for a first worker.
    """

    scheduler: str | None = None
    workers: int | None = None
    threads: int = 1
    wait: float = 60.0
    allow_mixed: bool = False


@dataclass(frozen=True)
class Campaign:
    """What to test, where, and what to hold it against; `excuses`, by target, may be broken.

    `metrics` is the port where they are shown, and `publish` the URL that results are copied to.
    It `deletes` what its runs created, once each has ended.
    """

    targets: Sequence[Target]
    directory: Path
    resume: bool = False
    retry_inconclusive: bool = False
    metrics: int | None = None
    publish: str | None = None
    cluster: Cluster = field(default_factory=Cluster)
    old: OldCampaign | None = None
    excuses: Mapping[str, Excuses] = field(default_factory=dict)
    deletes: bool = False


def conduct(campaign: Campaign, say: Say) -> Matrix:
    """Test every target and write the matrix; `say` gets a line for each as it finishes.

    Raises UsageError before anything is sent.
    """
    contract = load_contract()
    check_only(contract, {pattern for each in campaign.targets for pattern in each.only}, "only")
    _prepare(campaign)
    mark, jobs = jobs_of(campaign)
    started, found = time.time(), dict[str, Row]()
    interrupted = None
    with (
        _locked(campaign.directory),
        marked(campaign.directory, mark),
        published(campaign.publish, campaign.directory, mark.campaign) as publish,
    ):
        say(announcement(campaign))
        for note in expired(campaign.excuses, datetime.now(UTC).date()):
            say(f"warning: {visible_line(note)}")
        try:
            with counting(campaign.metrics, len(jobs)) as metrics, interruptible():
                _follow(campaign, jobs, found, Hearers(say, metrics, publish))
        except Interrupted as signal:
            interrupted = signal.exit_code
        rows = [_last_word(job, found, is_interrupted=interrupted is not None) for job in jobs]
        matrix = _matrix(campaign, contract, rows, started, interrupted)
        write_matrix(matrix, campaign.directory)
    return matrix


def announcement(campaign: Campaign) -> str:
    """What is about to be sent, in one line."""
    requests = sum(target.limit for target in campaign.targets)
    executions = sum(target.execution_limit for target in campaign.targets)
    again = ", and as many again for targets that end inconclusive"
    return (
        f"testing {counted(len(campaign.targets), 'target')}: at most "
        f"{counted(requests, 'request')}, at most {counted(executions, 'execution')} of policies"
        f"{again if campaign.retry_inconclusive else ''}"
    )


def jobs_of(campaign: Campaign) -> tuple[Mark, list[Job]]:
    """The mark of a campaign, and a job for each target in the order of its file."""
    commands, place = places([target.token_command for target in campaign.targets])
    mark = Mark(new_id(), commands)
    jobs = [
        Job(
            target=replace(target, token_command=None),
            root=str(campaign.directory.absolute()),
            campaign=mark.campaign,
            versions=versions_here(),
            excuses=campaign.excuses.get(target.name, Excuses()),
            token_command=command,
            allow_mixed=campaign.cluster.allow_mixed,
            again=Again.LOST if campaign.resume else Again.NONE,
            deletes=campaign.deletes,
        )
        for target, command in zip(campaign.targets, place, strict=True)
    ]
    return mark, jobs


@dataclass(frozen=True, slots=True)
class Hearers:
    """Who hears of each row as it comes: the console, the metrics, and where results go besides."""

    say: Say
    metrics: Metrics
    publish: Publish


def _follow(
    campaign: Campaign, jobs: Sequence[Job], found: dict[str, Row], hearers: Hearers
) -> None:
    """Have the targets tested; `found` gets a row for each as it finishes."""
    cluster, directory = campaign.cluster, campaign.directory.absolute()
    workers = min(cluster.workers or cores(), len(jobs))
    with connected(cluster.scheduler, workers, cluster.threads) as client:
        wanted = Wanted(directory, jobs[0].campaign, cluster.wait, cluster.allow_mixed)
        check_ready(client, wanted, hearers.say if cluster.scheduler else (lambda _: None))
        prepare_directory(directory / TARGETS)
        _take_in(rows(client, jobs, hearers.say), len(jobs), "", found, hearers)
        if campaign.retry_inconclusive and client.status == "running":
            again = [replace(job, again=Again.ALL, turn=1) for job in jobs if _is_open(found, job)]
            _take_in(rows(client, again, hearers.say), len(again), "again ", found, hearers)


def _take_in(
    finished: Iterator[Row], of: int, what: str, found: dict[str, Row], hearers: Hearers
) -> None:
    """Count, trace, keep, publish and tell each row as it comes."""
    for number, row in enumerate(finished, 1):
        hearers.metrics.take_in(row, found.get(row.name))
        trace(row)
        found[row.name] = row.settled
        hearers.publish(row.name)
        hearers.say(f"[{what}{number}/{of}] {line_of(row)}")


def _is_open(found: Mapping[str, Row], job: Job) -> bool:
    return found[job.target.name].verdict is Verdict.INCONCLUSIVE


def line_of(row: Row) -> str:
    """What came of a target, in one line for standard error."""
    broken = row.broken
    what = f" ({named(broken, 3)})" if broken else ""
    if row.excuses:
        what += f", {counted(len(row.excuses), 'clause')} excused"
    why = f": {visible_line(row.reason)}" if row.reason and not broken else ""
    shown = sign(verdict_label(row), sys.stderr.encoding)
    return f"{shown} {row.name}: {row.told}{what}{why}"


def _matrix(
    campaign: Campaign,
    contract: Contract,
    rows: Sequence[Row],
    started: float,
    interrupted: int | None,
) -> Matrix:
    clauses = list(catalogue(contract).values())
    old = campaign.old
    return Matrix(
        rows=rows,
        clauses=clauses,
        contract=contract.sha256,
        started_at=started,
        finished_at=time.time(),
        interrupted=interrupted,
        comparison=compare(old, rows, [clause.id for clause in clauses]) if old else None,
    )


def _last_word(job: Job, found: Mapping[str, Row], *, is_interrupted: bool) -> Row:
    """The row of a target, whose report has to be there still: a second try puts it aside."""
    row = found.get(job.target.name, job.without_verdict(UNFINISHED))
    return with_its_report(row, job, UNFINISHED if is_interrupted else NOT_SHARED)


def _prepare(campaign: Campaign) -> None:
    """Make the directory. Raises UsageError for one of another campaign, and for none to resume."""
    directory = campaign.directory
    prepare_directory(directory)
    if (directory / TARGETS).exists():
        if not campaign.resume:
            raise UsageError(
                f"--report-dir {directory}: it holds a campaign; go on with it (--resume), or give "
                "another directory"
            )
    elif campaign.resume:
        raise UsageError(f"--resume: {directory} holds no campaign; leave --resume out")


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Keep other campaigns out of a directory, which they would resume while this one runs."""
    path = directory / LOCK
    try:
        file = opened_to_append(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give another --report-dir") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UsageError(f"{directory}: another campaign is running in it; wait for it") from None
    finally:
        os.close(file)


def summary(matrix: Matrix, directory: Path) -> Iterator[str]:
    """What is told at the end, line by line."""
    for clause, breakers in matrix.broken:
        if clause.level is Level.MUST:
            names = named([row.name for row in breakers], 3)
            yield f"{clause.id}: broken by {counted(len(breakers), 'target')} ({names})"
    if matrix.comparison is not None:
        since = visible_line(matrix.comparison.finished_at)
        yield f"since {since}: {counted(len(matrix.comparison.changes), 'change')}"
    yield f"{directory / 'campaign.html'}"


def write_matrix(matrix: Matrix, directory: Path) -> None:
    """Write the matrix in every format; only the user may read it. Raises UsageError."""

    def write(render: Callable[[Matrix], Iterable[str]], file: IO[str]) -> None:
        file.writelines(render(matrix))

    try:
        for name, render in FORMATS.items():
            replace_file(directory / name, partial(write, render))
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot write the matrix into {directory}: {why}") from error
