"""How large the reports on many exchanges become, how long they take, and whether a browser opens
the page.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.judging import executed, one_run
from benchmarks.page import provenance, table
from benchmarks.recordings import write_journal
from benchmarks.town import town
from conformance.report.write import REPORTS

FAULT = "error-with-200"
"""The fault of a target whose every execution breaks a clause."""
KEEPS, EXECUTES, BREAKS = "keeps all", "executes every request", "breaks with every answer"
BROWSERS = ("chromium", "google-chrome")
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Sizes:
    """What to measure: targets, numbers of exchanges, and how often to open the page."""

    targets: Sequence[str] = (KEEPS, EXECUTES, BREAKS)
    exchanges: Sequence[int] = (10_000, 100_000, 1_000_000)
    openings: int = 3


@dataclass(frozen=True, slots=True)
class Opened:
    """A page in a browser: seconds more than for an empty page, and its elements."""

    seconds: float
    elements: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """The reports on so many exchanges of a target: seconds and bytes of each artefact."""

    target: str
    exchanges: int
    artefacts: dict[str, tuple[float, int]]
    before: float
    peak: float
    exit_code: int
    opened: Opened | None


def section(sizes: Sizes) -> str:
    """Measure; the section of the page."""
    where, browser = provenance(), next(filter(None, map(shutil.which, BROWSERS)), None)
    measured = []
    with TemporaryDirectory() as name:
        directory = Path(name)
        for target, journal in journals(sizes.targets, directory):
            for length in sizes.exchanges:
                measured.append(
                    rendered(target, journal, length, directory, browser, sizes.openings)
                )
                sys.stderr.write(f"{target}, {length} exchanges: {measured[-1].opened}\n")
    return "\n".join([where, "", *_pages(measured, sizes, browser), "", *_artefacts(measured)])


def journals(targets: Sequence[str], directory: Path) -> Iterator[tuple[str, Path]]:
    """A journal of each kind of target, by what the target does."""
    with town() as address:
        for number, target in enumerate(targets):
            name = f"one~{FAULT}" if target == BREAKS else "one"
            journal = one_run(directory / f"run-{number}", address.endpoint(name))
            journal = journal if target == KEEPS else executed(journal)
            path = directory / f"{number}.ndjson"
            write_journal(path, journal, len(journal.exchanges))
            yield target, path


def rendered(
    target: str, journal: Path, length: int, directory: Path, browser: str | None, openings: int
) -> Rendered:
    """Render in a process of its own, and open the page."""
    reports = directory / "reports"
    reports.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.rendered", str(journal), str(length), str(reports)],
        stdout=subprocess.PIPE,
        check=True,
    )
    told = json.loads(done.stdout)
    page = reports / "report.html"
    seen = opened(browser, page, directory, openings) if browser else None
    shutil.rmtree(reports)
    return Rendered(
        target,
        length,
        {name: (seconds, size) for name, (seconds, size) in told["artefacts"].items()},
        told["before"],
        told["peak"],
        told["exit_code"],
        seen,
    )


def opened(browser: str, page: Path, directory: Path, openings: int) -> Opened:
    """Open a page, and an empty one in turn; medians."""
    empty = directory / "empty.html"
    empty.write_text("<!DOCTYPE html><title>empty</title>", encoding="utf-8")
    took: dict[Path, list[float]] = {page: [], empty: []}
    dom = ""
    for _ in range(openings):
        for path, seconds in took.items():
            began = time.perf_counter()
            profile = f"--user-data-dir={directory / 'profile'}"
            done = subprocess.run(
                [browser, *QUIET, profile, "--dump-dom", path.as_uri()],
                capture_output=True,
                timeout=PATIENCE,
                check=True,
            )
            seconds.append(time.perf_counter() - began)
            dom = done.stdout.decode("utf-8") if path is page else dom
    more = statistics.median(took[page]) - statistics.median(took[empty])
    return Opened(max(0.0, more), elements(dom))


def elements(dom: str) -> int:
    """How many elements a page has."""
    counter = _Counter()
    counter.feed(dom)
    return counter.found


class _Counter(HTMLParser):
    found = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count an element."""
        self.found += 1


def _pages(measured: Sequence[Rendered], sizes: Sizes, browser: str | None) -> Iterator[str]:
    how = (
        f"Loading is the median of {sizes.openings} openings in headless Chromium until the page "
        "has run its script, less what an empty page takes, the browser's start among it."
        if browser
        else "Loading was skipped: there is no Chromium."
    )
    yield (
        "Reports on an artificial journal, with every exchange in memory and listed, as after a "
        f"run; a recording lists only those that broke something. {how} The page shows at most "
        "1,000 exchanges, those that broke a clause first; `exchanges.har` has all. (Where every "
        "request is executed no refusal is seen: that is inconclusive, exit code 3.)"
    )
    yield ""
    heads = [
        *("target", "exchanges", "report.html kB", "render s", "load s", "elements"),
        *("MB of exchanges", "MB more to render", "exit code"),
    ]
    yield from table(heads, [_page_row(each) for each in measured])


def _page_row(each: Rendered) -> list[str]:
    seconds, size = each.artefacts["report.html"]
    page = each.opened
    return [
        each.target,
        f"{each.exchanges:,}",
        f"{size / 1000:,.0f}",
        f"{seconds:.2f}",
        f"{page.seconds:.2f}" if page else "skipped",
        f"{page.elements:,}" if page else "skipped",
        f"{each.before:,.0f}",
        f"{each.peak - each.before:,.0f}",
        f"[{each.exit_code}]",
    ]


def _artefacts(measured: Sequence[Rendered]) -> Iterator[str]:
    most = max(each.exchanges for each in measured)
    largest = [each for each in measured if each.exchanges == most]
    yield f"All artefacts at {most:,} exchanges, kB and seconds to render:"
    yield ""
    rows = [
        [f"`{name}`", *(cell for each in largest for cell in _cells(each, name))]
        for name in REPORTS
    ]
    heads = [cell for each in largest for cell in (f"{each.target}: kB", "s")]
    yield from table(["artefact", *heads], rows)


def _cells(each: Rendered, name: str) -> tuple[str, str]:
    seconds, size = each.artefacts[name]
    return f"{size / 1000:,.0f}", f"{seconds:.2f}"
