"""Reads the files that say what may pass."""

from __future__ import annotations

from pathlib import Path

from conformance.contract import load_contract
from conformance.gate.baseline import read_baseline
from conformance.gate.outcome import Excuses
from conformance.gate.waivers import read_waivers
from conformance.page.catalogue import catalogue


def read_excuses(waivers: Path | None, baseline: Path | None) -> Excuses:
    """What the files say that may pass; None is for an option not given. Raises UsageError."""
    known = catalogue(load_contract()).keys()
    return Excuses(
        waivers=read_waivers(waivers, known) if waivers is not None else None,
        baseline=read_baseline(baseline) if baseline is not None else None,
    )
