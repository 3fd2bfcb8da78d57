"""The cluster that a campaign runs on: a local one of Dask's, or one that is there already.

Scheduling, retries, lost workers and transport are Dask's. The local cluster listens on loopback
with certificates of its own, since whoever reaches a scheduler may have it run anything.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import forkserver
from types import FrameType
from typing import TYPE_CHECKING, Final

from conformance.campaign.job import Job, held
from conformance.campaign.mark import NOT_SHARED
from conformance.campaign.reaching import CERTIFICATES, check_reachable
from conformance.campaign.row import Row
from conformance.campaign.target import may_begin
from conformance.campaign.task import do
from conformance.campaign.windows import utc_now
from conformance.errors import MissingExtra, UsageError
from conformance.run.interruption import SIGNALS, is_shielded
from conformance.text import counted

if TYPE_CHECKING:
    from distributed import Client, Future, as_completed

Say = Callable[[str], None]
PATIENCE: Final = 15
"""Seconds to wait for a scheduler to answer."""
RETRIES: Final = 2
"""How often Dask tries a target again whose run ended with an error."""
NEVER: Final = logging.CRITICAL + 1
"""The level of loggers that are to say nothing."""
BETWEEN_LOOKS: Final = 0.5
"""Seconds between two looks whether a window is open, and whether a target is done."""
BETWEEN_ENDS: Final = 0.02
"""Seconds between two looks whether a target is done, while nothing else is awaited."""
BETWEEN_COUNTS: Final = 2.0
"""Seconds between two looks whether there is a worker at all."""
SCHEDULER_LOST: Final = "the scheduler was lost; go on with --resume"
NO_ROW: Final = "what came back is no row of this suite; install the same version everywhere"
LOCAL: Final = {
    "distributed.scheduler.allowed-failures": 5,
    "distributed.scheduler.worker-saturation": 1.0,  # what a worker does not do yet, it cannot lose
    "distributed.worker.multiprocessing-method": "forkserver",
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",  # every 20 ms, in each process, otherwise
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.scheduler.http.routes": [],  # no page of Dask's for other users of the machine
    "distributed.worker.http.routes": [],
}


class Interrupted(BaseException):
    """A signal that ends a campaign, with the exit code it stands for."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise Interrupted at the first signal to end; the next ones do nothing."""
    is_first = True

    def interrupt(number: int, _: FrameType | None) -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            raise Interrupted(SIGNALS[signal.Signals(number)])

    numbers = [number for number in SIGNALS if not is_shielded(number)]
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check_installed() -> None:
    """Raise UsageError where Dask is not installed."""
    try:
        import cryptography  # noqa: F401
        import distributed  # noqa: F401
    except ImportError:
        raise MissingExtra("campaign", "campaign") from None


@contextmanager
def connected(scheduler: str | None, workers: int, threads: int = 1) -> Iterator[Client]:
    """A client of the cluster at `scheduler`, or of a local one with so many workers and threads.

    Raises UsageError where no scheduler answers.
    """
    import dask
    from distributed import LocalCluster

    _silence()
    if scheduler is not None:
        check_reachable(scheduler)
        with warnings.catch_warnings(action="ignore"), _client_of(scheduler) as client:
            yield client
        return
    _import_for_all_workers()
    with (
        dask.config.set(LOCAL),
        warnings.catch_warnings(action="ignore"),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=threads,
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            security=True,
            silence_logs=NEVER,
        ) as cluster,
        cluster.get_client() as client,
    ):
        yield client


def _client_of(scheduler: str) -> Client:
    from distributed import Client

    try:
        return Client(scheduler, timeout=PATIENCE)
    except OSError:
        raise UsageError(
            "--scheduler: it is reached, and does not let a client of Dask's in; see that it is a "
            f"scheduler, and for TLS the {CERTIFICATES}"
        ) from None
    except (ValueError, TypeError, RuntimeError):
        raise UsageError(
            "--scheduler: Dask has no use for it; give tcp://HOST:PORT, or tls://HOST:PORT "
            f"with {CERTIFICATES}"
        ) from None


