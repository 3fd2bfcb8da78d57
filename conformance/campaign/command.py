"""A campaign from its file to its matrix: checks, announces, follows the targets, writes."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Final

from conformance.campaign.cluster import Interrupted, connected, cores, interruptible, rows
from conformance.campaign.comparison import OldCampaign, compare
from conformance.campaign.excusing import expired
from conformance.campaign.matrix import Matrix, verdict_label
from conformance.campaign.matrix_csv import csv_matrix
from conformance.campaign.matrix_html import html_matrix
from conformance.campaign.matrix_json import json_matrix
from conformance.campaign.matrix_markdown import markdown_matrix
from conformance.campaign.row import Row, without_verdict
from conformance.campaign.target import Target
from conformance.campaign.task import Job
from conformance.contract import Contract, load_contract
from conformance.contract.clauses import Level
from conformance.errors import UsageError
from conformance.files import opened_to_append, replace_file
from conformance.gate.outcome import Excuses
from conformance.page.catalogue import catalogue
from conformance.run.selection import check_only
from conformance.run.session import prepare_directory
from conformance.text import counted, named, visible_line, without_login

TARGETS: Final = "targets"
LOCK: Final = ".campaign.lock"
Say = Callable[[str], None]

FORMATS: Final[dict[str, Callable[[Matrix], Iterable[str]]]] = {
    "campaign.json": lambda matrix: [json_matrix(matrix)],
    "campaign.csv": lambda matrix: [csv_matrix(matrix)],
    "campaign.md": lambda matrix: [markdown_matrix(matrix)],
    "campaign.html": html_matrix,
}
"""What makes each file, in pieces."""


@dataclass(frozen=True)
class Campaign:
    """What to test, where, and what to hold it against; `excuses`, by target, may be broken.

    It `deletes` what its runs created, once each has ended.
    """

    targets: Sequence[Target]
    directory: Path
    resume: bool = False
    scheduler: str | None = None
    workers: int | None = None
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
    started, found = time.time(), dict[str, Row]()
    interrupted = None
    with _locked(campaign.directory):
        say(announcement(campaign))
        for note in expired(campaign.excuses, datetime.now(UTC).date()):
            say(f"warning: {visible_line(note)}")
        try:
            with interruptible():
                _follow(campaign, contract, found, say)
        except Interrupted as signal:
            interrupted = signal.exit_code
        matrix = _matrix(campaign, contract, found, started, interrupted)
        _write_matrix(matrix, campaign.directory)
    return matrix


def announcement(campaign: Campaign) -> str:
    """What is about to be sent, in one line."""
    requests = sum(target.limit for target in campaign.targets)
    executions = sum(target.execution_limit for target in campaign.targets)
    return (
        f"testing {counted(len(campaign.targets), 'target')}: at most "
        f"{counted(requests, 'request')}, at most {counted(executions, 'execution')} of policies"
    )


def _follow(campaign: Campaign, contract: Contract, found: dict[str, Row], say: Say) -> None:
    """Have the targets tested; `found` gets a row for each as it finishes."""
    where = campaign.directory.absolute() / TARGETS
    jobs = [
        Job(
            target=each,
            directory=str(where / each.name),
            contract=contract.sha256,
            excuses=campaign.excuses.get(each.name, Excuses()),
            deletes=campaign.deletes,
        )
        for each in campaign.targets
    ]
    workers = min(campaign.workers or cores(), len(jobs))
    with connected(campaign.scheduler, workers) as client:
        prepare_directory(where)
        for row in rows(client, jobs):
            found[row.name] = row
            say(f"[{len(found)}/{len(jobs)}] {line_of(row)}")


def line_of(row: Row) -> str:
    """What came of a target, in one line."""
    label = verdict_label(row)
    broken = row.broken
    what = f" ({named(broken, 3)})" if broken else ""
    if row.excuses:
        what += f", {counted(len(row.excuses), 'clause')} excused"
    why = f": {visible_line(row.reason)}" if row.reason and not broken else ""
    return f"{label.plain if label else '0'} {row.name}: {row.told}{what}{why}"


def _matrix(
    campaign: Campaign,
    contract: Contract,
    found: dict[str, Row],
    started: float,
    interrupted: int | None,
) -> Matrix:
    clauses = list(catalogue(contract).values())
    rows = [found.get(target.name) or _unfinished(target) for target in campaign.targets]
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


def _unfinished(target: Target) -> Row:
    reason = "the campaign was interrupted before it came to its end; go on with --resume"
    return without_verdict(target.name, without_login(target.endpoint or ""), reason)


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


def _write_matrix(matrix: Matrix, directory: Path) -> None:
    """Write the matrix in every format; only the user may read it. Raises UsageError."""

    def write(render: Callable[[Matrix], Iterable[str]], file: IO[str]) -> None:
        file.writelines(render(matrix))

    try:
        for name, render in FORMATS.items():
            replace_file(directory / name, partial(write, render))
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot write the matrix into {directory}: {why}") from error
