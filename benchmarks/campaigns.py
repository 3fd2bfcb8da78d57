"""Campaigns of many emulated targets, and what they come to on paper for a cluster."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]

from benchmarks.measure import COMMAND
from benchmarks.page import provenance, table
from benchmarks.town import TOKENS, WORLD, Address, town
from benchmarks.watching import Watched, watch

GROWING = ("campaign.json", "campaign.csv")
MATRIX = (*GROWING, "summary.md", "junit.xml", "results.sarif", "campaign.html")
"""The formats of the matrix; those that grow hold all targets, the others the first ones."""
MANY = 100_000
"""Targets of the campaign that is worked out on paper."""
CORES = 64
SLOW = 0.02
"""Seconds that a response takes, where it takes any."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What to measure: numbers of targets and of workers, and the profile of the runs.

    `waiting` targets take SLOW seconds for a response, the others none.
    """

    targets: Sequence[int] = (10, 100, 1000)
    waiting: int = 50
    workers: Sequence[int] = (1, 2)
    profile: str = "standard"


@dataclass(frozen=True, slots=True)
class Measured:
    """A campaign: its processes, seconds of the targets' processor, and bytes that it wrote."""

    targets: int
    workers: int
    latency: float
    watched: Watched
    emulator: float
    results: int
    matrix: dict[str, int]

    @property
    def worker_cpu(self) -> float:
        """Seconds of processor time of all workers."""
        return sum(each.cpu for each in self.watched.workers.values())

    @property
    def worker_memory(self) -> float:
        """Megabytes of the largest worker."""
        return max((each.memory for each in self.watched.workers.values()), default=0.0)


def section(sizes: Sizes) -> str:
    """Measure; the section of the page."""
    where = provenance()
    wanted = [(targets, 0.0) for targets in sizes.targets]
    measured = []
    for targets, latency in [*wanted, (sizes.waiting, SLOW)]:
        for workers in sizes.workers:
            measured.append(campaign(targets, workers, latency, sizes.profile))
            told = measured[-1].watched
            sys.stderr.write(f"{targets} targets, {workers} workers: {told.wall:.1f} s\n")
    return "\n".join([where, "", *_figures(measured, sizes), "", *_on_paper(measured)])


def campaign(targets: int, workers: int, latency: float, profile: str) -> Measured:
    """Run a campaign in a process of its own."""
    with TemporaryDirectory() as name, town(latency) as address:
        directory = Path(name)
        file, reports = directory / "campaign.toml", directory / "reports"
        file.write_text(_file(address, targets, profile), encoding="utf-8")
        watched = watch(
            [
                *(COMMAND, "campaign", str(file), "--quiet"),
                *("--workers", str(workers), "--report-dir", str(reports)),
            ],
            TOKENS,
        )
        times = psutil.Process(address.process).cpu_times()
        matrix = {name: (reports / name).stat().st_size for name in MATRIX}
        every = reports.joinpath("targets").rglob("*")
        results = sum(path.stat().st_size for path in every if path.is_file())
    cpu = times.user + times.system
    return Measured(targets, workers, latency, watched, cpu, results, matrix)


def defaults(profile: str) -> list[str]:
    """The lines of a campaign's file that hold for all targets of a town."""
    return [
        "[defaults]",
        f'project-id = "{WORLD["project_id"]}"',
        f'plan-id = "{WORLD["plan_id"]}"',
        f"resource = {list(WORLD['resources'])}",
        'token-env = "CSBS_TOKEN"',
        'forbidden-token-env = "CSBS_FORBIDDEN_TOKEN"',
        f'profile = "{profile}"',
    ]


def _file(address: Address, targets: int, profile: str) -> str:
    lines = defaults(profile)
    for number in range(targets):
        endpoint = address.endpoint(f"t{number}")
        lines += ["[[target]]", f'name = "t{number}"', f'endpoint = "{endpoint}"']
    return "\n".join(lines)


def _figures(measured: Sequence[Measured], sizes: Sizes) -> Iterator[str]:
    yield (
        f"A run of the profile `{sizes.profile}` for each target. Where answers take no time, the "
        "targets, one process for all of them, take their share of the same processors; in the "
        "last rows the runs wait most of the time, as against real targets. The scheduler is in "
        "the process of the command, beside the client; each worker is a process. Results are all "
        "files of a target, its journal and its HAR among them. Seconds of scheduler, workers and "
        "emulator are of processor time, the start among them. Targets a core-second are those "
        "that a second of processor time of scheduler and workers tests."
    )
    yield ""
    heads = [
        *(
            "targets",
            "ms an answer takes",
            "workers",
            "wall s",
            "targets/s",
            "targets a core-second",
        ),
        *("scheduler s", "workers s", "emulator s", "scheduler MB", "largest worker MB"),
        *("kB of results a target", "matrix kB", "exit code"),
    ]
    yield from table(heads, [_row(each) for each in measured])
    for targets, latency in dict.fromkeys((each.targets, each.latency) for each in measured):
        walls = {
            each.workers: each.watched.wall
            for each in measured
            if (each.targets, each.latency) == (targets, latency)
        }
        fewest, most = min(walls), max(walls)
        if most > fewest:
            yield (
                f"* {targets:,} targets at {latency * 1000:.0f} ms: {most} workers are "
                f"{walls[fewest] / walls[most]:.2f} times as fast as {fewest}."
            )


