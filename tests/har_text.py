"""The exchanges of a report as HAR, in one text."""

from __future__ import annotations

import io

from conformance.report.har import write_har
from conformance.report.model import Report


def har_report(report: Report) -> str:
    """What `write_har` writes."""
    buffer = io.StringIO()
    write_har(report, buffer)
    return buffer.getvalue()
