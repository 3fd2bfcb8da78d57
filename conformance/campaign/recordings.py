"""A campaign of recordings: each file is judged by itself, on all cores, and has a row."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from conformance.campaign.cluster import cores
from conformance.campaign.job import TARGETS
from conformance.campaign.matrix import Matrix
from conformance.campaign.row import Row, row_of, without_verdict
from conformance.campaign.standing import report_of
from conformance.contract import load_contract
from conformance.errors import UsageError
from conformance.gate.outcome import Excuses
from conformance.page.catalogue import catalogue
from conformance.recorded.judging import Wanted, judge_files
from conformance.report.model import gated
from conformance.report.write import write_reports

ENDINGS: Final = re.compile(r"(\.har|\.ndjson|\.json)?(\.gz|\.zip)?$", re.IGNORECASE)
NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST: Final = 90
LOST: Final = "the process that judged it was lost; see its memory"


@dataclass(frozen=True, slots=True)
class Recording:
    """A file, the name of its row, where its reports go, and how it is judged."""

    path: Path
    name: str
    directory: Path
    wanted: Wanted
    excuses: Excuses


def recordings(
    paths: Sequence[Path], directory: Path, wanted: Wanted, excuses: Excuses
) -> list[Recording]:
    """What there is to judge, under names that no two of them share."""
    names = _names(paths)
    return [
        Recording(path, name, directory / TARGETS / name, wanted, excuses)
        for path, name in zip(paths, names, strict=True)
    ]


def _names(paths: Sequence[Path]) -> list[str]:
    """A name for each file: its own, its directory's before it where others are called so too."""
    plain = [_name(path.name) for path in paths]
    counts = Counter(name.lower() for name in plain)
    longer = [
        name if counts[name.lower()] == 1 else _name(f"{path.absolute().parent.name}-{name}")
        for path, name in zip(paths, plain, strict=True)
    ]
    seen: Counter[str] = Counter()
    taken = {name.lower() for name in longer}
    found = []
    for name in longer:
        seen[name.lower()] += 1
        number = seen[name.lower()]
        while number > 1 and f"{name}-{number}".lower() in taken:
            number += 1
        found.append(name if number == 1 else f"{name}-{number}")
        taken.add(found[-1].lower())
    return found


def _name(text: str) -> str:
    name = NOT_IN_A_NAME.sub("-", ENDINGS.sub("", text)).strip("-._")
    return name[:LONGEST] or "recording"


def judged_each(files: Sequence[Recording], told: Callable[[int, Row], None]) -> Matrix:
    """The matrix of recordings, each with its reports; `told` gets how many and which is done."""
    started, found = time.time(), dict[str, Row]()
    for number, row in enumerate(_rows(files), 1):
        found[row.name] = row
        told(number, row)
    contract = load_contract()
    return Matrix(
        rows=[found[each.name] for each in files],
        clauses=list(catalogue(contract).values()),
        contract=contract.sha256,
        started_at=started,
        finished_at=time.time(),
    )


def _rows(files: Sequence[Recording]) -> Iterator[Row]:
    """The row of each recording, as they finish."""
    workers = min(cores(), len(files))
    if workers == 1:
        yield from map(judged, files)
        return
    with ProcessPoolExecutor(workers) as pool:
        futures = {pool.submit(judged, each): each for each in files}
        for future in as_completed(futures):
            yield _row(future, futures[future])


def _row(future: Future[Row], recording: Recording) -> Row:
    if isinstance(future.exception(), BrokenExecutor):
        return without_verdict(recording.name, "", LOST)
    return future.result()


def judged(recording: Recording) -> Row:
    """Judge a recording, write its reports, and return its row: without a verdict if it is none."""
    try:
        report = judge_files(load_contract(), [recording.path], recording.wanted)
        today = datetime.now(UTC).date()
        write_reports(gated(report, recording.excuses, today), recording.directory)
        return row_of(recording.name, report_of(recording.directory))
    except UsageError as error:
        return without_verdict(recording.name, "", str(error))
