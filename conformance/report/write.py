"""Writes the reports of a run into a directory: the only part of this package with I/O."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

from conformance.errors import UsageError
from conformance.files import replace_file
from conformance.report.badge import badge_json, badge_svg
from conformance.report.bounds import bounded
from conformance.report.har import write_har
from conformance.report.html import html_report
from conformance.report.json_report import json_report
from conformance.report.junit import junit_report
from conformance.report.markdown import markdown_report
from conformance.report.model import Report
from conformance.report.reproduction import reproduction_script
from conformance.report.sarif import sarif_report

Writer = Callable[[Report, IO[str]], None]


def _at_once(render: Callable[[Report], str]) -> Writer:
    def write(report: Report, file: IO[str]) -> None:
        file.write(render(report))

    return write


REPORTS: dict[str, Writer] = {
    "report.json": _at_once(json_report),
    "report.html": _at_once(html_report),
    "junit.xml": _at_once(junit_report),
    "summary.md": _at_once(markdown_report),
    "results.sarif": _at_once(sarif_report),
    "badge.json": _at_once(badge_json),
    "badge.svg": _at_once(badge_svg),
    "exchanges.har": write_har,
    "reproduce.sh": _at_once(reproduction_script),
}
"""What writes each file, in the order in which they are written."""


def write_reports(report: Report, directory: Path) -> list[Path]:
    """Write every report into `directory`, which is made if need be; return their paths.

    They can be read by the user alone, since they show what a target answered. Raises UsageError
    where the directory cannot be written.
    """
    written = []
    report = bounded(report)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, write in REPORTS.items():
            written.append(replace_file(directory / name, partial(write, report)))
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot write reports into {directory}: {why}") from error
    return written


def remove_reports(directory: Path) -> None:
    """Remove the reports of an earlier run, which would stand there beside another's journal.

    Raises UsageError where one cannot be removed.
    """
    for path in (directory / name for name in REPORTS):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; give another --report-dir") from None


def write_report(report: Report, name: str, path: Path) -> None:
    """Write the report called `name` to a path of its own. Raises UsageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, partial(REPORTS[name], bounded(report)))
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot write {path}: {why}; name another file") from error


def prepare_directory(path: Path) -> None:
    """Make the report directory, for its owner only. Raises UsageError."""
    try:
        for each in (*reversed(path.parents), path):
            each.mkdir(exist_ok=True, mode=0o700)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise UsageError(
            f"--report-dir {path}: {error.strerror}; give a directory that can be written"
        ) from None
