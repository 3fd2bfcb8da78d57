"""What is looked at before the first task: workers, their storage, the suite there and here.

Dask unpickles tasks on the scheduler too, so that it needs this package as the workers do. The
first question is put with what Python has itself, since a machine may not have the package.
"""

from __future__ import annotations

import pkgutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance import __version__
from conformance.campaign.mark import mark_in
from conformance.campaign.versions import Versions, versions_here
from conformance.errors import UsageError
from conformance.text import counted, named, shorten, visible_line

if TYPE_CHECKING:
    from distributed import Client

VERSION: Final = "conformance:__version__"
NAMED: Final = 3
Say = Callable[[str], None]


class NotReady(UsageError):
    """What is to be mended before a campaign can begin; a line for each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Wanted:
    """What every worker has to see: the mark of a campaign in a directory; how long to wait for a
    first worker, in seconds; and whether one may judge by other versions.
    """

    directory: Path
    campaign: str
    wait: float
    allow_mixed: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What a worker has, and what is wrong with the report directory there, if anything."""

    versions: Versions
    storage: str


def look(directory: str, campaign: str) -> Seen:
    """What this worker has and sees."""
    try:
        mark_in(Path(directory), campaign)
        trouble = ""
    except UsageError as error:
        trouble = str(error)
    return Seen(versions_here(), trouble)


def check_ready(client: Client, wanted: Wanted, say: Say) -> None:
    """Raise NotReady for a cluster that could not test targets as it should; nothing is sent."""
    _raise_if_any(_scheduler_without_suite(client))
    _await_workers(client, wanted.wait, say)
    _raise_if_any(_workers_without_suite(client))
    _raise_if_any(_of_other_use(client, wanted))


def _raise_if_any(lines: Iterator[str]) -> None:
    if found := list(lines):
        raise NotReady(found)


def _await_workers(client: Client, wait: float, say: Say) -> None:
    where = client.scheduler.address
    if not client.nthreads():
        say(f"no workers at {where}, waiting (limit {wait:g} s)")
        try:
            client.wait_for_workers(1, timeout=wait)
        except TimeoutError:
            raise NotReady(
                [f"no workers at {where} after {wait:g} s; start some, or give a higher --wait"]
            ) from None
    threads = client.nthreads()
    total = counted(sum(threads.values()), "thread")
    say(f"{where}: {counted(len(threads), 'worker')}, {total}")


def _scheduler_without_suite(client: Client) -> Iterator[str]:
    """A line for a scheduler that does not have this package, in this version."""
    try:
        there = client.run_on_scheduler(pkgutil.resolve_name, VERSION)
    except Exception as error:
        yield (
            f"the scheduler cannot load csbs-conformance ({_told(error)}); install {__version__} "
            "there: Dask reads tasks on the scheduler too"
        )
    else:
        if there != __version__:
            yield (
                f"the scheduler has csbs-conformance {there}; install {__version__} there: Dask "
                "reads tasks on the scheduler too"
            )


def _workers_without_suite(client: Client) -> Iterator[str]:
    """A line for the workers that do not have this package."""
    answers = client.run(pkgutil.resolve_name, VERSION, on_error="return")
    failed = {worker: _told(each) for worker, each in answers.items() if _is_error(each)}
    for told, who in _grouped(failed, len(answers)):
        yield f"{who} cannot load csbs-conformance ({told}); install {__version__} there"


def _of_other_use(client: Client, wanted: Wanted) -> Iterator[str]:
    """A line for each thing that is not on workers as it is here."""
    directory = str(wanted.directory)
    answers = client.run(look, directory, wanted.campaign, on_error="return")
    seen = {worker: each for worker, each in answers.items() if isinstance(each, Seen)}
    failed = {worker: _told(each) for worker, each in answers.items() if worker not in seen}
    for told, who in _grouped(failed, len(answers)):
        yield f"{who}: csbs-conformance there cannot be asked ({told}); install {__version__}"
    ours = versions_here()
    contracts = {
        worker: "" for worker, each in seen.items() if each.versions.contract != ours.contract
    }
    for _, who in _grouped(contracts, len(answers)):
        yield f"{who}: another contract; install csbs-conformance {__version__} there"
    others = {worker: ours.others_in(each.versions) for worker, each in seen.items()}
    differing = {worker: named(each) for worker, each in others.items() if each}
    for told, who in () if wanted.allow_mixed else _grouped(differing, len(answers)):
        yield f"{who}: {told}; install there what is here, or give --allow-mixed"
    unshared = {worker: each.storage for worker, each in seen.items() if each.storage}
    for told, who in _grouped(unshared, len(answers)):
        yield f"{who}: {told}"


def _grouped(told: Mapping[str, str], of: int) -> Iterator[tuple[str, str]]:
    """What is told of workers, each once, with those of whom it is."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for worker, text in told.items():
        groups[text].append(worker)
    for text, workers in groups.items():
        yield text, f"{len(workers)} of {counted(of, 'worker')} ({named(workers, NAMED)})"


def _is_error(answer: object) -> bool:
    return isinstance(answer, BaseException)


def _told(error: object) -> str:
    return shorten(visible_line(f"{type(error).__name__}: {error}"), 200)
