"""Writes the reports of a run into a directory: the only part of this package with I/O."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from conformance.errors import UsageError
from conformance.report.har import har_report
from conformance.report.html import html_report
from conformance.report.json_report import json_report
from conformance.report.junit import junit_report
from conformance.report.markdown import markdown_report
from conformance.report.model import Report

REPORTS: dict[str, Callable[[Report], str]] = {
    "report.json": json_report,
    "report.html": html_report,
    "junit.xml": junit_report,
    "summary.md": markdown_report,
    "exchanges.har": har_report,
}
"""What makes each file, in the order in which they are written."""


def write_reports(report: Report, directory: Path) -> list[Path]:
    """Write every report into `directory`, which is made if need be; return their paths.

    They can be read by the user alone, since they show what a target answered. Raises UsageError
    where the directory cannot be written.
    """
    written = []
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, render in REPORTS.items():
            written.append(_replace(directory / name, render(report).encode("utf-8")))
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot write reports into {directory}: {why}") from error
    return written


def _replace(path: Path, data: bytes) -> Path:
    """Write a file all or nothing: a reader sees the old one or the new one, never a part."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path
