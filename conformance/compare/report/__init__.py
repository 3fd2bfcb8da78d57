"""Reports of a comparison: pure functions to text, and one place that writes files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from conformance.compare.model import Comparison
from conformance.compare.report.console import print_comparison
from conformance.compare.report.json_report import json_report
from conformance.compare.report.junit import junit_report
from conformance.compare.report.markdown import markdown_report
from conformance.compare.report.sarif import sarif_report
from conformance.errors import UsageError

REPORTS: Final[Mapping[str, Callable[[Comparison], str]]] = {
    "json": json_report,
    "junit": junit_report,
    "markdown": markdown_report,
    "sarif": sarif_report,
}
"""What makes each format."""


def write_comparison(comparison: Comparison, kind: str, file: Path) -> None:
    """Write a report in the format `kind`. Raises UsageError where the file cannot be written."""
    text = REPORTS[kind](comparison)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8"))
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"cannot write {file}: {why}; name another file") from error


__all__ = ["REPORTS", "print_comparison", "write_comparison"]
