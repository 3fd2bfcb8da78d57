"""How fast recordings are judged, and in how much memory.

Two mixes: what a run sends, mostly requests to be refused; and what a target in use sees, where
every request is executed and every response differs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from benchmarks.measure import COMMAND, Run, run
from benchmarks.page import provenance, table
from benchmarks.recordings import write_har, write_journal
from benchmarks.town import TOKENS, WORLD, known, town
from conformance.journal.reader import read_journal
from conformance.model import Journal

Writer = Callable[[Path, Journal, int], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What to measure: exchanges of the journals and of the HAR files."""

    journals: Sequence[int] = (10_000, 100_000, 1_000_000)
    hars: Sequence[int] = (10_000, 100_000)


@dataclass(frozen=True, slots=True)
class Row:
    """One recording judged."""

    kind: str
    mix: str
    length: int
    megabytes: float
    result: Run
    idle: Run
    page: int
    """Bytes of `report.html`."""

    @property
    def per_second(self) -> float:
        """Exchanges for each second of processor time, without what starting takes."""
        return self.length / max(self.result.cpu - self.idle.cpu, 0.001)


def one_run(directory: Path, endpoint: str) -> Journal:
    """The journal of a run, without what no recording has."""
    run([COMMAND, "run", "--quiet", "--report-dir", str(directory), *known(endpoint)], TOKENS)
    journal = read_journal(directory / "journal.ndjson")
    readable = [
        e
        for e in journal.exchanges
        if e.response and _is_text(e.request.body) and "/providers/" in e.request.url
    ]
    return replace(journal, exchanges=tuple(readable))


def _is_text(body: bytes) -> bool:
    try:
        return "\0" not in body.decode()
    except UnicodeDecodeError:
        return False


def executed(journal: Journal) -> Journal:
    """The journal with nothing but plain executions."""
    plain = [
        e
        for e in journal.exchanges
        if e.response and e.response.status == 200 and b"resources" in e.request.body
    ]
    return replace(journal, exchanges=tuple(plain))


def judged(path: Path, directory: Path) -> Run:
    """Judge a recording in a process of its own."""
    options = ["--project-id", WORLD["project_id"], "--plan-id", WORLD["plan_id"]]
    options += [part for server in WORLD["resources"] for part in ("--resource", server)]
    given = options if ".har" in path.name else []
    reports = str(directory / "reports")
    return run([COMMAND, "judge", str(path), "--quiet", "--report-dir", reports, *given], {})


def rows(sizes: Sizes, directory: Path) -> Iterator[Row]:
    """Judge recordings of every kind, mix and size."""
    with town() as address:
        whole = one_run(directory / "run", address.endpoint("one"))
    mixes = {"a run's": whole, "executions": executed(whole)}
    kinds: dict[str, tuple[str, Writer, Sequence[int]]] = {
        "journal": ("journal.ndjson", write_journal, sizes.journals),
        "HAR": ("recorded.har", write_har, sizes.hars),
    }
    for kind, (name, write, lengths) in kinds.items():
        for mix, journal in mixes.items():
            path = directory / name
            write(path, journal, 1)
            idle = judged(path, directory)
            for length in lengths:
                write(path, journal, length)
                result = judged(path, directory)
                megabytes = path.stat().st_size / 1e6
                path.unlink()
                page = (directory / "reports" / "report.html").stat().st_size
                yield Row(kind, mix, length, megabytes, result, idle, page)


def section(sizes: Sizes) -> str:
    """Measure; the section of the page."""
    where = provenance()
    measured = []
    with TemporaryDirectory() as directory:
        for row in rows(sizes, Path(directory)):
            measured.append(row)
            sys.stderr.write(f"{row.kind} {row.mix} {row.length}: {row.per_second:,.0f}/s\n")
    heads = [
        *("recording", "mix", "exchanges", "MB", "wall s", "processor s", "exchanges/s"),
        *("peak MB", "report.html kB", "exit code"),
    ]
    return "\n".join(
        [
            where,
            "",
            "`csbs-conformance judge`, one process a recording. Exchanges a second are for each "
            "second of processor time, that is on one core, behind the start (which judging one "
            "exchange was measured to take). *A run's* mix is what a run sends, mostly requests "
            "to be refused; in *executions* every request is executed, and every answer differs: "
            "of those the judge keeps one digest each, and of a journal also the checkpoint's id, "
            "which the report lists.",
            "",
            *table(heads, [_cells(row) for row in measured]),
            *_slopes(measured),
        ]
    )


def _cells(row: Row) -> list[str]:
    result = row.result
    return [
        row.kind,
        row.mix,
        f"{row.length:,}",
        f"{row.megabytes:,.0f}",
        f"{result.wall:.1f}",
        f"{result.cpu:.1f}",
        f"{row.per_second:,.0f}",
        f"{result.memory:.0f}",
        f"{row.page / 1000:.0f}",
        f"[{result.exit_code}]",
    ]


def _slopes(measured: Sequence[Row]) -> Iterator[str]:
    """What each further exchange takes of memory, between the two largest sizes."""
    for kind, mix in dict.fromkeys((row.kind, row.mix) for row in measured):
        same = [row for row in measured if (row.kind, row.mix) == (kind, mix)]
        if len(same) > 1:
            small, large = same[-2:]
            more = (large.result.memory - small.result.memory) * 2**20
            each = more / (large.length - small.length)
            yield (
                f"* {kind}, {mix}: {each:.0f} bytes of memory for each exchange more, between "
                f"{small.length:,} and {large.length:,}."
            )