def _row(each: Measured) -> list[str]:
    watched = each.watched
    return [
        f"{each.targets:,}",
        f"{each.latency * 1000:.0f}",
        str(each.workers),
        f"{watched.wall:.1f}",
        f"{each.targets / watched.wall:.2f}",
        f"{each.targets / (watched.itself.cpu + each.worker_cpu):.2f}",
        f"{watched.itself.cpu:.1f}",
        f"{each.worker_cpu:.1f}",
        f"{each.emulator:.1f}",
        f"{watched.itself.memory:.0f}",
        f"{each.worker_memory:.0f}",
        f"{each.results / each.targets / 1000:,.0f}",
        f"{sum(each.matrix.values()) / 1000:,.0f}",
        f"[{watched.exit_code}]",
    ]


@dataclass(frozen=True, slots=True)
class Slopes:
    """What each further target costs, from two campaigns on as many workers.

    Seconds of processor time of the scheduler and of a worker, bytes of the scheduler's memory, of
    the target's results, and of the matrix; `idle` is the scheduler's memory without a target.
    """

    scheduler: float
    worker: float
    memory: float
    idle: float
    results: float
    matrix: float
    worker_memory: float

    @classmethod
    def between(cls, small: Measured, large: Measured) -> Slopes:
        """The slopes between a small campaign and a large one."""
        more = large.targets - small.targets

        def slope(before: float, after: float) -> float:
            return max(0.0, after - before) / more

        memory = slope(small.watched.itself.memory, large.watched.itself.memory)
        return cls(
            scheduler=slope(small.watched.itself.cpu, large.watched.itself.cpu),
            worker=slope(small.worker_cpu, large.worker_cpu),
            memory=memory,
            idle=small.watched.itself.memory - memory * small.targets,
            results=slope(small.results, large.results),
            matrix=slope(*(sum(each.matrix[name] for name in GROWING) for each in (small, large))),
            worker_memory=large.worker_memory,
        )


def _on_paper(measured: Sequence[Measured]) -> Iterator[str]:
    """What a campaign of MANY targets comes to, if all grows as it did between two measured."""
    most = max(each.workers for each in measured)
    working = [each for each in measured if each.workers == most and not each.latency]
    if len(working) < 2:
        return
    small, large = working[-2:]
    waiting = next(each for each in reversed(measured) if each.latency)
    cost = Slopes.between(small, large)
    each = waiting.watched.wall * waiting.workers / waiting.targets
    yield f"### On paper: {MANY:,} targets on a cluster"
    yield ""
    yield (
        f"Worked out from the growth between {small.targets:,} and {large.targets:,} targets on "
        f"{most} workers, as if all went on growing so; nothing of this was run."
    )
    yield ""
    yield from _bottleneck(cost, each)
    memory = cost.memory * 1024
    yield (
        "* **Memory of the scheduler**, with the client, which holds the rows of the matrix: m = "
        f"{memory:.0f} kB a target beside {cost.idle:.0f} MB: {MANY:,} × m = "
        f"{MANY * cost.memory / 1024:.1f} GB. A worker stays at {cost.worker_memory:.0f} MB, since "
        "it has one target at a time."
    )
    yield (
        f"* **Size of results**: {cost.results / 1000:,.0f} kB a target, written by the workers: "
        f"{MANY * cost.results / 1e9:,.0f} GB. The matrix has {cost.matrix / 1000:.1f} kB a "
        f"target in the formats that hold all of them: {MANY * cost.matrix / 1e6:,.0f} MB "
        f"({_parts(small, large)})."
    )


def _bottleneck(cost: Slopes, each: float) -> Iterator[str]:
    """How long it takes at least, and what it waits for; a run takes a worker `each` seconds."""
    if not cost.scheduler or not cost.worker:
        return
    scheduling = MANY * cost.scheduler
    yield (
        f"* **Work**: a target costs a worker w = {cost.worker:.2f} s of processor time: "
        f"{MANY:,} × w = {MANY * cost.worker / 3600:.1f} hours of one core, "
        f"{MANY * cost.worker / CORES / 60:.0f} min on {CORES}."
    )
    yield (
        f"* **Bottleneck**: it costs the scheduler s = {cost.scheduler * 1000:.1f} ms, its rows of "
        f"the matrix among them, and there is one scheduler: {MANY:,} × s = "
        f"{scheduling / 60:.0f} min, however many workers there are. It keeps w / s = "
        f"{cost.worker / cost.scheduler:.0f} workers busy that never wait. Against targets that "
        f"take {SLOW * 1000:.0f} ms for an answer a run takes r = {each:.2f} s, most of it "
        f"waiting: then r / s = {each / cost.scheduler:.0f} workers, and r / w = "
        f"{each / cost.worker:.1f} of them to a core."
    )


def _parts(small: Measured, large: Measured) -> str:
    more = large.targets - small.targets
    sizes = {
        name: (large.matrix[name] - small.matrix[name]) / more * MANY / 1e6 for name in GROWING
    }
    return ", ".join(f"`{name}` {size:.0f} MB" for name, size in sizes.items())
