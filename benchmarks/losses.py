"""A campaign whose workers and whose scheduler are killed, held against runs of each kind alone."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import psutil  # type: ignore[import-untyped]

from benchmarks.campaigns import defaults
from benchmarks.measure import COMMAND, SCRIPTS, environment, run
from benchmarks.page import provenance, table
from benchmarks.town import COUNTS, HOST, TOKENS, Address, known, town

DEAD = "dead"
"""A target at whose address nobody listens."""
KINDS = (
    *("", "any-token-passes", "", "plan-id-optional", "", "no-token-forbidden", ""),
    *("throttled-429", "", "empty-parameters-refused", "slow-executions", DEAD),
)
"""What the targets are, in turn: the reference, faults, and variants that conform."""
PROFILE = ("--profile", "smoke", "--concurrency", "1")
ENDED = (0, 1, 3)
"""Exit codes of a campaign that was not told of a mistake, and met no error."""
LISTENING = 60.0
"""Seconds until a new scheduler has to listen."""
BETWEEN = 0.1
"""Seconds between two looks at how far a campaign is."""
ALLOWED = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "10"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is tried: numbers of targets, and of kills while they are tested."""

    targets: int = 200
    workers: int = 2
    workers_killed: int = 8
    schedulers_killed: int = 2


@dataclass(frozen=True, slots=True)
class Result:
    """What a target came to, and how often it was executed, as it counts itself."""

    verdict: str
    clauses: Mapping[str, str]
    executions: int


