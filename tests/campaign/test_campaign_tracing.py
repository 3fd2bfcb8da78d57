"""Spans of a campaign, as the SDK of OpenTelemetry gets them."""

from __future__ import annotations

import sys

import msgspec
import pytest
from campaign_rows import MUST, row
from opentelemetry import trace as telemetry
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from conformance.campaign.tracing import trace


def test_a_target_is_a_span_with_its_times_and_its_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "get_tracer", provider.get_tracer)
    trace(msgspec.structs.replace(row("good"), durations=(0.1,)))
    trace(msgspec.structs.replace(row("bad", {MUST: "failed"}), durations=(0.1,)))
    trace(row("tested-before"))
    trace(row("lost", None))
    good, bad = exporter.get_finished_spans()
    assert (good.name, bad.name) == ("test good", "test bad")
    assert good.start_time is not None
    assert good.end_time == good.start_time + 10**9
    assert dict(bad.attributes or {}) == {
        "csbs.target": "bad",
        "csbs.verdict": "violates",
        "csbs.broken": (MUST,),
        "csbs.requests": 20,
        "csbs.executions": 0,
        "csbs.executions_in_doubt": 3,
    }
    assert good.status.is_ok
    assert not bad.status.is_ok


def test_without_open_telemetry_nothing_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    trace(msgspec.structs.replace(row("good"), durations=(0.1,)))
