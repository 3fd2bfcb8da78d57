"""Reads what `report.json` says of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from conformance.contract.clauses import Level
from conformance.errors import UsageError
from conformance.files import MOST_OF_A_REPORT, read_file
from conformance.judge.verdicts import Status, Verdict
from conformance.text import shorten, visible_line
from conformance.typed_json import decode

NAME = "report.json"


class PastFinding(msgspec.Struct, frozen=True):
    """What broke a clause: in which exchange, and what was expected and received there."""

    exchange: str
    expected: str
    received: str
    probe: str | None = None


class PastClause(msgspec.Struct, frozen=True):
    """A clause as a run left it."""

    id: str
    level: Level
    source: str
    statement: str
    status: Status
    reason: str = ""
    evidence: tuple[PastFinding, ...] = ()


class _Contract(msgspec.Struct, frozen=True):
    sha256: str


class _Target(msgspec.Struct, frozen=True):
    endpoint: str


class PastRun(msgspec.Struct, frozen=True):
    """The part of `report.json` that is compared; every 1.x and 2.x has it."""

    schema_version: Annotated[str, msgspec.Meta(pattern=r"^[12]\.[0-9]+$")]
    contract: _Contract
    target: _Target
    profile: str
    finished_at: str
    verdict: Verdict
    clauses: tuple[PastClause, ...]


def read_past_run(path: Path) -> PastRun:
    """The run whose `report.json` this is, or is in this directory. Raises UsageError."""
    file = path / NAME if path.is_dir() else path
    try:
        return decode(read_file(file, MOST_OF_A_REPORT), PastRun)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}; give the --report-dir of a run") from None
    except ValueError as error:
        what = shorten(visible_line(str(error)), 200)
        raise UsageError(f"{file}: no report of this suite ({what}); give a {NAME}") from None