@dataclass
class Nodes:
    """A scheduler and workers of Dask's, which are killed and come again."""

    workers: int
    directory: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    turn: int = 0

    def start(self) -> str:
        """The address of a new scheduler, to which new workers come; each has a nanny.

        It listens already: a command that finds nobody at an address says so at once. Raises
        TimeoutError.
        """
        with socket.create_server((HOST, 0)) as free:
            port = free.getsockname()[1]
        address = f"tcp://{HOST}:{port}"
        self._dask("scheduler", "--host", HOST, "--port", str(port))
        _await_listener(port)
        for _ in range(self.workers):
            where = ("--host", HOST, "--local-directory", str(self.directory))
            self._dask("worker", address, "--nthreads", "1", *where)
        return address

    def _dask(self, *arguments: str) -> None:
        self.started.append(
            subprocess.Popen(
                [str(SCRIPTS / "dask"), *arguments, "--no-dashboard"],
                env=environment({**TOKENS, **ALLOWED}),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    def kill_worker(self) -> bool:
        """Kill a worker, whose nanny starts another; whether there was one."""
        self.turn += 1
        nanny = psutil.Process(self.started[1 + self.turn % self.workers].pid)
        working = [each for each in nanny.children() if "spawn_main" in " ".join(each.cmdline())]
        for each in working:
            each.kill()
        return bool(working)

    def kill_scheduler(self) -> bool:
        """Kill the scheduler."""
        self.started[0].kill()
        return True

    def stop(self) -> None:
        """Kill what is left, and the processes that it started."""
        for process in self.started:
            for each in [*psutil.Process(process.pid).children(recursive=True), process]:
                each.kill()
            process.wait()
        self.started.clear()


def _await_listener(port: int) -> None:
    """Wait until somebody listens at a port. Raises TimeoutError."""
    until = time.monotonic() + LISTENING
    while time.monotonic() < until:
        try:
            socket.create_connection((HOST, port)).close()
        except ConnectionRefusedError:
            time.sleep(BETWEEN)
        else:
            return
    raise TimeoutError(f"nobody listens at port {port} after {LISTENING:g} s")


@dataclass(frozen=True, slots=True)
class Tried:
    """A campaign that was killed: how often, in how many commands, and what came of it."""

    sizes: Sizes
    workers_killed: int
    schedulers_killed: int
    commands: int
    wall: float
    exit_code: int
    found: Mapping[str, Result]


def section(sizes: Sizes) -> str:
    """Try; the section of the page."""
    where, kinds = provenance(), dict.fromkeys(KINDS[: sizes.targets])
    with TemporaryDirectory() as name, town() as address:
        alone = {kind: run_alone(kind, address, Path(name)) for kind in kinds}
        tried = campaign(sizes, address, Path(name))
    return "\n".join([where, "", *_told(tried, alone)])


def endpoint(name: str, kind: str, address: Address) -> str:
    """Where a target of a kind is."""
    return f"http://{HOST}:9" if kind == DEAD else address.endpoint(f"{name}~{kind}".rstrip("~"))


def run_alone(kind: str, address: Address, directory: Path) -> Result:
    """What a target of a kind comes to when it is tested alone."""
    reports = directory / f"alone-{kind}"
    where = (*known(endpoint("alone", kind, address)), "--report-dir", str(reports))
    run([COMMAND, "run", "--quiet", *PROFILE, *where], {"CSBS_TOKEN": TOKENS["CSBS_TOKEN"]})
    report = json.loads((reports / "report.json").read_bytes())
    clauses = {each["id"]: each["status"] for each in report["clauses"]}
    counted = executions(address).get(f"alone~{kind}".rstrip("~"), 0)
    return Result(report["verdict"], clauses, counted)


def executions(address: Address) -> dict[str, int]:
    """How often each target was executed, as the targets count."""
    with urllib.request.urlopen(f"{address.url}/{COUNTS}") as answer:
        return {name: executed for name, (_, executed) in json.load(answer).items()}


def campaign(sizes: Sizes, address: Address, directory: Path) -> Tried:
    """Test the targets while workers and scheduler are killed; go on until all is tested."""
    names = {f"t{n:04}": KINDS[n % len(KINDS)] for n in range(sizes.targets)}
    file, out = directory / "campaign.toml", directory / "out"
    file.write_text(_file(names, address), encoding="utf-8")
    due = list(_deaths(sizes))
    told = dict.fromkeys(("worker", "scheduler"), 0)
    began, commands, exit_code = time.monotonic(), 0, 0
    is_whole = False
    while not is_whole:
        commands += 1
        is_whole = not due
        with nodes(sizes.workers, directory) as cluster, TemporaryFile() as told_by_it:
            resume = ["--resume"] if commands > 1 else []
            where = ["--scheduler", cluster.start(), "--report-dir", str(out)]
            with subprocess.Popen(
                [COMMAND, "campaign", str(file), "--quiet", *where, *resume],
                env=environment(TOKENS), stdout=subprocess.DEVNULL, stderr=told_by_it,
            ) as process:  # fmt: skip
                while process.poll() is None:
                    done = len(list(out.glob("targets/*/report.json")))
                    while due and done >= due[0][0]:
                        _, what = due.pop(0)
                        told[what] += getattr(cluster, f"kill_{what}")()
                    time.sleep(BETWEEN)
            exit_code = process.returncode
            if exit_code not in ENDED:
                told_by_it.seek(0)
                why = told_by_it.read().decode()
                raise RuntimeError(f"command {commands} ended with {exit_code}: {why}")
        sys.stderr.write(f"command {commands}: {done} of {len(names)}, exit code {exit_code}\n")
    return Tried(
        sizes, told["worker"], told["scheduler"], commands,
        time.monotonic() - began, exit_code, _found(out, names, address),
    )  # fmt: skip


@contextmanager
def nodes(workers: int, directory: Path) -> Iterator[Nodes]:
    """Nodes that are gone in the end, whatever they do."""
    found = Nodes(workers, directory)
    try:
        yield found
    finally:
        found.stop()


def _deaths(sizes: Sizes) -> Iterator[tuple[int, str]]:
    """At how many finished targets what is killed, evenly between the first and the last."""
    kinds = {"worker": sizes.workers_killed, "scheduler": sizes.schedulers_killed}
    yield from sorted(
        (sizes.targets * place // (number + 1), what)
        for what, number in kinds.items()
        for place in range(1, number + 1)
    )


def _file(names: Mapping[str, str], address: Address) -> str:
    lines = [line for line in defaults("smoke") if not line.startswith("forbidden")]
    lines.append("concurrency = 1")
    for name, kind in names.items():
        where = endpoint(name, kind, address)
        lines += ["[[target]]", f'name = "{name}"', f'endpoint = "{where}"']
    return "\n".join(lines)


def _found(out: Path, names: Mapping[str, str], address: Address) -> dict[str, Result]:
    counted = executions(address)
    rows = {
        each["name"]: each for each in json.loads((out / "campaign.json").read_bytes())["targets"]
    }
    return {
        name: Result(
            rows[name]["verdict"] or "none",
            rows[name]["clauses"] or {},
            counted.get(f"{name}~{kind}".rstrip("~"), 0),
        )
        for name, kind in names.items()
    }


def _told(tried: Tried, alone: Mapping[str, Result]) -> Iterator[str]:
    kinds = {name: KINDS[int(name[1:]) % len(KINDS)] for name in tried.found}
    pairs = {name: (each, alone[kinds[name]]) for name, each in tried.found.items()}
    yield (
        "Targets of several kinds in turn: the reference, faulty, throttling and slow ones, and "
        "one at whose address nobody listens. The scheduler and the workers are Dask's, and are "
        "killed while the campaign is under way. After the death of its scheduler the command is "
        "given again, with `--resume`. Each target is held against one of its kind that `run` "
        "tested alone, and executions are those that the targets counted."
    )
    yield ""
    heads = [
        *("targets", "workers", "workers killed", "schedulers killed", "commands", "wall s"),
        *("verdict as alone", "every clause as alone", "a clause less decided"),
        *("a clause decided otherwise", "executions as alone", "more executions", "exit code"),
    ]
    yield from table(heads, [_row(tried, list(pairs.values()))])
    for name, (mine, other) in pairs.items():
        if mine.verdict != other.verdict or mine.executions != other.executions:
            yield (
                f"* {name} ({kinds[name] or 'reference'}): {mine.verdict}, {mine.executions} "
                f"executions; alone {other.verdict}, {other.executions}."
            )


def _row(tried: Tried, pairs: Sequence[tuple[Result, Result]]) -> list[str]:
    unlike = [
        {(mine.clauses.get(clause), status) for clause, status in other.clauses.items()}
        for mine, other in pairs
    ]
    differing = [{pair for pair in each if pair[0] != pair[1]} for each in unlike]
    less = [each for each in differing if each and {mine for mine, _ in each} <= UNDECIDED]
    counts = (
        sum(mine.verdict == other.verdict for mine, other in pairs),
        sum(not each for each in differing),
        len(less),
        sum(bool(each) for each in differing) - len(less),
        sum(mine.executions == other.executions for mine, other in pairs),
        sum(mine.executions > other.executions for mine, other in pairs),
    )
    sizes = tried.sizes
    return [
        *(str(n) for n in (sizes.targets, sizes.workers, tried.workers_killed)),
        *(str(tried.schedulers_killed), str(tried.commands), f"{tried.wall:.0f}"),
        *map(str, counts),
        f"[{tried.exit_code}]",
    ]


UNDECIDED = frozenset({"inconclusive", "not_exercised", None})
