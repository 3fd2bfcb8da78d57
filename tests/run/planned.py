"""How often each request stands in the plan of a run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from conformance.contract import load_contract
from conformance.journal.saved_plan import read_plan
from conformance.report.model import Report


def planned_digests(directory: Path, report: Report) -> Counter[str]:
    """The requests in the saved plan of a run, by their digests."""
    saved = read_plan(directory / "plan.ndjson", load_contract(), report.header.fixtures)
    return Counter(probe.request.digest for probe in (*saved.plan.probes, *saved.plan.apart))
