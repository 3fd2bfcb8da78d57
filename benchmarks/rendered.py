"""Renders the reports on many exchanges, and says what each took.

`python -m benchmarks.rendered JOURNAL LENGTH DIRECTORY` repeats the exchanges of a journal until
there are LENGTH, judges them, writes the reports into DIRECTORY, and prints JSON: seconds and bytes
of each artefact, megabytes before and at the peak, and the exit code of the verdict. The exchanges
are all in memory, as after a run; repetitions share what does not differ.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.recordings import APART, STARTED, repetition, with_stand_ins
from conformance.contract import load_contract
from conformance.files import replace_file
from conformance.journal.reader import read_journal
from conformance.judge.run import Judge
from conformance.judge.verdicts import exit_code
from conformance.model import Ending, JournalFooter, Spent
from conformance.report.bounds import bounded
from conformance.report.model import Report
from conformance.report.write import REPORTS


def report_on(path: Path, length: int) -> Report:
    """The report on so many exchanges, made from those of a journal."""
    journal = read_journal(path)
    templates = [with_stand_ins(exchange) for exchange in journal.exchanges]
    exchanges = [repetition(templates[n % len(templates)], n) for n in range(length)]
    judge = Judge(load_contract(), journal.header)
    for exchange in exchanges:
        judge.observe(exchange)
    spent, ended = Spent(length, length), STARTED + length * APART
    footer = JournalFooter(Ending.COMPLETE, ended, spent, spent)
    judgement = judge.conclude(footer)
    code = exit_code(judgement, strict=False)
    return Report(journal.header, footer, exchanges, judgement, code)


def main() -> None:
    """Write the reports and tell what each took."""
    path, length, directory = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    report = bounded(report_on(path, length))
    before, artefacts = _megabytes(), {}
    for name, write in REPORTS.items():
        began = time.perf_counter()
        written = replace_file(directory / name, partial(write, report))
        artefacts[name] = (time.perf_counter() - began, written.stat().st_size)
    told = {
        "artefacts": artefacts,
        "before": before,
        "peak": _megabytes(),
        "exit_code": report.exit_code,
    }
    json.dump(told, sys.stdout)


def _megabytes() -> float:
    """The largest resident size so far. `ru_maxrss` would begin with that of the parent."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) / 1024


if __name__ == "__main__":
    main()
