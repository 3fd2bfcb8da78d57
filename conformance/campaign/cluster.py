"""The cluster that a campaign runs on: a local one of Dask's, or one that is there already.

Scheduling, retries, lost workers and transport are Dask's. The local cluster listens on loopback
with certificates of its own, since whoever reaches a scheduler may have it run anything.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver
from types import FrameType
from typing import TYPE_CHECKING, Final

from conformance.campaign.row import Row, without_verdict
from conformance.campaign.task import Job, do
from conformance.errors import MissingExtra, UsageError
from conformance.run.session import SIGNALS, is_shielded
from conformance.text import without_login

if TYPE_CHECKING:
    from distributed import Client, Future

PATIENCE: Final = 15
"""Seconds to wait for a scheduler to answer."""
RETRIES: Final = 2
"""How often Dask tries a target again whose run ended with an error."""
LOCAL: Final = {
    "distributed.scheduler.allowed-failures": 5,
    "distributed.scheduler.worker-saturation": 1.0,  # what a worker does not do yet, it cannot lose
    "distributed.worker.multiprocessing-method": "forkserver",
    "distributed.worker.profile.enabled": False,
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
def connected(scheduler: str | None, workers: int) -> Iterator[Client]:
    """A client of the cluster at `scheduler`, or of a local one with so many workers.

    Raises UsageError where no scheduler answers.
    """
    import dask
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=PATIENCE)
        except OSError:
            raise UsageError("--scheduler: no scheduler answers there; start one first") from None
        except (ValueError, TypeError, RuntimeError):
            raise UsageError(
                "--scheduler: Dask has no use for it; give tcp://HOST:PORT, or tls://HOST:PORT "
                "with certificates in the configuration of Dask (distributed.comm.tls)"
            ) from None
        with client:
            yield client
        return
    _import_for_all_workers()
    with (
        dask.config.set(LOCAL),
        warnings.catch_warnings(action="ignore"),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            security=True,
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _import_for_all_workers() -> None:
    """Have one process import what a worker needs: each worker is a fork of it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["distributed", do.__module__])
    forkserver.ensure_running()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def rows(client: Client, jobs: Sequence[Job]) -> Iterator[Row]:
    """The row of each target, as they finish."""
    from distributed import as_completed

    futures = client.map(
        do,
        jobs,
        key=[("csbs-target", job.target.name) for job in jobs],
        pure=False,
        retries=RETRIES,
    )
    waiting = dict(zip(futures, jobs, strict=True))
    for future in as_completed(futures):
        job = waiting.pop(future)
        yield _row(future, job)
        future.release()


def _row(future: Future, job: Job) -> Row:
    """What a task came to; after an error, its own or one of Dask's, there is no verdict."""
    if future.status == "finished":
        row: Row = future.result()
        return row
    error = future.exception() if future.status == "error" else None
    match type(error).__name__:
        case "KilledWorker":
            told = "each worker that took it was lost; see its memory, and the logs of the workers"
        case "TargetFailed":
            told = str(error)
        case "NoneType":
            told = "the scheduler was lost; go on with --resume"
        case name:
            told = f"Dask could not have it run ({name})"
    return without_verdict(job.target.name, without_login(job.target.endpoint or ""), told)
