"""A span of OpenTelemetry's for each target, where the user has it and has set it up.

Without that, nothing is kept and nothing is sent: the API alone does nothing.
"""

from __future__ import annotations

from datetime import datetime

from conformance import __version__
from conformance.campaign.row import Row

TRACER = "csbs-conformance"


def trace(row: Row) -> None:
    """Note that a target was tested, from when to when, and what came of it."""
    try:
        from opentelemetry import trace as telemetry
    except ImportError:
        return
    if not row.durations:
        return  # it was not tested just now
    span = telemetry.get_tracer(TRACER, __version__).start_span(
        f"test {row.name}",
        start_time=_nanoseconds(row.started_at),
        attributes={
            "csbs.target": row.name,
            "csbs.verdict": str(row.verdict),
            "csbs.broken": row.broken,
            "csbs.requests": row.requests,
            "csbs.executions": row.executed,
            "csbs.executions_in_doubt": row.doubtful,
        },
    )
    if row.exit_code:
        span.set_status(telemetry.StatusCode.ERROR, row.told)
    span.end(_nanoseconds(row.finished_at))


def _nanoseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1e9)
