"""Metrics of a campaign while it runs, for Prometheus: on loopback, for as long as it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from conformance.campaign.row import NO_VERDICT, Row
from conformance.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

HOST: Final = "127.0.0.1"
WAITING: Final = "waiting"


class Metrics(Protocol):
    """What counts how far a campaign is."""

    def take_in(self, row: Row, before: Row | None) -> None:
        """Count the row of a target, which had another one `before`."""


class Uncounted:
    """Counts nothing."""

    def take_in(self, row: Row, before: Row | None) -> None:
        """Forget it."""


class Counted:
    """Counts in a registry of Prometheus's; `number` targets wait at first."""

    def __init__(self, registry: CollectorRegistry, number: int) -> None:
        from prometheus_client import Counter, Gauge, Summary

        def counter(name: str, told: str) -> Counter:
            return Counter(f"csbs_campaign_{name}", told, registry=registry)

        told = "Targets by what they came to, and those that wait or are under way."
        self._targets = Gauge("csbs_campaign_targets", told, ["state"], registry=registry)
        self._targets.labels(WAITING).set(number)
        self._requests = counter("requests", "Requests sent to targets that are done.")
        self._executed = counter("executions", "Executions that took place, as responses told.")
        self._doubtful = counter("executions_in_doubt", "Executions that may have taken place.")
        self._exchanges = Summary(
            "csbs_campaign_exchange_seconds", "How long exchanges took.", registry=registry
        )

    def take_in(self, row: Row, before: Row | None) -> None:
        """Count the row of a target, which had another one `before`."""
        self._targets.labels(_state(before)).dec()
        self._targets.labels(_state(row)).inc()
        self._requests.inc(row.requests)
        self._executed.inc(row.executed)
        self._doubtful.inc(row.doubtful)
        for seconds in row.durations:
            self._exchanges.observe(seconds)


def _state(row: Row | None) -> str:
    return WAITING if row is None else (row.verdict or NO_VERDICT)


@contextmanager
def counting(port: int | None, number: int) -> Iterator[Metrics]:
    """What counts so many targets, and shows the counts at a port where one is given.

    Raises UsageError where nothing can be shown there.
    """
    if port is None:
        yield Uncounted()
        return
    try:
        from prometheus_client import CollectorRegistry, start_http_server
    except ImportError:
        raise MissingExtra("--metrics", "metrics") from None
    registry = CollectorRegistry()
    counted = Counted(registry, number)
    try:
        server, thread = start_http_server(port, HOST, registry)
    except OSError as error:
        raise UsageError(f"--metrics {port}: {error.strerror}; give a port that is free") from None
    try:
        yield counted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