def _silence() -> None:
    """Keep Dask's own lines off the console, whatever the configuration of Dask says of them.

    Some of its loggers have a level of their own, which that of "distributed" does not reach.
    """
    for name in ("distributed", "tornado", *logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(NEVER)


def _import_for_all_workers() -> None:
    """Have one process import what a worker needs: each worker is a fork of it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["distributed", do.__module__])
    forkserver.ensure_running()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def rows(client: Client, jobs: Sequence[Job], say: Say) -> Iterator[Row]:
    """The row of each target, as they finish. `say` gets a line for each group that has to wait.

    What comes outside the windows of its group is handed out again once one is open; if the
    scheduler is lost meanwhile, there is nothing to wait for.
    """
    from distributed import as_completed

    finished = as_completed()
    under_way: dict[Future, Job] = {}
    due, later, told = list(jobs), list[Job](), set[str]()
    while due or under_way or later:
        if client.status == "closed":
            due, later = [*due, *later], []
        if due and client.status != "running":
            yield from (job.without_verdict(SCHEDULER_LOST) for job in due)
        elif due:
            futures = client.map(do, due, key=[job.key for job in due], pure=False, retries=RETRIES)
            under_way.update(zip(futures, due, strict=True))
            finished.update(futures)
        if under_way and (not later or finished.has_ready()):
            _await_end(client, finished, len(under_way), say)
            future = next(finished)
            job = under_way.pop(future)
            row = _row(future, job)
            future.release()
            if row.is_postponed:
                later.append(replace(job, postponed=job.postponed + 1))
                _tell(job, told, say)
            else:
                yield with_its_report(row, job)
        else:
            time.sleep(BETWEEN_LOOKS)
        now = utc_now()
        due = [job for job in later if may_begin(job.target, now)]
        later = [job for job in later if not may_begin(job.target, now)]


def _await_end(client: Client, finished: as_completed, waiting: int, say: Say) -> None:
    """Wait until a task has ended. Say so, once, where no worker is left to do any.

    A local cluster starts others by itself.
    """
    looked, is_lost = time.monotonic(), False
    while not finished.has_ready():
        time.sleep(BETWEEN_ENDS)
        if time.monotonic() - looked < BETWEEN_COUNTS or client.status != "running":
            continue
        was_lost, looked = is_lost, time.monotonic()
        with contextlib.suppress(OSError):  # the scheduler is lost, which ends all tasks
            is_lost = not client.nthreads()
        if is_lost and not was_lost and client.cluster is None:
            where, many = client.scheduler.address, counted(waiting, "target")
            say(f"no workers left at {where}, {many} waiting; start some, or go on with --resume")


def _tell(job: Job, told: set[str], say: Say) -> None:
    """Say that a group waits for its windows, once."""
    group = job.target.limits
    if group is not None and group.name not in told:
        told.add(group.name)
        windows = ", ".join(map(str, group.windows))
        say(f"group {group.name}: its targets wait for {windows}")


def _row(future: Future, job: Job) -> Row:
    """What a task came to; after an error, its own or one of Dask's, there is no verdict."""
    if future.status == "finished":
        try:
            row = future.result()
        except (OSError, CancelledError):  # the scheduler was lost after it had said so
            return job.without_verdict(SCHEDULER_LOST)
        return held(row, job) if isinstance(row, Row) else job.without_verdict(NO_ROW)
    error = future.exception() if future.status == "error" else None
    match type(error).__name__:
        case "KilledWorker":
            told = "each worker that took it was lost; see its memory, and the logs of the workers"
        case "TargetFailed":
            told = str(error)
        case "NoneType":
            told = SCHEDULER_LOST
        case name:
            told = f"Dask could not have it run ({name})"
    return job.without_verdict(told)


def with_its_report(row: Row, job: Job, missing: str = NOT_SHARED) -> Row:
    """A row, where the report that it leads to is there; else one without a verdict, and why.

    The directory is listed, since storage that is mounted may remember that a file was not there.
    """
    try:
        there = set(os.listdir(job.directory)) if row.verdict else set()
    except OSError:
        there = set()
    if row.verdict is None or {"report.html", "report.json"} <= there:
        return row
    return job.without_verdict(f"its report is not in {job.directory}; {missing}")
