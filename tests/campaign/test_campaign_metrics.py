"""Metrics of a running campaign, as Prometheus reads them."""

from __future__ import annotations

import socket
import sys
from urllib.request import urlopen

import msgspec
import pytest
from campaign_rows import MUST, row
from prometheus_client.parser import text_string_to_metric_families

from conformance.campaign.metrics import counting
from conformance.errors import UsageError


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def samples(port: int) -> dict[str, float]:
    """What is shown: each sample by its name, with its label behind a colon."""
    with urlopen(f"http://127.0.0.1:{port}/metrics") as response:
        text = response.read().decode()
    return {
        ":".join((each.name, *each.labels.values())): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
        if not each.name.endswith("_created")
    }


def test_targets_are_counted_by_state_and_what_they_took_is_added_up() -> None:
    port = free_port()
    done = msgspec.structs.replace(
        row("one"), requests=20, executions=5, executed=3, durations=(0.25, 0.5)
    )
    lost = row("two", None)
    with counting(port, 3) as metrics:
        assert samples(port)["csbs_campaign_targets:waiting"] == 3
        metrics.take_in(done, None)
        metrics.take_in(lost, None)
        metrics.take_in(row("two", {MUST: "failed"}), lost)
        found = samples(port)
    assert {name: value for name, value in found.items() if "targets" in name} == {
        "csbs_campaign_targets:waiting": 1,
        "csbs_campaign_targets:conforms": 1,
        "csbs_campaign_targets:no verdict": 0,
        "csbs_campaign_targets:violates": 1,
    }
    assert found["csbs_campaign_requests_total"] == 40
    assert found["csbs_campaign_executions_total"] == 3
    assert found["csbs_campaign_executions_in_doubt_total"] == 5
    assert found["csbs_campaign_exchange_seconds_count"] == 2
    assert found["csbs_campaign_exchange_seconds_sum"] == 0.75
    with pytest.raises(OSError, match="refused"):
        samples(port)


def test_without_a_port_nothing_is_shown_and_nothing_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with counting(None, 1) as metrics:
        metrics.take_in(row("one"), None)
    with pytest.raises(UsageError, match=r"pip install '\.\[metrics\]'"), counting(1, 1):
        pass


def test_a_port_that_is_taken_is_wrong_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = f"--metrics {port}: Address already in use; give a port that is free"
        with pytest.raises(UsageError, match=told), counting(port, 1):
            pass
