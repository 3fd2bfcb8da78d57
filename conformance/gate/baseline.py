"""Reads the report of an earlier run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from conformance.errors import UsageError
from conformance.files import MOST_OF_A_REPORT, read_file
from conformance.gate.model import Baseline
from conformance.judge.verdicts import Status
from conformance.text import shorten, visible_line
from conformance.typed_json import decode

LONGEST = 200


class _Contract(msgspec.Struct):
    sha256: str


class _Target(msgspec.Struct):
    endpoint: str
    project_id: str | None


class _Clause(msgspec.Struct):
    id: str
    status: Literal["passed", "failed", "inconclusive", "not_exercised"]


class _Report(msgspec.Struct):
    """The part of `report.json` that is compared; every 1.x and 2.x has it."""

    schema_version: Annotated[str, msgspec.Meta(pattern=r"^[12]\.[0-9]+$")]
    contract: _Contract
    target: _Target
    finished_at: str
    clauses: list[_Clause]


def read_baseline(path: Path) -> Baseline:
    """The baseline in a `report.json`, or in the one of a directory. Raises UsageError."""
    file = path / "report.json" if path.is_dir() else path
    try:
        data = read_file(file, MOST_OF_A_REPORT)
    except OSError as error:
        raise UsageError(f"--baseline {file}: {error.strerror}; give a report.json") from None
    try:
        return parse_baseline(data, str(file))
    except UsageError as error:
        raise UsageError(f"--baseline {file}: {error}") from None


def parse_baseline(data: bytes, file: str) -> Baseline:
    """The baseline in the bytes of the report `file`. Raises UsageError for what is none."""
    try:
        report = decode(data, _Report)
    except ValueError as error:
        what = shorten(visible_line(str(error)), LONGEST)
        raise UsageError(f"no report of this suite ({what}); give a report.json") from None

    def having(status: Status) -> frozenset[str]:
        return frozenset(clause.id for clause in report.clauses if clause.status == status)

    return Baseline(
        file=file,
        finished_at=report.finished_at,
        contract=report.contract.sha256,
        endpoint=report.target.endpoint,
        project_id=report.target.project_id,
        broken=having(Status.FAILED),
        unseen=having(Status.INCONCLUSIVE),
        kept=having(Status.PASSED),
    )
